import type { Chunk } from './chunk.ts'
import { type Cardinality, openAt, type Pull, type Stage } from './stage.ts'
import { checkCount } from './take.ts'

/** The elements `n` times over; for ever when `n` is undefined or negative. */
export function repeat(source: Stage, n = -1): Stage {
  checkCount(n, 'repeat')
  const times = n < 0 ? Number.POSITIVE_INFINITY : n
  return {
    spec: () => source.spec(),
    cardinality: repeated(source.cardinality, times),
    cycle:
      typeof source.cardinality === 'number' && times === Number.POSITIVE_INFINITY ? source.cardinality : source.cycle,
    open: () => new RepeatPull(source, times),
    ...(typeof source.cardinality === 'number' &&
      source.cardinality > 0 && { openAt: later(source, source.cardinality, times) }),
  }
}

const later =
  (source: Stage, length: number, times: number) =>
  (n: number): Pull =>
    new RepeatPull(source, times - Math.floor(n / length), openAt(source, n % length))

function repeated(cardinality: Cardinality, times: number): Cardinality {
  if (times === 0 || cardinality === 0) return 0
  if (times === Number.POSITIVE_INFINITY) return 'infinite'
  return typeof cardinality === 'number' ? cardinality * times : cardinality
}

class RepeatPull implements Pull {
  readonly #source: Stage
  #left: number
  #pull: Pull | undefined
  #empty = true

  constructor(source: Stage, times: number, opened?: Pull) {
    this.#source = source
    this.#left = times
    this.#pull = opened
    this.#empty = opened === undefined
  }

  async next(limit: number): Promise<Chunk | undefined> {
    while (this.#left > 0) {
      this.#pull ??= this.#source.open()
      const chunk = await this.#pull.next(limit)
      if (chunk !== undefined) {
        this.#empty = false
        return chunk
      }
      await this.close()
      // An empty dataset repeated for ever is empty.
      this.#left = this.#empty ? 0 : this.#left - 1
      this.#empty = true
    }
    return undefined
  }

  async close(): Promise<void> {
    const pull = this.#pull
    this.#pull = undefined
    await pull?.close()
  }
}
