import { checkDistinct, EpochMonitor, problemsOf } from '@cotangent/data'
import { arrived, type Batch, type BatchForm, expectedSpec, fromData, isComplete, numbersOf } from './batch.ts'
import type { Cancellation } from '../training/fit-options.ts'
import { heeding, isLate } from './heeding.ts'
import { reasonOf } from '../checks/checks.ts'
import { type Problem, ValidationError } from '../errors.ts'

/** What a dataset may be: a `Dataset`, or anything that can be read with `for await`. It never ends. */
export type BatchSource<T = unknown> = AsyncIterable<T>

/** The datasets of a set: no simulation may be in two of them. */
export class Company {
  readonly #monitors = new Map<string, EpochMonitor | undefined>()
  #waiting = 0

  /** Takes a place for the dataset of this name. */
  enter(where: string): void {
    this.#monitors.set(where, undefined)
    this.#waiting++
  }

  /** Says that a dataset has been read once; with the last one all are compared. */
  readOnce(monitor: EpochMonitor): readonly Problem[] {
    this.#monitors.set(monitor.where, monitor)
    this.#waiting--
    const monitors = [...this.#monitors.values()].filter((m) => m !== undefined)
    return this.#waiting === 0 ? problemsOf(checkDistinct(monitors)).map(fromData) : []
  }
}

/** The signal of a fit that has ended. */
const ended: Cancellation = { aborted: true }

/** One reading of a dataset, batch after batch, each checked before it is used. */
export class BatchReader {
  readonly form: BatchForm
  readonly #batches: number
  readonly #iterator: AsyncIterator<unknown>
  readonly #company: Company
  #monitor: EpochMonitor | undefined
  #read = 0
  #peeked: Promise<Batch> | undefined
  /** What the source was asked for and has not given. */
  #coming: Promise<IteratorResult<unknown>> | undefined
  #isLate = false
  /** Ends the waiting for a source that does not deliver. */
  signal: Cancellation | undefined

  /** @param batches the number of batches in an epoch */
  constructor(source: BatchSource, form: BatchForm, batches: number, company: Company) {
    this.form = form
    this.#batches = batches
    this.#iterator = source[Symbol.asyncIterator]()
    this.#company = company
    if (!form.mayRepeat) company.enter(form.where)
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
    try {
      await this.#peeked
    } catch (reason) {
      this.#peeked = undefined
      throw reason
    }
  }

  /** Reads what is left of an epoch that was begun. */
  async skipEpoch(): Promise<void> {
    this.#peeked = undefined
    while (this.#read % this.#batches > 0) await this.#pull()
  }

  async close(): Promise<void> {
    const closing = Promise.resolve(this.#iterator.return?.())
    // A generator closes after what it was asked for, which may never come.
    await heeding(closing, ended, this.#isLate).catch((reason: unknown) => {
      if (!isLate(reason)) throw reason
    })
  }

  async #pull(): Promise<Batch> {
    const pass = Math.floor(this.#read / this.#batches)
    const index = this.#read++ % this.#batches
    const element = await this.#next(pass, index)
    if (pass < 2) this.#check(pass, index, element)
    const batch = numbersOf(element)
    if (isComplete(batch, this.form)) return batch
    const where = `${this.form.where}, batch ${index} of epoch ${pass}`
    throw invalid([{ where, message: 'has another shape than before: all batches must be alike' }])
  }

  async #next(pass: number, index: number): Promise<unknown> {
    const { where } = this.form
    let result: IteratorResult<unknown>
    try {
      this.#coming ??= this.#iterator.next()
      result = await heeding(this.#coming, this.signal, this.#isLate)
      this.#coming = undefined
      this.#isLate = false
      await arrived(result.value)
    } catch (cause) {
      this.#isLate = isLate(cause)
      if (this.#isLate) this.#read--
      else this.#coming = undefined
      const message = `could not be read: ${reasonOf(cause)}`
      throw new ValidationError('the datasets', [{ where: `${where}, batch ${index} of epoch ${pass}`, message }], {
        cause,
      })
    }
    if (result.done !== true) return result.value
    throw invalid(problemsOf(new EpochMonitor({ where, batches: this.#batches }).ended(pass, index)).map(fromData))
  }

  /** All of the first pass is checked for form and finiteness; the second must be like the first. */
  #check(pass: number, index: number, element: unknown): void {
    const { where, mayRepeat } = this.form
    let problems: readonly Problem[]
    try {
      const expected = expectedSpec(this.form, element)
      this.#monitor ??= new EpochMonitor({ where, batches: this.#batches, expected })
      const found = problemsOf(this.#monitor.observe(pass, index, element))
      problems = found.filter(({ kind }) => !(mayRepeat && kind === 'duplicate')).map(fromData)
    } catch (cause) {
      const message = `holds no batch of arrays: ${reasonOf(cause)}`
      throw new ValidationError('the datasets', [{ where: `${where}, batch ${index}`, message }], { cause })
    }
    const isLast = pass === 0 && index === this.#batches - 1
    const ofAll = isLast && !mayRepeat ? this.#company.readOnce(this.#monitor) : []
    if (problems.length + ofAll.length > 0) throw invalid([...problems, ...ofAll])
  }
}

const invalid = (problems: readonly Problem[]): ValidationError => new ValidationError('the datasets', problems)

/** Whether a source is its own iterator, as a generator is: it can be read only once, so it is never closed. */
export const isOneShot = (source: BatchSource): boolean =>
  typeof (source as Partial<AsyncIterator<unknown>>).next === 'function' &&
  Object.is(source[Symbol.asyncIterator](), source)
