import { now } from '../../core/clock.ts'
import type { Runtime, RuntimeSession } from './runtime.ts'

declare const setImmediate: ((callback: () => void) => void) | undefined
declare const setTimeout: (callback: () => void, milliseconds: number) => void

/** Milliseconds that runs may follow each other without a turn of the event loop between them. */
const BREATH = 20

/** Timers, events and finalizers come between: a chain of short runs is promises alone, before which they all wait. */
const turn = (): Promise<void> =>
  new Promise((resolve) => (typeof setImmediate === 'function' ? setImmediate(resolve) : setTimeout(resolve, 0)))

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
  let turned = now()
  const run = async (
    inner: RuntimeSession,
    feeds: Parameters<RuntimeSession['run']>[0],
  ): ReturnType<RuntimeSession['run']> => {
    if (now() - turned > BREATH) {
      await turn()
      turned = now()
    }
    return inner.run(feeds)
  }
  const session = (inner: RuntimeSession): RuntimeSession => ({
    run: (feeds) => next(() => run(inner, feeds)),
    release: () => next(() => inner.release()),
  })
  return {
    Tensor: runtime.Tensor,
    InferenceSession: {
      create: async (model, options) => session(await next(() => runtime.InferenceSession.create(model, options))),
    },
  }
}
