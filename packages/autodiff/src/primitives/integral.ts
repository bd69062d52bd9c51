import { array } from '../array/create.ts'
import type { DType } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { NODES, WEIGHTS } from '../interpreter/incomplete.ts'
import { div, mul } from './arithmetic.ts'
import { broadcastAxis, broadcastInDim, reduceSum } from './broadcast.ts'

/** A vector of numbers. */
export const constants = (numbers: readonly number[], dtype: DType): NDArray =>
  array(Float64Array.from(numbers), { dtype })

/** ∫ f over [0, ∞), where f decays at about `rate`: f is given t, and what makes others of its shape. */
export function integral(rate: NDArray, f: (t: NDArray, spread: (x: NDArray) => NDArray) => NDArray): NDArray {
  const axis = rate.ndim
  const shape = [...rate.shape, NODES.length]
  const spread = (x: NDArray): NDArray => broadcastAxis(x, axis, NODES.length)
  const along = (numbers: readonly number[]): NDArray => broadcastInDim(constants(numbers, rate.dtype), shape, [axis])
  const values = f(div(along(NODES), spread(rate)), spread)
  return div(reduceSum(mul(values, along(WEIGHTS)), [axis]), rate)
}
