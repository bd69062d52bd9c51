import { NDArray } from '../array/ndarray.ts'
import { now } from '../core/clock.ts'
import type { Executable, ExecutableTimes } from '../core/device.ts'
import type { Jaxpr } from '../core/jaxpr.ts'
import type { BackendSession, DeviceBuffer, HostTensor } from './backend.ts'
import { DeviceStorage } from './device-storage.ts'
import type { Graph } from './graph.ts'
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

  constructor(jaxpr: Jaxpr, sessions: SharedSessions, uploads: Uploads, target: string, options: SessionOptions) {
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
      options: optionsFor(graph, options),
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

/**
 * In float64 the optimizer must not pull a factor of a product into the product: it would keep the factor as a float32
 * attribute (MatMulScaleFusion in ONNX Runtime 1.30), with 8 right digits.
 */
export function optionsFor(graph: Graph, options: SessionOptions): SessionOptions {
  const double = [...graph.inputs, ...graph.outputs, ...graph.initializers].some((v) => v.dtype === 'float64')
  if (!double) return options
  const optimization = { disable_specified_optimizers: 'MatMulScaleFusion' }
  return { ...options, extra: { ...(options['extra'] as object), optimization } }
}
