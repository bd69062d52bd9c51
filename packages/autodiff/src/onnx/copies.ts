import type { DType, TypedArray } from '../array/dtype.ts'
import type { TensorInfo } from './backend.ts'
import { runFailure, sessionFailure } from './failures.ts'
import { encodeModel } from './model.ts'
import type { Runtime, RuntimeSession, RuntimeTensor } from './runtime.ts'
import { OPEN_SIZE } from './symbol.ts'

/** What the runtime keeps in buffers of a GPU; other dtypes go by the host. */
const apart: ReadonlySet<DType> = new Set(['float32', 'float16', 'int32', 'uint32', 'uint8', 'bool'])

export const staysApart = (dtype: DType): boolean => apart.has(dtype)

/**
 * Copies from and to a GPU, by sessions of one Identity: reading a tensor of a GPU by itself ends the process
 * (onnxruntime-node 1.30), and there is no other way to put one there.
 */
export class CopySessions {
  readonly #runtime: Runtime
  readonly #options: Readonly<Record<string, unknown>>
  readonly #device: string
  readonly #sessions = new Map<string, Promise<RuntimeSession>>()

  constructor(runtime: Runtime, options: Readonly<Record<string, unknown>>, device: string) {
    this.#runtime = runtime
    this.#options = options
    this.#device = device
  }

  readonly upload = (tensor: RuntimeTensor, info: TensorInfo): Promise<RuntimeTensor> =>
    this.#copy(tensor, info, 'gpu-buffer')

  readonly download = async (tensor: RuntimeTensor, info: TensorInfo): Promise<TypedArray> =>
    (await this.#copy(tensor, info, 'cpu')).data

  async close(): Promise<void> {
    const sessions = [...this.#sessions.values()]
    this.#sessions.clear()
    await Promise.all(sessions.map((session) => session.then((s) => s.release()).catch(() => undefined)))
  }

  async #copy(tensor: RuntimeTensor, info: TensorInfo, to: string): Promise<RuntimeTensor> {
    const session = await this.#session(info, to)
    try {
      return (await session.run({ x: tensor }))['y'] as RuntimeTensor
    } catch (cause) {
      throw runFailure(this.#device, cause)
    }
  }

  /** One session for all shapes of a rank. */
  #session({ shape, dtype }: TensorInfo, to: string): Promise<RuntimeSession> {
    const key = `${dtype} ${shape.length} ${to}`
    let session = this.#sessions.get(key)
    if (session === undefined) {
      const open = shape.map(() => 2 * OPEN_SIZE)
      const model = encodeModel({
        inputs: [{ name: 'x', shape: open, dtype }],
        outputs: [{ name: 'y', shape: open, dtype }],
        nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'], attributes: {} }],
        initializers: [],
        shapes: new Map(),
      })
      session = this.#runtime.InferenceSession.create(model, { ...this.#options, preferredOutputLocation: to }).catch(
        (cause: unknown) => {
          this.#sessions.delete(key)
          throw sessionFailure(this.#device, cause)
        },
      )
      this.#sessions.set(key, session)
    }
    return session
  }
}
