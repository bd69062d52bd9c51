import { NDArray } from '../../array/ndarray.ts'
import { now } from '../../core/clock.ts'
import type { Executable, ExecutableTimes } from '../../core/device/device.ts'
import type { Jaxpr } from '../../core/jaxpr.ts'
import type { BackendSession, DeviceBuffer, HostTensor, SessionRequest } from '../backend/backend.ts'
import { DeviceStorage } from './device-storage.ts'
import { type Expectation, expectedOf } from './expected.ts'
import { bodiesOf, type Graph, type GraphNode, uses } from '../lowering/graph.ts'
import { type LoweredProgram, lowerJaxpr } from '../lowering/lower.ts'
import { encodeModel } from '../lowering/model.ts'
import { cacheDirectory } from '../runtime/model-cache.ts'
import type { SharedSessions } from './shared-sessions.ts'
import type { Uploads } from './uploads.ts'

type SessionOptions = Readonly<Record<string, unknown>>

/** A program lowered, and what makes a session of it; none where nothing is computed. */
export interface PreparedProgram {
  readonly jaxpr: Jaxpr
  readonly program: LoweredProgram
  readonly request: SessionRequest | undefined
  readonly expected: Expectation
  /** Milliseconds that it took. */
  readonly time: number
}

export function prepareProgram(
  jaxpr: Jaxpr,
  target: string,
  options: SessionOptions,
  fallback: boolean,
): PreparedProgram {
  const start = now()
  const program = lowerJaxpr(jaxpr, { target, selfContained: false })
  const { graph } = program
  const { inputs, outputs } = graph
  const expected = expectedOf(jaxpr)
  const request: SessionRequest | undefined =
    outputs.length === 0
      ? undefined
      : {
          model: encodeModel(graph),
          inputs,
          outputs,
          options: optionsFor(graph, target, threadsFor(expected, target, options), fallback),
          cacheDirectory: cacheDirectory(),
        }
  return { jaxpr, program, request, expected, time: now() - start }
}

/** Where sessions are made and arrays are brought to. */
export interface Place {
  readonly sessions: SharedSessions
  readonly uploads: Uploads
}

/** A program of ONNX Runtime, its session created while the first call waits. */
export class OnnxExecutable implements Executable {
  readonly #prepared: PreparedProgram
  readonly #uploads: Uploads
  readonly #session: BackendSession | undefined
  #creation: number | undefined

  constructor(prepared: PreparedProgram, { sessions, uploads }: Place) {
    this.#prepared = prepared
    this.#uploads = uploads
    if (prepared.request === undefined) {
      this.#creation = 0
      return
    }
    const start = now()
    const { session, wasThere } = sessions.get(prepared.request)
    this.#session = session
    if (wasThere) this.#creation = 0
    session.ready.then(
      () => (this.#creation ??= now() - start),
      () => undefined,
    )
  }

  /** Milliseconds of the last run that is over. */
  get runTime(): number | undefined {
    return this.#session?.runTime
  }

  get times(): ExecutableTimes {
    return { lower: this.#prepared.time, session: this.#creation }
  }

  async ready(): Promise<void> {
    await this.#session?.ready
  }

  run(inputs: readonly NDArray[]): readonly NDArray[] {
    const { jaxpr, program } = this.#prepared
    const buffers = this.#session?.run(this.#argumentsFrom(inputs)) ?? []
    const storages: (DeviceStorage | undefined)[] = []
    return program.outputs.map((source, i) => {
      if (source.kind === 'input') return inputs[source.index]!
      if (source.kind === 'constant') return source.value
      const { shape, dtype } = jaxpr.outputs[i]!.aval
      const first = storages[source.index]
      const storage = first?.share() ?? new DeviceStorage(buffers[source.index]!, dtype, this.#uploads.device)
      storages[source.index] = storage
      return new NDArray(shape, dtype, storage)
    })
  }

  /** What the graph is fed with. Taken at the call: an array may be released as soon as it has been passed on. */
  #argumentsFrom(inputs: readonly NDArray[]): (DeviceBuffer | HostTensor)[] {
    const { used, lifted } = this.#prepared.program
    const given = used.map(({ index }) => this.#uploads.take(inputs[index]!))
    for (const x of lifted.values()) given.push(this.#uploads.take(x, true))
    return given
  }
}

/** A program that is expected to take less than this many milliseconds gains nothing from a second thread, which has to wake. */
const ALONE = 0.2

const threadsFor = ({ time }: Expectation, target: string, options: SessionOptions): SessionOptions =>
  target === 'cpu' && time < ALONE ? { ...options, intraOpNumThreads: 1 } : options

/** What WebGPU leaves to the host: a program with loops is split, and its loops run there. */
const LOOPS: ReadonlySet<string> = new Set(['Loop', 'Scan'])

const TRANSPOSES: ReadonlySet<string> = new Set(['Transpose'])
/** Operators that give or take booleans. */
const LOGIC: ReadonlySet<string> = new Set(['Equal', 'Less', 'LessOrEqual', 'Greater', 'GreaterOrEqual', 'And', 'Not', 'Where', 'Cast']) // biome-ignore format: a list

/** Optimizers of the runtime that must leave a program alone. */
function harmful({ inputs, outputs, initializers, nodes }: Graph, target: string): string[] {
  const double = [...inputs, ...outputs, ...initializers].some((v) => v.dtype === 'float64')
  const transposes = uses(nodes, TRANSPOSES)
  const turned = target === 'webgpu' && transposes && uses(nodes, LOGIC)
  return [
    // In float64 it pulls a factor of a product into the product as a float32 attribute, with 8 right digits.
    ...(double ? ['MatMulScaleFusion'] : []),
    // It moves transposes onto booleans, for which WebGPU has no kernel.
    ...(turned ? ['TransposeOptimizer'] : []),
    // It takes a transpose from before a conversion into a product, and ends the process where there are constants too.
    ...(transposes && multipliesConverted(nodes) ? ['MatmulTransposeFusion'] : []),
  ]
}

/** Whether a factor of a product is converted just before, as those in half precision are. */
function multipliesConverted(nodes: readonly GraphNode[]): boolean {
  const converted = new Set<string>()
  return nodes.some((node) => {
    const { op, inputs, outputs } = node
    if (op === 'Cast' || (op === 'Reshape' && converted.has(inputs[0]!))) converted.add(outputs[0]!)
    if (op === 'MatMul' && inputs.some((name) => converted.has(name))) return true
    return bodiesOf(node).some(([, body]) => multipliesConverted(body.nodes))
  })
}

/**
 * The options for a program. What WebGPU has no kernel for is an error, where the runtime would silently compute it on
 * the host.
 */
export function optionsFor(graph: Graph, target: string, options: SessionOptions, fallback: boolean): SessionOptions {
  const disabled = harmful(graph, target)
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
