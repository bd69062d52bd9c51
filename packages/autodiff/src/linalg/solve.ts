import { ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { showShape } from '../array/shape.ts'
import { asFloat } from '../numpy/operands.ts'
import { matmul } from '../numpy/products.ts'
import { checkSquare, inv } from './determinant.ts'

/**
 * The `x` for which `a · x = b`: `b` is a vector, or a matrix (with any leading axes, that broadcast with those of `a`)
 * of which each column is solved for. Infinities or NaN for a singular `a`.
 *
 * @throws ShapeError when `a` is not square or `b` does not fit.
 * @see NumPy's `linalg.solve`
 * @example linalg.solve([[2, 0], [0, 4]], [1, 1]) // [0.5, 0.25]
 */
export function solve(a: Operand, b: Operand): NDArray {
  const [matrix, right] = [checkSquare('solve', a), asFloat(b)]
  const n = matrix.shape[matrix.ndim - 1]
  const rows = right.shape[Math.max(0, right.ndim - 2)]
  if (right.ndim === 0 || rows !== n) {
    throw new ShapeError(
      `solve: a of shape ${showShape(matrix.shape)} and b of shape ${showShape(right.shape)} do not fit: b is a vector of ${n}, or has ${n} rows`,
    )
  }
  return matmul(inv(matrix), right)
}
