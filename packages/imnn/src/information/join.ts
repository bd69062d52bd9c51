import { type NDArray, np } from '@cotangent/autodiff'
import type { Summaries } from './summaries.ts'

/** All summaries of a set [n_s, S], and the derivatives of those of n_d simulations [P, n_d, S]. */
export interface Joined {
  readonly x: NDArray
  readonly dx: NDArray
}

/** Puts the summaries of all groups of a set together. */
export type Join = (groups: readonly Summaries[]) => Joined

/** Of groups that bring derivatives, and then groups that do not. */
export const joinExact: Join = (groups) => ({
  x: concatenate(
    groups.map(([x]) => x as NDArray),
    0,
  ),
  dx: concatenate(
    groups.flatMap(([, dx]) => (dx === undefined ? [] : [dx])),
    1,
  ),
})

/** How the simulations beside the fiducial ones lie: n_d · 2 · P rows, the parameter fastest, then below and above. */
export interface Differences {
  readonly nS: number
  readonly nD: number
  readonly nParams: number
  /** The whole distance [P] from the simulations below to those above θ_fid. */
  readonly deltaTheta: NDArray
}

/**
 * Of groups of fiducial simulations, n_s in all, and then groups of those beside them: derivatives are differences of
 * summaries, (x⁺ − x⁻) / δθ.
 */
export const joinDifferences =
  ({ nS, nD, nParams, deltaTheta }: Differences): Join =>
  (groups) => {
    const parts = groups.map(([x]) => x as NDArray)
    let rows = 0
    const first = parts.findIndex((x) => (rows += x.shape[0] as number) > nS)
    const beside = concatenate(parts.slice(first), 0)
    const [below, above] = beside.reshape([nD, 2, nParams, -1]).transpose([1, 2, 0, 3]).unstack(2)
    const x = concatenate(parts.slice(0, first), 0)
    return { x, dx: above.sub(below).div(deltaTheta.astype(x.dtype).reshape([nParams, 1, 1])) }
  }

const concatenate = (arrays: readonly NDArray[], axis: number): NDArray =>
  arrays.length === 1 ? (arrays[0] as NDArray) : np.concatenate(arrays, { axis })
