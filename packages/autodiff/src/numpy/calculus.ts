import { checkOptions } from '../array/options.ts'
import { isFloat } from '../array/dtype.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxes, normalizeAxis, range, showShape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { abs, sub } from '../primitives/arithmetic.ts'
import { full, like } from '../primitives/broadcast.ts'
import { and, eq, gt, lt, ne, select } from '../primitives/comparison.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { convert } from '../primitives/convert.ts'
import { reshape } from '../primitives/reshape.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { operandAndOptions, operandsAndOptions } from './arguments.ts'
import { floorDivide, mod } from './elementwise.ts'
import { asArray, asArrayBeside, asFloat, asNumbers, unifyFloatDTypes } from './operands.ts'
import { cumsum } from './reductions.ts'
import { broadcastTo, concatenate as join, moveaxis } from './shape.ts'

export interface DiffOptions {
  /** How often differences are taken. @defaultValue 1 */
  readonly n?: number
  /** The axis along which they are. @defaultValue -1 */
  readonly axis?: number
  /** What comes before the first entry. @defaultValue nothing */
  readonly prepend?: Operand
  /** What comes after the last entry. @defaultValue nothing */
  readonly append?: Operand
}

/** Entries from `start` on, and up to `stop` before the end. */
const cut = (x: NDArray, axis: number, start: number, stop: number): NDArray =>
  sliceAxis(
    x,
    axis,
    Math.min(start, x.shape[axis] as number),
    Math.max(Math.min(start, x.shape[axis] as number), (x.shape[axis] as number) - stop),
  )

const differences = (x: NDArray, axis: number): NDArray => {
  const [after, before] = [cut(x, axis, 1, 0), cut(x, axis, 0, 1)]
  return x.dtype === 'bool' ? ne(after, before) : sub(after, before)
}

/**
 * Each entry less the one before it, along an axis; of booleans whether they differ.
 *
 * @throws ShapeError for a scalar, ValueError for a number of times that is not whole or negative.
 * @see NumPy's `diff`
 * @example
 * np.diff([1, 4, 9, 16]) // [3, 5, 7]
 * np.diff([1, 4, 9, 16], { n: 2 }) // [2, 2]
 */
export function diff(x: Operand, options: DiffOptions = {}): NDArray {
  const { n = 1, axis = -1, prepend, append } = checkOptions('diff', options, ['n', 'axis', 'prepend', 'append'])
  const array = asArray(x)
  if (!Number.isInteger(n) || n < 0)
    throw new ValueError(`diff: ${showGiven(n)} times; n must be whole and not negative`)
  if (n === 0) return array
  if (array.ndim === 0)
    throw new ShapeError('diff: an array of shape [] has no entries to take differences of; give at least one axis')
  const along = normalizeAxis(axis, array.ndim, 'diff')
  const end = (entries: Operand | undefined): NDArray[] => {
    if (entries === undefined) return []
    const given = asArrayBeside(array, entries)
    const shape = array.shape.map((size, i) => (i === along ? 1 : size))
    return [given.ndim === 0 ? broadcastTo(given, shape) : given]
  }
  const parts = [...end(prepend), array, ...end(append)]
  const whole = parts.length === 1 ? array : join(parts, { axis: along })
  return range(n).reduce((y) => differences(y, along), whole)
}

export interface Ediff1dOptions {
  /** What comes before the differences. @defaultValue nothing */
  readonly toBegin?: Operand
  /** What comes after the differences. @defaultValue nothing */
  readonly toEnd?: Operand
}

/**
 * The differences of the flattened array's entries.
 *
 * @see NumPy's `ediff1d`
 * @example np.ediff1d([1, 4, 9], { toBegin: 0 }) // [0, 3, 5]
 */
