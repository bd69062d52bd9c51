import { checkOptions, checkNumbers } from '../array/options.ts'
import { checkDType, type DType } from '../array/dtype.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import {
  insertAxis,
  normalizeAxes,
  normalizeAxis,
  range,
  type Shape,
  shapesEqual,
  showShape,
  sizeOf,
  withoutAxes,
} from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { concatenate as concatenateAlong } from '../primitives/concatenate.ts'
import { convert } from '../primitives/convert.ts'
import { rev } from '../primitives/rev.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import * as broadcasting from '../primitives/broadcast.ts'
import * as reshaping from '../primitives/reshape.ts'
import { asArray, unify, unifyDTypes, listed } from './operands.ts'

export interface OrderOptions {
  /** In which order elements are taken and put: 'C' goes through the last axis first, 'F' the first. @defaultValue 'C' */
  readonly order?: 'C' | 'F'
}

/**
 * The same elements under another shape; one size may be −1.
 *
 * @throws ShapeError when the elements do not fit, ValueError for another order.
 * @example
 * np.reshape(np.zeros([4, 3]), [2, -1]).shape // [2, 6]
 * np.reshape([1, 2, 3, 4], [2, 2], { order: 'F' }) // [[1, 3], [2, 4]]
 */
export function reshape(x: Operand, newShape: Shape | number, options: OrderOptions = {}): NDArray {
  const { order = 'C' } = checkOptions('reshape', options, ['order'])
  const array = asArray(x)
  const wanted = checkNumbers('reshape', 'the shape', newShape)
  if (order === 'C') return reshaping.reshape(array, completed(array, wanted))
  if (order !== 'F')
    throw new ValueError(`reshape: unknown order ${showGiven(order)}; elements go in the order 'C' or 'F'`)
  const backwards = (y: NDArray): NDArray => reshaping.transpose(y, range(y.ndim).reverse())
  return backwards(reshaping.reshape(backwards(array), completed(array, wanted).reverse()))
}

/** The shape with what is left in the place of −1. */
function completed(x: NDArray, wanted: Shape): number[] {
  const open = wanted.indexOf(-1)
  if (open < 0) return [...wanted]
  const known = sizeOf(wanted.filter((_, i) => i !== open))
  const rest = known === 0 ? NaN : x.size / known
  if (!Number.isInteger(rest) || wanted.includes(-1, open + 1)) {
    throw new ShapeError(
      `reshape: ${showShape(x.shape)} (${x.size} elements) does not fit ${showShape(wanted)}; at most one size may be -1, and it must come out whole`,
    )
  }
  return wanted.map((n, i) => (i === open ? rest : n))
}

/** All elements in one axis. */
export const ravel = (x: Operand, options: OrderOptions = {}): NDArray => {
  checkOptions('ravel', options, ['order'])
  return reshape(x, [-1], options)
}

/**
 * The shape of an array or a nested list.
 *
 * @example np.shape([[1, 2], [3, 4]]) // [2, 2]
 */
export const shape = (x: Operand): Shape => asArray(x).shape
/** The number of axes. */
export const ndim = (x: Operand): number => asArray(x).ndim
/**
 * The number of elements, or of those along an axis or several.
 *
 * @example np.size([[1, 2], [3, 4]], 0) // 2
 */
export const size = (x: Operand, axis?: number | readonly number[] | null): number => {
  const array = asArray(x)
  return sizeOf(normalizeAxes(axis, array.ndim, 'size').map((i) => array.shape[i] as number))
}

/**
 * Axes in another order; reversed by default.
 *
 * @example np.transpose(np.zeros([2, 3, 4]), [2, 0, 1]).shape // [4, 2, 3]
 */
export function transpose(x: Operand, axes?: readonly number[]): NDArray {
  const array = asArray(x)
  const order =
    axes === undefined
      ? range(array.ndim).reverse()
      : checkNumbers('transpose', 'axes', axes).map((axis) => normalizeAxis(axis, array.ndim, 'transpose'))
  return reshaping.transpose(array, order)
}

/**
 * Axes moved to other places, the others in order.
 *
 * @throws ShapeError for axes that are not there, twice, or not as many of both.
 * @example
 * np.moveaxis(np.zeros([2, 3, 4]), 0, -1).shape // [3, 4, 2]
 * np.moveaxis(np.zeros([2, 3, 4]), [0, 1], [-1, 0]).shape // [3, 4, 2]
 */
