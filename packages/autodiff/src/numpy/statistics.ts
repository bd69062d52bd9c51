import type { ReduceOptions } from '../array/method-options.ts'
import { checkOptions } from '../array/options.ts'
import { checkDType, type DType, isFloat } from '../array/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxes, shapesEqual, showShape, sizeOf } from '../array/shape.ts'
import { abs } from '../primitives/arithmetic.ts'
import { broadcastTo, full } from '../primitives/broadcast.ts'
import { convert } from '../primitives/convert.ts'
import { reshape, transpose } from '../primitives/reshape.ts'
import { sqrt } from '../primitives/transcendental.ts'
import { operandAndOptions } from './arguments.ts'
import { diagonal } from './diagonals.ts'
import { clip } from './elementwise.ts'
import { asFloat, asIntegers, unifyFloatDTypes } from './operands.ts'
import { mean, sum } from './reductions.ts'
import { concatenate, squeeze } from './shape.ts'

export interface AverageOptions extends ReduceOptions {
  /** How much each entry counts: of the array's shape, or of the shape of `axis`. @defaultValue all equally */
  readonly weights?: Operand
}

export interface ReturnedOptions extends AverageOptions {
  /** Whether the sum of the weights is given too. @defaultValue false */
  readonly returned: true
}

/**
 * The weighted mean. With `returned` also the sum of the weights, in the shape of the mean.
 *
 * @throws ShapeError where the weights do not fit, ValueError where `axis` must say what they are along.
 * @see NumPy's `average`
 * @example
 * np.average([1, 2, 3], { weights: [3, 1, 0] }) // 1.25
 * np.average([1, 2, 3], { weights: [3, 1, 0], returned: true }) // [1.25, 4]
 */
export function average(x: Operand, options: ReturnedOptions): [average: NDArray, sumOfWeights: NDArray]
export function average(x: Operand, options?: AverageOptions & { readonly returned?: false }): NDArray
export function average(
  x: Operand,
  options: AverageOptions & { readonly returned?: boolean } = {},
): NDArray | [NDArray, NDArray] {
  const { axis, keepdims, weights, returned } = checkOptions('average', options, [
    'axis',
    'keepdims',
    'weights',
    'returned',
  ])

  if (weights === undefined) {
    const array = asFloat(x)
    const value = mean(array, { axis, keepdims })
    const axes = normalizeAxes(axis, array.ndim, 'average')
    const count = sizeOf(axes.map((i) => array.shape[i] as number))
    return returned === true ? [value, full(value.shape, count, value.dtype)] : value
  }
  const [array, given] = unifyFloatDTypes([x, weights]) as [NDArray, NDArray]
  const fitted = fitWeights(array, given, axis)
  const total = sum(fitted, { axis, keepdims })
  const value = sum(array.mul(fitted), { axis, keepdims }).div(total)
  return returned === true ? [value, broadcastTo(total, value.shape)] : value
}

function fitWeights(x: NDArray, weights: NDArray, axis: ReduceOptions['axis']): NDArray {
  if (shapesEqual(x.shape, weights.shape)) return weights
  const shapes = `the array is ${showShape(x.shape)}, the weights are ${showShape(weights.shape)}`
  if (axis === undefined || axis === null)
    throw new ValueError(`average: ${shapes}; say with \`axis\` what the weights are along`)
  const axes = normalizeAxes(axis, x.ndim, 'average')
  const along = axes.map((i) => x.shape[i] as number)
  if (!shapesEqual(weights.shape, along))
    throw new ShapeError(`average: ${shapes}; along the axes ${showShape(axes)} they must be ${showShape(along)}`)
  const order = axes.map((_, i) => i).sort((a, b) => (axes[a] as number) - (axes[b] as number))
  const spread = reshape(
    transpose(weights, order),
    x.shape.map((n, i) => (axes.includes(i) ? n : 1)),
  )
  return broadcastTo(spread, x.shape)
}

export interface CorrelationOptions {
  /** Whether each row is a variable; else each column is. @defaultValue true */
  readonly rowvar?: boolean
  /** The float dtype to compute in. @defaultValue the array's; float32 for integers */
  readonly dtype?: DType
}

export interface CovarianceOptions extends CorrelationOptions {
  /** Divide by n rather than n − 1. @defaultValue false */
  readonly bias?: boolean
  /** Divide by n − ddof. @defaultValue 1, or 0 with `bias` */
  readonly ddof?: number
  /** How often each observation was made: whole numbers. @defaultValue once */
  readonly fweights?: Operand
  /** How much each observation counts. @defaultValue all equally */
  readonly aweights?: Operand
}

const atLeast2d = (x: NDArray): NDArray => (x.ndim < 2 ? reshape(x, [1, x.size]) : x)