export function ediff1d(x: Operand, options: Ediff1dOptions = {}): NDArray {
  const { toBegin, toEnd } = checkOptions('ediff1d', options, ['toBegin', 'toEnd'])
  const array = asNumbers('ediff1d', x).ravel()
  const end = (entries: Operand | undefined): NDArray[] =>
    entries === undefined ? [] : [convert(asArrayBeside(array, entries).ravel(), array.dtype)]
  return concatenate([...end(toBegin), sub(cut(array, 0, 1, 0), cut(array, 0, 0, 1)), ...end(toEnd)], 0)
}

export interface TrapezoidOptions {
  /** The distance of the points, where `x` does not give them. @defaultValue 1 */
  readonly dx?: Operand
  /** The axis to integrate along. @defaultValue -1 */
  readonly axis?: number
}

/**
 * The integral along an axis by the trapezoidal rule, over points at `x` or `dx` apart.
 *
 * @throws ShapeError when `x` does not fit `y`.
 * @see NumPy's `trapezoid`
 * @example
 * np.trapezoid([1, 2, 3]) // 4
 * np.trapezoid([1, 2, 3], [0, 1, 3]) // 6.5
 */
export function trapezoid(y: Operand, options?: TrapezoidOptions): NDArray
export function trapezoid(y: Operand, x: Operand | null | undefined, options?: TrapezoidOptions): NDArray
export function trapezoid(y: Operand, second?: Operand | TrapezoidOptions | null, third?: TrapezoidOptions): NDArray {
  const [x, options = {}] = operandAndOptions(second, third)
  const { dx = 1, axis = -1 } = checkOptions('trapezoid', options, ['dx', 'axis'])
  const [heights, points] = unifyFloatDTypes(x === undefined ? [y] : [y, x]) as [NDArray, NDArray?]
  const values = moveaxis(heights, axis, -1)
  const along = values.ndim - 1
  const pairs = cut(values, along, 1, 0).add(cut(values, along, 0, 1))
  const steps =
    points === undefined
      ? stepsOf(asFloat(asArrayBeside(heights, dx)), axis, heights)
      : points.ndim === 1
        ? differences(points, 0)
        : moveaxis(diff(points, { axis }), axis, -1)
  return pairs.mul(steps).sum(-1).mul(0.5)
}

/** `dx` as it broadcasts along the last axis. */
function stepsOf(dx: NDArray, axis: number, y: NDArray): NDArray {
  if (dx.ndim === 0) return dx
  const shape = [...range(Math.max(0, y.ndim - dx.ndim)).map(() => 1), ...dx.shape]
  return moveaxis(reshape(dx, shape), axis, -1)
}

export interface GradientOptions {
  /** The axis or axes along which slopes are. @defaultValue all */
  readonly axis?: number | readonly number[]
}

/**
 * Slopes by central differences, one-sided at the ends, along each axis: one array for one axis, a list for several.
 * Spacings follow the array: none (1), one for all axes, or one an axis, each a number or the vector of the points.
 *
 * @throws ShapeError for an axis shorter than 2 or points that are not one an entry, ValueError for too many spacings.
 * @see NumPy's `gradient`, of edge order 1
 * @example
 * np.gradient([1, 2, 4, 7]) // [1, 1.5, 2.5, 3]
 * np.gradient([0, 1, 9], [0, 1, 3]) // [1, 2, 4]
 */
export function gradient(x: Operand, ...args: [...spacing: Operand[], options: { readonly axis: number }]): NDArray
export function gradient(
  x: Operand,
  ...args: Operand[] | [...spacing: Operand[], options: GradientOptions]
): NDArray | NDArray[]
export function gradient(x: Operand, ...args: (Operand | GradientOptions)[]): NDArray | NDArray[] {
  const [given, options = {}] = operandsAndOptions<GradientOptions>(args)
  const [array, ...spacing] = unifyFloatDTypes([x, ...given]) as [NDArray, ...NDArray[]]
  const axes = normalizeAxes(checkOptions('gradient', options, ['axis']).axis, array.ndim, 'gradient')
  const short = axes.find((axis) => (array.shape[axis] as number) < 2)
  if (short !== undefined)
    throw new ShapeError(
      `gradient: axis ${short} of ${showShape(array.shape)} is shorter than 2; a slope takes two entries`,
    )
  if (spacing.length > 1 && spacing.length !== axes.length)
    throw new ValueError(`gradient: ${spacing.length} spacings for ${axes.length} axes; give none, one, or one an axis`)
  const one = like({ shape: [], dtype: array.dtype }, 1)
  const slopes = axes.map((axis, i) => slopesAlong(array, spacing[spacing.length === 1 ? 0 : i] ?? one, axis))
  return slopes.length === 1 ? (slopes[0] as NDArray) : slopes
}

