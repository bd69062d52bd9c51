import { ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { showShape } from '../array/shape.ts'
import { asFloat } from '../numpy/operands.ts'
import { stack } from '../numpy/shape.ts'
import { abs, sign } from '../primitives/arithmetic.ts'
import { log } from '../primitives/transcendental.ts'

/** A square matrix (any leading axes) as its entries. */
function entriesOf(x: NDArray): NDArray[][] {
  const n = x.shape[x.ndim - 1] as number
  const lead = x.shape.slice(0, -2).map(() => null)
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => x.slice(...lead, i, j)))
}

function checkSquare(name: string, x: Operand): NDArray {
  const matrix = asFloat(x)
  const [rows, columns] = matrix.shape.slice(-2)
  if (matrix.ndim < 2 || rows !== columns || rows === 0) {
    throw new ShapeError(`${name}: takes a square matrix (with any leading axes), not ${showShape(matrix.shape)}`)
  }
  return matrix
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

/** The determinant. */
export function det(x: Operand): NDArray {
  return expand(entriesOf(checkSquare('det', x)))
}

/** The sign and the logarithm of the absolute value of the determinant. */
export function slogdet(x: Operand): [sign: NDArray, logabsdet: NDArray] {
  const determinant = expand(entriesOf(checkSquare('slogdet', x)))
  return [sign(determinant), log(abs(determinant))]
}

/** The inverse; infinities or NaN for a singular matrix. */
export function inv(x: Operand): NDArray {
  const matrix = checkSquare('inv', x)
  const entries = entriesOf(matrix)
  const n = entries.length
  const determinant = expand(entries)
  const adjugate = entries.map((_, i) =>
    stack(
      entries.map((_, j) => {
        if (n === 1) return entries[0]![0]!.div(entries[0]![0]!)
        const cofactor = expand(minor(entries, j, i))
        return (i + j) % 2 === 0 ? cofactor : cofactor.neg()
      }),
      { axis: -1 },
    ),
  )
  const numerator = stack(adjugate, { axis: -2 })
  return numerator.div(determinant.reshape([...determinant.shape, 1, 1]))
}
