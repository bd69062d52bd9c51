import { checkOptions } from '../array/options.ts'
import {
  bytesPerElement,
  checkDType,
  type DType,
  isComplex,
  isDifferentiable,
  isHalf,
  isInteger,
  isSigned,
} from '../array/dtype.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import type {
  ArgOptions,
  CumulativeOptions,
  ExtremeOptions,
  MeanOptions,
  ReduceOptions,
  SumOptions,
  TestOptions,
  VarianceOptions,
} from '../array/method-options.ts'
import { normalizeAxes, normalizeAxis, showShape, sizeOf, withoutAxes, withUnitAxes } from '../array/shape.ts'
import * as a from '../primitives/arithmetic.ts'
import { and, gt, ne, or, select } from '../primitives/comparison.ts'
import { imag, real } from '../primitives/complex.ts'
import { convert } from '../primitives/convert.ts'
import * as r from '../primitives/reductions.ts'
import { broadcastTo, full, like, reduceSum, zerosLike } from '../primitives/broadcast.ts'
import { reshape } from '../primitives/reshape.ts'
import { sqrt } from '../primitives/transcendental.ts'
import { iinfo } from './dtypes.ts'
import { asArray, asFloat, asNumbers } from './operands.ts'

export type {
  ArgOptions,
  CumulativeOptions,
  ExtremeOptions,
  MeanOptions,
  ReduceOptions,
  SumOptions,
  TestOptions,
  VarianceOptions,
}

type Over = (x: NDArray, axes: readonly number[]) => NDArray

/** A reduction over arrays and its identities. */
interface Reduction {
  readonly name: string
  readonly over: Over
  /** What leaves every number as it is. */
  readonly identity: (dtype: DType) => number | bigint
  /** Whether NumPy reduces nothing to it; else that is an error. */
  readonly hasIdentity: boolean
  readonly combine: (x: NDArray, y: NDArray) => NDArray
  /** The same for bool. */
  readonly overBools: Over
  readonly combineBools: (x: NDArray, y: NDArray) => NDArray
}

/** The array with the identity where `where` is false. */
function masked(name: string, x: NDArray, where: Operand, identity: number | bigint): NDArray {
  const mask = convert(asArray(where), 'bool')
  if (mask.ndim > x.ndim)
    throw new ShapeError(`${name}: where has ${mask.ndim} axes, the array ${x.ndim}; it must broadcast to the array`)
  return select(broadcastTo(mask, x.shape), x, like(x, identity))
}

function reduce(reduction: Reduction, x: NDArray, { axis, keepdims, where, initial }: ExtremeOptions): NDArray {
  const { name, hasIdentity } = reduction
  const axes = normalizeAxes(axis, x.ndim, name)
  const isBool = x.dtype === 'bool'
  const identity = reduction.identity(x.dtype)
  if (where !== undefined && initial === undefined && !hasIdentity) {
    throw new ValueError(
      `${name}: there is no ${name} of ${showShape(x.shape)} where \`where\` leaves nothing; give \`initial\` too`,
    )
  }
  const entries = where === undefined ? x : masked(name, x, where, identity)
  const empty = axes.some((i) => x.shape[i] === 0)
  const over = isBool ? reduction.overBools : reduction.over
  const found =
    empty && initial !== undefined ? full(withoutAxes(x.shape, axes), identity, x.dtype) : over(entries, axes)
  const result =
    initial === undefined
      ? found
      : (isBool ? reduction.combineBools : reduction.combine)(
          convert(full(found.shape, initial, x.dtype), x.dtype),
          found,
        )
  return keepdims === true ? reshape(result, withUnitAxes(x.shape, axes)) : result
}

/** NumPy's dtype of sums: bool and integers under 32 bits become 32 bits long. */
const sumDType = (dtype: DType): DType =>
  dtype === 'bool'
    ? 'int32'
    : isInteger(dtype) && bytesPerElement(dtype) < 4
      ? isSigned(dtype)
        ? 'int32'
        : 'uint32'
      : dtype

const prepared = (name: string, x: Operand, dtype: DType | undefined): NDArray => {
  const array = asArray(x)
  return convert(array, dtype === undefined ? sumDType(array.dtype) : checkDType(dtype, name))
}

const summing: Reduction = {
  name: 'sum',
  over: reduceSum,
  identity: () => 0,
  hasIdentity: true,
  combine: a.add,
  overBools: r.reduceOr,
  combineBools: or,
}
const multiplying: Reduction = {
  name: 'prod',
  over: r.reduceProd,
  identity: () => 1,
  hasIdentity: true,
  combine: a.mul,
  overBools: r.reduceAnd,
  combineBools: and,
}
const lowest = (dtype: DType): number | bigint =>
  isDifferentiable(dtype) ? -Infinity : dtype === 'bool' ? 0 : iinfo(dtype).min
