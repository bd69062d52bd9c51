import { np, type NDArray, type Random } from '@cotangent/autodiff'
import { checkFirstBatches } from '../feed/feed.ts'
import type { Feed, OpenFeed } from '../feed/form.ts'
import type { Joined } from '../information/join.ts'
import type { FisherEstimator } from '../information/statistics.ts'
import type { Leaves, Summaries } from '../information/summaries.ts'
import type { Cancellation } from './fit-options.ts'
import type { Kept, Lane, Sum } from './lane.ts'
import type { Strength } from './programs.ts'
import { type Iterated, type Stepper, StreamCourse } from './stream-course.ts'
import type { StreamTrainer } from './stream-trainer.ts'
import type { Course, Point, Session, SetName, Start } from './trainer.ts'

type Key = NDArray | undefined

/** Training on groups of simulations that come one after the other, on one or several devices. */
export class StreamSession implements Session, Stepper {
  readonly #trainer: StreamTrainer
  readonly #training: OpenFeed
  readonly #validation: OpenFeed | undefined

  constructor(trainer: StreamTrainer, signal: Cancellation | undefined) {
    this.#trainer = trainer
    this.#training = trainer.openFeed('training', signal)
    this.#validation = trainer.validates ? trainer.openFeed('validation', signal) : undefined
  }

  get validates(): boolean {
    return this.#trainer.validates
  }
  get isAsynchronous(): boolean {
    return this.#trainer.isAsynchronous
  }
  get random(): Random {
    return this.#trainer.parts.random
  }

  check(): Promise<void> {
    return checkFirstBatches(this.#feeds)
  }

  async close(): Promise<void> {
    await Promise.all(this.#feeds.map((feed) => feed.close()))
  }

  begin(start: Start): Course {
    return new StreamCourse(this, start)
  }

  async iterate(point: Point, strength: Strength, key: Key): Promise<Iterated> {
    const { plan, host } = this.#trainer
    const i = np.array(point.steps)
    if (plan.whole) {
      const training = await epoch(this.#training.epoch(key))
      const validation = this.#validation === undefined ? [] : await epoch(this.#validation.epoch(key))
      const [state, w, rows] = this.#trainer.whole(i, point.state, strength, training, validation)
      return { state, w, rows: [rows.reshape([-1])] }
    }
    const [gradients, row] = await this.gradient(point.w, strength, key)
    const [state, w] = host.update(i, gradients, point.state)
    if (this.#validation === undefined) return { state, w, rows: [row] }
    return { state, w, rows: [row, host.measure(await this.#summarise(w, this.#validation, key), strength)] }
  }

  async statistics(w: Leaves, set: SetName, key: Key): Promise<FisherEstimator> {
    return this.#trainer.host.statistics(await this.#summarise(w, this.#feed(set), key))
  }

  async summaries(w: Leaves, set: SetName, key: Key): Promise<Joined> {
    return this.#trainer.parts.join(await this.#summarise(w, this.#feed(set), key))
  }

  /**
   * The gradient of the loss at `w` in two passes: all summaries first; then, with the loss's gradient in the summaries,
   * one vector-Jacobian product a group. Exact up to the order of summation. What simulates makes the same simulations
   * again from the same keys.
   *
   * @returns one part of the gradient a lane, to be added up, and the diagnostics [5]
   */
  async gradient(w: Leaves, strength: Strength, key: Key): Promise<[parts: readonly Leaves[], row: NDArray]> {
    const { host, lanes, plan } = this.#trainer
    const sums = lanes.map((): Sum => null)
    if (!plan.keepsResiduals) {
      const [cotangents, row] = host.cotangents(await this.#summarise(w, this.#training, key), strength)
      await this.#pass(this.#training.epoch(key), (lane, group, { k, index }) => {
        return (sums[k] = lane.again(sums[k] as Sum, w, group, cotangents[index] as Summaries))
      })
      return [sums as Leaves[], row]
    }
    const kept: Kept[] = []
    await this.#pass(this.#training.epoch(key), (lane, group, { index }) => {
      return (kept[index] = lane.forward(w, group)).summaries
    })
    const [cotangents, row] = host.cotangents(
      kept.map(({ summaries }) => summaries),
      strength,
    )
    for (const { k, index } of placesOf(this.#training.epoch(key)).flat()) {
      sums[k] = (kept[index] as Kept).backward(sums[k] as Sum, cotangents[index] as Summaries)
    }
    return [sums as Leaves[], row]
  }

  get #feeds(): readonly OpenFeed[] {
    return this.#validation === undefined ? [this.#training] : [this.#training, this.#validation]
  }

  #feed(set: SetName): OpenFeed {
    const feed = set === 'training' ? this.#training : this.#validation
    if (feed === undefined) throw new RangeError('there is no validation set')
    return feed
  }

  async #summarise(w: Leaves, feed: OpenFeed, key: Key): Promise<Summaries[]> {
    const found: Summaries[] = []
    await this.#pass(feed.epoch(key), (lane, group, { index }) => (found[index] = lane.summarise(w, group)))
    return found
  }

  /** Starts work on each group of an epoch, the lanes side by side; on a lane two groups at most are under way. */
  async #pass(feed: Feed, start: (lane: Lane, group: Leaves, place: Place) => Leaves): Promise<void> {
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
async function epoch(feed: Feed): Promise<Leaves[]> {
  const groups: Leaves[] = []
  for (const { reader } of placesOf(feed).flat()) groups.push(await reader.next())
  return groups
}

const smallest = (arrays: Leaves): NDArray => arrays.reduce((a, b) => (b.size < a.size ? b : a))