function slopesAlong(x: NDArray, h: NDArray, axis: number): NDArray {
  const n = x.shape[axis] as number
  const parts = (y: NDArray): [NDArray, NDArray, NDArray] => [
    cut(y, axis, 0, 2),
    cut(y, axis, 1, 1),
    cut(y, axis, 2, 0),
  ]
  const [before, here, after] = parts(x)
  const steps = differences(x, axis)
  const [first, last] = [sliceAxis(steps, axis, 0, 1), sliceAxis(steps, axis, n - 2, n - 1)]
  if (h.ndim === 0) return concatenate([first.div(h), after.sub(before).mul(0.5).div(h), last.div(h)], axis)
  if (h.ndim > 1 || h.size !== n) {
    throw new ShapeError(
      `gradient: points of shape ${showShape(h.shape)} for axis ${axis} of ${showShape(x.shape)}; give a number, or a vector of ${n}`,
    )
  }
  const distances = differences(
    reshape(
      h,
      x.shape.map((_, i) => (i === axis ? n : 1)),
    ),
    axis,
  )
  const [d1, d2] = [cut(distances, axis, 0, 1), cut(distances, axis, 1, 0)]
  const both = d1.add(d2)
  const inner = d2
    .neg()
    .div(d1.mul(both))
    .mul(before)
    .add(d2.sub(d1).div(d1.mul(d2)).mul(here))
    .add(d1.div(d2.mul(both)).mul(after))
  return concatenate(
    [first.div(sliceAxis(distances, axis, 0, 1)), inner, last.div(sliceAxis(distances, axis, n - 2, n - 1))],
    axis,
  )
}

export interface UnwrapOptions {
  /** Jumps of at least this are taken out. @defaultValue half the period */
  readonly discont?: Operand
  /** The axis to go along. @defaultValue -1 */
  readonly axis?: number
  /** What phases are the same after. @defaultValue 2π */
  readonly period?: number
}

/**
 * Phases without jumps: each less or more by as many periods as bring it nearest to the one before.
 *
 * @throws ShapeError for an axis that is not there.
 * @see NumPy's `unwrap`
 * @example np.unwrap([0, 3, 1, 4], { period: 4 }) // [0, -1, -3, -4]
 */
export function unwrap(x: Operand, options: UnwrapOptions = {}): NDArray {
  const { discont, axis = -1, period = 2 * Math.PI } = checkOptions('unwrap', options, ['discont', 'axis', 'period'])
  const array = Number.isInteger(period) ? asNumbers('unwrap', x) : asFloat(x)
  const along = normalizeAxis(axis, array.ndim, 'unwrap')
  const n = array.shape[along] as number
  if (n === 0) return array
  const whole = full([], period, array.dtype)
  const half = isFloat(array.dtype) ? whole.div(2) : floorDivide(whole, 2)
  const step = differences(array, along)
  const near = mod(step.add(half), whole).sub(half)
  const edge = broadcastTo(half, near.shape)
  const kept = select(and(eq(near, edge.neg()), gt(step, like(step, 0))), edge, near)
  const float = isFloat(array.dtype) ? array.dtype : 'float32'
  const limit = broadcastTo(discont === undefined ? full([], period / 2, float) : asFloat(discont), step.shape)
  const small = lt(convert(abs(step), float), convert(limit, float))
  const correction = select(small, like(step, 0), sub(kept, step))
  const rest = cut(array, along, 1, 0).add(cumsum(correction, { axis: along }))
  return concatenate([sliceAxis(array, along, 0, 1), rest], along)
}
