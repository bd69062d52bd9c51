import type { DType, TypedArray } from '../../array/dtype.ts'
import type { Shape } from '../../array/shape.ts'
import { released } from '../../array/storage.ts'
import type { DeviceBuffer, TensorInfo } from '../backend.ts'
import { bytesOf, type Ledger } from '../local-buffer.ts'
import type { WorkerMemory } from './memory.ts'

/** What becomes of a buffer of a worker when nobody needs it: apart from the buffer, so that it outlives it. */
class Stay {
  readonly #memory: WorkerMemory
  readonly #number: number
  readonly #bytes: number
  #isOpen = true

  constructor(memory: WorkerMemory, number: number, bytes: number) {
    this.#memory = memory
    this.#number = number
    this.#bytes = bytes
    memory.ledger.bytes += bytes
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    if (this.#memory.isLost) return
    const ledger: Ledger = this.#memory.ledger
    ledger.bytes -= this.#bytes
    this.#memory.order({ op: 'drop', buffers: [this.#number] })
  }
}

const collected = new FinalizationRegistry<Stay>((stay) => stay.close())

/** Reads a buffer that is there. */
export type ReadBuffer = (buffer: WorkerBuffer) => Promise<TypedArray>

/** Numbers that a worker owns, or that a call is about to make there. */
export class WorkerBuffer implements DeviceBuffer {
  readonly memory: WorkerMemory
  readonly number: number
  readonly shape: Shape
  readonly dtype: DType
  readonly #read: ReadBuffer
  #stay: Stay | undefined
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
    this.#stay = new Stay(this.memory, this.number, bytesOf(this))
    collected.register(this, this.#stay)
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
    this.#stay?.close()
    this.#stay = undefined
    this.#host = undefined
  }
}
