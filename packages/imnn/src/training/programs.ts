import { type Device, grad, jit, type NDArray, np, valueAndGrad } from '@cotangent/autodiff'
import { addTo } from './lane.ts'
import type { Join, Joined } from '../information/join.ts'
import {
  diagnostics,
  type FisherEstimator,
  fisherStatistics,
  lossOf,
  packDiagnostics,
  type Regularisation,
} from '../information/statistics.ts'
import type { Leaves, Summaries, Summarise } from '../information/summaries.ts'

/** An optimizer on leaves: state to next state at step i, and state to weights. */
export interface LeafOptimizer {
  readonly update: (i: NDArray, gradient: Leaves, state: Leaves) => Leaves
  readonly weights: (state: Leaves) => Leaves
}

/** λ and α as arrays, so that another choice compiles nothing anew. */
export type Strength = readonly [lambda: NDArray, alpha: NDArray]

const regularisation = ([lambda, alpha]: Strength): Regularisation => ({ lambda, alpha })

/** The loss of summaries, and its diagnostics [5] as a row. */
function lossAndRow({ x, dx }: Joined, strength: Strength): [loss: NDArray, row: NDArray] {
  const statistics = fisherStatistics(x, dx)
  const numbers = diagnostics(statistics, regularisation(strength))
  return [lossOf(statistics, numbers), packDiagnostics(numbers)]
}

/** What a host computes when lanes deliver the summaries. */
export interface HostPrograms {
  /** The diagnostics [5] of summaries. */
  readonly measure: (groups: readonly Summaries[], strength: Strength) => NDArray
  /** ∂loss/∂summaries, in the structure of the summaries, and the diagnostics [5]. */
  readonly cotangents: (groups: readonly Summaries[], strength: Strength) => readonly [readonly Summaries[], NDArray]
  /** One step of the optimizer, with the sum of the lanes' gradients. */
  readonly update: (i: NDArray, gradients: readonly Leaves[], state: Leaves) => [state: Leaves, w: Leaves]
  readonly statistics: (groups: readonly Summaries[]) => FisherEstimator
  readonly weights: (state: Leaves) => Leaves
}

export function compileHost(device: Device, optimizer: LeafOptimizer, join: Join): HostPrograms {
  const update = (i: NDArray, gradients: readonly Leaves[], state: Leaves): [Leaves, Leaves] => {
    const [first, ...rest] = gradients as [Leaves, ...Leaves[]]
    const next = optimizer.update(i, rest.reduce(addTo, first), state)
    return [next, optimizer.weights(next)]
  }
  const lossOfGroups = (groups: readonly Summaries[], strength: Strength): [NDArray, NDArray] =>
    lossAndRow(join(groups), strength)
  return {
    measure: jit((groups: readonly Summaries[], strength: Strength) => lossOfGroups(groups, strength)[1], { device }),
    cotangents: jit(grad(lossOfGroups, { argnums: 0, hasAux: true }), { device }) as HostPrograms['cotangents'],
    update: jit(update, { device }) as HostPrograms['update'],
    statistics: jit((groups: readonly Summaries[]) => estimatorOf(join(groups)), { device }),
    weights: jit(optimizer.weights, { device }) as HostPrograms['weights'],
  }
}

/** The Fisher statistics of a set. */
export function estimatorOf({ x, dx }: Joined): FisherEstimator {
  const found = fisherStatistics(x, dx)
  return { ...found, invF: np.linalg.inv(found.F) }
}

/** An iteration as a function: gradient, update and validation. */
export type Iteration = (
  i: NDArray,
  state: Leaves,
  strength: Strength,
  training: readonly Leaves[],
  validation: readonly Leaves[],
) => [state: Leaves, w: Leaves, rows: NDArray]

/** What the two passes of an iteration compute, without a seam. The groups of no validation set are none. */
export const wholeIteration =
  (summarise: Summarise, join: Join, optimizer: LeafOptimizer): Iteration =>
  (i, state, strength, training, validation) => {
    const measured = (w: Leaves, groups: readonly Leaves[]): [NDArray, NDArray] =>
      lossAndRow(join(groups.map((group) => summarise(w, group))), strength)
    const lossOfWeights = (w: Leaves): [NDArray, NDArray] => measured(w, training)
    const [[, row], gradient] = valueAndGrad(lossOfWeights, { argnums: 0, hasAux: true })(optimizer.weights(state))
    const next = optimizer.update(i, gradient, state)
    const w = optimizer.weights(next)
    return [next, w, np.stack(validation.length === 0 ? [row] : [row, measured(w, validation)[1]])]
  }
