import { type Chunk, Remainder } from './chunk.ts'
import { registered } from './nested.ts'
import type { AnySpec } from './spec.ts'

/** How many elements a dataset has. */
export type Cardinality = number | 'infinite' | 'unknown'

/** Lets an operation choose a number itself (buffer sizes, calls in flight), as `tf.data.AUTOTUNE`. */
export const AUTOTUNE = -1

/**
 * One pass over a dataset. `next` is called again only after its promise has settled, and no more after it gave
 * undefined (the end).
 */
export interface Pull {
  /**
   * At least one element and at most `limit`. Never works ahead of what is asked, and does not wait for more elements
   * when it has some. An error is thrown once: called again, `next` goes on with the elements after the one that failed,
   * or ends where none can follow (only `ignoreErrors` calls again).
   */
  next(limit: number): Promise<Chunk | undefined>
  /** Releases everything: files, generators, work in the background. */
  close(): Promise<void>
}

/** What a Dataset is inside: an immutable recipe that can be opened any number of times. */
export interface Stage {
  /** The elements' spec, when it is known without reading. */
  spec(): AnySpec | undefined
  readonly cardinality: Cardinality
  /** After how many elements an infinite dataset starts over, when that is known. */
  readonly cycle: number | undefined
  open(): Pull
  /** Opens it behind its first `n` elements, of which none is made; there where a dataset can do that. */
  openAt?(n: number): Pull
}

/** What a dataset is made of. */
export const stageOf = (dataset: object): Stage => registered(dataset) as Stage

/** A pull that reads another one and has nothing of its own to release. */
export const through = (source: Pull, next: Pull['next']): Pull => ({ next, close: () => source.close() })

/** A pull of a source that has nothing more to give once it has failed. */
export function endsWithError(source: Pull): Pull {
  let failed = false
  return through(source, async (limit) => {
    if (failed) return undefined
    try {
      return await source.next(limit)
    } catch (error) {
      failed = true
      throw error
    }
  })
}

/** A pull behind its first `n` elements, which are made and forgotten. */
export function behind(pull: Pull, n: number): Pull {
  const next = paced(pull)
  let left = n
  return through(pull, async (limit) => {
    while (left > 0) {
      const chunk = await next(left)
      if (chunk === undefined) return undefined
      left -= chunk.count
    }
    return pull.next(limit)
  })
}

/** A request that took less is doubled next time: many small ones cost more than they help. */
const QUICK_MS = 1
/** So many elements are asked for at most, where the reader sets no limit. */
const MOST = 4096

/**
 * `next` of a pull for who wants all elements, however many at a time: one at first, and more as long as they are made
 * quickly, so that large ones are not held together.
 */
export function paced(pull: Pull): Pull['next'] {
  let wanted = 1
  return async (limit) => {
    const start = performance.now()
    const chunk = await pull.next(Math.min(wanted, limit))
    wanted = performance.now() - start < QUICK_MS ? Math.min(2 * wanted, MOST) : 1
    return chunk
  }
}

/** Opens a stage behind its first `n` elements, which are made where there is no other way. */
export const openAt = (stage: Stage, n: number): Pull => stage.openAt?.(n) ?? behind(stage.open(), n)

/** `openAt` for a stage whose elements are those of `source` one to one, made by `open` from where it is opened. */
export const opensAt = (source: Stage, open: (pull: Pull) => Pull): Pick<Stage, 'open' | 'openAt'> => ({
  open: () => open(source.open()),
  ...(source.openAt && { openAt: (n: number) => open(openAt(source, n)) }),
})

export const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))

/** A pull of one chunk, given at once. */
export function givesChunk(chunk: Chunk): Pull {
  const rest = new Remainder()
  rest.hold(chunk)
  return { next: async (limit) => rest.take(limit), close: async () => rest.clear() }
}

/** Gives all chunks of a pull to `use`, and closes it whatever happens. */
export async function readAll(pull: Pull, use: (chunk: Chunk) => void): Promise<void> {
  const next = paced(pull)
  try {
    for (let chunk = await next(MOST); chunk !== undefined; chunk = await next(MOST)) use(chunk)
  } finally {
    await pull.close()
  }
}

/** Closes every one, also when one fails. */
export async function closeAll(pulls: readonly (Pull | undefined)[]): Promise<void> {
  const open = pulls.filter((pull) => pull !== undefined)
  const closed = await Promise.allSettled(open.map((pull) => pull.close()))
  for (const result of closed) if (result.status === 'rejected') throw result.reason
}
