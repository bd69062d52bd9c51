import { np, type NDArray } from '@cotangent/autodiff'
import { checkFirstBatches, type Feed, openFeed } from '../feed/feed.ts'
import type { Kept, Lane, Sum } from './lane.ts'
import { joined, type Strength } from './programs.ts'
import type { FisherEstimator } from '../information/statistics.ts'
import type { Group, Leaves, Summaries } from '../information/summaries.ts'
import type { Iterated, Point, SetName, Trainer } from './trainer.ts'

/** Training while the datasets are read. */
export class Session {
  readonly #trainer: Trainer
  readonly #training: Feed
  readonly #validation: Feed | undefined

  constructor(trainer: Trainer) {
    const { training, validation, forms } = trainer.parts
    this.#trainer = trainer
    this.#training = openFeed(training, forms.training, trainer.plan, trainer.oneShotReaders)
    this.#validation = validation && openFeed(validation, forms.validation, trainer.plan, trainer.oneShotReaders)
  }

  /** Reads the first batches of all datasets, and throws what is wrong with any of them in one error. */
  check(): Promise<void> {
    return checkFirstBatches(this.#feeds)
  }

  async close(): Promise<void> {
    await Promise.all(this.#feeds.map((feed) => feed.close()))
  }

  /** One iteration: the gradient at `point`, the update, and the validation set at the new weights. */
  async iterate(point: Point, step: number, strength: Strength): Promise<Iterated> {
    const { plan, host } = this.#trainer
    const i = np.array(step)
    if (plan.whole) {
      const training = await epoch(this.#training)
      const validation = this.#validation === undefined ? [] : await epoch(this.#validation)
      const [state, w, rows] = this.#trainer.whole(i, point.state, strength, training, validation)
      return { state, w, rows: [rows] }
    }
    const [gradients, row] = await this.gradient(point.w, strength)
    const [state, w] = host.update(i, gradients, point.state)
    if (this.#validation === undefined) return { state, w, rows: [row] }
    return { state, w, rows: [row, host.measure(await this.#summarise(w, this.#validation), strength)] }
  }

  /** The Fisher statistics of a set at `w`. */
  async statistics(w: Leaves, set: SetName): Promise<FisherEstimator> {
    return this.#trainer.host.statistics(await this.#summarise(w, this.#feed(set)))
  }

  /** The summaries [n_s, S] of a set and the derivatives [P, n_d, S], in the order of the datasets. */
  async summaries(w: Leaves, set: SetName): Promise<{ x: NDArray; dx: NDArray }> {
    return joined(await this.#summarise(w, this.#feed(set)))
  }

  /**
   * The gradient of the loss at `w` in two passes: all summaries first; then, with the loss's gradient in the summaries,
   * one vector-Jacobian product a group. Exact up to the order of summation.
   *
   * @returns one part of the gradient a lane, to be added up, and the diagnostics [5]
   */
  async gradient(w: Leaves, strength: Strength): Promise<[parts: readonly Leaves[], row: NDArray]> {
    const { host, lanes, plan } = this.#trainer
    const sums = lanes.map((): Sum => null)
    if (!plan.keepsResiduals) {
      const [cotangents, row] = host.cotangents(await this.#summarise(w, this.#training), strength)
      await this.#pass(this.#training, (lane, group, { k, index }) => {
        return (sums[k] = lane.again(sums[k] as Sum, w, group, cotangents[index] as Summaries))
      })
      return [sums as Leaves[], row]
    }
    const kept: Kept[] = []
    await this.#pass(this.#training, (lane, group, { index }) => {
      return (kept[index] = lane.forward(w, group)).summaries
    })
    const [cotangents, row] = host.cotangents(
      kept.map(({ summaries }) => summaries),
      strength,
    )
    for (const { k, index } of placesOf(this.#training).flat()) {
      sums[k] = (kept[index] as Kept).backward(sums[k] as Sum, cotangents[index] as Summaries)
    }
    return [sums as Leaves[], row]
  }

  get #feeds(): readonly Feed[] {
    return this.#validation === undefined ? [this.#training] : [this.#training, this.#validation]
  }

  #feed(set: SetName): Feed {
    const feed = set === 'training' ? this.#training : this.#validation
    if (feed === undefined) throw new RangeError('there is no validation set')
    return feed
  }

  async #summarise(w: Leaves, feed: Feed): Promise<Summaries[]> {
    const found: Summaries[] = []
    await this.#pass(feed, (lane, group, { index }) => (found[index] = lane.summarise(w, group)))
    return found
  }

  /** Starts work on each group of an epoch, the lanes side by side; on a lane two groups at most are under way. */
  async #pass(feed: Feed, start: (lane: Lane, group: Group, place: Place) => Leaves): Promise<void> {
    const places = placesOf(feed)
    // All lanes come to rest before a failure is told: nobody reads on while others read again.
    const ends = await Promise.allSettled(
      this.#trainer.lanes.map(async (lane, k) => {
        let before: Leaves | undefined
        for (const place of places[k] as Place[]) {
          const started = start(lane, await place.reader.next(), place)
          if (before !== undefined) await smallest(before).ready()
          before = started
        }
      }),
    )
    for (const end of ends) if (end.status === 'rejected') throw end.reason
  }
}

/** A group in an epoch: the lane k that computes it, and its index among all groups. */
interface Place {
  readonly reader: Feed['main'][number]
  readonly k: number
  readonly index: number
}

/** The groups of an epoch by lane; by index, those with derivatives come first, lane by lane. */
function placesOf({ main, remaining }: Feed): Place[][] {
  const places: Place[][] = main.map(() => [])
  let index = 0
  for (const readers of [main, remaining]) {
    readers.forEach((reader, k) => {
      for (let g = 0; g < reader.length; g++) places[k]?.push({ reader, k, index: index++ })
    })
  }
  return places
}

/** The groups of an epoch of one lane. */
async function epoch(feed: Feed): Promise<Group[]> {
  const groups: Group[] = []
  for (const { reader } of placesOf(feed).flat()) groups.push(await reader.next())
  return groups
}

const smallest = (arrays: Leaves): NDArray => arrays.reduce((a, b) => (b.size < a.size ? b : a))