export function moveaxis(
  x: Operand,
  source: number | readonly number[],
  destination: number | readonly number[],
): NDArray {
  const array = asArray(x)
  const [from, to] = [normalizeAxes(source, array.ndim, 'moveaxis'), normalizeAxes(destination, array.ndim, 'moveaxis')]
  if (from.length !== to.length)
    throw new ShapeError(`moveaxis: ${from.length} axes have ${to.length} places to go to; there must be as many`)
  const rest = range(array.ndim).filter((axis) => !from.includes(axis))
  return reshaping.transpose(
    array,
    range(array.ndim).map((place) =>
      to.includes(place) ? (from[to.indexOf(place)] as number) : (rest.shift() as number),
    ),
  )
}

/** Two axes exchanged. */
export function swapaxes(x: Operand, axis1: number, axis2: number): NDArray {
  const array = asArray(x)
  const [i, j] = [normalizeAxis(axis1, array.ndim, 'swapaxes'), normalizeAxis(axis2, array.ndim, 'swapaxes')]
  return reshaping.transpose(
    array,
    range(array.ndim).map((axis) => (axis === i ? j : axis === j ? i : axis)),
  )
}

/**
 * Without axes of length 1: the given ones, or all.
 *
 * @throws ShapeError when a given axis is longer.
 * @example np.squeeze(np.zeros([1, 3, 1]), 0).shape // [3, 1]
 */
export function squeeze(x: Operand, axis?: number | readonly number[]): NDArray {
  const array = asArray(x)
  const axes =
    axis === undefined
      ? range(array.ndim).filter((i) => array.shape[i] === 1)
      : normalizeAxes(axis, array.ndim, 'squeeze')
  const long = axes.find((i) => array.shape[i] !== 1)
  if (long !== undefined)
    throw new ShapeError(`squeeze: axis ${long} of ${showShape(array.shape)} is ${array.shape[long]} long, not 1`)
  return reshaping.reshape(array, withoutAxes(array.shape, axes))
}

/**
 * With a new axis of length 1 at `axis` of the result, or at each of several.
 *
 * @example
 * np.expandDims(np.zeros([3]), -1).shape // [3, 1]
 * np.expandDims(np.zeros([3]), [0, 2]).shape // [1, 3, 1]
 */
export function expandDims(x: Operand, axis: number | readonly number[]): NDArray {
  const array = asArray(x)
  const given = checkNumbers('expandDims', 'axis', axis)
  const count = given.length
  const axes = normalizeAxes(given, array.ndim + count, 'expandDims').sort((a, b) => a - b)
  return reshaping.reshape(
    array,
    axes.reduce((sizes: readonly number[], at) => insertAxis(sizes, at, 1), array.shape),
  )
}

/** The array repeated to `shape` along new axes and axes of length 1; throws a ShapeError where it does not fit. */
export const broadcastTo = (x: Operand, newShape: Shape): NDArray =>
  broadcasting.broadcastTo(asArray(x), checkNumbers('broadcastTo', 'the shape', newShape))
/** The arrays in the one shape (and dtype) that they have in operations. */
export const broadcastArrays = (...arrays: Operand[]): NDArray[] => unify('broadcastArrays', arrays)

export interface ConcatenateOptions {
  /** The axis to join along; `null` flattens the arrays first. @defaultValue 0 */
  readonly axis?: number | null
  /** The dtype of the result. @defaultValue the one in which the arrays meet */
  readonly dtype?: DType
}

/**
 * Arrays one after the other along an existing axis.
 *
 * @throws ValueError when there are none, ShapeError when other axes differ or an array has no axis.
 * @example np.concatenate([[[1, 2]], [[3, 4]]], { axis: 1 }) // [[1, 2, 3, 4]]
 */
export function concatenate(arrays: readonly Operand[], options: ConcatenateOptions = {}): NDArray {
  const { axis = 0, dtype } = checkOptions('concatenate', options, ['axis', 'dtype'])
  const given = unifyDTypes(listed('concatenate', arrays, 'concatenate'))
  const typed = dtype === undefined ? given : given.map((x) => convert(x, checkDType(dtype, 'concatenate')))
  const list = axis === null ? typed.map((x) => reshaping.reshape(x, [x.size])) : typed
  if (list.some((x) => x.ndim === 0))
    throw new ShapeError('concatenate: a scalar has no axis to join along; np.stack, or { axis: null }, takes scalars')
  return concatenateAlong(list, normalizeAxis(axis ?? 0, (list[0] as NDArray).ndim, 'concatenate'))
}

