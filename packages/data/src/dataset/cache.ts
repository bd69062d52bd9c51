import { type Chunk, Remainder } from './chunk.ts'
import type { Pull, Stage } from './stage.ts'

/** Keeps the elements in memory once a pass has read all of them. */
export function cache(source: Stage): Stage {
  let stored: readonly Chunk[] | undefined
  const keep = (chunks: readonly Chunk[]) => {
    stored = chunks
  }
  return {
    spec: () => source.spec(),
    cardinality: source.cardinality,
    cycle: source.cycle,
    open: () => (stored === undefined ? new FillPull(source.open(), keep) : new ReplayPull(stored)),
  }
}

class FillPull implements Pull {
  readonly #source: Pull
  readonly #keep: (chunks: readonly Chunk[]) => void
  #chunks: Chunk[] = []
  #complete = true

  constructor(source: Pull, keep: (chunks: readonly Chunk[]) => void) {
    this.#source = source
    this.#keep = keep
  }

  async next(limit: number): Promise<Chunk | undefined> {
    let chunk: Chunk | undefined
    try {
      chunk = await this.#source.next(limit)
    } catch (error) {
      // What is kept must be whole.
      this.#complete = false
      throw error
    }
    if (chunk !== undefined) this.#chunks.push(chunk)
    else if (this.#complete) this.#keep(this.#chunks)
    return chunk
  }

  close(): Promise<void> {
    this.#chunks = []
    return this.#source.close()
  }
}

class ReplayPull implements Pull {
  readonly #chunks: readonly Chunk[]
  readonly #rest = new Remainder()
  #index = 0

  constructor(chunks: readonly Chunk[]) {
    this.#chunks = chunks
  }

  async next(limit: number): Promise<Chunk | undefined> {
    const chunk = this.#chunks[this.#index]
    if (this.#rest.count === 0 && chunk !== undefined) {
      this.#rest.hold(chunk)
      this.#index++
    }
    return this.#rest.take(limit)
  }

  async close(): Promise<void> {
    this.#rest.clear()
  }
}
