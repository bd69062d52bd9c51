import { showGiven } from '../array/show.ts'
import { checkOptions } from '../array/options.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { DType } from '../array/dtype.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { showShape } from '../array/shape.ts'
import { any, max, sum } from '../numpy/reductions.ts'
import { logicalAnd, logicalNot, where } from '../numpy/elementwise.ts'
import { isnan } from '../numpy/logic.ts'
import { asFloat, floatPair } from '../numpy/operands.ts'
import { full } from '../primitives/broadcast.ts'
import { convert } from '../primitives/convert.ts'
import { pinv as pseudoInverse } from '../primitives/pinv.ts'
import { checkMatrix, checkSquare } from './checks.ts'
import { svd, svdvals } from './decompositions.ts'
import { inv } from './determinant.ts'
import { norm, type Order } from './norm.ts'

/** The distance from 1 to the next number. */
const epsilons: Partial<Record<DType, number>> = { float16: 2 ** -10, bfloat16: 2 ** -7, float64: Number.EPSILON }
const epsilonOf = (dtype: DType): number => epsilons[dtype] ?? 2 ** -23

function checkShare(name: string, share: unknown): void {
  if (share == null || typeof share === 'number') return
  throw new ValueError(`${name}: the least share of the largest singular value is a number, not ${showGiven(share)}`)
}

export interface PinvOptions {
  /** Singular values up to this share of the largest count as 0. @defaultValue 10 · max(m, n) · ε */
  readonly rtol?: number | null
  /** Another name of `rtol`. @defaultValue none */
  readonly rcond?: number | null
  /** The matrices are symmetric. @defaultValue false */
  readonly hermitian?: boolean
}

/**
 * Moore and Penrose's inverse [..., n, m] of [..., m, n]. Its derivative is that of matrices of the same rank.
 *
 * @throws ValueError when both `rtol` and `rcond` are given.
 * @see NumPy's `linalg.pinv`
 * @example linalg.pinv([[2, 0], [0, 0]]) // [[0.5, 0], [0, 0]]
 */
export function pinv(a: Operand, options: PinvOptions = {}): NDArray {
  const { rtol, rcond, hermitian = false } = checkOptions('pinv', options, ['rtol', 'rcond', 'hermitian'])
  if (rtol != null && rcond != null) throw new ValueError('pinv: rtol and rcond are 2 names of one option; give one')
  const matrix = hermitian ? checkSquare('pinv', a) : checkMatrix('pinv', a)
  const [m, n] = matrix.shape.slice(-2) as [number, number]
  checkShare('pinv', rtol ?? rcond)
  const share = rtol ?? rcond ?? 10 * Math.max(m, n) * epsilonOf(matrix.dtype)
  if (m === 0 || n === 0) return full([...matrix.shape.slice(0, -2), n, m], 0, matrix.dtype)
  return pseudoInverse(matrix, { rtol: share, hermitian })
}

export interface MatrixRankOptions {
  /** Singular values up to this number count as 0. @defaultValue the largest · max(m, n) · ε */
  readonly rtol?: Operand | null
  /** The matrices are symmetric. @defaultValue false */
  readonly hermitian?: boolean
}

/**
 * How many singular values are not 0, int32.
 *
 * @see NumPy's `linalg.matrix_rank`; as in JAX `rtol` is compared with the singular values themselves
 * @example linalg.matrixRank([[1, 2], [2, 4]]) // 1
 */
export function matrixRank(a: Operand, options: MatrixRankOptions = {}): NDArray {
  const { rtol, hermitian = false } = checkOptions('matrixRank', options, ['rtol', 'hermitian'])
  const matrix = asFloat(a)
  if (matrix.ndim < 2) return convert(any(matrix.ne(0)), 'int32')
  const [m, n] = matrix.shape.slice(-2) as [number, number]
  if (m === 0 || n === 0) return full(matrix.shape.slice(0, -2), 0, 'int32')
  const s = hermitian ? svd(checkSquare('matrixRank', matrix), { computeUv: false, hermitian }) : svdvals(matrix)
  const least = rtol ?? max(s, { axis: -1 }).mul(Math.max(m, n) * epsilonOf(matrix.dtype))
  const limit = asFloat(least)
  return sum(convert(s.gt(limit.reshape([...limit.shape, 1])), 'int32'), { axis: -1 })
}

