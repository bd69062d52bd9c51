import { checkOptions, checkList } from '../array/options.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { showGiven } from '../array/show.ts'
import { broadcastTo } from '../primitives/broadcast.ts'
import { cholesky as factor } from '../primitives/cholesky.ts'
import { lu as factors } from '../primitives/lu.ts'
import { luPivotsToPermutation, placed } from '../primitives/lu-steps.ts'
import { swap } from '../primitives/matrices.ts'
import { solve as solveMatrices } from '../primitives/solve.ts'
import { triangularSolve } from '../primitives/triangular-solve.ts'
import { convert } from '../primitives/convert.ts'
import { checkMatrix, checkSquare, solveColumns } from './checks.ts'

/**
 * The `x` for which `a · x = b`: `b` is a vector, or a matrix (with any leading axes, that broadcast with those of `a`)
 * of which each column is solved for. Infinities or NaN for a singular `a`.
 *
 * @throws ShapeError when `a` is not square or `b` does not fit.
 * @see NumPy's `linalg.solve`
 * @example linalg.solve([[2, 0], [0, 4]], [1, 1]) // [0.5, 0.25]
 */
export const solve = (a: Operand, b: Operand): NDArray => solveColumns('solve', a, b, (x, y) => solveMatrices(x, y))

/** Solve with the matrix, or with its transpose: 0 or 'N', 1 or 'T', 2 or 'C'. */
export type Trans = 0 | 1 | 2 | 'N' | 'T' | 'C'

function isTransposed(name: string, trans: Trans): boolean {
  if (trans === 0 || trans === 'N') return false
  if (trans === 1 || trans === 'T' || trans === 2 || trans === 'C') return true
  throw new ValueError(
    `${name}: trans is ${showGiven(trans)}; it is 0 or "N" for the matrix, 1 or "T" for its transpose, 2 or "C" for the conjugate of that`,
  )
}

export interface SolveTriangularOptions {
  /** Read the lower triangle of `a`; else the upper one. @defaultValue false */
  readonly lower?: boolean
  /** Solve with the transpose of the triangle. @defaultValue 0 */
  readonly trans?: Trans
  /** Take the diagonal to be ones. @defaultValue false */
  readonly unitDiagonal?: boolean
}

/**
 * The `x` for which `a · x = b`, `a` being a triangle: the other one is not read. `b` as in `solve`.
 *
 * @throws ShapeError when `a` is not square or `b` does not fit, ValueError for an unknown `trans`.
 * @see SciPy's `linalg.solve_triangular`
 * @example linalg.solveTriangular([[2, 0], [1, 1]], [2, 3], { lower: true }) // [1, 2]
 */
export function solveTriangular(a: Operand, b: Operand, options: SolveTriangularOptions = {}): NDArray {
  const {
    lower = false,
    trans = 0,
    unitDiagonal = false,
  } = checkOptions('solveTriangular', options, ['lower', 'trans', 'unitDiagonal'])
  const transposeA = isTransposed('solveTriangular', trans)
  return solveColumns('solveTriangular', a, b, (x, y) =>
    triangularSolve(x, y, { leftSide: true, lower, transposeA, unitDiagonal }),
  )
}

/** A Cholesky factor, and whether it is the lower one. */
export type ChoFactor = readonly [c: NDArray, lower: boolean]

/**
 * A Cholesky factor to solve with, by `choSolve`: upper triangular unless `lower`. Only that triangle of `a` is read.
 *
 * @throws ShapeError when the matrices are not square.
 * @see SciPy's `linalg.cho_factor`
 * @example
 * const factor = linalg.choFactor([[4, 2], [2, 5]])
 * linalg.choSolve(factor, [8, 12]) // [1, 2]
 */
export function choFactor(a: Operand, options: { readonly lower?: boolean } = {}): ChoFactor {
  const { lower = false } = checkOptions('choFactor', options, ['lower'])
  const matrix = checkSquare('choFactor', a)
  const l = factor(lower ? matrix : swap(matrix), { symmetrizeInput: false })
  return [lower ? l : swap(l), lower]
}

/**
 * The `x` for which `a · x = b`, from the Cholesky factor of `a`.
 *
 * @see SciPy's `linalg.cho_solve`
 */
export function choSolve(factor: readonly [c: Operand, lower: boolean], b: Operand): NDArray {
  const [c, lower] = pairOf('choSolve', factor, 'choFactor')
  return solveColumns('choSolve', c, b, (x, y) => {
    const half = triangularSolve(x, y, { leftSide: true, lower, transposeA: !lower })
    return triangularSolve(x, half, { leftSide: true, lower, transposeA: lower })
  })
}

function pairOf<P extends readonly [unknown, unknown]>(name: string, pair: P, made: string): P {
  if (checkList(name, 'the factors', pair as readonly unknown[]).length === 2) return pair
  throw new ValueError(`${name}: takes 2 factors, as linalg.${made} gives, not ${pair.length}`)
}

/**
 * LU factors to solve with, by `luSolve`: L below the diagonal and U in one array, and the pivots.
 *
 * @see SciPy's `linalg.lu_factor`
 * @example
 * const factors = linalg.luFactor([[0, 2], [1, 1]])
 * linalg.luSolve(factors, [4, 3]) // [1, 2]
 */
export function luFactor(a: Operand): [lu: NDArray, pivots: NDArray] {
  const [lu, pivots] = factors(checkMatrix('luFactor', a))
  return [lu, pivots]
}

/**
 * The `x` for which `a · x = b`, or `aᵀ · x = b` for `trans` 1, from the LU factors of `a`.
 *
 * @see SciPy's `linalg.lu_solve`
 */
export function luSolve(
  factors: readonly [lu: Operand, pivots: NDArray],
  b: Operand,
  options: { readonly trans?: Trans } = {},
): NDArray {
  const { trans = 0 } = checkOptions('luSolve', options, ['trans'])
  const [lu, pivots] = pairOf('luSolve', factors, 'luFactor')
  const turned = isTransposed('luSolve', trans)
  const matrix = checkSquare('luSolve', lu)
  const permutation = luPivotsToPermutation(convert(pivots, 'int32'), matrix.shape[matrix.ndim - 1]!)
  return solveColumns('luSolve', matrix, b, (x, y) => {
    const rows = broadcastTo(permutation, x.shape.slice(0, -1))
    const lower = { leftSide: true, lower: true, unitDiagonal: true }
    const upper = { leftSide: true, lower: false }
    if (!turned) return triangularSolve(x, triangularSolve(x, placed(y, rows, false), lower), upper)
    const half = triangularSolve(x, y, { ...upper, transposeA: true })
    return placed(triangularSolve(x, half, { ...lower, transposeA: true }), rows, true)
  })
}
