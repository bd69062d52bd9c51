import type { NDArray } from '../array/ndarray.ts'
import { range } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind } from '../core/trace.ts'
import { factored } from '../interpreter/factor.ts'
import { eachMatrix } from '../interpreter/matrices.ts'
import { add } from './arithmetic.ts'
import { broadcastInDim, full } from './broadcast.ts'
import { concatenate } from './concatenate.ts'
import { eq } from './comparison.ts'
import { convert } from './convert.ts'
import type { NoParams } from './elementwise.ts'
import { luByColumns } from './lu-steps.ts'
import {
  batchMatrices,
  checkMatrixFloat,
  identity,
  lowerMatrices,
  lowerPart,
  places,
  product,
  upperPart,
} from './matrices.ts'
import { sliceAxis } from './slicing.ts'
import { triangularSolve } from './triangular-solve.ts'

type Lu<T> = [lu: T, pivots: T, permutation: T]

/**
 * LU decomposition with partial pivoting of matrices [..., m, n]: L below the diagonal, where it has ones, and U; the
 * row exchanged with each of the first min(m, n) rows; and which row of the matrix each row is.
 */
export const luPrimitive: Primitive<NoParams> = definePrimitive<NoParams>({
  name: 'lu',
  abstractEval([x]) {
    const { shape, dtype } = checkMatrixFloat('lu', x!)
    const lead = shape.slice(0, -2)
    const [rows, columns] = shape.slice(-2) as [number, number]
    const vector = (n: number): Aval => ({ shape: [...lead, n], dtype: 'int32' })
    return [{ shape, dtype }, vector(Math.min(rows, columns)), vector(rows)]
  },
  evaluate: (inputs, avals, _, outputs) =>
    eachMatrix(inputs, avals, outputs, [2, 1, 1], (x) => {
      const found = factored(x!, avals[0]!.dtype === 'float64')
      return [found.lu.data, found.pivots, found.permutation]
    }),
  jvp([x], [dx]) {
    const outputs = lu(x!)
    return { outputs, tangents: [dx ? tangentOf(outputs[0], outputs[2], dx) : null, null, null] }
  },
  transpose: notLinear,
  batch: (inputs, dims, _, size) => batchMatrices(inputs, dims, size, (x) => lu(x!)),
  lower: lowerMatrices('lu', ([x], _, dtype) => luByColumns(x!, dtype === 'float64')),
})

/**
 * LU decomposition with partial pivoting: L (ones on its diagonal, not stored) and U in one array, the pivots, and the
 * permutation of the rows.
 *
 * @see JAX's `jax.lax.linalg.lu`
 * @example
 * const [lu, pivots, permutation] = lax.linalg.lu(np.array([[1, 2], [2, 8]]))
 * lu // [[2, 8], [0.5, -2]]
 * pivots // [1, 1]
 * permutation // [1, 0]
 */
export const lu = (x: NDArray): Lu<NDArray> => bind(luPrimitive, [x], {}) as Lu<NDArray>

/** The matrix with a one in each row, that puts the rows in the order of `permutation`. */
export function permutationMatrix(permutation: NDArray, dtype: Aval['dtype']): NDArray {
  const n = permutation.shape[permutation.ndim - 1]!
  const shape = [...permutation.shape, n]
  return convert(eq(broadcastInDim(permutation, shape, range(permutation.ndim)), places(shape)), dtype)
}

/** dLU = L tril(M, −1) + triu(M) U of M = L⁻¹ P dA U⁻¹, with L and U made square. */
function tangentOf(factors: NDArray, permutation: NDArray, dx: NDArray): NDArray {
  const [m, n] = factors.shape.slice(-2) as [number, number]
  const k = Math.min(m, n)
  const rank = factors.ndim
  const { dtype } = factors
  const lead = factors.shape.slice(0, -2)
  const left = sliceAxis(factors, rank - 1, 0, k)
  const square = m > k ? concatenate([left, full([...lead, m, m - k], 0, dtype)], rank - 1) : left
  const l = add(lowerPart(square, -1), identity(square.shape, dtype))
  const top = sliceAxis(factors, rank - 2, 0, k)
  const u = n > k ? concatenate([upperPart(top), bottomOf(lead, k, n, dtype)], rank - 2) : upperPart(top)
  const moved = product(permutationMatrix(permutation, dtype), dx)
  const la = triangularSolve(l, moved, { leftSide: true, lower: true, unitDiagonal: true })
  const lau = triangularSolve(u, la, { leftSide: false, lower: false })
  return add(product(l, lowerPart(lau, -1)), product(upperPart(lau), u))
}

/** The rows of the identity from `k` on. */
const bottomOf = (lead: readonly number[], k: number, n: number, dtype: Aval['dtype']): NDArray =>
  sliceAxis(identity([...lead, n, n], dtype), lead.length, k, n)
