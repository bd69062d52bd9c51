import { type Device, grad, jit, type NDArray, np, valueAndGrad } from '@cotangent/autodiff'
import { addTo } from './lane.ts'
import {
  diagnostics,
  type FisherEstimator,
  type FisherStatistics,
  fisherStatistics,
  lossOf,
  packDiagnostics,
  type Regularisation,
} from '../information/statistics.ts'
import { type Apply, type Group, type Leaves, type Summaries, summarise } from '../information/summaries.ts'

/** An optimizer on leaves: state to next state at step i, and state to weights. */
export interface LeafOptimizer {
  readonly update: (i: NDArray, gradient: Leaves, state: Leaves) => Leaves
  readonly weights: (state: Leaves) => Leaves
}

/** λ and α as arrays, so that another choice compiles nothing anew. */
export type Strength = readonly [lambda: NDArray, alpha: NDArray]

/** The summaries of all groups together. Groups with derivatives come first. */
export function joined(groups: readonly Summaries[]): { x: NDArray; dx: NDArray } {
  const withDerivatives = groups.flatMap(([, dx]) => (dx === undefined ? [] : [dx]))
  return {
    x: join(
      groups.map(([x]) => x as NDArray),
      0,
    ),
    dx: join(withDerivatives, 1),
  }
}

const join = (arrays: readonly NDArray[], axis: number): NDArray =>
  arrays.length === 1 ? (arrays[0] as NDArray) : np.concatenate(arrays, { axis })

function measured(groups: readonly Summaries[]): FisherStatistics {
  const { x, dx } = joined(groups)
  return fisherStatistics(x, dx)
}

const regularisation = ([lambda, alpha]: Strength): Regularisation => ({ lambda, alpha })

/** The loss of summaries, and its diagnostics as a row. */
function lossAndRow(groups: readonly Summaries[], strength: Strength): [loss: NDArray, row: NDArray] {
  const statistics = measured(groups)
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

export function compileHost(device: Device, optimizer: LeafOptimizer): HostPrograms {
  const update = (i: NDArray, gradients: readonly Leaves[], state: Leaves): [Leaves, Leaves] => {
    const [first, ...rest] = gradients as [Leaves, ...Leaves[]]
    const next = optimizer.update(i, rest.reduce(addTo, first), state)
    return [next, optimizer.weights(next)]
  }
  const measure = (groups: readonly Summaries[], strength: Strength): NDArray => lossAndRow(groups, strength)[1]
  const statistics = (groups: readonly Summaries[]): FisherEstimator => {
    const found = measured(groups)
    return { ...found, invF: np.linalg.inv(found.F) }
  }
  return {
    measure: jit(measure, { device }),
    cotangents: jit(grad(lossAndRow, { argnums: 0, hasAux: true }), { device }) as HostPrograms['cotangents'],
    update: jit(update, { device }) as HostPrograms['update'],
    statistics: jit(statistics, { device }),
    weights: jit(optimizer.weights, { device }) as HostPrograms['weights'],
  }
}

/** An iteration in one program: gradient, update and validation. */
export type WholeIteration = (
  i: NDArray,
  state: Leaves,
  strength: Strength,
  training: readonly Group[],
  validation: readonly Group[],
) => [state: Leaves, w: Leaves, rows: NDArray]

/** The iteration of one lane with one group: what the two passes compute, without a seam. */
export function compileWhole(device: Device, apply: Apply, optimizer: LeafOptimizer): WholeIteration {
  const summariseAll = (w: Leaves, groups: readonly Leaves[]): Summaries[] =>
    groups.map((group) => summarise(apply, w, group as Group))
  const iteration = (
    i: NDArray,
    state: Leaves,
    strength: Strength,
    training: readonly Leaves[],
    validation: readonly Leaves[],
  ): [Leaves, Leaves, NDArray] => {
    const lossOfWeights = (w: Leaves): [NDArray, NDArray] => lossAndRow(summariseAll(w, training), strength)
    const [[, row], gradient] = valueAndGrad(lossOfWeights, { argnums: 0, hasAux: true })(optimizer.weights(state))
    const next = optimizer.update(i, gradient, state)
    const w = optimizer.weights(next)
    const rows = validation.length === 0 ? [row] : [row, lossAndRow(summariseAll(w, validation), strength)[1]]
    return [next, w, np.stack(rows)]
  }
  return jit(iteration, { device }) as WholeIteration
}
