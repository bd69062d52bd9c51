import { ValueError } from '@cotangent/autodiff/array'
import { type Chunk, elements, itemsOf, type Rows } from './chunk.ts'
import { type AnySpec, checkSpec } from './spec.ts'
import { callSpread, isThenable } from './each.ts'
import { checkFunction } from './filter.ts'
import { AUTOTUNE, opensAt, type Pull, type Stage } from './stage.ts'
import { toElement } from './structure.ts'
import { shown } from '../given.ts'

export interface MapOptions<S = AnySpec> {
  /**
   * How many calls of an asynchronous function may be under way at once; results keep the order of the elements.
   * `AUTOTUNE` lets the dataset choose. @defaultValue 1
   */
  readonly numParallelCalls?: number
  /**
   * What the function returns, so that `elementSpec` is known before the first element is made.
   * @defaultValue not known
   */
  readonly elementSpec?: S
}

/** Key of a function's twin that maps many elements at once. */
export const vectorized: unique symbol = Symbol('cotangent.data.vectorized')

/** A function of elements which knows how to do many of them at once. */
export interface Vectorized {
  readonly [vectorized]: {
    /** The results for all rows; undefined when these rows are not of the kind it knows. */
    rows(rows: Rows): Rows | undefined
    /** The spec of the results. */
    spec(source: AnySpec | undefined): AnySpec | undefined
  }
}

export type Mapped = (...args: unknown[]) => unknown

// Enough to hide the latency of files and networks, few enough to keep little in memory.
const AUTOTUNED_CALLS = 8

const isVectorized = (f: Mapped): f is Mapped & Vectorized => vectorized in f

/** `f` of every element; tuples are spread over its arguments. */
export function map(source: Stage, f: Mapped, { numParallelCalls = 1, elementSpec }: MapOptions): Stage {
  checkFunction(f, 'map')
  if (numParallelCalls !== AUTOTUNE && !(Number.isInteger(numParallelCalls) && numParallelCalls >= 1)) {
    throw new ValueError(
      `map: numParallelCalls is ${shown(numParallelCalls)}; it must be a positive integer or AUTOTUNE`,
    )
  }
  checkSpec('map', elementSpec)
  const calls = numParallelCalls === AUTOTUNE ? AUTOTUNED_CALLS : numParallelCalls
  return {
    spec: () => elementSpec ?? (isVectorized(f) ? f[vectorized].spec(source.spec()) : undefined),
    cardinality: source.cardinality,
    cycle: source.cycle,
    ...opensAt(source, (pull) => new MapPull(pull, f, calls)),
  }
}

/** A result, the promise of one, or the error that was thrown instead. */
type Result = { readonly value: unknown } | { readonly promise: Promise<unknown> } | { readonly error: unknown }

class MapPull implements Pull {
  readonly #source: Pull
  readonly #f: Mapped
  readonly #calls: number
  /** Elements that wait for their call. */
  #backlog: unknown[] = []
  /** Calls under way or done, in order. */
  readonly #results: Result[] = []
  #index = 0
  #reading: Promise<void> | undefined
  /** The error of the source, which comes after the results before it. */
  #failure: { readonly error: unknown } | undefined
  /** The error of the next element. */
  #refused: { readonly error: unknown } | undefined
  #ended = false
  #closed = false

  constructor(source: Pull, f: Mapped, calls: number) {
    this.#source = source
    this.#f = f
    this.#calls = calls
  }

  async next(limit: number): Promise<Chunk | undefined> {
    if (this.#refused !== undefined) {
      const { error } = this.#refused
      this.#refused = undefined
      throw error
    }
    if (isVectorized(this.#f) && this.#backlog.length === 0 && this.#results.length === 0) {
      const chunk = await this.#source.next(limit)
      const rows = chunk?.kind === 'rows' ? attempt(this.#f, chunk) : undefined
      if (rows !== undefined || chunk === undefined) return rows
      // One by one, so that the error, if there is one, comes after the good elements before it.
      this.#backlog = [...itemsOf(chunk)]
    }
    const values: unknown[] = []
    while (values.length < limit) {
      this.#start(limit - values.length)
      const result = this.#results[0]
      if (result === undefined) {
        if (values.length > 0) break
        if (this.#failure !== undefined) {
          const { error } = this.#failure
          this.#failure = undefined
          throw error
        }
        if (this.#ended) return undefined
        await this.#read(limit)
        continue
      }
      if (!('value' in result) && values.length > 0) break
      if (this.#calls > 1) this.#readAhead()
      const index = this.#index++
      try {
        if ('error' in result) throw result.error
        const value = 'promise' in result ? await result.promise : result.value
        values.push(toElement(value, `map: element ${index}`))
      } catch (error) {
        if (values.length === 0) throw error
        // After those that are good.
        this.#refused = { error }
        break
      } finally {
        this.#results.shift()
      }
    }
    return elements(values)
  }

  /** Calls the function on waiting elements, as many at once as are allowed. */
  #start(limit: number): void {
    const most = this.#calls > 1 ? this.#calls : limit
    while (this.#backlog.length > 0 && this.#results.length < most) {
      const last = this.#results.at(-1)
      // Nothing is called after an error, nor while the one call that is allowed is under way.
      if (last !== undefined && ('error' in last || ('promise' in last && this.#calls === 1))) return
      this.#results.push(call(this.#f, this.#backlog.shift()))
    }
  }

  #read(limit: number): Promise<void> {
    const wanted = this.#calls > 1 ? this.#calls : limit
    this.#reading ??= this.#source
      .next(wanted)
      .then((chunk) => {
        if (chunk === undefined) this.#ended = true
        else this.#backlog.push(...itemsOf(chunk))
      })
      .catch((error: unknown) => {
        this.#failure = { error }
      })
      .finally(() => {
        this.#reading = undefined
        if (!this.#closed && this.#calls > 1) {
          this.#start(this.#calls)
          this.#readAhead()
        }
      })
    return this.#reading
  }

  #readAhead(): void {
    if (this.#closed || this.#ended || this.#failure !== undefined || this.#backlog.length > 0) return
    if (this.#results.length < this.#calls) void this.#read(this.#calls)
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#backlog = []
    await this.#reading
    for (const result of this.#results) if ('promise' in result) await result.promise.catch(() => undefined)
    await this.#source.close()
  }
}

function call(f: Mapped, element: unknown): Result {
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

function attempt(f: Vectorized, rows: Rows): Rows | undefined {
  try {
    return f[vectorized].rows(rows)
  } catch {
    return undefined
  }
}
