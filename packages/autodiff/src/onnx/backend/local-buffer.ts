import { bytesPerElement, type DType, type TypedArray } from '../../array/dtype.ts'
import type { Shape } from '../../array/shape.ts'
import type { DeviceBuffer, SessionRequest, TensorInfo } from './backend.ts'
import type { Lease } from './lease.ts'
import type { Ledger, Share } from './ledger.ts'
import { Pinned } from './pinned.ts'
import type { RuntimeTensor } from '../runtime/runtime.ts'

/** Reads a tensor that the host cannot. */
export type Read = (tensor: RuntimeTensor, info: TensorInfo) => Promise<TypedArray>

/** A tensor of a runtime on this thread, or one that a run is about to make: on a GPU, or on the host. */
export class LocalBuffer extends Pinned implements DeviceBuffer {
  readonly memory: object
  readonly shape: Shape
  readonly dtype: DType
  readonly #ledger: Ledger
  readonly #read: Read
  /** Resolves when the tensor is there. */
  #made: Promise<void> | undefined
  #tensor: RuntimeTensor | undefined
  #share: Share | undefined
  /** Held, never read. */
  ballast: ArrayBuffer | undefined

  constructor(memory: object, { shape, dtype }: TensorInfo, ledger: Ledger, read: Read) {
    super()
    this.memory = memory
    this.shape = shape
    this.dtype = dtype
    this.#ledger = ledger
    this.#read = read
  }

  get host(): TypedArray | undefined {
    const tensor = this.#tensor
    return tensor === undefined || isElsewhere(tensor) ? undefined : dataOf(tensor, this.dtype)
  }

  /** The tensor, once it is there. */
  get tensor(): RuntimeTensor | undefined {
    return this.#tensor
  }

  /** Resolves when the tensor is there, undefined if it is. */
  get made(): Promise<void> | undefined {
    return this.#made
  }

  waitFor(made: Promise<void>): void {
    this.#made = made
  }

  /** `lease` keeps the session that made it. */
  settle(tensor: RuntimeTensor, lease?: Lease): void {
    const elsewhere = isElsewhere(tensor)
    if (this.isGone) {
      if (elsewhere) tensor.dispose?.()
      return
    }
    this.#made = undefined
    this.#tensor = tensor
    if (elsewhere) {
      const bytes = bytesOf(this)
      lease?.hold()
      this.#share = this.#ledger.hold(this, bytes, () => {
        tensor.dispose?.()
        lease?.drop()
      })
      this.ballast = this.#ledger.ballast(bytes)
    } else this.#share = this.#ledger.count(tensor.data.byteLength)
  }

  download(): Promise<TypedArray> {
    return this.whenMade((tensor) => (isElsewhere(tensor) ? this.#read(tensor, this) : dataOf(tensor, this.dtype)))
  }

  /** What `use` makes of the tensor once it is there; until then the memory is held. */
  protected whenMade<T>(use: (tensor: RuntimeTensor) => T | Promise<T>): Promise<T> {
    const used = (): T | Promise<T> => use(this.#tensor as RuntimeTensor)
    return this.whilePinned(() => this.#made?.then(used) ?? used())
  }

  protected free(): void {
    this.#share?.close()
    this.#tensor = undefined
    this.#made = undefined
    this.ballast = undefined
  }
}

const isElsewhere = ({ location }: RuntimeTensor): boolean => location === 'gpu-buffer'

export const bytesOf = ({ shape, dtype }: TensorInfo): number => shape.reduce((a, b) => a * b, bytesPerElement(dtype))

/** What the outputs of a session take. */
export const outputBytes = ({ outputs }: Pick<SessionRequest, 'outputs'>): number =>
  outputs.reduce((sum, info) => sum + bytesOf(info), 0)

/** The numbers of a tensor; the runtime gives each run fresh memory, so they need no copy. */
export function dataOf({ data }: RuntimeTensor, dtype: DType): TypedArray {
  return dtype === 'bool' && !(data instanceof Uint8Array)
    ? Uint8Array.from(data as unknown as ArrayLike<number>)
    : data
}
