import { checkOptions } from '../array/options.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { showGiven } from '../array/show.ts'
import { add } from '../primitives/arithmetic.ts'
import * as primitives from '../primitives/cholesky.ts'
import { eigh as eigenvectors } from '../primitives/eigh.ts'
import { lu as factors, permutationMatrix } from '../primitives/lu.ts'
import { alongColumns, identity, lowerPart, product, swap, upperPart } from '../primitives/matrices.ts'
import { qr as reflections } from '../primitives/qr.ts'
import { rev } from '../primitives/rev.ts'
import { ordering } from '../primitives/rotations.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { singularValues, svd as singularVectors } from '../primitives/svd.ts'
import { abs, mul, sign } from '../primitives/arithmetic.ts'
import { reduceSum } from '../primitives/broadcast.ts'
import { checkMatrix, checkSquare } from './checks.ts'

export interface CholeskyOptions {
  /** Give the upper factor U with Uᵀ U = a instead. @defaultValue false */
  readonly upper?: boolean
  /** Take the mean of `a` and its transpose; else only the lower triangle is read. @defaultValue true */
  readonly symmetrizeInput?: boolean
}

/**
 * The lower triangular L with L Lᵀ = a, for symmetric positive definite matrices [..., n, n]; NaN for others.
 *
 * @throws ShapeError when the last two axes are not equal.
 * @see NumPy's `linalg.cholesky`
 * @example linalg.cholesky([[4, 2], [2, 5]]) // [[2, 0], [1, 2]]
 */
export function cholesky(a: Operand, options: CholeskyOptions = {}): NDArray {
  const { upper = false, symmetrizeInput = true } = checkOptions('cholesky', options, ['upper', 'symmetrizeInput'])
  const l = primitives.cholesky(checkSquare('cholesky', a), { symmetrizeInput })
  return upper ? swap(l) : l
}

export interface QrOptions<M extends 'reduced' | 'complete' | 'r' = 'reduced' | 'complete' | 'r'> {
  /** min(m, n) columns of Q, all m, or R alone. @defaultValue 'reduced' */
  readonly mode?: M
}

/**
 * Matrices [..., m, n] as the product of Q with orthonormal columns and R upper triangular. The diagonal of R may be
 * negative, as LAPACK's is.
 *
 * @throws ValueError for an unknown mode.
 * @see NumPy's `linalg.qr`
 * @example
 * const [q, r] = linalg.qr([[3, 0], [4, 5]])
 * r // [[-5, -4], [0, 3]]
 */
export function qr(a: Operand, options: QrOptions<'r'> & { readonly mode: 'r' }): NDArray
export function qr(a: Operand, options?: QrOptions<'reduced' | 'complete'>): [q: NDArray, r: NDArray]
export function qr(a: Operand, options: QrOptions = {}): NDArray | [q: NDArray, r: NDArray] {
  const { mode = 'reduced' } = checkOptions('qr', options, ['mode'])
  if (mode !== 'reduced' && mode !== 'complete' && mode !== 'r') {
    throw new ValueError(`qr: the mode is ${showGiven(mode)}; it is "reduced", "complete" or "r"`)
  }
  const [q, r] = reflections(checkMatrix('qr', a), { fullMatrices: mode === 'complete' })
  return mode === 'r' ? r : [q, r]
}

export interface EighOptions {
  /** Which triangle is read where the input is not symmetrized. @defaultValue 'L' */
  readonly UPLO?: 'L' | 'U'
  /** Take the mean of `a` and its transpose. @defaultValue true */
  readonly symmetrizeInput?: boolean
}

/**
 * The eigenvalues (ascending) and eigenvectors (columns) of symmetric matrices. A vector's last entry that is not small
 * is positive. Derivatives of the vectors are NaN where eigenvalues are equal.
 *
 * @throws ShapeError when the last two axes are not equal, ValueError for an unknown triangle.
 * @see NumPy's `linalg.eigh`
 * @example
 * const [w, v] = linalg.eigh([[2, 1], [1, 2]])
 * w // [1, 3]
 */
export function eigh(a: Operand, options: EighOptions = {}): [eigenvalues: NDArray, eigenvectors: NDArray] {
  const { UPLO = 'L', symmetrizeInput = true } = checkOptions('eigh', options, ['UPLO', 'symmetrizeInput'])
  if (UPLO !== 'L' && UPLO !== 'U') {
    throw new ValueError(`eigh: UPLO is ${showGiven(UPLO)}; it is "L" for the lower triangle or "U" for the upper`)
  }
  const [v, w] = eigenvectors(checkSquare('eigh', a), { lower: UPLO === 'L', symmetrizeInput })
  return [w, v]
}

