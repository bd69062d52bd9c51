import { checkOptions } from '../array/options.ts'
import { checkDType, type DType, isFloat } from '../array/dtype.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import type { ArgOptions, ExtremeOptions, MeanOptions, SumOptions, VarianceOptions } from '../array/method-options.ts'
import { div, mul, sub } from '../primitives/arithmetic.ts'
import { broadcastTo, like, zerosLike } from '../primitives/broadcast.ts'
import { gt, ne, not, select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { sqrt } from '../primitives/transcendental.ts'
import { asArray, asFloat } from './operands.ts'
import { all, argmax, argmin, max, mean, min, prod, sum } from './reductions.ts'

const isNaNs = (x: NDArray): NDArray => ne(x, x)

/** The array with a number in the place of NaN. */
const without = (x: NDArray, value: number): NDArray => select(isNaNs(x), like(x, value), x)

/**
 * The sum of the entries that are not NaN; 0 of none.
 *
 * @example np.nansum([1, NaN, 3]) // 4
 */
export const nansum = (x: Operand, options: SumOptions = {}): NDArray => {
  checkOptions('nansum', options, ['axis', 'keepdims', 'where', 'initial', 'dtype'])
  return sum(cleared(x, 0), options)
}
/** The product of the entries that are not NaN; 1 of none. */
export const nanprod = (x: Operand, options: SumOptions = {}): NDArray => {
  checkOptions('nanprod', options, ['axis', 'keepdims', 'where', 'initial', 'dtype'])
  return prod(cleared(x, 1), options)
}
const cleared = (x: Operand, value: number): NDArray => {
  const array = asArray(x)
  return isFloat(array.dtype) ? without(array, value) : array
}

const nanExtreme =
  (extreme: (x: NDArray, options: ExtremeOptions) => NDArray, worst: number) =>
  (x: Operand, options: ExtremeOptions = {}): NDArray => {
    const array = asArray(x)
    if (!isFloat(array.dtype)) return extreme(array, options)
    const found = extreme(without(array, worst), options)
    if (options.initial !== undefined) return found
    const { axis, keepdims } = options
    return select(all(isNaNs(array), { axis, keepdims }), like(found, NaN), found)
  }
/**
 * The largest of the entries that are not NaN; NaN where all are.
 *
 * @example np.nanmax([[1, NaN], [NaN, NaN]], { axis: 1 }) // [1, NaN]
 */
export const nanmax: (x: Operand, options?: ExtremeOptions) => NDArray = nanExtreme(max, -Infinity)
/** The smallest of the entries that are not NaN; NaN where all are. */
export const nanmin: (x: Operand, options?: ExtremeOptions) => NDArray = nanExtreme(min, Infinity)

/**
 * The mean of the entries that are not NaN; NaN where all are.
 *
 * @example np.nanmean([1, NaN, 3]) // 2
 */
export function nanmean(x: Operand, given: MeanOptions = {}): NDArray {
  const { dtype, ...options } = checkOptions('nanmean', given, ['axis', 'keepdims', 'where', 'dtype'])
  const array = asArray(x)
  if (!isFloat(array.dtype)) return mean(array, { dtype, ...options })
  const to: DType = dtype === undefined ? array.dtype : checkDType(dtype, 'nanmean')
  const count = sum(not(isNaNs(array)), { ...options, dtype: to })
  return div(nansum(array, { ...options, dtype: to }), count)
}

/**
 * The variance of the entries that are not NaN; NaN where no more than `ddof` are. See `var`.
 *
 * @example np.nanvar([1, NaN, 3]) // 1
 */
export function nanvar(x: Operand, given: Omit<VarianceOptions, 'correction'> = {}): NDArray {
  const {
    dtype,
    ddof = 0,
    mean: known,
    ...options
  } = checkOptions('nanvar', given, ['axis', 'keepdims', 'where', 'dtype', 'ddof', 'mean'])
  const array = dtype === undefined ? asFloat(x) : convert(asArray(x), checkDType(dtype, 'nanvar'))
  const center =
    known === undefined ? nanmean(array, { ...options, keepdims: true }) : convert(asArray(known), array.dtype)
  const distance = select(isNaNs(array), zerosLike(array), sub(array, broadcastTo(center, array.shape)))
  const total = sum(mul(distance, distance), options)
  const count = sum(not(isNaNs(array)), { ...options, dtype: array.dtype })
  const degrees = sub(count, like(count, ddof))
  const positive = gt(degrees, zerosLike(degrees))
  return div(select(positive, total, like(total, NaN)), select(positive, degrees, like(degrees, 1)))
}
/** The square root of `nanvar`. */
export const nanstd = (x: Operand, options: Omit<VarianceOptions, 'correction'> = {}): NDArray => {
  checkOptions('nanstd', options, ['axis', 'keepdims', 'where', 'dtype', 'ddof', 'mean'])
  return sqrt(nanvar(x, options))
}

const nanArg =
  (find: (x: NDArray, options: ArgOptions) => NDArray<'int32'>, worst: number) =>
  (x: Operand, options: ArgOptions = {}): NDArray<'int32'> => {
    const array = asArray(x)
    if (!isFloat(array.dtype)) return find(array, options)
    const index = find(without(array, worst), options)
    return select(all(isNaNs(array), options), like(index, -1), index) as NDArray<'int32'>
  }
/**
 * The index of the largest entry that is not NaN; −1 where all are. So `nanargmin`.
 *
 * @example np.nanargmax([NaN, 3, 5]) // 2
 */
export const nanargmax: (x: Operand, options?: ArgOptions) => NDArray<'int32'> = nanArg(argmax, -Infinity)
/** The index of the smallest entry that is not NaN; see `nanargmax`. */
export const nanargmin: (x: Operand, options?: ArgOptions) => NDArray<'int32'> = nanArg(argmin, Infinity)
