import type { DType, TypedArray } from '../../array/dtype.ts'
import type { Shape } from '../../array/shape.ts'
import type { DeviceBuffer, TensorInfo } from '../backend/backend.ts'
import type { Share } from '../backend/ledger.ts'
import { bytesOf } from '../backend/local-buffer.ts'
import { Pinned } from '../backend/pinned.ts'
import type { WorkerMemory } from './memory.ts'

/** Reads a buffer that is there. */
export type ReadBuffer = (buffer: WorkerBuffer) => Promise<TypedArray>

/** Numbers that a worker owns, or that a call is about to make there. */
export class WorkerBuffer extends Pinned implements DeviceBuffer {
  readonly memory: WorkerMemory
  readonly number: number
  readonly shape: Shape
  readonly dtype: DType
  readonly #read: ReadBuffer
  #share: Share | undefined
  /** Held, never read. */
  ballast: ArrayBuffer | undefined
  #host: TypedArray | undefined
  /** Resolves when the order that makes it was given, undefined once it was. */
  ordered: Promise<void> | undefined
  /** Resolves when it is there, undefined once it is. */
  made: Promise<void> | undefined
  /** Why it is never there. */
  error: Error | undefined

  constructor(memory: WorkerMemory, { shape, dtype }: TensorInfo, read: ReadBuffer) {
    super()
    this.memory = memory
    this.number = memory.number()
    this.shape = shape
    this.dtype = dtype
    this.#read = read
  }

  get host(): TypedArray | undefined {
    return this.#host
  }

  /** It is there; `data` where the numbers came along. */
  settle(data: TypedArray | undefined): void {
    this.made = undefined
    if (this.isGone) {
      this.memory.order({ op: 'drop', buffers: [this.number] })
      return
    }
    this.#host = data
    const { memory, number } = this
    const { ledger } = memory
    const bytes = bytesOf(this)
    this.#share = ledger.hold(this, bytes, () => memory.order({ op: 'drop', buffers: [number] }))
    // The collector of this thread knows nothing of the other's memory.
    this.ballast = ledger.ballast(bytes)
  }

  download(): Promise<TypedArray> {
    return this.whilePinned(async () => {
      if (this.made !== undefined) await this.made
      return this.#host ?? this.#read(this)
    })
  }

  protected free(): void {
    this.#share?.close()
    this.#share = undefined
    this.ballast = undefined
    this.#host = undefined
  }
}
