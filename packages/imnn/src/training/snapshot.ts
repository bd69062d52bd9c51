import type { NDArray } from '@cotangent/autodiff'
import { emptyHistory, type History } from './history.ts'
import type { FisherEstimator } from '../information/statistics.ts'
import type { Leaves } from '../information/summaries.ts'

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
})
