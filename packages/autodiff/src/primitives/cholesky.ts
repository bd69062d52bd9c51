import type { NDArray } from '../array/ndarray.ts'
import { range } from '../array/shape.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { choleskyOf } from '../interpreter/factor.ts'
import { eachMatrix, symmetrized } from '../interpreter/matrices.ts'
import { add, div, sub } from './arithmetic.ts'
import { full, like, zerosLike } from './broadcast.ts'
import { and, gt, not, or, ne, select } from './comparison.ts'
import {
  alongAll,
  alongColumns,
  alongRows,
  batchMatrices,
  checkSquareFloat,
  columnAt,
  entryAt,
  identity,
  isAt,
  isFrom,
  isLower,
  lowerMatrices,
  lowerPart,
  outer,
  product,
  symmetrize,
} from './matrices.ts'
import { triangularSolve } from './triangular-solve.ts'

type CholeskyParams = { readonly symmetrizeInput: boolean }

/**
 * The lower triangular L with L Lᵀ = x for symmetric positive definite x. Only the lower triangle is read, or the mean
 * of the two where `symmetrizeInput` says so. NaN in the lower triangle where there is none. The derivative without
 * `symmetrizeInput` is JAX's: it takes the tangent to be symmetric.
 */
export const choleskyPrimitive: Primitive<CholeskyParams> = definePrimitive<CholeskyParams>({
  name: 'cholesky',
  abstractEval([x]) {
    const { shape, dtype } = checkSquareFloat('cholesky', x!)
    return [{ shape, dtype }]
  },
  evaluate: (inputs, avals, { symmetrizeInput }, outputs) =>
    eachMatrix(inputs, avals, outputs, [2], (x) => [choleskyOf(symmetrizeInput ? symmetrized(x!) : x!).data]),
  jvp([x], [dx], params) {
    const l = cholesky(x!, params)
    if (!dx) return { outputs: [l], tangents: [null] }
    // dL = L Φ(L⁻¹ dA L⁻ᵀ), Φ the lower triangle with half the diagonal
    const change = params.symmetrizeInput ? symmetrize(dx) : dx
    const right = triangularSolve(l, change, { leftSide: false, lower: true, transposeA: true })
    const both = triangularSolve(l, right, { leftSide: true, lower: true })
    const half = div(lowerPart(both), add(like(both, 1), identity(both.shape, both.dtype)))
    return { outputs: [l], tangents: [lowerPart(product(l, half))] }
  },
  transpose: notLinear,
  batch: (inputs, dims, params, size) => batchMatrices(inputs, dims, size, (x) => [cholesky(x!, params)]),
  lower: lowerMatrices('cholesky', ([x], { symmetrizeInput }) => [eliminate(symmetrizeInput ? symmetrize(x!) : x!)]),
})

/**
 * The Cholesky decomposition: the lower triangular L with L Lᵀ = x.
 *
 * @throws ShapeError when the matrices are not square, DTypeError for integers.
 * @see JAX's `jax.lax.linalg.cholesky`
 * @example lax.linalg.cholesky(np.array([[4, 2], [2, 5]])) // [[2, 0], [1, 2]]
 */
export const cholesky = (x: NDArray, { symmetrizeInput = true }: Partial<CholeskyParams> = {}): NDArray =>
  bind1(choleskyPrimitive, [x], { symmetrizeInput })

interface State {
  /** Columns of L before `k`, the rest of the matrix from there on. */
  readonly m: NDArray
  /** False where a pivot was not positive. */
  readonly ok: NDArray
}

/** One step a column: the column is divided by the root of its pivot, and its products are taken from the rest. */
function step(k: number, { m, ok }: State): State {
  const column = columnAt(m, k)
  const pivot = entryAt(column, k)
  const root = alongAll(pivot.sqrt(), column.shape)
  const scaled = select(isFrom(column.shape, k), div(column, root), zerosLike(column))
  const rest = sub(m, outer(scaled, scaled))
  return {
    m: select(
      alongColumns(isFrom(column.shape, k + 1), m.shape),
      rest,
      select(alongColumns(isAt(column.shape, k), m.shape), alongRows(scaled, m.shape), m),
    ),
    // NaN is no failure: it spreads by itself.
    ok: and(ok, or(gt(pivot, zerosLike(pivot)), ne(pivot, pivot))),
  }
}

function eliminate(x: NDArray): NDArray {
  const start: State = { m: x, ok: full(x.shape.slice(0, -2), 1, 'bool') }
  const { m, ok } = range(x.shape[x.ndim - 1]!).reduce((state, k) => step(k, state), start)
  const failed = and(isLower(m.shape), alongAll(not(ok), m.shape))
  return select(failed, like(m, NaN), lowerPart(m))
}
