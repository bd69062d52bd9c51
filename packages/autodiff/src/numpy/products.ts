import { checkOptions } from '../array/options.ts'
import type { DType } from '../array/dtype.ts'
import { ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { broadcastShapes, normalizeAxis, range, showShape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { convert } from '../primitives/convert.ts'
import { dot as dotGeneral } from '../primitives/dot.ts'
import * as broadcasting from '../primitives/broadcast.ts'
import * as reshaping from '../primitives/reshape.ts'
import { conj } from './complex.ts'
import { diagonal, type DiagonalOptions } from './diagonals.ts'
import { unifyDTypes } from './operands.ts'
import { sum } from './reductions.ts'

function pair(x: Operand, y: Operand): [NDArray, NDArray] {
  const [l, r] = unifyDTypes([x, y]) as [NDArray, NDArray]
  return l.dtype === 'bool' ? [convert(l, 'int32'), convert(r, 'int32')] : [l, r]
}

const mismatch = (name: string, x: NDArray, y: NDArray): ShapeError =>
  new ShapeError(
    `${name}: the shapes ${showShape(x.shape)} and ${showShape(y.shape)} do not fit: the summed axes must be equally long`,
  )

/**
 * The matrix product; axes before the last two broadcast, vectors count as rows on the left and columns on the right.
 *
 * @throws ShapeError when the shapes do not fit, or one is a scalar.
 * @example np.matmul(np.ones([5, 2, 3]), np.ones([3, 4])).shape // [5, 2, 4]
 */
export function matmul(x: Operand, y: Operand): NDArray {
  const [l, r] = pair(x, y)
  if (l.ndim === 0 || r.ndim === 0)
    throw new ShapeError('matmul: an array of shape [] has no matrix product; use x.mul(y)')
  const rightAxis = Math.max(0, r.ndim - 2)
  if (l.shape[l.ndim - 1] !== r.shape[rightAxis]) throw mismatch('matmul', l, r)
  if (r.ndim <= 2 || l.ndim === 1) {
    const product = dotGeneral(l, r, { contract: [[l.ndim - 1], [rightAxis]], batch: [[], []] })
    return product
  }
  if (l.ndim === 2) {
    // The left matrix's rows come first in the product: put them before the last axis.
    const product = dotGeneral(l, r, { contract: [[1], [rightAxis]], batch: [[], []] })
    return reshaping.moveAxis(product, 0, product.ndim - 2)
  }
  const lead = broadcastShapes(
    [l.shape.slice(0, -2), r.shape.slice(0, -2)],
    `matmul of ${showShape(l.shape)} and ${showShape(r.shape)}, axes before the last two`,
  )
  const left = broadcasting.broadcastTo(l, [...lead, ...l.shape.slice(-2)])
  const right = broadcasting.broadcastTo(r, [...lead, ...r.shape.slice(-2)])
  const batch = range(lead.length)
  return dotGeneral(left, right, { contract: [[left.ndim - 1], [right.ndim - 2]], batch: [batch, batch] })
}

/**
 * NumPy's dot: the last axis of `x` with the second last of `y`. Unlike `matmul` it keeps the other axes of both.
 *
 * @throws ShapeError when these axes differ in length.
 * @example np.dot(np.ones([5, 2, 3]), np.ones([7, 3, 4])).shape // [5, 2, 7, 4]
 */
export function dot(x: Operand, y: Operand): NDArray {
  const [l, r] = pair(x, y)
  if (l.ndim === 0 || r.ndim === 0) return l.mul(r)
  const rightAxis = Math.max(0, r.ndim - 2)
  if (l.shape[l.ndim - 1] !== r.shape[rightAxis]) throw mismatch('dot', l, r)
  return dotGeneral(l, r, { contract: [[l.ndim - 1], [rightAxis]], batch: [[], []] })
}

/** The sum of products of the elements of two arrays of one size; of complex numbers those of `x` are conjugated. */
export const vdot = (x: Operand, y: Operand): NDArray => {
  const [l, r] = pair(x, y)
  if (l.size !== r.size) throw mismatch('vdot', l, r)
  return dot(conj(l).ravel(), r.ravel())
}

/**
 * All products of an element of `x` and one of `y`.
 *
 * @example np.outer([1, 2], [3, 4]) // [[3, 4], [6, 8]]
 */
export const outer = (x: Operand, y: Operand): NDArray => {
  const [l, r] = pair(x, y)
  return dotGeneral(l.ravel(), r.ravel(), { contract: [[], []], batch: [[], []] })
}

/**
 * Sums over the last `axes` axes of `x` and the first of `y`, or over the given pairs of axes.
 *
 * @throws ShapeError when paired axes differ in length, or there are not as many on both sides.
 * @see NumPy's `tensordot`
 * @example
 * np.tensordot(np.ones([2, 3, 4]), np.ones([4, 3]), [[1, 2], [1, 0]]).shape // [2]
 * np.tensordot(np.ones([2, 3]), np.ones([3, 4]), [-1, 0]).shape // [2, 4]
 */
export function tensordot(
  x: Operand,
  y: Operand,
  axes: number | readonly [number | readonly number[], number | readonly number[]] = 2,
): NDArray {
  const [l, r] = pair(x, y)
  if (typeof axes === 'number' && (!Number.isInteger(axes) || axes < 0 || axes > Math.min(l.ndim, r.ndim))) {
    throw new ShapeError(
      `tensordot: there are no ${axes} axes to sum over in both ${showShape(l.shape)} and ${showShape(r.shape)}`,
    )
  }
  const isSide = (side: unknown): boolean => typeof side === 'number' || Array.isArray(side)
  if (typeof axes !== 'number' && !(Array.isArray(axes) && axes.length === 2 && axes.every(isSide))) {
    throw new ShapeError(
      `tensordot: axes are a number or 2 lists, one for each operand, not ${showGiven(axes)}; give [[0], [1]] for example`,
    )
  }
  const listOf = (side: number | readonly number[], rank: number): number[] =>
    (typeof side === 'number' ? [side] : side).map((axis) => normalizeAxis(axis, rank, 'tensordot'))
  const contract: readonly [readonly number[], readonly number[]] =
    typeof axes === 'number'
      ? [range(axes).map((i) => l.ndim - axes + i), range(axes)]
      : [listOf(axes[0], l.ndim), listOf(axes[1], r.ndim)]
  const [left, right] = contract
  if (left.length !== right.length) {
    throw new ShapeError(
      `tensordot: ${left.length} axes of ${showShape(l.shape)} and ${right.length} of ${showShape(r.shape)} are named; they come in pairs`,
    )
  }
  if (left.some((axis, i) => l.shape[axis] !== r.shape[right[i] as number])) throw mismatch('tensordot', l, r)
  return dotGeneral(l, r, { contract, batch: [[], []] })
}

export interface TraceOptions extends DiagonalOptions {
  /** The dtype of the sum. @defaultValue the array's; int32 for bool and smaller integers */
  readonly dtype?: DType
}

/**
 * The sum of a diagonal: of the main one, of the first two axes, unless told otherwise.
 *
 * @throws ShapeError for fewer than two axes.
 * @see NumPy's `trace`
 * @example np.trace([[1, 2], [3, 4]]) // 5
 */
export const trace = (x: Operand, given: TraceOptions = {}): NDArray => {
  const { dtype, ...options } = checkOptions('trace', given, ['offset', 'axis1', 'axis2', 'dtype'])
  return sum(diagonal(x, options), { axis: -1, dtype })
}
