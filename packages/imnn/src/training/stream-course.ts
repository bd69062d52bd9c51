import type { NDArray, Random } from '@cotangent/autodiff'
import { nextKeys } from '../information/simulate.ts'
import type { Leaves } from '../information/summaries.ts'
import { breath } from './breath.ts'
import type { FitHooks, IterationStatistics } from './fit-options.ts'
import type { Measured } from './history.ts'
import { measuredOf } from './rows.ts'
import type { Strength } from './programs.ts'
import { strengthOf } from './strength.ts'
import { type Course, type Point, type Stand, type Start, undone } from './trainer.ts'

/** A point after an iteration, and the rows of diagnostics [5] of the training set before and the validation set after it. */
export interface Iterated {
  readonly state: Leaves
  readonly w: Leaves
  readonly rows: readonly NDArray[]
}

/** What a course over a stream of groups needs to go on. */
export interface Stepper {
  readonly validates: boolean
  /** Whether devices compute while the host does something else. */
  readonly isAsynchronous: boolean
  readonly random: Random
  /** One iteration: the gradient at the point, the update, and the validation set at the new weights. */
  iterate(point: Point, strength: Strength, key: NDArray | undefined): Promise<Iterated>
}

type Launched = Iterated & Pick<Point, 'rng' | 'steps'>

/** A fit that launches its iterations one by one, and judges each on the host. */
export class StreamCourse implements Course {
  readonly #stepper: Stepper
  readonly #start: Start
  readonly #strength: Strength
  #stand: Stand
  /** The stand before the last update. */
  #before: Stand | undefined

  constructor(stepper: Stepper, start: Start) {
    this.#stepper = stepper
    this.#start = start
    this.#stand = start.stand
    this.#strength = strengthOf(start.plan, start.stand.w)
  }

  get stand(): Stand {
    return this.#stand
  }

  async run({ onIteration, signal, rest }: FitHooks): Promise<void> {
    const { ledger, plan } = this.#start
    let launched = this.#launch(this.#stand)
    try {
      while (ledger.goesOn && signal?.aborted !== true) {
        const iterated = await launched
        // The device goes on while the host looks at the numbers; if they say stop, what it makes is dropped.
        const isLast = ledger.progress.iterations + 1 >= plan.maxIterations
        const ahead = !isLast && this.#stepper.isAsynchronous
        if (ahead) launched = this.#launch(iterated)
        onIteration(this.#take(iterated, await read(iterated)))
        await rest?.take()
        await breath()
        if (!ahead && ledger.goesOn) launched = this.#launch(iterated)
      }
    } finally {
      await launched.catch(() => undefined)
    }
  }

  #launch(point: Point): Promise<Launched> {
    const launched = this.#iterate(point)
    launched.catch(() => undefined)
    return launched
  }

  async #iterate(point: Point): Promise<Launched> {
    const [rng, key] = point.rng === undefined ? [] : nextKeys(this.#stepper.random, point.rng)
    return { ...(await this.#stepper.iterate(point, this.#strength, key)), steps: point.steps + 1, rng }
  }

  #take(iterated: Launched, measured: Measured): IterationStatistics {
    const statistics = this.#judge(measured)
    const { state, steps, w, rng } = iterated
    this.#before = this.#stand
    // Without a validation set |F| is that of the weights before the update.
    const judgedW = this.#stepper.validates || this.#start.plan.asOriginal ? w : this.#stand.w
    this.#stand = { state, steps, w, rng, bestW: statistics.improved ? judgedW : this.#stand.bestW }
    return statistics
  }

  #judge(measured: Measured): IterationStatistics {
    try {
      return this.#start.ledger.take(measured)
    } catch (lost) {
      // Without a validation set the update before has lost it.
      if (!this.#stepper.validates) this.#stand = undone(this.#stand, this.#before)
      throw lost
    }
  }
}

async function read({ rows }: Iterated): Promise<Measured> {
  const numbers = await Promise.all(rows.map((row) => row.data()))
  return measuredOf(numbers.flatMap((data) => Array.from(data)))
}
