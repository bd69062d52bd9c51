import type { NDArray } from '../array/ndarray.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind } from '../core/trace.ts'
import { eighOf } from '../interpreter/eigh.ts'
import { eachMatrix, symmetrized, transposed } from '../interpreter/matrices.ts'
import { add, div, mul, sub } from './arithmetic.ts'
import { like } from './broadcast.ts'
import { select } from './comparison.ts'
import {
  allFinite,
  alongColumns,
  alongRows,
  batchMatrices,
  checkSquareFloat,
  diagonalOf,
  identity,
  isLower,
  isUpper,
  lowerMatrices,
  orNaN,
  product,
  swap,
  symmetrize,
} from './matrices.ts'
import { jacobi } from './eigh-steps.ts'

type EighParams = { readonly lower: boolean; readonly symmetrizeInput: boolean }
type Eigh<T> = [vectors: T, values: T]

/**
 * The eigenvectors (as columns) and eigenvalues (ascending) of symmetric matrices; one triangle is read, or the mean of
 * the two where `symmetrizeInput` says so. The sign of each vector is that of its last entry which is not small.
 * Derivatives are those for distinct eigenvalues; NaN where two are equal.
 */
export const eighPrimitive: Primitive<EighParams> = definePrimitive<EighParams>({
  name: 'eigh',
  abstractEval([x]) {
    const { shape, dtype } = checkSquareFloat('eigh', x!)
    return [
      { shape, dtype },
      { shape: shape.slice(0, -1), dtype },
    ]
  },
  evaluate: (inputs, avals, { lower, symmetrizeInput }, outputs) =>
    eachMatrix(inputs, avals, outputs, [2, 1], (x) => {
      const { vectors, values } = eighOf(symmetrizeInput ? symmetrized(x!) : lower ? x! : transposed(x!))
      return [vectors.data, values]
    }),
  jvp([x], [dx], params) {
    const outputs = eigh(x!, params)
    if (!dx) return { outputs, tangents: [null, null] }
    const [v, w] = outputs
    const change = product(swap(v), params.symmetrizeInput ? symmetrize(dx) : dx, v)
    const one = identity(change.shape, change.dtype)
    const gaps = sub(add(one, alongColumns(w, change.shape)), alongRows(w, change.shape))
    const inverse = sub(div(like(gaps, 1), gaps), one)
    return { outputs, tangents: [product(v, mul(inverse, change)), diagonalOf(change)] }
  },
  transpose: notLinear,
  batch: (inputs, dims, params, size) => batchMatrices(inputs, dims, size, (x) => eigh(x!, params)),
  lower: lowerMatrices('eigh', ([x], { lower, symmetrizeInput }) => {
    const whole = symmetrizeInput ? symmetrize(x!) : mirrored(x!, lower)
    const ok = allFinite(whole)
    return jacobi(whole).map((y) => orNaN(ok, y))
  }),
})

/**
 * The eigenvectors (columns) and eigenvalues (ascending) of symmetric matrices.
 *
 * @see JAX's `jax.lax.linalg.eigh`
 * @example
 * const [v, w] = lax.linalg.eigh(np.array([[2, 0], [0, 1]]))
 * w // [1, 2]
 */
export const eigh = (x: NDArray, { lower = true, symmetrizeInput = true }: Partial<EighParams> = {}): Eigh<NDArray> =>
  bind(eighPrimitive, [x], { lower, symmetrizeInput }) as Eigh<NDArray>

/** The one triangle in both. */
function mirrored(x: NDArray, lower: boolean): NDArray {
  return select(lower ? isLower(x.shape) : isUpper(x.shape), x, swap(x))
}
