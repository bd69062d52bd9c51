import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { shapesEqual, sizeOf } from '../array/shape.ts'
import { showAval } from '../core/jaxpr.ts'
import type { GraphValue } from '../core/lowering.ts'
import { definePrimitive, type Primitive, type Tangent } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { factored, solveFactored } from '../interpreter/factor.ts'
import { eachMatrix } from '../interpreter/matrices.ts'
import { neg, sub } from './arithmetic.ts'
import { isLinear, known } from './linear.ts'
import { solveByColumns } from './lu-steps.ts'
import { batchColumns, batchMatrices, checkSquareFloat, lowerMatrices, product, swap } from './matrices.ts'
import { hasClosedForm, lowerByAdjugate } from './two-by-two.ts'

type SolveParams = { readonly transposeA: boolean }

/**
 * The x with a x = b (aᵀ x = b with `transposeA`), by LU decomposition with partial pivoting and substitution. For a
 * singular matrix there are infinities or NaN, those of the substitution.
 */
export const solvePrimitive: Primitive<SolveParams> = definePrimitive<SolveParams>({
  name: 'solve',
  abstractEval([a, b]) {
    const { shape, dtype } = checkSquareFloat('solve', a!)
    const rows = b!.shape[shape.length - 2]
    if (
      b!.shape.length !== shape.length ||
      rows !== shape[shape.length - 1] ||
      !shapesEqual(shape.slice(0, -2), b!.shape.slice(0, -2))
    ) {
      throw new ShapeError(
        `solve: a ${showAval(a!)} and b ${showAval(b!)} do not fit: b must have the same leading axes and as many rows`,
      )
    }
    if (b!.dtype !== dtype)
      throw new DTypeError(`solve: the dtypes ${dtype} and ${b!.dtype} differ; convert one with x.astype("${dtype}")`)
    return [{ shape: b!.shape, dtype }]
  },
  evaluate: (inputs, avals, { transposeA }, outputs) =>
    eachMatrix(inputs, avals, outputs, [2], (a, b) => [
      solveFactored(factored(a!, avals[0]!.dtype === 'float64'), b!, transposeA).data,
    ]),
  jvp([a, b], [da, db], { transposeA }) {
    const x = solve(a!, b!, transposeA)
    if (!da) return { outputs: [x], tangents: [db ? solve(a!, db, transposeA) : null] }
    // a dx = db − da x
    const moved = product(transposeA ? swap(da) : da, x)
    return { outputs: [x], tangents: [solve(a!, db ? sub(db, moved) : neg(moved), transposeA)] }
  },
  transpose([ct], [a, b], { transposeA }): readonly Tangent[] {
    const matrix = known('solve', a!)
    return [null, ct && isLinear(b!) ? solve(matrix, ct, !transposeA) : null]
  },
  batch([a, b], [da, db], { transposeA }, size) {
    if (da == null) return batchColumns(b!, db!, (columns) => solve(a!, columns, transposeA))
    return batchMatrices([a!, b!], [da, db!], size, (x, y) => [solve(x!, y!, transposeA)])
  },
  lower(graph, [a, b], params, [output]) {
    const general = (): readonly GraphValue[] => lowerGeneral(graph, [a!, b!], params, [output!])
    if (!hasClosedForm(graph, a!.aval, output!.dtype) || sizeOf(output!.shape) === 0) return general()
    const times = (adjugated: NDArray, right: NDArray): NDArray =>
      product(params.transposeA ? swap(adjugated) : adjugated, right)
    return lowerByAdjugate(graph, [a!, b!], output!, times, general)
  },
})
const lowerGeneral = lowerMatrices('solve', ([a, b], { transposeA }: SolveParams, dtype) => [
  solveByColumns(a!, b!, transposeA, dtype === 'float64'),
])

/** The x with a x = b, or aᵀ x = b, for matrices a `[…, n, n]` and b `[…, n, k]`. */
export const solve = (a: NDArray, b: NDArray, transposeA = false): NDArray =>
  bind1(solvePrimitive, [a, b], { transposeA })
