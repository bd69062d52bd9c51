import { np } from '@cotangent/autodiff'
import { dtypeOf } from '../tree.ts'
import { breath } from './breath.ts'
import type { FitHooks } from './fit-options.ts'
import type { Measured } from './history.ts'
import { type CallEnd, type CallStart, longestCallOn } from './loop.ts'
import type { MemoryTrainer } from './memory-trainer.ts'
import type { Strength } from './programs.ts'
import { measuredOf } from './rows.ts'
import type { Progress } from './stopping.ts'
import { strengthOf } from './strength.ts'
import { type Course, type Stand, type Start, undone } from './trainer.ts'

/** How long a call should take, in milliseconds: until it ends nobody is told anything. */
const callTime = 100

/** A fit in calls of several iterations each, as many as take about `callTime`. */
export class LoopCourse implements Course {
  readonly #trainer: MemoryTrainer
  readonly #start: Start
  readonly #strength: Strength
  #stand: Stand
  #size = 1

  constructor(trainer: MemoryTrainer, start: Start) {
    this.#trainer = trainer
    this.#start = start
    this.#stand = start.stand
    this.#strength = strengthOf(start.plan, start.stand.w)
  }

  get stand(): Stand {
    return this.#stand
  }

  async run({ onIteration, signal, rest }: FitHooks): Promise<void> {
    const { ledger, plan } = this.#start
    const most = plan.iterationsPerCall ?? Infinity
    const longest = Math.min(most, longestCallOn(this.#trainer.parts.device))
    const isAborted = (): boolean => signal?.aborted === true
    /** Makes the stand before the last update once more. */
    let before: (() => Stand) | undefined
    while (ledger.goesOn && !isAborted()) {
      const [from, progress] = [this.#stand, ledger.progress]
      const left = plan.maxIterations - progress.iterations
      const limit = Math.min(this.#size, longest, left, rest?.within() ?? Infinity)
      const began = performance.now()
      const end = this.#call(from, progress, limit)
      const { rows, lost } = await resultsOf(end)
      this.#stand = standOf(end, from.steps + rows.length)
      // What was made beyond the iteration that ends the fit is as if it had not been.
      const at = (done: number): Stand =>
        done === 0 ? from : standOf(this.#call(from, progress, done), from.steps + done)
      const rewind = (done: number): void => {
        if (done < rows.length) this.#stand = at(done)
      }
      if (lost) {
        const good = rows.length - 1
        // Without a validation set the update before has lost it.
        const suspect = this.#trainer.validates ? undefined : good === 0 ? before?.() : at(good - 1)
        this.#stand = undone(at(good), suspect)
      }
      before = () => at(rows.length - 1)
      this.#size = Math.max(1, Math.floor((callTime * rows.length) / (performance.now() - began)))
      for (const [i, measured] of rows.entries()) {
        const statistics = ledger.take(measured)
        try {
          onIteration(statistics)
        } catch (reason) {
          rewind(i + 1)
          throw reason
        }
        if (!isAborted()) continue
        rewind(i + 1)
        return
      }
      await rest?.take()
      await breath()
    }
  }

  #call(from: Stand, { iterations, patience, maxDetF }: Progress, limit: number): CallEnd {
    const { state, bestW, rng, steps } = from
    const whole = (x: number) => np.array(Math.min(x, 2 ** 31 - 1), { dtype: 'int32' })
    const { plan } = this.#start
    const { patience: most, minIterations, asOriginal } = plan
    const start: CallStart = {
      state,
      bestW,
      rng: rng === undefined ? [] : [rng],
      maxDetF: np.array(maxDetF, { dtype: dtypeOf(from.w) }),
      patience: whole(patience),
      iterations: whole(iterations),
      steps: np.array(steps),
      limit: whole(limit),
      rule: { patience: whole(most), minIterations: whole(minIterations) },
      strength: this.#strength,
    }
    const { training, validation = [] } = this.#trainer.parts
    return this.#trainer.call(asOriginal)(start, training, validation)
  }
}

const standOf = ({ state, w, bestW, rng }: CallEnd, steps: number): Stand => ({ state, steps, w, bestW, rng: rng[0] })

async function resultsOf(end: CallEnd): Promise<{ rows: Measured[]; lost: boolean }> {
  const [numbers, [made], [lost]] = await Promise.all([end.rows.data(), end.count.data(), end.lost.data()])
  const width = end.rows.shape[1] as number
  const rowAt = (_: unknown, i: number): Measured =>
    measuredOf(numbers.slice(i * width, (i + 1) * width) as Float32Array)
  return { rows: Array.from({ length: Number(made) }, rowAt), lost: Boolean(lost) }
}
