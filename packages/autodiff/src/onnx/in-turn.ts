import type { Runtime, RuntimeSession } from './runtime.ts'

/**
 * A runtime that does one thing at a time. That of WebAssembly lays out a run's operands on one stack, in steps between
 * which another run may begin and mix them up; and in a browser it can wait for the GPU in one call only.
 */
export function inTurn(runtime: Runtime): Runtime {
  let last: Promise<unknown> = Promise.resolve()
  const next = <T>(work: () => Promise<T>): Promise<T> => {
    const done = last.then(work, work)
    last = done.catch(() => undefined)
    return done
  }
  const session = (inner: RuntimeSession): RuntimeSession => ({
    run: (feeds) => next(() => inner.run(feeds)),
    release: () => next(() => inner.release()),
  })
  return {
    Tensor: runtime.Tensor,
    InferenceSession: {
      create: async (model, options) => session(await next(() => runtime.InferenceSession.create(model, options))),
    },
  }
}
