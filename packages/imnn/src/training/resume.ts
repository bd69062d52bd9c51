import type { NDArray } from '@cotangent/autodiff'
import type { FitPlan } from './fit-options.ts'
import { type Snapshot, toldOf } from './snapshot.ts'
import type { Progress } from './stopping.ts'

/** Where a fit begins: how far it is already, and with which keys it goes on. */
export interface Beginning {
  readonly before: Pick<Progress, 'iterations' | 'patience'>
  readonly rng: NDArray | undefined
  /** The key that the fit was given. */
  readonly statisticsRng: NDArray | undefined
}

/** Whether a fit is the unfinished one again, and where it begins then; else at its own beginning. */
export async function beginningOf(start: Snapshot, plan: FitPlan): Promise<Beginning> {
  const { unfinished, rng, statisticsRng } = start
  const isSameKey = plan.rng === undefined || (await areSame(plan.rng, statisticsRng))
  const isSame = unfinished !== undefined && isSameKey && areEqual(toldOf(plan), unfinished.told)
  const resumes = unfinished !== undefined && (plan.resume ?? isSame)
  const before = resumes ? unfinished : { iterations: 0, patience: 0 }
  if (plan.rng === undefined || (resumes && isSameKey)) return { before, rng, statisticsRng }
  return { before, rng: plan.rng, statisticsRng: plan.rng }
}

const areEqual = (a: object, b: object): boolean =>
  Object.entries(a).every(([name, value]) => Object.is(value, (b as Record<string, unknown>)[name]))

async function areSame(a: NDArray, b: NDArray | undefined): Promise<boolean> {
  if (b === undefined) return false
  const [one, other] = await Promise.all([a.data(), b.data()])
  return one.length === other.length && Array.from(one).every((x, i) => x === other[i])
}
