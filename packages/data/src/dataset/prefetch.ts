import { bytesPerElement, NDArray, sizeOf, ValueError } from '@cotangent/autodiff/array'
import { type Chunk, dropFirst, takeFirst } from './chunk.ts'
import { AUTOTUNE, opensAt, type Pull, type Stage } from './stage.ts'
import { type ElementLeaf, flatten, isElementLeaf } from './structure.ts'
import { shown } from '../given.ts'

// AUTOTUNE begins with this many elements and doubles when the reader had to wait, up to the most.
const FEWEST = 2
const MOST = 16
/** A request that took less is doubled next time: many small ones cost more than they help. */
const QUICK_MS = 1
/** AUTOTUNE makes no more elements ahead when those that are there take so many bytes. */
const HEAVY = 64e6

/** Makes up to `n` elements in the background, ahead of the reader. */
export function prefetch(source: Stage, n: number): Stage {
  if (n !== AUTOTUNE && !(Number.isInteger(n) && n >= 0)) {
    throw new ValueError(
      `prefetch: the number of elements is ${shown(n)}; it must be a non-negative integer or AUTOTUNE`,
    )
  }
  if (n === 0) return source
  return {
    spec: () => source.spec(),
    cardinality: source.cardinality,
    cycle: source.cycle,
    ...opensAt(source, (pull) =>
      n === AUTOTUNE ? new PrefetchPull(pull, FEWEST, MOST) : new PrefetchPull(pull, n, n),
    ),
  }
}

/** Opens a stage and begins at once to make up to `n` elements ahead. */
export function openAhead(stage: Stage, n: number): Pull {
  const pull = new PrefetchPull(stage.open(), n, n)
  pull.begin()
  return pull
}

class PrefetchPull implements Pull {
  readonly #source: Pull
  #capacity: number
  readonly #most: number
  /** Elements that are made, and errors in their place. */
  readonly #ready: (Chunk | { readonly error: unknown })[] = []
  #count = 0
  #producing: Promise<void> | undefined
  #wake: (() => void) | undefined
  #ended = false

  constructor(source: Pull, capacity: number, most: number) {
    this.#source = source
    this.#capacity = capacity
    this.#most = most
  }

  async next(limit: number): Promise<Chunk | undefined> {
    this.begin()
    const full = this.#ready.length > 0
    while (this.#ready.length === 0) {
      if (this.#ended && this.#producing === undefined) return undefined
      this.begin()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    if (!full && bytesIn(this.#ready) < HEAVY) this.#capacity = Math.min(this.#most, this.#capacity * 2)
    const first = this.#ready.shift() as Chunk | { readonly error: unknown }
    if ('error' in first) {
      this.begin()
      throw first.error
    }
    const given = takeFirst(first, limit)
    if (first.count > given.count) this.#ready.unshift(dropFirst(first, given.count))
    this.#count -= given.count
    this.begin()
    return given
  }

  /** Sees to it that elements are being made, unless there are enough. */
  begin(): void {
    if (!this.#ended && this.#count < this.#capacity && !this.#failed) this.#producing ??= this.#fill()
  }

  /** An error that waits to be thrown; nothing is made until somebody asks for what follows it. */
  get #failed(): boolean {
    const last = this.#ready.at(-1)
    return last !== undefined && 'error' in last
  }

  async #fill(): Promise<void> {
    let wanted = 1
    try {
      while (!this.#ended && this.#count < this.#capacity) {
        const start = performance.now()
        const chunk = await this.#source.next(Math.min(wanted, this.#capacity - this.#count))
        wanted = performance.now() - start < QUICK_MS ? wanted * 2 : 1
        if (chunk === undefined) this.#ended = true
        else {
          this.#ready.push(chunk)
          this.#count += chunk.count
        }
        this.#wake?.()
      }
    } catch (error) {
      this.#ready.push({ error })
    }
    this.#producing = undefined
    this.#wake?.()
  }

  async close(): Promise<void> {
    this.#ended = true
    await this.#producing
    this.#ready.length = 0
    await this.#source.close()
  }
}

/** Bytes of the arrays in some chunks, as far as they are easily told. */
function bytesIn(chunks: readonly (Chunk | { readonly error: unknown })[]): number {
  let bytes = 0
  for (const chunk of chunks) {
    if ('error' in chunk) continue
    if (chunk.kind === 'rows') {
      for (const { dtype, shape } of chunk.columns)
        if (dtype !== 'bytes') bytes += chunk.count * sizeOf(shape) * bytesPerElement(dtype)
    } else {
      for (const item of chunk.items)
        for (const leaf of flatten<ElementLeaf>(item, isElementLeaf, 'prefetch').leaves)
          if (leaf instanceof NDArray) bytes += leaf.size * bytesPerElement(leaf.dtype)
    }
  }
  return bytes
}