/**
 * The eigenvalues of symmetric matrices, ascending.
 *
 * @see NumPy's `linalg.eigvalsh`
 * @example linalg.eigvalsh([[2, 1], [1, 2]]) // [1, 3]
 */
export const eigvalsh = (a: Operand, options: EighOptions = {}): NDArray => {
  checkOptions('eigvalsh', options, ['UPLO', 'symmetrizeInput'])
  return eigh(a, options)[0]
}

export interface SvdOptions {
  /** All m and n vectors, not only min(m, n) of each; these have no derivative. @defaultValue true */
  readonly fullMatrices?: boolean
  /** Give U and Vᵀ too. @defaultValue true */
  readonly computeUv?: boolean
  /** The matrices are symmetric: they are decomposed by their eigenvectors. @defaultValue false */
  readonly hermitian?: boolean
}

/** What `svd` gives. */
export type Svd = [u: NDArray, s: NDArray, vt: NDArray]

/**
 * The singular value decomposition of [..., m, n]: U, the singular values (descending) and Vᵀ, with
 * (U · s) Vᵀ = a for `fullMatrices: false`. Derivatives of the vectors are NaN where singular values are equal.
 *
 * @throws ShapeError for fewer than two axes, or for `hermitian` and oblong matrices.
 * @see NumPy's `linalg.svd`
 * @example
 * const [u, s, vt] = linalg.svd([[0, 2], [1, 0]])
 * s // [2, 1]
 */
export function svd(a: Operand, options: SvdOptions & { readonly computeUv: false }): NDArray
export function svd(a: Operand, options?: SvdOptions & { readonly computeUv?: true }): Svd
export function svd(a: Operand, options: SvdOptions = {}): NDArray | Svd {
  checkOptions('svd', options, ['fullMatrices', 'computeUv', 'hermitian'])
  const { fullMatrices = true, computeUv = true, hermitian = false } = options
  if (hermitian) return bySquares(checkSquare('svd', a), computeUv)
  const matrix = checkMatrix('svd', a)
  return computeUv ? singularVectors(matrix, { fullMatrices }) : singularValues(matrix)
}

/**
 * The singular values, descending.
 *
 * @see NumPy's `linalg.svdvals`
 * @example linalg.svdvals([[0, 2], [1, 0]]) // [2, 1]
 */
export const svdvals = (a: Operand): NDArray => svd(a, { computeUv: false })

/** The singular values of a symmetric matrix are its eigenvalues without their signs. */
function bySquares(x: NDArray, computeUv: boolean): NDArray | Svd {
  const [v, w] = eigenvectors(x)
  const order = rev(ordering(abs(w)), [v.ndim - 1])
  const arranged = (y: NDArray): NDArray => reduceSum(mul(order, swap(alongColumns(y, order.shape))), [v.ndim - 2])
  const s = arranged(abs(w))
  if (!computeUv) return s
  const u = product(v, order)
  return [u, s, swap(mul(u, alongColumns(arranged(sign(w)), u.shape)))]
}

/**
 * LU decomposition with partial pivoting of [..., m, n]: a permutation P, L with ones on its diagonal and U, with
 * P L U = a; or P L and U with `permuteL`.
 *
 * @see SciPy's `linalg.lu`
 * @example
 * const [p, l, u] = linalg.lu([[1, 2], [2, 8]])
 * u // [[2, 8], [0, -2]]
 */
export function lu(a: Operand, options: { readonly permuteL: true }): [pl: NDArray, u: NDArray]
export function lu(a: Operand, options?: { readonly permuteL?: false }): [p: NDArray, l: NDArray, u: NDArray]
export function lu(a: Operand, options: { readonly permuteL?: boolean } = {}): NDArray[] {
  const { permuteL = false } = checkOptions('lu', options, ['permuteL'])
  const [stored, , permutation] = factors(checkMatrix('lu', a))
  const [m, n] = stored.shape.slice(-2) as [number, number]
  const k = Math.min(m, n)
  const last = stored.ndim - 1
  const left = sliceAxis(stored, last, 0, k)
  const l = add(lowerPart(left, -1), identity(left.shape, left.dtype))
  const u = upperPart(sliceAxis(stored, last - 1, 0, k))
  const p = swap(permutationMatrix(permutation, stored.dtype))
  return permuteL ? [product(p, l), u] : [p, l, u]
}
