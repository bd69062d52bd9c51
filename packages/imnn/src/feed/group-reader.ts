import type { FloatDType } from '@cotangent/autodiff/array'
import type { Cancellation } from '../training/fit-options.ts'
import type { Batch } from './batch.ts'
import { assemble } from './group.ts'
import type { GroupStream } from './form.ts'
import type { Grouping } from './plan.ts'
import { isLate } from './heeding.ts'
import type { BatchReader } from './source.ts'
import type { Leaves } from '../information/summaries.ts'

/**
 * Batches put together to groups, epoch after epoch. One group is read ahead, while the device computes with the one
 * before.
 */
export class GroupReader implements GroupStream {
  readonly #reader: BatchReader
  readonly #grouping: Grouping
  readonly #dtype: FloatDType
  readonly #constants: Leaves
  #position = 0
  #ahead: Promise<Leaves> | undefined
  /** Whether a group was waited for in vain: where the reader stands in the epoch is not where groups begin. */
  #isTorn = false

  /** @param constants arrays that are added to every group */
  constructor(reader: BatchReader, grouping: Grouping, dtype: FloatDType, constants: Leaves) {
    this.#reader = reader
    this.#grouping = grouping
    this.#dtype = dtype
    this.#constants = constants
  }

  /** The number of groups in an epoch. */
  get length(): number {
    return this.#grouping.length
  }

  async next(): Promise<Leaves> {
    if (this.#isTorn) await this.#beginEpoch()
    const group = await (this.#ahead ?? this.#read())
    this.#ahead = this.#read()
    // What was read too far is of interest only when somebody asks for it.
    this.#ahead.catch(() => undefined)
    return group
  }

  /** Makes sure of the first batch, without taking it. */
  async peek(): Promise<void> {
    if (this.#ahead === undefined) await this.#reader.peek()
  }

  /** Who ends the waiting for a source that does not deliver, from now on. */
  heed(signal: Cancellation | undefined): void {
    this.#reader.signal = signal
  }

  close(): Promise<void> {
    return this.#reader.close()
  }

  async #read(): Promise<Leaves> {
    const { rows, inputShape, nParams } = this.#reader.form
    const count = this.#grouping[this.#position++ % this.#grouping.length] as number
    const batches: Batch[] = []
    try {
      for (let i = 0; i < count; i++) batches.push(await this.#reader.next())
    } catch (reason) {
      this.#isTorn = isLate(reason)
      throw reason
    }
    return [...assemble(batches, { rows, inputShape, nParams, dtype: this.#dtype }), ...this.#constants]
  }

  async #beginEpoch(): Promise<void> {
    this.#ahead = undefined
    await this.#reader.skipEpoch()
    this.#position = 0
    this.#isTorn = false
  }
}
