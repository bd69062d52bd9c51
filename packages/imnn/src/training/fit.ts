import type { NDArray } from '@cotangent/autodiff'
import { produce } from 'immer'
import { TrainingError } from '../errors.ts'
import type { FisherEstimator } from '../information/statistics.ts'
import type { Leaves } from '../information/summaries.ts'
import type { Failure } from './failure.ts'
import type { FitHooks, FitPlan } from './fit-options.ts'
import { append } from './history.ts'
import { Ledger } from './ledger.ts'
import { beginningOf } from './resume.ts'
import { type Snapshot, toldOf } from './snapshot.ts'
import type { Session, SetName, Stand, Trainer } from './trainer.ts'

/** What a fit came to, and why it could not go on, if so. */
export interface Outcome {
  readonly snapshot: Snapshot
  readonly failure: Failure | undefined
}

/** Who is told what while a fit is under way, and who writes down where it stands. */
export interface Hooks extends Omit<FitHooks, 'rest'> {
  readonly keeper?: Keeper | undefined
}

/** Writes down where a fit stands. */
export interface Keeper {
  /** Iterations until it must, at the latest, after so many. */
  readonly within: (iterations: number) => number
  /** Whether it is time to, after so many iterations. */
  readonly isDue: (iterations: number) => boolean
  readonly keep: (snapshot: Snapshot) => Promise<void>
}

/** Trains from where `start` stands until the rule says stop. */
export async function runFit(trainer: Trainer, start: Snapshot, plan: FitPlan, hooks: Hooks): Promise<Outcome> {
  const session = trainer.open(hooks.signal)
  try {
    await session.check()
    const { state, finalW: w, bestW } = start
    const { before, rng, statisticsRng } = await beginningOf(start, plan)
    const ledger = new Ledger(plan, start.maxDetF, before)
    const steps = plan.asOriginal ? before.iterations : start.steps
    const course = session.begin({ stand: { state, steps, w, bestW, rng }, plan, ledger })
    let failure: Failure | undefined
    const weights = (): Leaves => (plan.best ? course.stand.bestW : course.stand.w)
    /** Where the fit stands now, as an IMNN is when it has ended there. */
    const snapshot = async (statistics?: FisherEstimator): Promise<Snapshot> => {
      const { stand } = course
      await arrived(stand)
      const { iterations, patience, maxDetF } = ledger.progress
      return produce(start, (draft) => {
        const { rng: next, bestW: best, w: finalW } = stand
        Object.assign(draft, { state: stand.state, w: weights(), finalW, bestW: best, statistics, rng: next })
        // When |F| is lost the fit is at its end, and there is nothing to go on with.
        const goesOn = ledger.goesOn && !(failure?.reason instanceof TrainingError)
        const unfinished = goesOn ? { iterations, patience, told: toldOf(plan) } : undefined
        Object.assign(draft, { statisticsRng, maxDetF, unfinished })
        draft.steps += stand.steps - steps
        append(draft.history, ledger.done)
      })
    }
    const { keeper, ...told } = hooks
    const rest = keeper && {
      within: () => keeper.within(ledger.progress.iterations),
      take: async () => {
        if (ledger.goesOn && keeper.isDue(ledger.progress.iterations)) await keeper.keep(await snapshot())
      },
    }
    try {
      await course.run({ ...told, rest })
    } catch (reason) {
      failure = { reason }
    }
    const set = trainer.validates ? 'validation' : 'training'
    const measuring = measure(session, weights(), set, statisticsRng)
    const statistics = await (failure === undefined ? measuring : measuring.catch(() => undefined))
    const reached = await snapshot(statistics)
    // A failure before the first iteration leaves nothing new to keep.
    if (keeper !== undefined && (failure === undefined || ledger.done.length > 0)) {
      const keeping = keeper.keep(reached)
      await (failure === undefined
        ? keeping.catch((reason: unknown) => void (failure = { reason }))
        : keeping.catch(() => {}))
    }
    return { snapshot: reached, failure }
  } finally {
    await session.close()
  }
}

const arrived = async ({ state, w, bestW, rng }: Stand): Promise<void> =>
  void (await Promise.all([...state, ...w, ...bestW, ...(rng === undefined ? [] : [rng])].map((x) => x.ready())))

/** The Fisher statistics of a set, once they have arrived. */
export async function measure(
  session: Session,
  w: Leaves,
  set: SetName,
  key: NDArray | undefined,
): Promise<FisherEstimator> {
  const statistics = await session.statistics(w, set, key)
  await Promise.all(Object.values(statistics).map((x) => x.ready()))
  return statistics
}
