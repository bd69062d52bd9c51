import type { DType, TypedArray } from '../../array/dtype.ts'
import type { SessionRequest, TensorInfo } from './backend.ts'
import { runFailure, sessionFailure } from '../runtime/failures.ts'
import { Lease } from './lease.ts'
import { encodeModel } from '../lowering/model.ts'
import type { Runtime, RuntimeSession, RuntimeTensor } from '../runtime/runtime.ts'
import { OpenSizes } from '../lowering/open-sizes.ts'

/** What the runtime keeps in buffers of a GPU; other dtypes go by the host. */
const apart: ReadonlySet<DType> = new Set(['float32', 'float16', 'int32', 'uint32', 'uint8', 'bool'])

/** Where numbers are, or a copy is to be. */
export type Place = 'cpu' | 'gpu-buffer'

/** Where a result stays on a device with a GPU. */
export const placeOf = ({ dtype }: Pick<TensorInfo, 'dtype'>): Place => (apart.has(dtype) ? 'gpu-buffer' : 'cpu')

const anySize = new OpenSizes([['n', 2]])

/** One model serves all shapes of a rank. */
export const copyKey = ({ shape, dtype }: TensorInfo, to: Place): string => `${dtype} ${shape.length} ${to}`

/** A model of one Identity. */
export function copyModel({ shape, dtype }: TensorInfo): Uint8Array {
  // Powers of the one open size, so that each axis has another name.
  const open = shape.map((_, axis) => 2 ** (axis + 1))
  return encodeModel(
    {
      inputs: [{ name: 'x', shape: open, dtype }],
      outputs: [{ name: 'y', shape: open, dtype }],
      nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'], attributes: {} }],
      initializers: [],
      shapes: new Map(),
    },
    { open: anySize },
  )
}

/** Session options by which outputs stay on a GPU, those of dtypes that can. */
export const stayingApart = (outputs: SessionRequest['outputs']): Readonly<Record<string, unknown>> => ({
  preferredOutputLocation: Object.fromEntries(outputs.map((output) => [output.name, placeOf(output)])),
})

interface CopySession {
  readonly making: Promise<RuntimeSession>
  readonly lease: Lease
}

/**
 * Copies from and to a GPU, by sessions of one Identity: reading a tensor of a GPU by itself ends the process
 * (onnxruntime-node 1.30), and there is no other way to put one there.
 */
export class CopySessions {
  readonly #runtime: Runtime
  readonly #options: Readonly<Record<string, unknown>>
  readonly #device: string
  readonly #sessions = new Map<string, CopySession>()

  constructor(runtime: Runtime, options: Readonly<Record<string, unknown>>, device: string) {
    this.#runtime = runtime
    this.#options = options
    this.#device = device
  }

  readonly upload = async (
    tensor: RuntimeTensor,
    info: TensorInfo,
  ): Promise<{ tensor: RuntimeTensor; lease: Lease }> => {
    const session = this.#session(info, 'gpu-buffer')
    return { tensor: await this.#copy(tensor, session), lease: session.lease }
  }

  readonly download = async (tensor: RuntimeTensor, info: TensorInfo): Promise<TypedArray> =>
    (await this.#copy(tensor, this.#session(info, 'cpu'))).data

  /** Releases the sessions, those of tensors that are still there with them. */
  end(): void {
    for (const { lease } of this.#sessions.values()) lease.end()
    this.#sessions.clear()
  }

  async #copy(tensor: RuntimeTensor, { making }: CopySession): Promise<RuntimeTensor> {
    const session = await making
    try {
      return (await session.run({ x: tensor }))['y'] as RuntimeTensor
    } catch (cause) {
      throw runFailure(this.#device, cause)
    }
  }

  /** One session for all shapes of a rank. */
  #session(info: TensorInfo, to: Place): CopySession {
    const key = copyKey(info, to)
    let session = this.#sessions.get(key)
    if (session === undefined) {
      const model = copyModel(info)
      const options = { ...this.#options, preferredOutputLocation: to }
      const making = this.#runtime.InferenceSession.create(model, options).catch((cause: unknown) => {
        this.#sessions.delete(key)
        throw sessionFailure(this.#device, cause)
      })
      const lease = new Lease(() => void making.then((made) => made.release()).catch(() => undefined))
      session = { making, lease }
      this.#sessions.set(key, session)
    }
    return session
  }
}
