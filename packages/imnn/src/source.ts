import { type Batch, type BatchForm, checkForm, firstNotFinite, numbersOf } from './batch.ts'
import { type Problem, ValidationError } from './errors.ts'

/** What a dataset may be: a `Dataset`, or anything that can be read with `for await`. It never ends. */
export type BatchSource<T = unknown> = AsyncIterable<T>

/** Looks at each batch in turn; gives what is wrong with it. */
export type Watch = (d: Batch['d']) => Problem[]

/** One reading of a dataset, batch after batch, each checked before it is used. */
export class BatchReader {
  readonly form: BatchForm
  readonly #batches: number
  readonly #iterator: AsyncIterator<unknown>
  readonly #watch: Watch
  #read = 0
  #peeked: Promise<Batch> | undefined

  constructor(source: BatchSource, form: BatchForm, batches: number, watch: Watch) {
    this.form = form
    this.#batches = batches
    this.#iterator = source[Symbol.asyncIterator]()
    this.#watch = watch
  }

  /** The next batch. Calls may not overlap. */
  next(): Promise<Batch> {
    const batch = this.#peeked ?? this.#pull()
    this.#peeked = undefined
    return batch
  }

  /** Reads the next batch without taking it. */
  async peek(): Promise<void> {
    this.#peeked ??= this.#pull()
    await this.#peeked
  }

  async close(): Promise<void> {
    await this.#iterator.return?.()
  }

  async #pull(): Promise<Batch> {
    const { where } = this.form
    const index = this.#read++
    const place = `batch ${(index % this.#batches) + 1} of ${this.#batches}`
    let result: IteratorResult<unknown>
    try {
      result = await this.#iterator.next()
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw this.#invalid([{ where, message: `${place} could not be read: ${reason}` }], cause)
    }
    if (result.done === true) {
      const message = `ended after ${index} batches, in ${place}; an epoch has ${this.#batches} and every iteration reads one or two: datasets must go on for ever, add .repeat()`
      throw this.#invalid([{ where, message }])
    }
    const wrong = checkForm(result.value, this.form)
    if (wrong.length > 0) throw this.#invalid(wrong.map((p) => ({ ...p, message: `${place}: ${p.message}` })))
    const batch = await numbersOf(result.value)
    const problems = [...(index < this.#batches ? this.#checkNumbers(batch, place) : []), ...this.#watch(batch.d)]
    if (problems.length > 0) throw this.#invalid(problems)
    return batch
  }

  #checkNumbers(batch: Batch, place: string): Problem[] {
    const found = firstNotFinite(batch, this.form.rows)
    if (found === undefined) return []
    const { what, row, value } = found
    return [
      {
        where: this.form.where,
        message: `${what} ${row + 1} in ${place} holds ${value}; every number must be finite. Look at the simulator, or filter such simulations out`,
      },
    ]
  }

  #invalid(problems: readonly Problem[], cause?: unknown): ValidationError {
    return new ValidationError('the datasets', problems, { cause })
  }
}

/** Whether a source is its own iterator, as a generator is: it can be read only once, so it is never closed. */
export const isOneShot = (source: BatchSource): boolean =>
  typeof (source as Partial<AsyncIterator<unknown>>).next === 'function' &&
  Object.is(source[Symbol.asyncIterator](), source)
