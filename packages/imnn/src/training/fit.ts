import { produce } from 'immer'
import type { FisherEstimator } from '../information/statistics.ts'
import type { Leaves } from '../information/summaries.ts'
import type { FitHooks, FitPlan } from './fit-options.ts'
import { append } from './history.ts'
import { Ledger } from './ledger.ts'
import type { Snapshot } from './snapshot.ts'
import type { Session, SetName, Stand, Trainer } from './trainer.ts'
import type { NDArray } from '@cotangent/autodiff'

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
    const { state, finalW: w, bestW } = start
    const given = plan.rng === undefined ? start : { rng: plan.rng, statisticsRng: plan.rng }
    const ledger = new Ledger(plan, start.maxDetF)
    const course = session.begin({ state, w, bestW, rng: given.rng }, plan.asOriginal ? 0 : start.steps, plan, ledger)
    let failure: unknown
    try {
      await course.run(hooks)
    } catch (reason) {
      failure = reason
    }
    const { stand } = course
    const chosen = plan.best ? stand.bestW : stand.w
    const set = trainer.validates ? 'validation' : 'training'
    const measuring = measure(session, chosen, set, given.statisticsRng)
    const statistics = await (failure === undefined ? measuring : measuring.catch(() => undefined))
    await arrived(stand)
    const snapshot = produce(start, (draft) => {
      const { rng, bestW: best, w: finalW } = stand
      Object.assign(draft, { state: stand.state, w: chosen, finalW, bestW: best, statistics, rng })
      Object.assign(draft, { statisticsRng: given.statisticsRng, maxDetF: ledger.progress.maxDetF })
      draft.steps += ledger.done.length
      append(draft.history, ledger.done)
    })
    return { snapshot, failure }
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
