import { lax, type NDArray, np, type Operand, special, ValueError } from '@cotangent/autodiff'
import { checkOptions, type DType, showGiven } from '@cotangent/autodiff/array'

export interface NormalizeOptions {
  /** The axes along which there is one whole. @defaultValue -1 */
  readonly axis?: number | readonly number[] | null
  /** Which entries count. @defaultValue all */
  readonly where?: Operand
}

/**
 * eˣ over its sum along an axis.
 *
 * @example softmax([[0, 0], [1000, 0]]) // [[0.5, 0.5], [1, 0]]
 */
export const softmax = (x: Operand, options: NormalizeOptions = {}): NDArray =>
  special.softmax(x, { axis: -1, ...checkOptions('softmax', options, ['axis', 'where']) })
/**
 * The logarithm of `softmax`.
 *
 * @example logSoftmax([0, 0]) // [-0.6931472, -0.6931472]
 */
export const logSoftmax = (x: Operand, options: NormalizeOptions = {}): NDArray =>
  special.logSoftmax(x, { axis: -1, ...checkOptions('logSoftmax', options, ['axis', 'where']) })
/**
 * ln Σ eˣ without overflow; see `special.logsumexp`.
 *
 * @example logsumexp([1000, 1000]) // 1000.6932
 */
export const logsumexp: typeof special.logsumexp = special.logsumexp

export interface MeanOptions {
  /** The axes to take the mean over. @defaultValue all */
  readonly axis?: number | readonly number[] | null
  /** Keep the axes with length 1. @defaultValue false */
  readonly keepdims?: boolean
}

/**
 * The logarithm of the mean of eˣ.
 *
 * @example logmeanexp([1000, 1000]) // 1000
 */
export function logmeanexp(x: Operand, options: MeanOptions = {}): NDArray {
  const sum = special.logsumexp(x, options)
  return sum.sub(Math.log(np.asarray(x).size / sum.size))
}

export interface StandardizeOptions {
  /** The axes of what is standardized together. @defaultValue -1 */
  readonly axis?: number | readonly number[]
  /** The mean to subtract. @defaultValue that of x */
  readonly mean?: Operand
  /** The variance to divide by. @defaultValue that of x */
  readonly variance?: Operand
  /** What is added to the variance. @defaultValue 1e-5 */
  readonly epsilon?: number
}

/**
 * x less its mean, over its standard deviation.
 *
 * @example standardize([1, 3], { epsilon: 0 }) // [-1, 1]
 */
export function standardize(x: Operand, options: StandardizeOptions = {}): NDArray {
  const {
    axis = -1,
    mean,
    variance,
    epsilon = 1e-5,
  } = checkOptions('standardize', options, ['axis', 'mean', 'variance', 'epsilon'])
  const a = np.divide(x, 1)
  const along = { axis, keepdims: true }
  const center = mean === undefined ? np.mean(a, along) : np.asarray(mean)
  const spread =
    variance === undefined ? np.maximum(np.mean(np.square(a), along).sub(np.square(center)), 0) : np.asarray(variance)
  return a.sub(center).mul(lax.rsqrt(np.divide(spread, 1).add(epsilon)))
}

export interface OneHotOptions {
  /** Where the new axis stands. @defaultValue -1 */
  readonly axis?: number
  /** @defaultValue 'float32' */
  readonly dtype?: DType
}

/**
 * A new axis of length `numClasses` with a 1 at the index; without one for an index out of range.
 *
 * @example oneHot(np.array(Int32Array.of(0, 2)), 3) // [[1, 0, 0], [0, 0, 1]]
 */
export function oneHot(x: Operand, numClasses: number, options: OneHotOptions = {}): NDArray {
  const { axis = -1, dtype = 'float32' } = checkOptions('oneHot', options, ['axis', 'dtype'])
  if (!Number.isInteger(axis)) throw new ValueError(`oneHot: the axis is ${showGiven(axis)}; it must be a whole number`)
  if (!Number.isSafeInteger(numClasses) || numClasses < 0) {
    throw new ValueError(`oneHot: the number of classes is ${showGiven(numClasses)}; it must be a whole number`)
  }
  const indices = np.asarray(x)
  const at = axis < 0 ? axis + indices.ndim + 1 : axis
  const expanded = np.expandDims(indices, at)
  const shape = expanded.shape.map((_, i) => (i === at ? numClasses : 1))
  const classes = np.arange(numClasses, { dtype: indices.dtype === 'bool' ? 'int32' : indices.dtype })
  return np.equal(expanded, classes.reshape(shape)).astype(dtype)
}
