import { linearize, type NDArray, np, vmap } from '@cotangent/autodiff'

/** The leaves of a tree of parameters or of optimizer state. */
export type Leaves = readonly NDArray[]

/** A network on a batch: weights and data [N, …] to summaries [N, S]. */
export type Apply = (w: Leaves, d: NDArray) => NDArray

/**
 * Simulations [N, …], and for those with derivatives these too, parameter first: [P, N, …], or [P, 1, …] when the
 * derivative is the same for all of them.
 */
export type Group = readonly [d: NDArray] | readonly [d: NDArray, dd: NDArray]

/** Summaries [N, S], and for groups with derivatives these too, parameter first: [P, N, S]. */
export type Summaries = readonly NDArray[]

/** What makes the summaries of a group: of simulations (`summarise`), or of keys to simulate with. */
export type Summarise = (w: Leaves, group: Leaves) => Summaries

/**
 * The summaries of a group of simulations and their derivatives in the parameters of the simulator.
 *
 * ∂x/∂θ is the Jacobian-vector product of the network with ∂d/∂θ as tangent: the network is linearized once, and the
 * linear map is applied to the tangents of all parameters together. Simulation and tangent have the same axes in the
 * same order, whatever their number (the original reversed the axes of images).
 */
export function summarise(apply: Apply, w: Leaves, [d, dd]: Group): Summaries {
  if (dd === undefined) return [apply(w, d)]
  const [x, push] = linearize((input: NDArray) => apply(w, input), d)
  const tangents = dd.shape[1] === d.shape[0] ? dd : np.broadcastTo(dd, [dd.shape[0] as number, ...d.shape])
  return [x, vmap(push)(tangents)]
}
