import { isComplex } from '../array/dtype.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray, Operand, ReduceOptions } from '../array/ndarray.ts'
import { normalizeAxes, normalizeAxis, sizeOf } from '../array/shape.ts'
import * as a from '../primitives/arithmetic.ts'
import { imag, real } from '../primitives/complex.ts'
import { convert } from '../primitives/convert.ts'
import * as r from '../primitives/reductions.ts'
import { full, reduceSum } from '../primitives/broadcast.ts'
import { reshape } from '../primitives/reshape.ts'
import { sqrt } from '../primitives/transcendental.ts'
import { conj } from './complex.ts'
import { asArray, asFloat } from './operands.ts'

type Reduce = (x: Operand, options?: ReduceOptions) => NDArray

const reduce =
  (name: string, prepare: (x: NDArray) => NDArray, f: (x: NDArray, axes: readonly number[]) => NDArray): Reduce =>
  (x, options = {}) => {
    const array = prepare(asArray(x))
    const axes = normalizeAxes(options.axis, array.ndim, name)
    const reduced = f(array, axes)
    return options.keepdims === true
      ? reshape(
          reduced,
          array.shape.map((n, i) => (axes.includes(i) ? 1 : n)),
        )
      : reduced
  }

const numbers = (x: NDArray): NDArray => (x.dtype === 'bool' ? convert(x, 'int32') : x)
const floats = (x: NDArray): NDArray => asFloat(x)
const bools = (x: NDArray): NDArray => convert(x, 'bool')
const same = (x: NDArray): NDArray => x

const countOver = (x: NDArray, axes: readonly number[]): number => sizeOf(axes.map((axis) => x.shape[axis] as number))
const meanOver = (x: NDArray, axes: readonly number[]): NDArray => {
  const total = reduceSum(x, axes)
  return a.div(total, full(total.shape, countOver(x, axes), x.dtype))
}

/**
 * The sum; booleans are counted.
 *
 * @example np.sum([[1, 2], [3, 4]], { axis: 0, keepdims: true }) // [[4, 6]]
 */
export const sum: Reduce = reduce('sum', numbers, reduceSum)
/** The product; its derivative is right where there are zeros too. */
export const prod: Reduce = reduce('prod', numbers, r.reduceProd)
/** The arithmetic mean; NaN over no elements. */
export const mean: Reduce = reduce('mean', floats, meanOver)

const extremum =
  (
    ofNumbers: (x: NDArray, axes: readonly number[]) => NDArray,
    ofBools: (x: NDArray, axes: readonly number[]) => NDArray,
  ) =>
  (x: NDArray, axes: readonly number[]): NDArray =>
    x.dtype === 'bool' ? ofBools(x, axes) : ofNumbers(x, axes)
/**
 * The largest entry; NaN if there is one.
 *
 * @example np.max([[1, 5], [3, 2]], { axis: 1 }) // [5, 3]
 */
export const max: Reduce = reduce('max', same, extremum(r.reduceMax, r.reduceOr))
/** The smallest entry; NaN if there is one. */
export const min: Reduce = reduce('min', same, extremum(r.reduceMin, r.reduceAnd))
/** Whether all entries are other than 0. */
export const all = reduce('all', bools, r.reduceAnd) as (x: Operand, options?: ReduceOptions) => NDArray<'bool'>
/** Whether an entry is other than 0. */
export const any = reduce('any', bools, r.reduceOr) as (x: Operand, options?: ReduceOptions) => NDArray<'bool'>

/** x², of a complex number |x|². */
const squareOf = (x: NDArray): NDArray => {
  if (!isComplex(x.dtype)) return a.mul(x, x)
  const [re, im] = [real(x), imag(x)]
  return a.add(a.mul(re, re), a.mul(im, im))
}

export interface VarianceOptions extends ReduceOptions {
  /** Divide by n − ddof. @defaultValue 0 */
  readonly ddof?: number
}

/**
 * The mean squared distance from the mean; also `np.var`. Of complex numbers it is real.
 *
 * @example np.variance([1, 3], { ddof: 1 }) // 2
 */
export const variance = (x: Operand, { ddof = 0, ...options }: VarianceOptions = {}): NDArray =>
  reduce('var', floats, (array, axes) => {
    const center = reshape(
      meanOver(array, axes),
      array.shape.map((n, i) => (axes.includes(i) ? 1 : n)),
    )
    const distance = array.sub(center)
    const total = reduceSum(squareOf(distance), axes)
    return a.div(total, full(total.shape, countOver(array, axes) - ddof, total.dtype))
  })(x, options)

/** The square root of the variance. */
export const std = (x: Operand, options: VarianceOptions = {}): NDArray => sqrt(variance(x, options))

export interface ArgOptions {
  /** The axis to look along. @defaultValue none: the index is into the flattened array */
  readonly axis?: number | null
  /** Keep the axis with length 1. @defaultValue false */
  readonly keepdims?: boolean
}

const arg =
  (name: string, f: (x: NDArray, axis: number) => NDArray) =>
  (x: Operand, { axis, keepdims = false }: ArgOptions = {}): NDArray<'int32'> => {
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
export function cumsum(x: Operand, { axis }: { readonly axis?: number | null } = {}): NDArray {
  const array = numbers(asArray(x))
  if (axis === undefined || axis === null) return r.cumsum(reshape(array, [array.size]), 0)
  return r.cumsum(array, normalizeAxis(axis, array.ndim, 'cumsum'))
}

export interface CovarianceOptions {
  /** Whether each row is a variable; else each column is. @defaultValue true */
  readonly rowvar?: boolean
  /** Divide by n − ddof. @defaultValue 1 */
  readonly ddof?: number
}

/**
 * The covariance matrix of variables observed together.
 *
 * @throws ValueError for more than two axes.
 * @example np.cov([[1, 2, 3], [3, 2, 1]]) // [[1, -1], [-1, 1]]
 */
export function cov(x: Operand, { rowvar = true, ddof = 1 }: CovarianceOptions = {}): NDArray {
  const array = asFloat(x)
  if (array.ndim > 2) throw new ValueError(`cov: takes a matrix, not an array with ${array.ndim} axes`)
  const matrix = array.ndim < 2 ? reshape(array, [1, array.size]) : rowvar ? array : array.T
  const n = matrix.shape[1] as number
  const centered = matrix.sub(mean(matrix, { axis: 1, keepdims: true }))
  const product = centered.matmul(conj(centered.T)).div(n - ddof)
  return array.ndim < 2 ? reshape(product, []) : product
}
