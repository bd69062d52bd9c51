import { ValueError } from '@cotangent/autodiff/array'
import { type Chunk, dropFirst, takeFirst } from './chunk.ts'
import { AUTOTUNE, type Pull, type Stage } from './stage.ts'

// AUTOTUNE begins with this many elements and doubles when the reader had to wait, up to the most.
const FEWEST = 2
const MOST = 16
/** A request that took less is doubled next time: many small ones cost more than they help. */
const QUICK_MS = 1

/** Makes up to `n` elements in the background, ahead of the reader. */
export function prefetch(source: Stage, n: number): Stage {
  if (n !== AUTOTUNE && !(Number.isInteger(n) && n >= 0)) {
    throw new ValueError(`prefetch: the number of elements is ${n}; it must be a non-negative integer or AUTOTUNE`)
  }
  if (n === 0) return source
  return {
    spec: () => source.spec(),
    cardinality: source.cardinality,
    cycle: source.cycle,
    open: () =>
      n === AUTOTUNE ? new PrefetchPull(source.open(), FEWEST, MOST) : new PrefetchPull(source.open(), n, n),
  }
}

class PrefetchPull implements Pull {
  readonly #source: Pull
  #capacity: number
  readonly #most: number
  readonly #ready: Chunk[] = []
  #count = 0
  #producing: Promise<void> | undefined
  #wake: (() => void) | undefined
  #failure: { readonly error: unknown } | undefined
  #ended = false

  constructor(source: Pull, capacity: number, most: number) {
    this.#source = source
    this.#capacity = capacity
    this.#most = most
  }

  async next(limit: number): Promise<Chunk | undefined> {
    this.#produce()
    const full = this.#count > 0
    while (this.#count === 0) {
      if (this.#failure !== undefined) throw this.#failure.error
      if (this.#ended) return undefined
      this.#produce()
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
    if (!full) this.#capacity = Math.min(this.#most, this.#capacity * 2)
    const first = this.#ready.shift() as Chunk
    const given = takeFirst(first, limit)
    if (first.count > given.count) this.#ready.unshift(dropFirst(first, given.count))
    this.#count -= given.count
    this.#produce()
    return given
  }

  #produce(): void {
    if (!this.#ended && this.#count < this.#capacity) this.#producing ??= this.#fill()
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
      this.#failure = { error }
      this.#ended = true
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
