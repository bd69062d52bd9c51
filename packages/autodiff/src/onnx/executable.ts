import type { TypedArray } from '../array/dtype.ts'
import { DeviceError } from '../array/errors.ts'
import { fromPending, type NDArray } from '../array/ndarray.ts'
import type { Executable } from '../core/device.ts'
import type { Aval, Jaxpr } from '../core/jaxpr.ts'
import { wireAval } from './complex-parts.ts'
import { type Graph, uses } from './graph.ts'
import { fromWire, toWire } from './held.ts'
import { type LoweredProgram, lowerJaxpr } from './lower.ts'
import { encodeModel } from './model.ts'
import { loadRuntime, type Runtime, type RuntimeSession, type RuntimeTensor } from './runtime.ts'

type SessionOptions = Readonly<Record<string, unknown>>

/** An input of the graph, its numbers here or on their way. */
interface Argument extends Aval {
  readonly name: string
  readonly data: TypedArray | Promise<TypedArray>
}

/** A program of ONNX Runtime: lowered at once, its session created while the first call waits. */
export class OnnxExecutable implements Executable {
  readonly #program: LoweredProgram
  readonly #jaxpr: Jaxpr
  readonly #device: string
  readonly #runtime: Runtime
  readonly #session: Promise<RuntimeSession> | undefined

  constructor(jaxpr: Jaxpr, device: string, target: string, options: SessionOptions) {
    this.#jaxpr = jaxpr
    this.#device = device
    this.#runtime = loadRuntime()
    this.#program = lowerJaxpr(jaxpr, { target, selfContained: false })
    if (this.#program.graph.outputs.length > 0) {
      this.#session = this.#create(encodeModel(this.#program.graph), optionsFor(this.#program.graph, target, options))
      this.#session.catch(() => undefined)
    }
  }

  run(inputs: readonly NDArray[]): readonly NDArray[] {
    const { graph, outputs } = this.#program
    const results = graph.outputs.length > 0 ? this.#start(this.#argumentsFrom(inputs)) : undefined
    results?.catch(() => undefined)
    return outputs.map((source, i) => {
      if (source.kind === 'input') return inputs[source.index]!
      if (source.kind === 'constant') return source.value
      const { shape, dtype } = this.#jaxpr.outputs[i]!.aval
      const { name, dtype: wire } = graph.outputs[source.index]!
      return fromPending(
        // The runtime gives each run fresh memory, so the numbers need no copy.
        results!.then((tensors) => fromWire(tensors[name]!.data, dtype, wire)),
        shape,
        dtype,
      )
    })
  }

  async #create(model: Uint8Array, options: SessionOptions): Promise<RuntimeSession> {
    try {
      return await this.#runtime.InferenceSession.create(model, options)
    } catch (cause) {
      const message = messageOf(cause)
      const hint = hints.find(({ says }) => says.test(message))
      throw new DeviceError(
        `${this.#device} could not make a session of the program: ${message}${hint === undefined ? '' : `. ${hint.advice}`}`,
        { cause },
      )
    }
  }

  /** What the graph is fed with. Taken at the call: an array may be released as soon as it has been passed on. */
  #argumentsFrom(inputs: readonly NDArray[]): Argument[] {
    const { used, lifted } = this.#program
    const take = (name: string, { dtype, shape, storage }: NDArray): Argument => ({
      name,
      dtype,
      shape,
      data: storage.host ?? storage.fetch(),
    })
    return [
      ...used.map(({ name, index }) => take(name, inputs[index]!)),
      ...Array.from(lifted, ([name, x]) => take(name, x)),
    ]
  }

  async #start(given: readonly Argument[]): Promise<Readonly<Record<string, RuntimeTensor>>> {
    const [session, ...arrived] = await Promise.all([this.#session!, ...given.map(({ data }) => data)])
    const feeds: Record<string, RuntimeTensor> = {}
    const { graph } = this.#program
    given.forEach((argument, i) => {
      const { dtype } = graph.inputs[i]!
      feeds[argument.name] = new this.#runtime.Tensor(
        dtype,
        toWire(arrived[i]!, argument.dtype, dtype),
        wireAval(argument).shape,
      )
    })
    try {
      return await session.run(feeds)
    } catch (cause) {
      throw new DeviceError(`${this.#device} failed to run the program: ${messageOf(cause)}`, { cause })
    }
  }
}

/** What the GPU providers leave to the host: a program with loops is split, and its loops run there. */
const LOOPS: ReadonlySet<string> = new Set(['Loop', 'Scan'])

/**
 * In float64 the optimizer must not pull a factor of a product into the product: it would keep the factor as a float32
 * attribute (MatMulScaleFusion in ONNX Runtime 1.30), with 8 right digits. What a GPU has no kernel for is an error,
 * where the runtime would silently compute it on the host.
 */
function optionsFor(graph: Graph, target: string, options: SessionOptions): SessionOptions {
  const double = [...graph.inputs, ...graph.outputs, ...graph.initializers].some((v) => v.dtype === 'float64')
  const extra = (options['extra'] ?? {}) as Readonly<Record<string, object>>
  const split = target !== 'webgpu' || uses(graph.nodes, LOOPS)
  return {
    ...options,
    extra: {
      ...extra,
      ...(double && { optimization: { disable_specified_optimizers: 'MatMulScaleFusion' } }),
      ...(!split && { session: { disable_cpu_ep_fallback: '1', ...extra['session'] } }),
    },
  }
}

/** What to do about a session that fails for want of something on the machine. */
const hints: readonly { readonly says: RegExp; readonly advice: string }[] = [
  {
    says: /WebGPU adapter|Vulkan/i,
    advice:
      'WebGPU found no graphics driver: on Linux install Vulkan and the driver of the GPU (`apt install libvulkan1 mesa-vulkan-drivers`, or the vendor’s), and see whether `vulkaninfo` lists the GPU; else use devices("cpu")',
  },
  {
    says: /fallback to CPU EP/,
    advice:
      'An operator of the program has no kernel on this device; createDevice(kind, { fallback: true }) computes such operators on the host',
  },
  {
    says: /CUDA|cuDNN|cublas/i,
    advice:
      'CUDA needs the NVIDIA driver, CUDA and cuDNN where the loader finds them: see `nvidia-smi` and LD_LIBRARY_PATH; else use devices("cpu")',
  },
]

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))
