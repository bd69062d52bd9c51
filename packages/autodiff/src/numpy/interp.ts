import { checkOptions } from '../array/options.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { shapesEqual, showShape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { abs, max as larger, min as smaller, sub } from '../primitives/arithmetic.ts'
import { like } from '../primitives/broadcast.ts'
import { le, select } from '../primitives/comparison.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { take } from '../primitives/gather.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { sortTogether } from '../primitives/sort.ts'
import { finfo } from './dtypes.ts'
import { mod, where } from './elementwise.ts'
import { asArrayBeside, asFloat, unifyFloatDTypes } from './operands.ts'
import { searchsorted } from './sorting.ts'

export interface InterpOptions {
  /** The value below the first point, or 'extrapolate' to go on. @defaultValue the first value */
  readonly left?: Operand | 'extrapolate'
  /** The value above the last point, or 'extrapolate' to go on. @defaultValue the last value */
  readonly right?: Operand | 'extrapolate'
  /** The period of `x`; then `left` and `right` have no meaning, and points may be in any order. @defaultValue none */
  readonly period?: Operand
}

/**
 * A function known at ascending points, at `x`: on the straight line between two of them.
 *
 * @throws ShapeError unless points and values are vectors of one length, ValueError for an unknown word or no points.
 * @see NumPy's `interp`
 * @example np.interp([0, 1.5, 9], [1, 2, 3], [10, 20, 40]) // [10, 15, 40]
 */
export function interp(x: Operand, xp: Operand, fp: Operand, options: InterpOptions = {}): NDArray {
  const { left, right, period } = checkOptions('interp', options, ['left', 'right', 'period'])
  const [at, given] = unifyFloatDTypes([x, xp]) as [NDArray, NDArray]
  const known = asFloat(asArrayBeside(given, fp))
  if (given.ndim !== 1 || !shapesEqual(given.shape, known.shape))
    throw new ShapeError(
      `interp: points of shape ${showShape(given.shape)} and values of ${showShape(known.shape)}; give vectors of one length`,
    )
  if (given.size === 0) throw new ValueError('interp: there are 0 points to interpolate between; give at least 1')
  for (const word of [left, right]) {
    if (typeof word === 'string' && word !== 'extrapolate')
      throw new ValueError(`interp: unknown word ${showGiven(word)}; left and right are numbers, or 'extrapolate'`)
  }
  if (period !== undefined) {
    const length = abs(asFloat(period))
    if (length.ndim !== 0)
      throw new ShapeError(`interp: the period has the shape ${showShape(length.shape)}, it is one number`)
    const [points, values] = sortTogether([mod(given, length), known], 0) as [NDArray, NDArray]
    const n = points.size
    const [first, last] = [sliceAxis(points, 0, 0, 1), sliceAxis(points, 0, n - 1, n)]
    const around = concatenate([last.sub(length), points, first.add(length)], 0)
    const wrapped = concatenate([sliceAxis(values, 0, n - 1, n), values, sliceAxis(values, 0, 0, 1)], 0)
    return between(mod(at, length), around, wrapped)
  }
  const n = given.size
  const line = between(at, given, known)
  const lower = left === 'extrapolate' ? line : where(at.lt(given.at(0)), left ?? known.at(0), line)
  return right === 'extrapolate' ? lower : where(at.gt(given.at(n - 1)), right ?? known.at(n - 1), lower)
}

/** The line through the two points on either side, or the outermost two. */
function between(x: NDArray, points: NDArray, values: NDArray): NDArray {
  const count = searchsorted(points, x, { side: 'right' })
  const upper = smaller(larger(count, like(count, 1)), like(count, points.size - 1))
  const lower = sub(upper, like(upper, 1))
  const [x0, y0] = [take(points, lower, 0), take(values, lower, 0)]
  const [dx, dy] = [sub(take(points, upper, 0), x0), sub(take(values, upper, 0), y0)]
  // The smallest step that counts as one: that of eps itself.
  const { eps } = finfo(points.dtype)
  const none = le(abs(dx), like(dx, eps * eps))
  const slope = sub(x, x0)
    .div(select(none, like(dx, 1), dx))
    .mul(dy)
  return where(none, y0, y0.add(slope))
}