export interface StackOptions {
  /** Where the new axis stands in the result. @defaultValue 0 */
  readonly axis?: number
  /** The dtype of the result. @defaultValue the one in which the arrays meet */
  readonly dtype?: DType
}

/**
 * Arrays of one shape along a new axis.
 *
 * @throws ValueError when there are none, ShapeError when the shapes differ.
 * @example np.stack([[1, 2], [3, 4]], { axis: 1 }) // [[1, 3], [2, 4]]
 */
export function stack(arrays: readonly Operand[], options: StackOptions = {}): NDArray {
  const { axis = 0, dtype } = checkOptions('stack', options, ['axis', 'dtype'])
  const given = unifyDTypes(listed('stack', arrays))
  const list = dtype === undefined ? given : given.map((x) => convert(x, checkDType(dtype, 'stack')))
  const [first] = list as [NDArray]
  const odd = list.find((x) => !shapesEqual(x.shape, first.shape))
  if (odd !== undefined) {
    throw new ShapeError(
      `stack: the arrays have the shapes ${showShape(first.shape)} and ${showShape(odd.shape)}; they must have one, np.broadcastArrays gives them one`,
    )
  }
  const at = normalizeAxis(axis, first.ndim + 1, 'stack')
  return concatenateAlong(
    list.map((x) => expandDims(x, at)),
    at,
  )
}

/**
 * Entries of some axes (all by default) in reverse order.
 *
 * @example np.flip([[1, 2], [3, 4]], { axis: 1 }) // [[2, 1], [4, 3]]
 */
export function flip(x: Operand, options: { readonly axis?: number | readonly number[] } = {}): NDArray {
  const { axis } = checkOptions('flip', options, ['axis'])
  const array = asArray(x)
  return rev(array, normalizeAxes(axis, array.ndim, 'flip'))
}

/**
 * Equal parts along an axis, or parts between the given indices; negative ones count from the end.
 *
 * @throws ShapeError when the axis does not divide into equal parts.
 * @example np.split([1, 2, 3, 4], [1, 3]) // [[1], [2, 3], [4]]
 */
export function split(
  x: Operand,
  sections: number | readonly number[],
  options: { readonly axis?: number } = {},
): NDArray[] {
  const { axis = 0 } = checkOptions('split', options, ['axis'])
  const array = asArray(x)
  const along = normalizeAxis(axis, array.ndim, 'split')
  const n = array.shape[along] as number
  if (typeof sections === 'number' && (!Number.isInteger(sections) || n % sections !== 0 || sections < 1)) {
    throw new ShapeError(
      `split: axis ${along} of ${showShape(array.shape)} does not divide into ${sections} equal parts; give a divisor of ${n}, or the places to cut at`,
    )
  }
  const cuts =
    typeof sections === 'number'
      ? range(sections - 1).map((i) => ((i + 1) * n) / sections)
      : checkNumbers('split', 'sections', sections)
  const edges = [0, ...cuts.map((cut) => Math.min(n, Math.max(0, cut < 0 ? cut + n : cut))), n]
  return edges.slice(1).map((end, i) => sliceAxis(array, along, edges[i] as number, Math.max(edges[i] as number, end)))
}

function checkCount(name: string, n: number): void {
  if (!Number.isInteger(n) || n < 0)
    throw new ValueError(`${name}: ${n} repeats; the number must be whole and not negative`)
}

/**
 * The array repeated as a whole.
 *
 * @example np.tile([1, 2], 2) // [1, 2, 1, 2]
 */
export function tile(x: Operand, repeats: number | readonly number[]): NDArray {
  const counts = checkNumbers('tile', 'repeats', repeats)
  const array = asArray(x)
  counts.forEach((n) => checkCount('tile', n))
  const rank = Math.max(array.ndim, counts.length)
  const sizes = [...range(rank - array.ndim).map(() => 1), ...array.shape]
  const times = [...range(rank - counts.length).map(() => 1), ...counts]
  const wide = broadcasting.broadcastInDim(
    reshaping.reshape(array, sizes),
    sizes.flatMap((n, i) => [times[i] as number, n]),
    sizes.map((_, i) => 2 * i + 1),
  )
  return reshaping.reshape(
    wide,
    sizes.map((n, i) => n * (times[i] as number)),
  )
}
