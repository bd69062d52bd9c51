import type { NDArray } from '../array/ndarray.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { eighOf } from '../interpreter/eigh.ts'
import { eachMatrix, type Matrix, matrix, multiplied, symmetrized, transposed } from '../interpreter/matrices.ts'
import { svdOf } from '../interpreter/svd.ts'
import { abs, add, div, mul, neg, sub } from './arithmetic.ts'
import { like, zerosLike } from './broadcast.ts'
import { gt, select } from './comparison.ts'
import { jacobi } from './eigh-steps.ts'
import {
  alongAll,
  alongColumns,
  allFinite,
  batchMatrices,
  checkMatrixFloat,
  checkSquareFloat,
  lowerMatrices,
  orNaN,
  product,
  swap,
  symmetrize,
} from './matrices.ts'
import { reduceMax } from './reductions.ts'
import { orthogonalize } from './svd-steps.ts'

type PinvParams = { readonly rtol: number; readonly hermitian: boolean }

/**
 * The pseudo-inverse of Moore and Penrose: singular values up to `rtol` times the largest count as 0. Its derivative is
 * that of matrices of the same rank, and so finite where singular values are equal or 0.
 */
export const pinvPrimitive: Primitive<PinvParams> = definePrimitive<PinvParams>({
  name: 'pinv',
  abstractEval([x], { hermitian }) {
    const { shape, dtype } = hermitian ? checkSquareFloat('pinv', x!) : checkMatrixFloat('pinv', x!)
    const [m, n] = shape.slice(-2) as [number, number]
    return [{ shape: [...shape.slice(0, -2), n, m], dtype }]
  },
  evaluate: (inputs, avals, { rtol, hermitian }, outputs) =>
    eachMatrix(inputs, avals, outputs, [2], (x) => [inverted(x!, rtol, hermitian).data]),
  jvp([x], [dx], params) {
    const p = pinv(x!, params)
    if (!dx) return { outputs: [p], tangents: [null] }
    // Golub and Pereyra (1973): dP = −P dA P + P Pᵀ dAᵀ (1 − A P) + (1 − P A) dAᵀ Pᵀ P
    const a = params.hermitian ? symmetrize(x!) : x!
    const da = params.hermitian ? symmetrize(dx) : dx
    const [pt, dat] = [swap(p), swap(da)]
    const tall = a.shape[a.ndim - 2]! >= a.shape[a.ndim - 1]!
    const s = tall ? product(p, pt, dat) : product(p, product(pt, dat))
    const t = tall ? product(dat, pt, p) : product(dat, product(pt, p))
    const [sap, pat] = tall
      ? [product(s, a, p), product(p, a, t)]
      : [product(s, product(a, p)), product(p, product(a, t))]
    const direct = neg(product(p, da, p))
    return { outputs: [p], tangents: [add(direct, add(sub(s, sap), sub(t, pat)))] }
  },
  transpose: notLinear,
  batch: (inputs, dims, params, size) => batchMatrices(inputs, dims, size, (x) => [pinv(x!, params)]),
  lower: lowerMatrices('pinv', ([x], params) => [orNaN(allFinite(x!), byOperations(x!, params))]),
})

/** The pseudo-inverse of Moore and Penrose. */
export const pinv = (x: NDArray, params: PinvParams): NDArray => bind1(pinvPrimitive, [x], params)

function inverted(x: Matrix, rtol: number, hermitian: boolean): Matrix {
  const { values, left, right } = hermitian ? ofSymmetric(symmetrized(x)) : ofAny(x)
  const largest = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
  const scaled = matrix(right.rows, right.columns)
  for (let i = 0; i < right.rows; i++) {
    values.forEach((value, j) => {
      const kept = !(Math.abs(value) <= rtol * largest)
      scaled.data[i * right.columns + j] = kept ? right.data[i * right.columns + j]! / value : 0
    })
  }
  return multiplied(scaled, transposed(left))
}

interface Parts {
  readonly values: Float64Array
  readonly left: Matrix
  readonly right: Matrix
}

function ofSymmetric(x: Matrix): Parts {
  const { vectors, values } = eighOf(x)
  return { values, left: vectors, right: vectors }
}

function ofAny(x: Matrix): Parts {
  const { values, u, v } = svdOf(x)
  return { values, left: u, right: v }
}

function byOperations(x: NDArray, { rtol, hermitian }: PinvParams): NDArray {
  const [left, values, right] = hermitian ? vectorsOf(symmetrize(x)) : orthogonalize(x)
  const size = abs(values)
  const largest = reduceMax(size, [size.ndim - 1])
  const kept = gt(size, alongAll(mul(largest, like(largest, rtol)), size.shape))
  const inverse = select(kept, div(like(values, 1), select(kept, values, like(values, 1))), zerosLike(values))
  return product(mul(right, alongColumns(inverse, right.shape)), swap(left))
}

function vectorsOf(x: NDArray): [NDArray, NDArray, NDArray] {
  const [vectors, values] = jacobi(x)
  return [vectors, values, vectors]
}
