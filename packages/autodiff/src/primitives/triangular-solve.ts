import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { range, shapesEqual, showShape } from '../array/shape.ts'
import { showAval } from '../core/jaxpr.ts'
import { definePrimitive, type Primitive, type Tangent } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { solveTriangle } from '../interpreter/factor.ts'
import { eachMatrix, transposed } from '../interpreter/matrices.ts'
import { div, neg, sub } from './arithmetic.ts'
import { not, select } from './comparison.ts'
import { isLinear, known } from './linear.ts'
import {
  alongAll,
  alongColumns,
  alongRows,
  batchColumns,
  batchMatrices,
  checkSquareFloat,
  columnAt,
  entryAt,
  isAt,
  isFrom,
  lowerMatrices,
  lowerPart,
  outer,
  product,
  rowAt,
  swap,
  upperPart,
} from './matrices.ts'

type TriangularParams = {
  readonly leftSide: boolean
  readonly lower: boolean
  readonly transposeA: boolean
  readonly unitDiagonal: boolean
}

export interface TriangularSolveOptions {
  /** Solve op(a) x = b; else x op(a) = b. @defaultValue false */
  readonly leftSide?: boolean
  /** Read the lower triangle of a; else the upper one. @defaultValue false */
  readonly lower?: boolean
  /** op(a) is the transpose of a. @defaultValue false */
  readonly transposeA?: boolean
  /** Has no effect on real numbers. @defaultValue false */
  readonly conjugateA?: boolean
  /** Take the diagonal of a to be ones. @defaultValue false */
  readonly unitDiagonal?: boolean
}

/** The x with op(a) x = b, or x op(a) = b, for a triangular a; the other triangle of a is not read. */
export const triangularSolvePrimitive: Primitive<TriangularParams> = definePrimitive<TriangularParams>({
  name: 'triangular_solve',
  abstractEval([a, b], { leftSide }) {
    const { shape, dtype } = checkSquareFloat('triangularSolve', a!)
    const n = shape[shape.length - 1]
    const side = leftSide ? b!.shape.length - 2 : b!.shape.length - 1
    if (
      b!.shape.length !== shape.length ||
      b!.shape[side] !== n ||
      !shapesEqual(shape.slice(0, -2), b!.shape.slice(0, -2))
    ) {
      throw new ShapeError(
        `triangularSolve: a ${showAval(a!)} and b ${showAval(b!)} do not fit: b must have the same leading axes and ${n} ${leftSide ? 'rows' : 'columns'}, not ${showShape(b!.shape.slice(-2))}`,
      )
    }
    if (b!.dtype !== dtype)
      throw new DTypeError(
        `triangularSolve: the dtypes ${dtype} and ${b!.dtype} differ; convert one with x.astype("${dtype}")`,
      )
    return [{ shape: b!.shape, dtype }]
  },
  evaluate: (inputs, avals, { leftSide, ...rest }, outputs) =>
    eachMatrix(inputs, avals, outputs, [2], (a, b) => {
      if (leftSide) return [solveTriangle(a!, b!, rest).data]
      return [transposed(solveTriangle(a!, transposed(b!), { ...rest, transposeA: !rest.transposeA })).data]
    }),
  jvp([a, b], [da, db], params) {
    const x = triangularSolve(a!, b!, params)
    const solve = (right: NDArray): NDArray => triangularSolve(a!, right, params)
    if (!da) return { outputs: [x], tangents: [db ? solve(db) : null] }
    // op(a) dx = db − op(da) x
    const k = params.unitDiagonal ? 1 : 0
    const triangle = params.lower ? lowerPart(da, -k) : upperPart(da, k)
    const change = params.transposeA ? swap(triangle) : triangle
    const moved = params.leftSide ? product(change, x) : product(x, change)
    return { outputs: [x], tangents: [solve(db ? sub(db, moved) : neg(moved))] }
  },
  transpose([ct], [a, b], params): readonly Tangent[] {
    if (!ct || !isLinear(b!)) {
      known('triangularSolve', a!)
      return [null, null]
    }
    const matrix = known('triangularSolve', a!)
    return [null, triangularSolve(matrix, ct, { ...params, transposeA: !params.transposeA })]
  },
  batch([a, b], [da, db], params, size) {
    if (da == null && params.leftSide) return batchColumns(b!, db!, (columns) => triangularSolve(a!, columns, params))
    return batchMatrices([a!, b!], [da!, db!], size, (x, y) => [triangularSolve(x!, y!, params)])
  },
  lower: lowerMatrices('triangularSolve', ([a, b], params) => [substituteBySide(a!, b!, params)]),
})

/**
 * The x with op(a) x = b (`leftSide`) or x op(a) = b, for triangular a. Where the diagonal of a has a zero there are
 * infinities or NaN.
 *
 * @throws ShapeError when a is not square or b does not fit, DTypeError for integers.
 * @see JAX's `jax.lax.linalg.triangular_solve`
 * @example lax.linalg.triangularSolve(np.array([[2, 0], [1, 1]]), np.array([[2], [3]]), { leftSide: true, lower: true }) // [[1], [2]]
 */
export const triangularSolve = (
  a: NDArray,
  b: NDArray,
  { leftSide = false, lower = false, transposeA = false, unitDiagonal = false }: TriangularSolveOptions = {},
): NDArray => bind1(triangularSolvePrimitive, [a, b], { leftSide, lower, transposeA, unitDiagonal })

// ── in a graph ─────────────────────────────────────────────────────────────

function substituteBySide(a: NDArray, b: NDArray, { leftSide, lower, transposeA, unitDiagonal }: TriangularParams) {
  const matrix = transposeA === leftSide ? swap(a) : a
  const isLower = lower !== (transposeA === leftSide)
  const x = substitute(matrix, leftSide ? b : swap(b), isLower, unitDiagonal)
  return leftSide ? x : swap(x)
}

/** The x with a x = b for triangular a, by operations: one step a row. */
export function substitute(a: NDArray, b: NDArray, lower: boolean, unitDiagonal: boolean): NDArray {
  const order = range(a.shape[a.ndim - 1]!)
  return (lower ? order : order.reverse()).reduce((x, k) => step(k, x, a, lower, unitDiagonal), b)
}

/** Row `k` is divided by the diagonal, and its multiples are taken from the rows that are still to come. */
function step(k: number, x: NDArray, a: NDArray, lower: boolean, unitDiagonal: boolean): NDArray {
  const column = columnAt(a, k)
  const row = rowAt(x, k)
  const solved = unitDiagonal ? row : div(row, alongAll(entryAt(column, k), row.shape))
  const rest = sub(x, outer(column, solved))
  const rows = column.shape
  const toCome = lower ? isFrom(rows, k + 1) : not(isFrom(rows, k))
  const kept = unitDiagonal ? x : select(alongRows(isAt(rows, k), x.shape), alongColumns(solved, x.shape), x)
  return select(alongRows(toCome, x.shape), rest, kept)
}
