import { checkList, checkOptions } from '../array/options.ts'
import { NDArray } from '../array/ndarray.ts'
import { normalizeAxis } from '../array/shape.ts'
import { moveAxis } from '../primitives/reshape.ts'
import { sortTogether, topK as largest } from '../primitives/sort.ts'
import { checkArray } from './operands.ts'

export interface SortOptions {
  /** The axis to sort along. @defaultValue -1 */
  readonly dimension?: number
  /** Alike entries stay in order; they always do. @defaultValue true */
  readonly isStable?: boolean
  /** How many operands to sort by, the first one first. @defaultValue 1 */
  readonly numKeys?: number
}

/**
 * An array sorted along an axis; or several arrays in the order of the first ones. NaN comes last, −0 and 0 are alike.
 *
 * @throws ShapeError when the operands have several shapes, or there are more keys than operands.
 * @see JAX's `jax.lax.sort`
 * @example lax.sort([np.array([2, 1]), np.array([5, 6])])[1] // [6, 5]
 */
export function sort(operand: NDArray, options?: SortOptions): NDArray
export function sort(operands: readonly NDArray[], options?: SortOptions): NDArray[]
export function sort(operands: NDArray | readonly NDArray[], options: SortOptions = {}): NDArray | NDArray[] {
  const { dimension = -1, numKeys = 1 } = checkOptions('lax.sort', options, ['dimension', 'isStable', 'numKeys'])
  const list = operands instanceof NDArray ? [operands] : checkList('lax.sort', 'operands', operands)
  for (const x of list) checkArray('lax.sort', x)
  const sorted = sortTogether(list, normalizeAxis(dimension, list[0]?.ndim ?? 0, 'sort'), numKeys)
  return operands instanceof NDArray ? sorted[0]! : sorted
}

/**
 * `keys` sorted, and `values` in their order.
 *
 * @see JAX's `jax.lax.sort_key_val`
 * @example lax.sortKeyVal(np.array([2, 1]), np.array([5, 6]))[1] // [6, 5]
 */
export function sortKeyVal(
  keys: NDArray,
  values: NDArray,
  options: Omit<SortOptions, 'numKeys'> = {},
): [keys: NDArray, values: NDArray] {
  return sort([keys, values], options) as [NDArray, NDArray]
}

/**
 * The `k` largest entries of an axis (the last by default), largest first, and their indices (int32); of equals the
 * first. NaN is larger than all numbers.
 *
 * @throws ShapeError when the axis is shorter than `k`.
 * @see JAX's `jax.lax.top_k`
 * @example lax.topK(np.array([1, 3, 2, 3]), 3)[1] // [1, 3, 2]
 */
export function topK(
  x: NDArray,
  k: number,
  options: { readonly axis?: number } = {},
): [values: NDArray, indices: NDArray] {
  const { axis = -1 } = checkOptions('lax.topK', options, ['axis'])
  if (checkArray('lax.topK', x).ndim === 0) return largest(x, k)
  const [along, last] = [normalizeAxis(axis, x.ndim, 'topK'), x.ndim - 1]
  return largest(moveAxis(x, along, last), k).map((y) => moveAxis(y, last, along)) as [NDArray, NDArray]
}