/**
 * The condition number of matrices in the norm `p` (as in `norm`; 2 by default): how much an error grows in `solve`.
 * Infinity for a singular matrix.
 *
 * @throws ShapeError for empty matrices, and for oblong ones unless p is 2 or −2.
 * @see NumPy's `linalg.cond`
 * @example linalg.cond([[4, 0], [0, 2]]) // 2
 */
export function cond(a: Operand, options: { readonly p?: Order | null } = {}): NDArray {
  const { p = null } = checkOptions('cond', options, ['p'])
  const matrix = checkMatrix('cond', a)
  if (matrix.shape.slice(-2).includes(0)) {
    throw new ShapeError(`cond: a matrix of shape ${showShape(matrix.shape)} has no entries, and no condition`)
  }
  const axis = [-2, -1]
  if (p === null || p === 2 || p === -2) {
    const s = svdvals(matrix)
    const at = (i: number): NDArray => s.slice(...s.shape.slice(1).map(() => null), i)
    const [largest, least] = [at(0), at(s.shape[s.ndim - 1]! - 1)]
    return p === -2 ? finiteOr(least.div(largest), matrix) : largest.div(least)
  }
  checkSquare('cond', matrix)
  return finiteOr(norm(matrix, { ord: p, axis }).mul(norm(inv(matrix), { ord: p, axis })), matrix)
}

/** Infinity where there is NaN, and none in the matrix. */
const finiteOr = (value: NDArray, matrix: NDArray): NDArray =>
  where(logicalAnd(isnan(value), logicalNot(any(isnan(matrix), { axis: [-2, -1] }))), Infinity, value)

/** What `lstsq` gives. */
export type Lstsq = [x: NDArray, residuals: NDArray, rank: NDArray, s: NDArray]

/**
 * The x of least squares: |a · x − b|² is least, and among several such x it is the shortest. With it come the sums of
 * the squares that are left, one a column of `b`, the rank of `a` and its singular values.
 *
 * @throws ShapeError when `a` is no matrix [m, n], or `b` does not have m rows.
 * @see NumPy's `linalg.lstsq`; residuals are always given, as in JAX
 * @example
 * const [x] = linalg.lstsq([[1, 0], [0, 2], [0, 0]], [1, 4, 5])
 * x // [1, 2]
 */
export function lstsq(a: Operand, b: Operand, options: { readonly rcond?: number | null } = {}): Lstsq {
  const { rcond = null } = checkOptions('lstsq', options, ['rcond'])
  checkShare('lstsq', rcond)
  const [matrix, right] = floatPair(a, b)
  if (matrix.ndim !== 2 || right.ndim < 1 || right.ndim > 2 || right.shape[0] !== matrix.shape[0]) {
    throw new ShapeError(
      `lstsq: a of shape ${showShape(matrix.shape)} and b of shape ${showShape(right.shape)} do not fit: a is a matrix [m, n], b a vector of m or a matrix with m rows`,
    )
  }
  const [m, n] = matrix.shape as [number, number]
  const columns = right.ndim === 1 ? right.reshape([m, 1]) : right
  const { x, rank, s } = matrix.size === 0 ? unknowns(matrix, columns) : shortest(matrix, columns, rcond)
  const left = columns.sub(matrix.matmul(x))
  const residuals = sum(left.mul(left), { axis: 0 })
  return [right.ndim === 1 ? x.reshape([n]) : x, residuals, rank, s]
}

interface Solution {
  readonly x: NDArray
  readonly rank: NDArray
  readonly s: NDArray
}

const unknowns = (a: NDArray, b: NDArray): Solution => ({
  x: full([a.shape[1]!, b.shape[1]!], 0, a.dtype),
  rank: full([], 0, 'int32'),
  s: full([0], 0, a.dtype),
})

function shortest(a: NDArray, b: NDArray, rcond: number | null): Solution {
  const epsilon = epsilonOf(a.dtype)
  const share = rcond === null ? epsilon * Math.max(...a.shape) : rcond < 0 ? epsilon : rcond
  const [u, s, vt] = svd(a, { fullMatrices: false })
  const kept = logicalAnd(s.gt(0), s.ge(s.at(0).mul(share)))
  const inverse = where(
    kept,
    asFloat(1)
      .astype(a.dtype)
      .div(where(kept, s, 1)),
    0,
  )
  const x = vt.T.matmul(u.T.matmul(b).mul(inverse.reshape([-1, 1])))
  return { x, rank: sum(convert(kept, 'int32')), s }
}
