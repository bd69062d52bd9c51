import { checkOptions } from '../array/options.ts'
import { isFloat } from '../array/dtype.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxis, range, showShape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { add, min } from '../primitives/arithmetic.ts'
import { broadcastInDim, full, reduceSum } from '../primitives/broadcast.ts'
import { eq, le, lt, select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { iota } from '../primitives/creation.ts'
import { take } from '../primitives/gather.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { reshape } from '../primitives/reshape.ts'
import { rev } from '../primitives/rev.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { sortIndices, sortTogether } from '../primitives/sort.ts'
import * as e from './elementwise.ts'
import { asArray, asIndices, listed, unifyDTypes } from './operands.ts'

export interface SortOptions {
  /** The axis to sort along; `null` sorts the flattened array. @defaultValue -1 */
  readonly axis?: number | null
  /** The largest first. @defaultValue false */
  readonly descending?: boolean
  /** Equal entries stay in order; they always do. @defaultValue true */
  readonly stable?: boolean
}

function alongAxis(name: string, x: Operand, axis: number | null): { array: NDArray; along: number } {
  const given = asArray(x)
  const array = axis === null ? reshape(given, [given.size]) : given
  return { array, along: normalizeAxis(axis ?? 0, array.ndim, name) }
}

/**
 * The entries in order along an axis: NaN last, −0 and 0 alike. Descending it is the same from its end.
 *
 * @see NumPy's `numpy.sort`
 * @example np.sort([3, NaN, 1]) // [1, 3, NaN]
 */
export function sort(x: Operand, options: SortOptions = {}): NDArray {
  const { axis = -1, descending = false } = checkOptions('sort', options, ['axis', 'descending', 'stable'])
  const { array, along } = alongAxis('sort', x, axis)
  const [sorted] = sortTogether([array], along) as [NDArray]
  return descending ? rev(sorted, [along]) : sorted
}

/**
 * The indices that sort an axis, int32; equal entries stay in order, also when descending.
 *
 * @see NumPy's `numpy.argsort`
 * @example np.argsort([3, 1, 2, 1]) // [1, 3, 2, 0]
 */
export function argsort(x: Operand, options: SortOptions = {}): NDArray<'int32'> {
  const { axis = -1, descending = false } = checkOptions('argsort', options, ['axis', 'descending', 'stable'])
  const { array, along } = alongAxis('argsort', x, axis)
  if (!descending) return sortIndices([array], along) as NDArray<'int32'>
  // Turned around twice, so that equal entries stay in order.
  const backwards = [array, iota(array.shape, along, 'int32')].map((y) => rev(y, [along]))
  return rev(sortTogether(backwards, along)[1]!, [along]) as NDArray<'int32'>
}

/**
 * The indices that sort by several keys of one shape, the last one first.
 *
 * @throws ValueError when there are no keys.
 * @see NumPy's `numpy.lexsort`
 * @example np.lexsort([[9, 8, 7], [1, 0, 1]]) // [1, 2, 0]
 */
export function lexsort(keys: readonly Operand[], options: { readonly axis?: number } = {}): NDArray<'int32'> {
  const { axis = -1 } = checkOptions('lexsort', options, ['axis'])
  const arrays = listed('lexsort', keys, 'sort by').map(asArray).toReversed()
  if (arrays[0]!.ndim === 0) return full([], 0, 'int32') as NDArray<'int32'>
  return sortIndices(arrays, normalizeAxis(axis, arrays[0]!.ndim, 'lexsort')) as NDArray<'int32'>
}

function partitioned(name: string, kth: number, n: number): number {
  if (Number.isInteger(kth) && kth >= -n && kth < n) return kth < 0 ? kth + n : kth
  throw new ShapeError(`${name}: kth is ${showGiven(kth)}; it must be an index of the ${n} entries`)
}

/**
 * The axis with the entry that belongs at `kth` when sorted in its place, smaller ones before and larger ones after it.
 *
 * @see NumPy's `numpy.partition`
 * @example np.partition([5, 1, 4, 2], 1).at(1) // 2
 */
export function partition(x: Operand, kth: number, options: { readonly axis?: number } = {}): NDArray {
  const { axis = -1 } = checkOptions('partition', options, ['axis'])
  const { array, along } = alongAxis('partition', x, axis)
  const n = array.shape[along]!
  const k = partitioned('partition', kth, n)
  const [sorted] = sortTogether([array], along) as [NDArray]
  // The larger ones from the largest on, as JAX has them.
  return concatenate([sliceAxis(sorted, along, 0, k + 1), rev(sliceAxis(sorted, along, k + 1, n), [along])], along)
}

/**
 * The indices of a partition: see `partition`.
 *
 * @see NumPy's `numpy.argpartition`
 * @example np.argpartition([5, 1, 4, 2], 0).at(0) // 1
 */
export function argpartition(x: Operand, kth: number, options: { readonly axis?: number } = {}): NDArray<'int32'> {
  const { axis = -1 } = checkOptions('argpartition', options, ['axis'])
  const { array, along } = alongAxis('argpartition', x, axis)
  const n = array.shape[along]!
  const k = partitioned('argpartition', kth, n)
  const order = sortIndices([array], along)
  const [after] = sortTogether([sliceAxis(order, along, k + 1, n)], along) as [NDArray]
  return concatenate([sliceAxis(order, along, 0, k + 1), after], along) as NDArray<'int32'>
}

export interface SearchOptions {
  /** Among equal entries before the first (left), or after the last (right). @defaultValue 'left' */
  readonly side?: 'left' | 'right'
  /** The order that sorts the array. @defaultValue none: it is sorted */
  readonly sorter?: Operand
  /**
   * By halves, or by comparing with every entry, which is faster for a short array. JAX's other names mean the former.
   *
   * @defaultValue 'compareAll' for up to 32 entries, else 'scan'
   */
  readonly method?: 'scan' | 'scanUnrolled' | 'sort' | 'compareAll'
}

/**
 * Where values belong in a sorted array, so that it stays sorted; int32.
 *
 * @throws ShapeError when the array has not one axis.
 * @see NumPy's `numpy.searchsorted`
 * @example np.searchsorted([1, 2, 2, 3], [2, 5], { side: 'right' }) // [3, 4]
 */
export function searchsorted(sorted: Operand, values: Operand, options: SearchOptions = {}): NDArray<'int32'> {
  const { side = 'left', sorter, method } = checkOptions('searchsorted', options, ['side', 'sorter', 'method'])
  const [given, v] = unifyDTypes([asArray(sorted), values]) as [NDArray, NDArray]
  if (given.ndim !== 1) {
    throw new ShapeError(`searchsorted: the sorted array has shape ${showShape(given.shape)}, it must have one axis`)
  }
  if (side !== 'left' && side !== 'right')
    throw new ValueError(`searchsorted: side is ${showGiven(side)}; it is 'left' or 'right'`)
  const array = sorter === undefined ? given : take(given, asIndices('searchsorted', sorter), 0)
  const number = (x: NDArray): NDArray => (x.dtype === 'bool' ? convert(x, 'int32') : x)
  const found = searchNumbers(number(array), number(v), side, method)
  if (!isFloat(v.dtype)) return found
  // NaN is sorted behind all numbers, and equal to NaN.
  const last = side === 'right' ? full([], array.size, 'int32') : reduceSum(convert(eq(array, array), 'int32'), [0])
  return select(eq(v, v), found, broadcastInDim(last, v.shape, [])) as NDArray<'int32'>
}

/** How many entries are less than each value, or (right) not greater; NaN is neither. */
function searchNumbers(
  array: NDArray,
  v: NDArray,
  side: 'left' | 'right',
  method: SearchOptions['method'],
): NDArray<'int32'> {
  const n = array.size
  const passes = side === 'left' ? lt : le
  if (n === 0) return full(v.shape, 0, 'int32') as NDArray<'int32'>
  if (method === 'compareAll' || (method === undefined && n <= 32)) {
    const shape = [n, ...v.shape]
    const axes = range(v.ndim).map((i) => i + 1)
    const passed = passes(broadcastInDim(array, shape, [0]), broadcastInDim(v, shape, axes))
    return reduceSum(convert(passed, 'int32'), [0]) as NDArray<'int32'>
  }
  // Filled up to a length of 2ᵏ − 1, so that every step halves what is left, with what comes after all values.
  const steps = Math.ceil(Math.log2(n + 1))
  const filled = concatenate([array, full([2 ** steps - 1 - n], isFloat(array.dtype) ? NaN : Infinity, array.dtype)], 0)
  const constant = (value: number): NDArray => full(v.shape, value, 'int32')
  let count = constant(0)
  for (let step = 2 ** (steps - 1); step >= 1; step /= 2) {
    const entry = take(filled, add(count, constant(step - 1)), 0)
    count = select(passes(entry, v), add(count, constant(step)), count)
  }
  return min(count, constant(n)) as NDArray<'int32'>
}

export interface DigitizeOptions extends Pick<SearchOptions, 'method'> {
  /** Bins hold their right end instead of the left one. @defaultValue false */
  readonly right?: boolean
}

/**
 * The number of the bin that each value lies in: 0 before the first edge, as many as there are edges after the last.
 * The edges go up or down.
 *
 * @throws ShapeError when the edges have not one axis.
 * @see NumPy's `numpy.digitize`
 * @example np.digitize([0.5, 1, 9], [0, 1, 2]) // [1, 2, 3]
 */
export function digitize(x: Operand, bins: Operand, given: DigitizeOptions = {}): NDArray<'int32'> {
  const { right = false, method } = checkOptions('digitize', given, ['method', 'right'])
  const edges = asArray(bins)
  if (edges.ndim !== 1)
    throw new ShapeError(`digitize: the edges have shape ${showShape(edges.shape)}, they must have one axis`)
  const n = edges.size
  if (n === 0) return full(asArray(x).shape, 0, 'int32') as NDArray<'int32'>
  const options: SearchOptions = { side: right ? 'left' : 'right', ...(method && { method }) }
  const up = searchsorted(edges, x, options)
  const down = e.subtract(n, searchsorted(rev(edges, [0]), x, options))
  const rising = e.greaterEqual(sliceAxis(edges, 0, n - 1, n), sliceAxis(edges, 0, 0, 1))
  return e.where(reshape(rising, []), up, down) as NDArray<'int32'>
}
