import type { FloatDType } from '@cotangent/autodiff/array'
import type { Batch } from './batch.ts'
import { assemble } from './group.ts'
import type { GroupStream } from './form.ts'
import type { Grouping } from './plan.ts'
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

  async #read(): Promise<Leaves> {
    const { rows, inputShape, nParams } = this.#reader.form
    const count = this.#grouping[this.#position++ % this.#grouping.length] as number
    const batches: Batch[] = []
    for (let i = 0; i < count; i++) batches.push(await this.#reader.next())
    return [...assemble(batches, { rows, inputShape, nParams, dtype: this.#dtype }), ...this.#constants]
  }
}
