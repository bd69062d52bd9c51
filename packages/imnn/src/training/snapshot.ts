import type { NDArray } from '@cotangent/autodiff'
import { emptyHistory, type History } from './history.ts'
import type { FisherEstimator } from '../information/statistics.ts'
import type { Leaves } from '../information/summaries.ts'
import type { FitPlan } from './fit-options.ts'
import type { StoppingRule } from './stopping.ts'

/** All that distinguishes an IMNN from one that it gave. Immutable. */
export interface Snapshot {
  readonly state: Leaves
  /** The optimizer's steps so far. */
  readonly steps: number
  readonly w: Leaves
  readonly initialW: Leaves
  readonly finalW: Leaves
  readonly bestW: Leaves
  /** Of `w`. */
  readonly statistics: FisherEstimator | undefined
  readonly history: History
  readonly maxDetF: number
  /** The key of the iterations to come, where simulations are made while it trains. */
  readonly rng: NDArray | undefined
  /** The key that the last fit was given: that of the simulations behind `statistics`. */
  readonly statisticsRng: NDArray | undefined
  /** The fit that was ended before its rule did, if so. */
  readonly unfinished: Unfinished | undefined
}

/** A fit that was ended from outside: how far it was, and what it was told. */
export interface Unfinished {
  readonly iterations: number
  readonly patience: number
  readonly told: Told
}

/** What tells one fit from another, beside its key. */
export type Told = Pick<FitPlan, 'lambda' | 'alpha' | 'best' | 'asOriginal' | keyof StoppingRule>

export const toldOf = (plan: Told): Told => {
  const { lambda, alpha, best, asOriginal, patience, minIterations, maxIterations } = plan
  return { lambda, alpha, best, asOriginal, patience, minIterations, maxIterations }
}

export const firstSnapshot = (state: Leaves, w: Leaves): Snapshot => ({
  state,
  steps: 0,
  w,
  initialW: w,
  finalW: w,
  bestW: w,
  statistics: undefined,
  history: emptyHistory,
  maxDetF: 0,
  rng: undefined,
  statisticsRng: undefined,
  unfinished: undefined,
})
