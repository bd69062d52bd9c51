import { ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { showShape } from '../array/shape.ts'
import { inv, slogdet } from '../linalg/determinant.ts'
import { exp, log } from '../primitives/transcendental.ts'
import { add, subtract, where } from '../numpy/elementwise.ts'
import { asFloat, unifyDTypes } from '../numpy/operands.ts'

/** yᵀ Σ⁻¹ y and ln |Σ| of vectors along the last axis. NaN unless Σ is positive. */
function quadraticForm(y: NDArray, covariance: NDArray): { square: NDArray; logDeterminant: NDArray } {
  const [sign, size] = slogdet(covariance)
  const logDeterminant = where(sign.gt(0), size, NaN)
  const column = y.reshape([...y.shape, 1])
  const whitened = inv(covariance).matmul(column).reshape(y.shape)
  return { square: y.mul(whitened).sum(-1), logDeterminant }
}

/**
 * The logarithm of the density at `x`, whose last axis is that of the mean. A covariance that is a number is that number
 * on the diagonal; a matrix may have leading axes.
 *
 * @throws ShapeError for a covariance that does not fit the mean.
 */
const logpdf = (x: Operand, mean: Operand, cov: Operand): NDArray => {
  const [a, m, covariance] = unifyDTypes([asFloat(x), asFloat(mean), asFloat(cov)]) as [NDArray, NDArray, NDArray]
  const y = subtract(a, m)
  const constant = Math.log(2 * Math.PI)
  if (m.ndim === 0) return y.mul(y).div(covariance).add(log(covariance)).add(constant).mul(-0.5)
  const n = m.shape[m.ndim - 1] as number
  if (covariance.ndim === 0) {
    return y.mul(y).sum(-1).div(covariance).add(log(covariance).add(constant).mul(n)).mul(-0.5)
  }
  const [rows, columns] = covariance.shape.slice(-2)
  if (covariance.ndim < 2 || rows !== n || columns !== n) {
    throw new ShapeError(
      `multivariateNormal: the covariance of shape ${showShape(covariance.shape)} does not fit the mean of shape ${showShape(m.shape)}; give a matrix [${n}, ${n}] or a number`,
    )
  }
  const { square, logDeterminant } = quadraticForm(y, covariance)
  return add(square, logDeterminant)
    .add(n * constant)
    .mul(-0.5)
}

/**
 * The normal distribution of several variables.
 *
 * @example stats.multivariateNormal.pdf([0, 0], [0, 0], [[1, 0], [0, 1]]) // 0.15915495
 */
export const multivariateNormal: Readonly<
  Record<'logpdf' | 'pdf', (x: Operand, mean: Operand, cov: Operand) => NDArray>
> = { logpdf, pdf: (x, mean, cov) => exp(logpdf(x, mean, cov)) }
