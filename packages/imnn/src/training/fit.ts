import { np } from '@cotangent/autodiff'
import { produce } from 'immer'
import { TrainingError } from '../errors.ts'
import type { Cancellation, FitPlan, IterationStatistics } from './fit-options.ts'
import { append, judged, type Measured } from './history.ts'
import type { Strength } from './programs.ts'
import type { Session } from './session.ts'
import type { Snapshot } from './snapshot.ts'
import { type Diagnostics, type FisherEstimator, unpackDiagnostics } from '../information/statistics.ts'
import { advance, begin, goesOn, type Progress } from './stopping.ts'
import type { Leaves } from '../information/summaries.ts'
import type { Iterated, Point, SetName, Trainer } from './trainer.ts'
import { dtypeOf } from '../tree.ts'

export interface FitHooks {
  readonly onIteration: (statistics: IterationStatistics) => void
  readonly signal: Cancellation | undefined
}

/** What a fit came to, and why it could not go on, if so. */
export interface Outcome {
  readonly snapshot: Snapshot
  readonly failure: unknown
}

/** Trains from where `start` stands until the rule says stop. */
export async function runFit(trainer: Trainer, start: Snapshot, plan: FitPlan, hooks: FitHooks): Promise<Outcome> {
  const session = trainer.open()
  try {
    await session.check()
    const run = new Run(trainer, session, start, plan)
    let failure: unknown
    try {
      await run.iterate(hooks)
    } catch (reason) {
      failure = reason
    }
    return { snapshot: await run.finish(failure !== undefined), failure }
  } finally {
    await session.close()
  }
}

/** A fit under way. */
class Run {
  readonly #trainer: Trainer
  readonly #session: Session
  readonly #start: Snapshot
  readonly #plan: FitPlan
  readonly #done: Measured[] = []
  #point: Point
  #bestW: Leaves
  #progress: Progress

  constructor(trainer: Trainer, session: Session, start: Snapshot, plan: FitPlan) {
    this.#trainer = trainer
    this.#session = session
    this.#start = start
    this.#plan = plan
    this.#point = { state: start.state, w: start.finalW }
    this.#bestW = start.bestW
    this.#progress = begin(start.maxDetF)
  }

  async iterate({ onIteration, signal }: FitHooks): Promise<void> {
    let launched = this.#launch(this.#point, 0)
    try {
      while (goesOn(this.#progress, this.#plan) && signal?.aborted !== true) {
        const iterated = await launched
        // The device goes on while the host looks at the numbers; if they say stop, what it makes is dropped.
        const next = this.#progress.iterations + 1
        const ahead = next < this.#plan.maxIterations && this.#trainer.isAsynchronous
        if (ahead) launched = this.#launch(iterated, next)
        onIteration(this.#take(iterated, await read(iterated)))
        if (!ahead && goesOn(this.#progress, this.#plan)) launched = this.#launch(iterated, next)
      }
    } finally {
      await launched.catch(() => undefined)
    }
  }

  /** The snapshot of what was reached, with the statistics of its weights if they can be had. */
  async finish(isBroken: boolean): Promise<Snapshot> {
    const { best } = this.#plan
    const w = best ? this.#bestW : this.#point.w
    const set = this.#trainer.validates ? 'validation' : 'training'
    const statistics = await (isBroken
      ? measure(this.#session, w, set).catch(() => undefined)
      : measure(this.#session, w, set))
    await Promise.all([...this.#bestW, ...this.#point.state, ...this.#point.w].map((x) => x.ready()))
    return produce(this.#start, (draft) => {
      Object.assign(draft, { ...this.#point, w, finalW: this.#point.w, bestW: this.#bestW, statistics })
      draft.steps += this.#done.length
      draft.maxDetF = this.#progress.maxDetF
      append(draft.history, this.#done)
    })
  }

  #launch(point: Point, iteration: number): Promise<Iterated> {
    const { asOriginal, lambda, alpha } = this.#plan
    const options = { dtype: dtypeOf(point.w) }
    const strength: Strength = [np.array(lambda, options), np.array(alpha, options)]
    const launched = this.#session.iterate(point, iteration + (asOriginal ? 0 : this.#start.steps), strength)
    launched.catch(() => undefined)
    return launched
  }

  /** Takes an iteration into the books, unless its numbers say that training has broken down. */
  #take(iterated: Iterated, measured: Measured): IterationStatistics {
    const { training, validation } = measured
    const iteration = this.#progress.iterations + 1
    checkInformation(iteration, 'training', training)
    if (validation !== undefined) checkInformation(iteration, 'validation', validation)
    const numbers = judged(measured)
    const [progress, improved] = advance(this.#progress, numbers.detF, this.#plan)
    // Without a validation set |F| is that of the weights before the update.
    if (improved) this.#bestW = validation === undefined && !this.#plan.asOriginal ? this.#point.w : iterated.w
    this.#progress = progress
    this.#done.push(measured)
    this.#point = { state: iterated.state, w: iterated.w }
    const { patience, maxDetF } = progress
    return { ...numbers, iteration, patience, maxDetF, improved, training, validation }
  }
}

async function read({ rows }: Iterated): Promise<Measured> {
  const numbers = (await Promise.all(rows.map((row) => row.data()))).flatMap((data) => Array.from(data))
  return {
    training: unpackDiagnostics(numbers.slice(0, 5)),
    validation: numbers.length > 5 ? unpackDiagnostics(numbers.slice(5)) : undefined,
  }
}

function checkInformation(iteration: number, set: SetName, { detF, detC }: Diagnostics<number>): void {
  if (detF > 0 && Number.isFinite(detF)) return
  const when = set === 'training' ? 'before the update' : 'after the update'
  const why = Number.isNaN(detF)
    ? 'a smaller step of the optimizer, a smaller lambda, or a look at the data may help'
    : 'the summaries no longer tell the parameters apart: more summaries, a smaller step of the optimizer or other first weights may help'
  throw new TrainingError(
    `iteration ${iteration}: |F| of the ${set} set is ${detF} ${when} (|C| is ${detC}), so the loss means nothing from here on; ${why}. The property \`reached\` of this error is the IMNN before this iteration`,
  )
}

/** The Fisher statistics of a set, once they have arrived. */
export async function measure(session: Session, w: Leaves, set: SetName): Promise<FisherEstimator> {
  const statistics = await session.statistics(w, set)
  await Promise.all(Object.values(statistics).map((x) => x.ready()))
  return statistics
}
