import { ValueError } from '@cotangent/autodiff/array'
import { shown } from '../given.ts'
import type { Chunk, Rows } from './chunk.ts'
import { callSpread, isThenable, perElement, type Spread } from './each.ts'
import { checkFunction } from './filter.ts'
import { ParallelMapPull } from './map-parallel.ts'
import { type AnySpec, checkSpec } from './spec.ts'
import { AUTOTUNE, givesChunk, opensAt, type Pull, type Stage, through } from './stage.ts'
import { toElement } from './structure.ts'

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

// Enough to hide the latency of files and networks, few enough to keep little in memory.
const AUTOTUNED_CALLS = 8

const isVectorized = (f: Spread): f is Spread & Vectorized => vectorized in f

/** `f` of every element; tuples are spread over its arguments. */
export function map(source: Stage, f: Spread, { numParallelCalls = 1, elementSpec }: MapOptions): Stage {
  checkFunction(f, 'map')
  if (numParallelCalls !== AUTOTUNE && !(Number.isInteger(numParallelCalls) && numParallelCalls >= 1)) {
    throw new ValueError(
      `map: numParallelCalls is ${shown(numParallelCalls)}; it must be a positive integer or AUTOTUNE`,
    )
  }
  checkSpec('map', elementSpec)
  const calls = numParallelCalls === AUTOTUNE ? AUTOTUNED_CALLS : numParallelCalls
  const open = (pull: Pull): Pull => {
    let index = 0
    const step = (element: unknown): unknown => {
      const i = index++
      const accept = (value: unknown): unknown => toElement(value, `map: element ${i}`)
      const value = callSpread(f, element)
      return isThenable(value) ? value.then(accept) : accept(value)
    }
    if (isVectorized(f)) return mapRows(pull, f, step)
    return calls === 1 ? perElement(pull, step) : new ParallelMapPull(pull, f, calls)
  }
  return {
    spec: () => elementSpec ?? (isVectorized(f) ? f[vectorized].spec(source.spec()) : undefined),
    cardinality: source.cardinality,
    cycle: source.cycle,
    ...opensAt(source, open),
  }
}

/** Many elements at once; one by one, by `step`, those that `f` cannot do so: an error comes after the good ones before it. */
function mapRows(source: Pull, f: Vectorized, step: (element: unknown) => unknown): Pull {
  let slow: Pull | undefined
  const next = async (limit: number): Promise<Chunk | undefined> => {
    if (slow !== undefined) {
      const done = await slow.next(limit)
      if (done !== undefined) return done
      slow = undefined
    }
    const chunk = await source.next(limit)
    const rows = chunk?.kind === 'rows' ? attempt(f, chunk) : undefined
    if (rows !== undefined || chunk === undefined) return rows
    slow = perElement(givesChunk(chunk), step)
    return slow.next(limit)
  }
  return through(source, next)
}

function attempt(f: Vectorized, rows: Rows): Rows | undefined {
  try {
    return f[vectorized].rows(rows)
  } catch {
    return undefined
  }
}
