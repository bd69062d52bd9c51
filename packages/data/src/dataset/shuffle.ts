import { ValueError } from '@cotangent/autodiff/array'
import { checkFlags, shown } from '../given.ts'
import { type Chunk, elements, itemsOf } from './chunk.ts'
import type { Pull, Stage } from './stage.ts'
import { foldIn, type RandomOptions, Randoms, type Words, wordsOf } from './threefry.ts'

export interface ShuffleOptions extends RandomOptions {
  /**
   * Whether every pass has another order: that of the key with the number of the pass folded in, so that a program that
   * runs again sees the same orders again.
   * @defaultValue true
   */
  readonly reshuffleEachIteration?: boolean
}

/** Elements drawn one after another from a buffer of `size`, which is filled up from the source. */
export function shuffle(
  source: Stage,
  size: number,
  { reshuffleEachIteration = true, ...random }: ShuffleOptions,
): Stage {
  if (!(size === Number.POSITIVE_INFINITY || Number.isInteger(size)) || size < 1) {
    throw new ValueError(
      `shuffle: the buffer size is ${shown(size)}; it must be a positive integer, or Infinity for all elements`,
    )
  }
  if (size === Number.POSITIVE_INFINITY && source.cardinality === 'infinite') {
    throw new ValueError('shuffle: all elements of an endless dataset do not fit a buffer; shuffle before repeat()')
  }
  checkFlags('shuffle', { reshuffleEachIteration })
  const words = wordsOf(random, 'shuffle')
  let passes = 0
  return {
    spec: () => source.spec(),
    cardinality: source.cardinality,
    cycle: reshuffleEachIteration ? undefined : source.cycle,
    open: () => {
      const pass = reshuffleEachIteration ? passes++ : 0
      return new ShufflePull(source.open(), size, async () => foldIn(await words(), pass))
    },
  }
}

/** At most so many elements are asked for at once. */
const MOST = 1 << 16

class ShufflePull implements Pull {
  readonly #source: Pull
  readonly #size: number
  readonly #key: () => Promise<Words>
  readonly #buffer: unknown[] = []
  #started = false
  #randoms: Randoms | undefined
  #ended = false

  constructor(source: Pull, size: number, key: () => Promise<Words>) {
    this.#source = source
    this.#size = size
    this.#key = key
  }

  async next(limit: number): Promise<Chunk | undefined> {
    if (this.#randoms === undefined) {
      // Without its key it gives nothing.
      if (this.#started) return undefined
      this.#started = true
      this.#randoms = new Randoms(await this.#key())
    }
    const buffer = this.#buffer
    while (!this.#ended && buffer.length < this.#size - 1) {
      const chunk = await this.#source.next(Math.min(this.#size - 1 - buffer.length, MOST))
      if (chunk === undefined) this.#ended = true
      else for (const item of itemsOf(chunk)) buffer.push(item)
    }
    const drawn: unknown[] = []
    const chunk = this.#ended ? undefined : await this.#source.next(limit)
    if (chunk !== undefined) {
      for (const item of itemsOf(chunk)) {
        buffer.push(item)
        drawn.push(this.#draw(this.#randoms))
      }
      return elements(drawn)
    }
    this.#ended = true
    while (drawn.length < limit && buffer.length > 0) drawn.push(this.#draw(this.#randoms))
    return drawn.length === 0 ? undefined : elements(drawn)
  }

  #draw(randoms: Randoms): unknown {
    const buffer = this.#buffer
    const i = randoms.below(buffer.length)
    const item = buffer[i]
    buffer[i] = buffer.at(-1)
    buffer.pop()
    return item
  }

  async close(): Promise<void> {
    this.#buffer.length = 0
    this.#ended = true
    await this.#source.close()
  }
}
