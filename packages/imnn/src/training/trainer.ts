import type { NDArray } from '@cotangent/autodiff'
import type { Joined } from '../information/join.ts'
import type { FisherEstimator } from '../information/statistics.ts'
import type { Leaves } from '../information/summaries.ts'
import type { Cancellation, FitHooks, FitPlan } from './fit-options.ts'
import type { Ledger } from './ledger.ts'

export type SetName = 'training' | 'validation'

/** Where training stands: handles of arrays that live on a device. */
export interface Point {
  readonly state: Leaves
  readonly w: Leaves
  /** The optimizer's steps so far. */
  readonly steps: number
  /** The key of the iterations to come, where they simulate. */
  readonly rng: NDArray | undefined
}

/** The same, with the best weights so far. */
export interface Stand extends Point {
  readonly bestW: Leaves
}

/** A stand without its last update: weights and state are those before it. */
export const undone = (stand: Stand, before: Stand | undefined): Stand =>
  before === undefined ? stand : { ...stand, state: before.state, steps: before.steps, w: before.w }

/** Where a fit begins, and what it is told. */
export interface Start {
  readonly stand: Stand
  readonly plan: FitPlan
  readonly ledger: Ledger
}

/** A fit under way: where it stands, and how it goes on. */
export interface Course {
  /** After the iterations that the ledger has; before the last update, if what it led to has no |F|. */
  readonly stand: Stand
  /** Iterates until the ledger or the signal says stop. */
  run(hooks: FitHooks): Promise<void>
}

/** Work with the simulations: open it, and close it. */
export interface Session {
  /** Makes sure of the simulations; throws what is wrong with any of them in one error. */
  check(): Promise<void>
  begin(start: Start): Course
  /** The Fisher statistics of a set at `w`, of simulations made with `key` where they are made. */
  statistics(w: Leaves, set: SetName, key: NDArray | undefined): Promise<FisherEstimator>
  /** The summaries of a set, in the order of the simulations within each device's part. */
  summaries(w: Leaves, set: SetName, key: NDArray | undefined): Promise<Joined>
  close(): Promise<void>
}

/** Everything compiled: it is shared by an IMNN and those that its fits give. */
export interface Trainer {
  /** Whether there is a validation set. */
  readonly validates: boolean
  /** Whether simulations are made while it trains, so that there must be a key. */
  readonly simulates: boolean
  /** `signal`: what ends the waiting for simulations that do not come. */
  open(signal?: Cancellation): Session
}
