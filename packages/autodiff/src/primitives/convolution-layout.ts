import type { NDArray } from '../array/ndarray.ts'
import { range } from '../array/shape.ts'
import { reshape, transpose } from './reshape.ts'

/** How the kernel moves over the spatial axes, one entry an axis. */
export type ConvolutionParams = {
  readonly strides: readonly number[]
  /** Zeros before and after; negative numbers cut. */
  readonly padding: readonly (readonly [low: number, high: number])[]
  /** The distance of neighbouring entries of the operand, and of the kernel. */
  readonly lhsDilation: readonly number[]
  readonly rhsDilation: readonly number[]
  /** How many groups the features fall into, which do not see each other. */
  readonly groups: number
}

/** The leading axes in another order, the others as they are. */
export const transposeLead = (x: NDArray, order: readonly number[]): NDArray =>
  transpose(x, [...order, ...range(x.ndim).slice(order.length)])

/** `[groups·n, m, …]` as `[groups·m, n, …]`: each group's matrix of features turned round. */
export function swapFeatures(kernel: NDArray, groups: number): NDArray {
  const [n, m, ...window] = kernel.shape as [number, number, ...number[]]
  const swapped = transposeLead(reshape(kernel, [groups, n / groups, m, ...window]), [0, 2, 1])
  return reshape(swapped, [groups * m, n / groups, ...window])
}

/** `[groups·n, m, …]` as `[n, groups·m, …]`: groups of the batch as groups of features. */
export function batchGroupsAsFeatures(x: NDArray, groups: number): NDArray {
  const [n, m, ...space] = x.shape as [number, number, ...number[]]
  const apart = reshape(x, [groups, n / groups, m, ...space])
  return reshape(transposeLead(apart, [1, 0]), [n / groups, groups * m, ...space])
}
