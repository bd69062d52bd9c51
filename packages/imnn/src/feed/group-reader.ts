import type { FloatDType } from '@cotangent/autodiff/array'
import type { Batch } from './batch.ts'
import { assemble } from './group.ts'
import type { Grouping } from './plan.ts'
import type { BatchReader } from './source.ts'
import type { Group } from '../information/summaries.ts'

/**
 * Batches put together to groups, epoch after epoch. One group is read ahead, while the device computes with the one
 * before.
 */
export class GroupReader {
  readonly #reader: BatchReader
  readonly #grouping: Grouping
  readonly #dtype: FloatDType
  #position = 0
  #ahead: Promise<Group> | undefined

  constructor(reader: BatchReader, grouping: Grouping, dtype: FloatDType) {
    this.#reader = reader
    this.#grouping = grouping
    this.#dtype = dtype
  }

  /** The number of groups in an epoch. */
  get length(): number {
    return this.#grouping.length
  }

  async next(): Promise<Group> {
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

  close(): Promise<void> {
    return this.#reader.close()
  }

  async #read(): Promise<Group> {
    const { rows, inputShape, nParams } = this.#reader.form
    const count = this.#grouping[this.#position++ % this.#grouping.length] as number
    const batches: Batch[] = []
    for (let i = 0; i < count; i++) batches.push(await this.#reader.next())
    return assemble(batches, { rows, inputShape, nParams, dtype: this.#dtype })
  }
}
