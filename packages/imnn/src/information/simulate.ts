import { type Key, linearize, type NDArray, type Random, vmap } from '@cotangent/autodiff'
import { type Apply, type Group, type Leaves, type Summarise, summarise } from './summaries.ts'
import type { Precision } from '../tree.ts'

/** A simulator: a key and parameters [P] to one simulation. */
export type Simulator = (key: Key, theta: NDArray) => NDArray

/** Keys [N, 2] to simulate with; with the unit vectors of the parameters [P, P], their derivatives too. */
export type KeyGroup = readonly [keys: NDArray] | readonly [keys: NDArray, directions: NDArray]

/**
 * Simulates at `thetaFid`. Derivatives are Jacobian-vector products of the simulator with the unit vectors of the
 * parameters as tangents.
 */
export function simulate(
  simulator: Simulator,
  thetaFid: NDArray,
  [keys, directions]: KeyGroup,
  dtype: Precision,
): Group {
  const each = vmap(simulator, { inAxes: [0, null] })
  const all = (theta: NDArray): NDArray => each(keys as Key, theta).astype(dtype)
  if (directions === undefined) return [all(thetaFid)]
  const [d, push] = linearize(all, thetaFid)
  return [d, vmap(push)(directions)]
}

/** The summaries of simulations that are made for it, and forgotten. */
export const summariseSimulated =
  (simulator: Simulator, thetaFid: NDArray, apply: Apply, dtype: Precision): Summarise =>
  (w: Leaves, group: Leaves) =>
    summarise(apply, w, simulate(simulator, thetaFid, group as KeyGroup, dtype))

/** The key of the iterations to come, and that of this one's simulations: the first two of three, as in the original. */
export function nextKeys(random: Random, key: NDArray): [next: NDArray, now: NDArray] {
  const [next, now] = random.split(key as Key, 3).unstack(3)
  return [next, now]
}
