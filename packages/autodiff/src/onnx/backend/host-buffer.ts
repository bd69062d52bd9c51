import type { TypedArray } from '../../array/dtype.ts'
import type { RuntimeTensor } from '../runtime/runtime.ts'
import type { TensorInfo } from './backend.ts'
import { freeAtOnce } from './free-at-once.ts'
import type { Ledger } from './ledger.ts'
import { dataOf, LocalBuffer, type Read } from './local-buffer.ts'

/** Memory below this many bytes is left to the collector: asking costs more. */
const SMALL = 4096

/**
 * A tensor in the host's memory. The runtime makes each in memory of its own, which is free as soon as the buffer is
 * released, where nobody was given the numbers to keep: the next run finds it in the processor's cache, and the
 * collector, which would come for every few megabytes, has nothing to do.
 */
export class HostBuffer extends LocalBuffer {
  readonly #ledger: Ledger
  #isLent: boolean

  /** `isLent`: the numbers are somebody's, as those of an upload are. */
  constructor(memory: object, info: TensorInfo, ledger: Ledger, read: Read, isLent: boolean) {
    super(memory, info, ledger, read)
    this.#ledger = ledger
    this.#isLent = isLent
  }

  override get host(): TypedArray | undefined {
    this.#isLent = true
    return super.host
  }

  override download(): Promise<TypedArray> {
    this.#isLent = true
    return super.download()
  }

  read<T>(use: (data: TypedArray) => T): Promise<T> {
    return this.whenMade((tensor) => use(dataOf(tensor, this.dtype)))
  }

  override settle(tensor: RuntimeTensor): void {
    super.settle(tensor)
    if (this.isGone) this.#giveBack(tensor.data)
  }

  protected override free(): void {
    const data = this.tensor?.data
    super.free()
    if (data !== undefined) this.#ledger.freed(this.#giveBack(data))
  }

  /** How many bytes are free now. */
  #giveBack({ buffer, byteLength }: TypedArray): number {
    if (this.#isLent || byteLength < SMALL || byteLength !== buffer.byteLength) return 0
    return freeAtOnce(buffer as ArrayBuffer) ? byteLength : 0
  }
}
