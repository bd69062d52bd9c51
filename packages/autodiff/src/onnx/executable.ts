import { NDArray } from '../array/ndarray.ts'
import { now } from '../core/clock.ts'
import type { Executable, ExecutableTimes } from '../core/device.ts'
import type { Jaxpr } from '../core/jaxpr.ts'
import type { BackendSession, DeviceBuffer, HostTensor } from './backend.ts'
import { DeviceStorage } from './device-storage.ts'
import { type Graph, uses } from './graph.ts'
import { type LoweredProgram, lowerJaxpr } from './lower.ts'
import { encodeModel } from './model.ts'
import { cacheDirectory } from './model-cache.ts'
import type { SharedSessions } from './shared-sessions.ts'
import type { Uploads } from './uploads.ts'

type SessionOptions = Readonly<Record<string, unknown>>

/** A program of ONNX Runtime: lowered at once, its session created while the first call waits. */
export class OnnxExecutable implements Executable {
  readonly #program: LoweredProgram
  readonly #jaxpr: Jaxpr
  readonly #uploads: Uploads
  readonly #session: BackendSession | undefined
  readonly #lower: number
  #creation: number | undefined

  constructor(
    jaxpr: Jaxpr,
    sessions: SharedSessions,
    uploads: Uploads,
    target: string,
    options: SessionOptions,
    fallback = false,
  ) {
    this.#jaxpr = jaxpr
    this.#uploads = uploads
    const start = now()
    this.#program = lowerJaxpr(jaxpr, { target, selfContained: false })
    const { graph } = this.#program
    if (graph.outputs.length === 0) {
      this.#lower = now() - start
      this.#creation = 0
      return
    }
    const { inputs, outputs } = graph
    const model = encodeModel(graph)
    const lowered = now()
    this.#lower = lowered - start
    const { session, wasThere } = sessions.get({
      model,
      inputs,
      outputs,
      options: optionsFor(graph, target, options, fallback),
      cacheDirectory: cacheDirectory(),
    })
    this.#session = session
    if (wasThere) this.#creation = 0
    session.ready.then(
      () => (this.#creation ??= now() - lowered),
      () => undefined,
    )
  }

  get times(): ExecutableTimes {
    return { lower: this.#lower, session: this.#creation }
  }

  async ready(): Promise<void> {
    await this.#session?.ready
  }

  run(inputs: readonly NDArray[]): readonly NDArray[] {
    const { outputs } = this.#program
    const buffers = this.#session?.run(this.#argumentsFrom(inputs)) ?? []
    const storages: (DeviceStorage | undefined)[] = []
    return outputs.map((source, i) => {
      if (source.kind === 'input') return inputs[source.index]!
      if (source.kind === 'constant') return source.value
      const { shape, dtype } = this.#jaxpr.outputs[i]!.aval
      const first = storages[source.index]
      const storage = first?.share() ?? new DeviceStorage(buffers[source.index]!, dtype, this.#uploads.device)
      storages[source.index] = storage
      return new NDArray(shape, dtype, storage)
    })
  }

  /** What the graph is fed with. Taken at the call: an array may be released as soon as it has been passed on. */
  #argumentsFrom(inputs: readonly NDArray[]): (DeviceBuffer | HostTensor)[] {
    const { used, lifted } = this.#program
    const given = used.map(({ index }) => this.#uploads.take(inputs[index]!))
    for (const x of lifted.values()) given.push(this.#uploads.take(x, true))
    return given
  }
}

/** What WebGPU leaves to the host: a program with loops is split, and its loops run there. */
const LOOPS: ReadonlySet<string> = new Set(['Loop', 'Scan'])

/** Optimizers of the runtime that must leave a program alone. */
function harmful(graph: Graph): string[] {
  const double = [...graph.inputs, ...graph.outputs, ...graph.initializers].some((v) => v.dtype === 'float64')
  // In float64 it pulls a factor of a product into the product as a float32 attribute, with 8 right digits.
  return double ? ['MatMulScaleFusion'] : []
}

/**
 * The options for a program. What WebGPU has no kernel for is an error, where the runtime would silently compute it on
 * the host.
 */
export function optionsFor(graph: Graph, target: string, options: SessionOptions, fallback: boolean): SessionOptions {
  const disabled = harmful(graph)
  const strict = target === 'webgpu' && !fallback && !uses(graph.nodes, LOOPS)
  if (disabled.length === 0 && !strict) return options
  const extra = (options['extra'] ?? {}) as Readonly<Record<string, object>>
  return {
    ...options,
    extra: {
      ...extra,
      ...(disabled.length > 0 && { optimization: { disable_specified_optimizers: disabled.join(';') } }),
      ...(strict && { session: { ...extra['session'], disable_cpu_ep_fallback: '1' } }),
    },
  }
}
