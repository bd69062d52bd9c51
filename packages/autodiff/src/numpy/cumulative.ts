import { checkOptions } from '../array/options.ts'
import { ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import type { CumulativeOptions } from '../array/method-options.ts'
import { normalizeAxis } from '../array/shape.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { convert } from '../primitives/convert.ts'
import * as c from '../primitives/cumulative.ts'
import { full } from '../primitives/broadcast.ts'
import * as r from '../primitives/reductions.ts'
import { reshape } from '../primitives/reshape.ts'
import { where } from './elementwise.ts'
import { isnan } from './logic.ts'
import { asArray } from './operands.ts'

const cumulative =
  (name: string, f: (x: NDArray, axis: number) => NDArray, prepare: (x: NDArray) => NDArray = (x) => x) =>
  (x: Operand, options: CumulativeOptions = {}): NDArray => {
    const { axis, dtype } = checkOptions(name, options, ['axis', 'dtype'])
    const given = asArray(x)
    const array = prepare(convert(given, dtype ?? (given.dtype === 'bool' ? 'int32' : given.dtype)))
    if (axis === undefined || axis === null) return f(reshape(array, [array.size]), 0)
    return f(array, normalizeAxis(axis, array.ndim, name))
  }

const withoutNaN =
  (instead: number) =>
  (x: NDArray): NDArray =>
    where(isnan(x), full(x.shape, instead, x.dtype), x)

/**
 * Running products along an axis, or of the flattened array. The derivative is right where there are zeros too.
 *
 * @see NumPy's `numpy.cumprod`
 * @example np.cumprod([1, 2, 3, 4]) // [1, 2, 6, 24]
 */
export const cumprod: (x: Operand, options?: CumulativeOptions) => NDArray = cumulative('cumprod', c.cumprod)
/**
 * Running sums in which NaN counts as 0.
 *
 * @example np.nancumsum([1, NaN, 2]) // [1, 1, 3]
 */
export const nancumsum: (x: Operand, options?: CumulativeOptions) => NDArray = cumulative(
  'nancumsum',
  r.cumsum,
  withoutNaN(0),
)
/**
 * Running products in which NaN counts as 1.
 *
 * @example np.nancumprod([2, NaN, 3]) // [2, 2, 6]
 */
export const nancumprod: (x: Operand, options?: CumulativeOptions) => NDArray = cumulative(
  'nancumprod',
  c.cumprod,
  withoutNaN(1),
)

export interface CumulativeInitialOptions extends CumulativeOptions {
  /** Begin with the result of nothing: 0, or 1. @defaultValue false */
  readonly includeInitial?: boolean
}

const standard =
  (name: string, f: (x: NDArray, axis: number) => NDArray, nothing: number) =>
  (x: Operand, options: CumulativeInitialOptions = {}): NDArray => {
    const { axis, dtype, includeInitial = false } = checkOptions(name, options, ['axis', 'dtype', 'includeInitial'])
    const array = asArray(x)
    if (axis == null && array.ndim !== 1)
      throw new ShapeError(`${name}: an array with ${array.ndim} axes; say which one: { axis }`)
    const along = normalizeAxis(axis ?? 0, array.ndim, name)
    const totals = cumulative(name, f)(array, { axis: along, ...(dtype && { dtype }) })
    if (!includeInitial) return totals
    const first = totals.shape.map((n, i) => (i === along ? 1 : n))
    return concatenate([full(first, nothing, totals.dtype), totals], along)
  }

/**
 * Running sums along an axis, which may be left out where there is one only.
 *
 * @see NumPy's `numpy.cumulative_sum`
 * @example np.cumulativeSum([1, 2, 3], { includeInitial: true }) // [0, 1, 3, 6]
 */
export const cumulativeSum: (x: Operand, options?: CumulativeInitialOptions) => NDArray = standard(
  'cumulativeSum',
  r.cumsum,
  0,
)
/**
 * Running products along an axis, which may be left out where there is one only.
 *
 * @see NumPy's `numpy.cumulative_prod`
 * @example np.cumulativeProd([1, 2, 3], { includeInitial: true }) // [1, 1, 2, 6]
 */
export const cumulativeProd: (x: Operand, options?: CumulativeInitialOptions) => NDArray = standard(
  'cumulativeProd',
  c.cumprod,
  1,
)
