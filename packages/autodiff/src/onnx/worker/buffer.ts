import type { DType, TypedArray } from '../../array/dtype.ts'
import type { Shape } from '../../array/shape.ts'
import { released } from '../../array/storage.ts'
import type { DeviceBuffer, TensorInfo } from '../backend.ts'
import type { Share } from '../ledger.ts'
import { bytesOf } from '../local-buffer.ts'
import type { WorkerMemory } from './memory.ts'

/** Reads a buffer that is there. */
export type ReadBuffer = (buffer: WorkerBuffer) => Promise<TypedArray>

/** Numbers that a worker owns, or that a call is about to make there. */
export class WorkerBuffer implements DeviceBuffer {
  readonly memory: WorkerMemory
  readonly number: number
  readonly shape: Shape
  readonly dtype: DType
  readonly #read: ReadBuffer
  #share: Share | undefined
  /** Held, never read. */
  ballast: ArrayBuffer | undefined
  #host: TypedArray | undefined
  #users = 0
  #isReleased = false
  /** Resolves when the order that makes it was given, undefined once it was. */
  ordered: Promise<void> | undefined
  /** Resolves when it is there, undefined once it is. */
  made: Promise<void> | undefined
  /** Why it is never there. */
  error: Error | undefined

  constructor(memory: WorkerMemory, { shape, dtype }: TensorInfo, read: ReadBuffer) {
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
    if (this.#isReleased && this.#users === 0) {
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

  /** Holds the memory until `unpin`, whatever is released. */
  pin(): void {
    if (this.#isReleased && this.#users === 0) throw released()
    this.#users++
  }

  unpin(): void {
    if (--this.#users === 0 && this.#isReleased) this.#free()
  }

  async download(): Promise<TypedArray> {
    this.pin()
    try {
      if (this.made !== undefined) await this.made
      return this.#host ?? (await this.#read(this))
    } finally {
      this.unpin()
    }
  }

  release(): void {
    this.#isReleased = true
    if (this.#users === 0) this.#free()
  }

  #free(): void {
    this.#share?.close()
    this.#share = undefined
    this.ballast = undefined
    this.#host = undefined
  }
}
