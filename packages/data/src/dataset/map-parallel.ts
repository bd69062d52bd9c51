import { type Chunk, elements, itemsOf } from './chunk.ts'
import { callSpread, isThenable, type Spread } from './each.ts'
import { Failure } from './failure.ts'
import { Queue } from './queue.ts'
import type { Pull } from './stage.ts'
import { toElement } from './structure.ts'

/** A result, the promise of one, or the error that was thrown instead. */
type Result = { readonly value: unknown } | { readonly promise: Promise<unknown> } | { readonly error: unknown }

/** `f` of every element, several calls under way at once, the results in the order of the elements. */
export class ParallelMapPull implements Pull {
  readonly #source: Pull
  readonly #f: Spread
  readonly #calls: number
  /** Elements that wait for their call. */
  readonly #backlog = new Queue<unknown>()
  /** Calls under way or done, in order. */
  readonly #results = new Queue<Result>()
  #index = 0
  #reading: Promise<void> | undefined
  /** The error of the next element. */
  readonly #failure = new Failure()
  /** That of the source, which comes after all results before it. */
  readonly #sourceFailure = new Failure()
  #ended = false
  #closed = false

  constructor(source: Pull, f: Spread, calls: number) {
    this.#source = source
    this.#f = f
    this.#calls = calls
  }

  async next(limit: number): Promise<Chunk | undefined> {
    this.#failure.release()
    const values: unknown[] = []
    while (values.length < limit) {
      this.#start()
      const result = this.#results.first
      if (result === undefined) {
        if (values.length > 0) break
        this.#sourceFailure.release()
        if (this.#ended) return undefined
        await this.#read()
        continue
      }
      // Who has something to give does not wait for more.
      if ('promise' in result && values.length > 0) break
      this.#readAhead()
      const index = this.#index++
      try {
        if ('error' in result) throw result.error
        const value = 'promise' in result ? await result.promise : result.value
        values.push(toElement(value, `map: element ${index}`))
      } catch (error) {
        if (values.length === 0) throw error
        this.#failure.hold(error)
        break
      } finally {
        this.#results.shift()
      }
    }
    return elements(values)
  }

  /** Calls the function on waiting elements, as many at once as are allowed. */
  #start(): void {
    while (this.#backlog.length > 0 && this.#results.length < this.#calls) {
      const { last } = this.#results
      // Nothing is called after an error.
      if (last !== undefined && 'error' in last) return
      this.#results.push(call(this.#f, this.#backlog.shift()))
    }
  }

  #read(): Promise<void> {
    this.#reading ??= this.#source
      .next(this.#calls)
      .then((chunk) => {
        if (chunk === undefined) this.#ended = true
        else for (const item of itemsOf(chunk)) this.#backlog.push(item)
      })
      .catch((error: unknown) => this.#sourceFailure.hold(error))
      .finally(() => {
        this.#reading = undefined
        if (this.#closed) return
        this.#start()
        this.#readAhead()
      })
    return this.#reading
  }

  #readAhead(): void {
    if (this.#closed || this.#ended || this.#sourceFailure.isHeld || this.#backlog.length > 0) return
    if (this.#results.length < this.#calls) void this.#read()
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#backlog.clear()
    await this.#reading
    for (let result = this.#results.shift(); result !== undefined; result = this.#results.shift())
      if ('promise' in result) await result.promise.catch(() => undefined)
    await this.#source.close()
  }
}

function call(f: Spread, element: unknown): Result {
  try {
    const value = callSpread(f, element)
    if (!isThenable(value)) return { value }
    const promise = Promise.resolve(value)
    promise.catch(() => undefined)
    return { promise }
  } catch (error) {
    return { error }
  }
}
