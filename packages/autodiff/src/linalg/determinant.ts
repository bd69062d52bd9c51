import type { NDArray, Operand } from '../array/ndarray.ts'
import { range } from '../array/shape.ts'
import { abs, sign } from '../primitives/arithmetic.ts'
import { determinant } from '../primitives/determinant.ts'
import { scaleOf } from '../primitives/entry-scale.ts'
import { inverse } from '../primitives/inverse.ts'
import { log } from '../primitives/transcendental.ts'
import { checkSquare } from './checks.ts'

/** Up to this size there are formulas, in fewer nodes than a decomposition has; larger matrices are decomposed. */
const DET_FORMULA = 3
const LOG_FORMULA = 2

/** A square matrix (any leading axes) as its entries, each still a 1 × 1 matrix. */
function entriesOf(x: NDArray): NDArray[][] {
  const n = x.shape[x.ndim - 1] as number
  const lead = x.shape.slice(0, -2).map(() => null)
  return range(n).map((i) => range(n).map((j) => x.slice(...lead, [i, i + 1], [j, j + 1])))
}

const minor = (m: readonly NDArray[][], row: number, column: number): NDArray[][] =>
  m.filter((_, i) => i !== row).map((entries) => entries.filter((_, j) => j !== column))

/** Laplace's expansion along the first row: exact for singular matrices too, and so are its derivatives. */
function expand(m: readonly NDArray[][]): NDArray {
  const [first] = m as [NDArray[]]
  if (first.length === 1) return first[0] as NDArray
  if (first.length === 2)
    return (first[0] as NDArray).mul(m[1]?.[1] as NDArray).sub((first[1] as NDArray).mul(m[1]?.[0] as NDArray))
  const terms = first.map((entry, j) => entry.mul(expand(minor(m, 0, j))))
  return terms.reduce((sum, term, j) => (j % 2 === 0 ? sum.add(term) : sum.sub(term)))
}

/** Whether the primitive measures a matrix: it has a closed form of its own for 2 × 2 that is not of float64. */
const isDecomposed = (matrix: NDArray, formula: number): boolean => {
  const n = matrix.shape[matrix.ndim - 1] as number
  return n > formula || n === 0 || (n === 2 && matrix.dtype !== 'float64')
}

/**
 * The determinant of square matrices [..., n, n]. Its derivative is finite where it is 0, too.
 *
 * @throws ShapeError when the last two axes are not equal; so `slogdet`, `inv` and `solve`.
 * @see NumPy's `linalg.det`
 * @example linalg.det([[1, 2], [3, 4]]) // -2
 */
export function det(x: Operand): NDArray {
  const matrix = checkSquare('det', x)
  if (isDecomposed(matrix, DET_FORMULA)) return determinant(matrix)[0]
  const { scaled, scale } = scaleOf(matrix)
  const value = range(matrix.shape[matrix.ndim - 1] as number).reduce((v) => v.mul(scale), expand(entriesOf(scaled)))
  return value.reshape(matrix.shape.slice(0, -2))
}

/**
 * The sign and the logarithm of the absolute value of the determinant of [..., n, n]: 0 and −∞ for a singular matrix.
 *
 * @see NumPy's `linalg.slogdet`
 * @example linalg.slogdet([[0, 1], [1, 0]]) // [-1, 0]
 */
export function slogdet(x: Operand): [sign: NDArray, logabsdet: NDArray] {
  const matrix = checkSquare('slogdet', x)
  if (isDecomposed(matrix, LOG_FORMULA)) {
    const [, signOfIt, logAbs] = determinant(matrix)
    return [signOfIt, logAbs]
  }
  const n = matrix.shape[matrix.ndim - 1] as number
  const { scaled, exponent } = scaleOf(matrix)
  const value = expand(entriesOf(scaled))
  const logAbs = log(abs(value)).add(exponent.mul(n * Math.LN2))
  const lead = matrix.shape.slice(0, -2)
  return [sign(value).reshape(lead), logAbs.reshape(lead)]
}

/**
 * The inverse of [..., n, n]; infinities or NaN for a singular matrix, as LU decomposition and substitution give them.
 *
 * @see NumPy's `linalg.inv`
 * @example linalg.inv([[2, 1], [1, 1]]) // [[1, -1], [-1, 2]]
 */
export const inv = (x: Operand): NDArray => inverse(checkSquare('inv', x))
