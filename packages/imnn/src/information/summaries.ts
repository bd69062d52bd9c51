import { linearize, type NDArray, vmap } from '@cotangent/autodiff'

/** The leaves of a tree of parameters or of optimizer state. */
export type Leaves = readonly NDArray[]

/** A network on a batch: weights and data [N, …] to summaries [N, S]. */
export type Apply = (w: Leaves, d: NDArray) => NDArray

/** Simulations [N, …], and for those with derivatives these too, parameter first: [P, N, …]. */
export type Group = readonly [d: NDArray] | readonly [d: NDArray, dd: NDArray]

/** Summaries [N, S], and for groups with derivatives these too, parameter first: [P, N, S]. */
export type Summaries = readonly NDArray[]

/**
 * The summaries of a group of simulations and their derivatives in the parameters of the simulator.
 *
 * ∂x/∂θ is the Jacobian-vector product of the network with ∂d/∂θ as tangent: the network is linearized once, and the
 * linear map is applied to the tangents of all parameters together.
 */
export function summarise(apply: Apply, w: Leaves, [d, dd]: Group): Summaries {
  if (dd === undefined) return [apply(w, d)]
  const [x, push] = linearize((input: NDArray) => apply(w, input), d)
  return [x, vmap(push)(dd)]
}
