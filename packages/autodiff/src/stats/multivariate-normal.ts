import { ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { showShape } from '../array/shape.ts'
import { solveTriangular } from '../linalg/solve.ts'
import { add, subtract } from '../numpy/elementwise.ts'
import { unifyFloatDTypes } from '../numpy/operands.ts'
import { cholesky } from '../primitives/cholesky.ts'
import { diagonalOf } from '../primitives/matrices.ts'
import { exp, log } from '../primitives/transcendental.ts'

/** With Σ = L Lᵀ: yᵀ Σ⁻¹ y = |L⁻¹ y|² and ln |Σ| = 2 Σ ln Lᵢᵢ. NaN unless Σ is positive. */
function quadraticForm(y: NDArray, covariance: NDArray): { square: NDArray; logDeterminant: NDArray } {
  const factor = cholesky(covariance)
  const whitened = solveTriangular(factor, y.reshape([...y.shape, 1]), { lower: true })
  return { square: whitened.square().sum([-2, -1]), logDeterminant: log(diagonalOf(factor)).sum(-1).mul(2) }
}

/**
 * The logarithm of the density at `x`, whose last axis is that of the mean. A covariance that is a number is that number
 * on the diagonal; a matrix may have leading axes.
 *
 * @throws ShapeError for a covariance that does not fit the mean.
 */
const logpdf = (x: Operand, mean: Operand, cov: Operand): NDArray => {
  const [a, m, covariance] = unifyFloatDTypes([x, mean, cov]) as [NDArray, NDArray, NDArray]
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