const highest = (dtype: DType): number | bigint =>
  isDifferentiable(dtype) ? Infinity : dtype === 'bool' ? 1 : iinfo(dtype).max
const maximizing: Reduction = {
  name: 'max',
  over: r.reduceMax,
  identity: lowest,
  hasIdentity: false,
  combine: a.max,
  overBools: r.reduceOr,
  combineBools: or,
}
const minimizing: Reduction = {
  name: 'min',
  over: r.reduceMin,
  identity: highest,
  hasIdentity: false,
  combine: a.min,
  overBools: r.reduceAnd,
  combineBools: and,
}

/**
 * The sum; booleans are counted.
 *
 * @example
 * np.sum([[1, 2], [3, 4]], { axis: 0, keepdims: true }) // [[4, 6]]
 * np.sum([1, 2, 3], { where: [true, false, true], initial: 10 }) // 14
 */
export const sum = (x: Operand, given: SumOptions = {}): NDArray => {
  const { dtype, ...options } = checkOptions('sum', given, ['axis', 'keepdims', 'where', 'initial', 'dtype'])
  return reduce(summing, prepared('sum', x, dtype), options)
}
/** The product; its derivative is right where there are zeros too. */
export const prod = (x: Operand, given: SumOptions = {}): NDArray => {
  const { dtype, ...options } = checkOptions('prod', given, ['axis', 'keepdims', 'where', 'initial', 'dtype'])
  return reduce(multiplying, prepared('prod', x, dtype), options)
}

/**
 * The largest entry; NaN if there is one. Also `np.amax`.
 *
 * @throws ShapeError for no entries, ValueError for `where`, without `initial`.
 * @example np.max([[1, 5], [3, 2]], { axis: 1 }) // [5, 3]
 */
export const max = (x: Operand, options: ExtremeOptions = {}): NDArray => {
  checkOptions('max', options, ['axis', 'keepdims', 'where', 'initial'])
  return reduce(maximizing, asArray(x), options)
}
/** The smallest entry; NaN if there is one. Also `np.amin`. See `max`. */
export const min = (x: Operand, options: ExtremeOptions = {}): NDArray => {
  checkOptions('min', options, ['axis', 'keepdims', 'where', 'initial'])
  return reduce(minimizing, asArray(x), options)
}

/** Whether all entries are other than 0. */
export const all = (x: Operand, options: TestOptions = {}): NDArray<'bool'> => {
  checkOptions('all', options, ['axis', 'keepdims', 'where'])
  return reduce(
    { ...minimizing, name: 'all', hasIdentity: true },
    convert(asArray(x), 'bool'),
    options,
  ) as NDArray<'bool'>
}
/** Whether an entry is other than 0. */
export const any = (x: Operand, options: TestOptions = {}): NDArray<'bool'> => {
  checkOptions('any', options, ['axis', 'keepdims', 'where'])
  return reduce(
    { ...maximizing, name: 'any', hasIdentity: true },
    convert(asArray(x), 'bool'),
    options,
  ) as NDArray<'bool'>
}

/**
 * The largest entry less the smallest: peak to peak.
 *
 * @example np.ptp([[1, 5], [3, 9]], { axis: 0 }) // [2, 4]
 */
export const ptp = (x: Operand, options: ReduceOptions = {}): NDArray => {
  checkOptions('ptp', options, ['axis', 'keepdims'])
  const array = asNumbers('ptp', x)
  return a.sub(max(array, options), min(array, options))
}

/**
 * How many entries are other than 0, int32.
 *
 * @example np.countNonzero([[0, 1], [2, 3]], { axis: 0 }) // [1, 2]
 */
export const countNonzero = (x: Operand, options: ReduceOptions = {}): NDArray<'int32'> => {
  checkOptions('countNonzero', options, ['axis', 'keepdims'])
  return sum(convert(asArray(x), 'bool'), options) as NDArray<'int32'>
}

/** How many entries there are over some axes: known beforehand, or counted where there is a mask. */
function countOver(x: NDArray, { axis, keepdims, where }: TestOptions, dtype: DType, name: string): NDArray {
  const axes = normalizeAxes(axis, x.ndim, name)
  if (where !== undefined) return sum(masked(name, full(x.shape, 1, dtype), where, 0), { axis, keepdims, dtype })
  const shape = keepdims === true ? withUnitAxes(x.shape, axes) : withoutAxes(x.shape, axes)
  return full(shape, sizeOf(axes.map((i) => x.shape[i] as number)), dtype)
}

/** Floats of 16 bits as float32, in which sums of many do not overflow, as in JAX. */
const widened = (x: NDArray): NDArray => (isHalf(x.dtype) ? convert(x, 'float32') : x)

/**
 * The arithmetic mean; NaN over no elements.
 *
 * @example np.mean([1, 2, 9], { where: [true, true, false] }) // 1.5
 */
