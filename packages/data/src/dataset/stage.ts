import type { Chunk } from './chunk.ts'
import type { AnySpec } from './spec.ts'

/** How many elements a dataset has. */
export type Cardinality = number | 'infinite' | 'unknown'

/** Lets an operation choose a number itself (buffer sizes, calls in flight), as `tf.data.AUTOTUNE`. */
export const AUTOTUNE = -1

/**
 * One pass over a dataset. `next` is called again only after its promise has settled, and no more after it gave
 * undefined (the end) or threw.
 */
export interface Pull {
  /**
   * At least one element and at most `limit`. Never works ahead of what is asked, and does not wait for more elements
   * when it has some.
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
}

/** A pull that reads another one and has nothing of its own to release. */
export const through = (source: Pull, next: Pull['next']): Pull => ({ next, close: () => source.close() })

export const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b))