/** The variables as rows, those of `y` after those of `x`. */
function variables(
  name: string,
  x: Operand,
  y: Operand | undefined,
  { rowvar = true, dtype }: CorrelationOptions,
): NDArray {
  if (dtype !== undefined && !isFloat(checkDType(dtype, name)))
    throw new DTypeError(`${name}: ${dtype} holds no covariances; use a float dtype`)
  const both = unifyFloatDTypes(y === undefined ? [x] : [x, y])
  const deep = both.find((array) => array.ndim > 2)
  if (deep !== undefined) {
    throw new ValueError(
      `${name}: takes a matrix or a vector, not an array with ${deep.ndim} axes; np.vectorize or vmap does many`,
    )
  }
  const rows = both.map((array, i) => {
    const matrix = atLeast2d(array)
    return rowvar || (i === 0 ? array.ndim !== 2 : matrix.shape[0] === 1) ? matrix : matrix.T
  })
  const [first, second] = rows as [NDArray, NDArray?]
  if (second !== undefined && first.shape[1] !== second.shape[1])
    throw new ShapeError(
      `${name}: there are ${first.shape[1]} observations in x ${showShape(first.shape)} and ${second.shape[1]} in y ${showShape(second.shape)}; each variable needs as many`,
    )
  const all = concatenate(rows, { axis: 0 })
  return dtype === undefined ? all : convert(all, dtype)
}

function observationWeights(name: string, weights: Operand | undefined, n: number): NDArray | undefined {
  if (weights === undefined) return undefined
  const array = name === 'fweights' ? asIntegers('cov: fweights', weights) : asFloat(weights)
  if (array.ndim !== 1 || array.size !== n)
    throw new ShapeError(`cov: ${name} has the shape ${showShape(array.shape)}; there are ${n} observations, so [${n}]`)
  return abs(array)
}

/**
 * The covariance matrix of variables observed together, or the variance of one. A second array has more variables, of
 * as many observations.
 *
 * @throws ValueError for more than two axes, ShapeError for weights that are not one an observation.
 * @see NumPy's `cov`
 * @example
 * np.cov([[1, 2, 3], [3, 2, 1]]) // [[1, -1], [-1, 1]]
 * np.cov([1, 2, 3], { fweights: [1, 0, 1] }) // 2
 */
export function cov(x: Operand, options?: CovarianceOptions): NDArray
export function cov(x: Operand, y: Operand | null | undefined, options?: CovarianceOptions): NDArray
export function cov(x: Operand, second?: Operand | CovarianceOptions | null, third?: CovarianceOptions): NDArray {
  const [y, options = {}] = operandAndOptions(second, third)
  const {
    bias = false,
    fweights,
    aweights,
    ddof = bias ? 0 : 1,
  } = checkOptions('cov', options, ['rowvar', 'dtype', 'bias', 'ddof', 'fweights', 'aweights'])
  const rows = variables('cov', x, y, options)
  const [count, n] = rows.shape as [number, number]
  if (count === 0) return full([0, 0], 0, rows.dtype)
  if (n === 0) return full(count === 1 ? [] : [count, count], NaN, rows.dtype)
  const frequencies = observationWeights('fweights', fweights, n)
  const importance = observationWeights('aweights', aweights, n)
  const weights = frequencies && importance ? frequencies.mul(importance) : (frequencies ?? importance)
  if (weights === undefined) {
    const centered = rows.sub(mean(rows, { axis: 1, keepdims: true }))
    return squeeze(centered.matmul(centered.T).div(n - ddof))
  }
  const w = convert(weights, rows.dtype)
  const [center] = average(rows, { axis: 1, weights: w, returned: true })
  const centered = rows.sub(reshape(center, [count, 1]))
  const product = centered.matmul(centered.mul(w).T)
  const total = sum(w)
  const excess: NDArray | number =
    importance === undefined
      ? ddof
      : sum(w.mul(convert(importance, w.dtype)))
          .mul(ddof)
          .div(total)
  return squeeze(product.div(ddof === 0 ? total : total.sub(excess)))
}

/**
 * The matrix of correlation coefficients, −1 to 1, of variables observed together; as `cov`.
 *
 * @throws ValueError for more than two axes.
 * @see NumPy's `corrcoef`
 * @example np.corrcoef([[1, 2, 3], [3, 2, 1]]) // [[1, -1], [-1, 1]]
 */
export function corrcoef(x: Operand, options?: CorrelationOptions): NDArray
export function corrcoef(x: Operand, y: Operand | null | undefined, options?: CorrelationOptions): NDArray
export function corrcoef(
  x: Operand,
  second?: Operand | CorrelationOptions | null,
  third?: CorrelationOptions,
): NDArray {
  const [y, options = {}] = operandAndOptions(second, third)
  const covariance = cov(x, y, checkOptions('corrcoef', options, ['rowvar', 'dtype']))
  if (covariance.ndim === 0) return covariance.div(covariance)
  const deviation = sqrt(diagonal(covariance))
  const scaled = covariance.div(reshape(deviation, [deviation.size, 1])).div(deviation)
  return clip(scaled, -1, 1)
}