export function mean(x: Operand, options: MeanOptions = {}): NDArray {
  const { dtype, ...over } = checkOptions('mean', options, ['axis', 'keepdims', 'where', 'dtype'])
  const given = dtype === undefined ? asFloat(x) : convert(asArray(x), checkDType(dtype, 'mean'))
  const array = widened(given)
  const total = reduce({ ...summing, name: 'mean' }, array, over)
  return convert(a.div(total, countOver(array, over, array.dtype, 'mean')), given.dtype)
}

/** x², of a complex number |x|². */
const squareOf = (x: NDArray): NDArray => {
  if (!isComplex(x.dtype)) return a.mul(x, x)
  const [re, im] = [real(x), imag(x)]
  return a.add(a.mul(re, re), a.mul(im, im))
}

/**
 * The mean squared distance from the mean; also `np.var`. Of complex numbers it is real. NaN where no more than `ddof` entries take part.
 *
 * @example np.variance([1, 3], { ddof: 1 }) // 2
 */
export function variance(x: Operand, options: VarianceOptions = {}): NDArray {
  checkOptions('variance', options, ['axis', 'keepdims', 'where', 'dtype', 'ddof', 'correction', 'mean'])
  const { dtype, ddof = 0, correction, mean: known, ...rest } = options
  if (correction !== undefined && ddof !== 0)
    throw new ValueError(`var: ddof ${ddof} and correction ${correction} are one option under two names; give one`)
  const given = dtype === undefined ? asFloat(x) : convert(asArray(x), checkDType(dtype, 'var'))
  const array = widened(given)
  const center = known === undefined ? mean(array, { ...rest, keepdims: true }) : convert(asArray(known), array.dtype)
  const distance = a.sub(array, broadcastTo(center, array.shape))
  const total = reduce({ ...summing, name: 'var' }, squareOf(distance), rest)
  const count = countOver(array, rest, total.dtype, 'var')
  const degrees = a.sub(count, like(count, correction ?? ddof))
  const quotient = convert(a.div(total, degrees), isComplex(given.dtype) ? total.dtype : given.dtype)
  const axes = normalizeAxes(rest.axis, array.ndim, 'var')
  const positive = rest.where === undefined && sizeOf(axes.map((i) => array.shape[i] as number)) > (correction ?? ddof)
  return positive ? quotient : select(gt(degrees, zerosLike(degrees)), quotient, like(quotient, NaN))
}

/** The square root of the variance. */
export const std = (x: Operand, options: VarianceOptions = {}): NDArray => {
  checkOptions('std', options, ['axis', 'keepdims', 'where', 'dtype', 'ddof', 'correction', 'mean'])
  return sqrt(variance(x, options))
}

const arg =
  (name: string, f: (x: NDArray, axis: number) => NDArray) =>
  (x: Operand, options: ArgOptions = {}): NDArray<'int32'> => {
    const { axis, keepdims = false } = checkOptions(name, options, ['axis', 'keepdims'])
    const array = asArray(x)
    const flat = axis === undefined || axis === null
    const operand = flat ? reshape(array, [array.size]) : array
    const along = flat ? 0 : normalizeAxis(axis, array.ndim, name)
    const index = f(operand.dtype === 'bool' ? convert(operand, 'int32') : operand, along)
    const shape = array.shape.map((n, i) => (flat || i === along ? 1 : n))
    return (keepdims ? reshape(index, shape) : index) as NDArray<'int32'>
  }
/**
 * The index of the largest entry, int32: of the first if there are several, of a NaN if there is one. So `argmin`.
 *
 * @example np.argmax([3, 5, 5]) // 1
 */
export const argmax: (x: Operand, options?: ArgOptions) => NDArray<'int32'> = arg('argmax', r.argmax)
/** The index of the smallest entry; see `argmax`. */
export const argmin: (x: Operand, options?: ArgOptions) => NDArray<'int32'> = arg('argmin', r.argmin)

/**
 * Running sums along an axis, or of the flattened array.
 *
 * @example np.cumsum([[1, 2], [3, 4]], { axis: 1 }) // [[1, 3], [3, 7]]
 */
export function cumsum(x: Operand, options: CumulativeOptions = {}): NDArray {
  const { axis, dtype } = checkOptions('cumsum', options, ['axis', 'dtype'])
  const given = asArray(x)
  const to = dtype === undefined ? given.dtype : checkDType(dtype, 'cumsum')
  const array = convert(to === 'bool' ? ofBools(given) : given, to === 'bool' ? 'int32' : to)
  const flat = axis === undefined || axis === null || array.ndim === 0
  const operand = flat ? reshape(array, [array.size]) : array
  const sums = r.cumsum(operand, normalizeAxis(axis ?? 0, operand.ndim, 'cumsum'))
  return dtype === undefined ? sums : convert(sums, to)
}
const ofBools = (x: NDArray): NDArray => (x.dtype === 'bool' ? x : ne(x, zerosLike(x)))
