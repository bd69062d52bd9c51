import { TrainingError } from '../errors.ts'
import type { Diagnostics } from '../information/statistics.ts'
import type { IterationStatistics } from './fit-options.ts'
import { judged, type Measured } from './history.ts'
import { advance, begin, goesOn, type Progress, type StoppingRule } from './stopping.ts'
import type { SetName } from './trainer.ts'

/** The books of a fit: the numbers of its iterations, and what they say about going on. */
export class Ledger {
  readonly #rule: StoppingRule
  readonly #done: Measured[] = []
  #progress: Progress

  constructor(rule: StoppingRule, maxDetF: number, before: Pick<Progress, 'iterations' | 'patience'> = begin(maxDetF)) {
    this.#rule = rule
    this.#progress = { iterations: before.iterations, patience: before.patience, maxDetF }
  }

  get done(): readonly Measured[] {
    return this.#done
  }
  get progress(): Progress {
    return this.#progress
  }
  get goesOn(): boolean {
    return goesOn(this.#progress, this.#rule)
  }

  /**
   * Takes an iteration into the books.
   *
   * @throws TrainingError when its numbers say that training has broken down; it is not taken then.
   */
  take(measured: Measured): IterationStatistics {
    const { training, validation } = measured
    const iteration = this.#progress.iterations + 1
    checkInformation(iteration, 'training', training)
    if (validation !== undefined) checkInformation(iteration, 'validation', validation)
    const numbers = judged(measured)
    const [progress, improved] = advance(this.#progress, numbers.detF, this.#rule)
    this.#progress = progress
    this.#done.push(measured)
    const { patience, maxDetF } = progress
    return { ...numbers, iteration, patience, maxDetF, improved, training, validation }
  }
}

function checkInformation(iteration: number, set: SetName, { detF, detC }: Diagnostics<number>): void {
  if (detF > 0 && Number.isFinite(detF)) return
  const when = set === 'training' ? 'before the update' : 'after the update'
  throw new TrainingError(
    `iteration ${iteration}: |F| of the ${set} set is ${detF} ${when} (|C| is ${detC}), so the loss means nothing from here on; ${adviceOn(detF, detC)}. The property \`reached\` of this error is the IMNN before |F| was lost`,
  )
}

function adviceOn(detF: number, detC: number): string {
  if (Number.isNaN(detC) || detC === Infinity)
    return 'a smaller step of the optimizer, a smaller lambda, or a look at the data may help'
  if (!Number.isFinite(detF))
    return 'the summaries do not vary, or not independently of each other, so that their covariance has no inverse: fewer summaries, other first weights or a smaller step of the optimizer may help'
  return 'the summaries no longer tell the parameters apart: more summaries, a smaller step of the optimizer or other first weights may help'
}
