import type { NDArray } from '../array/ndarray.ts'
import { range } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind } from '../core/trace.ts'
import { factored } from '../interpreter/factor.ts'
import { eachMatrix, type Matrix } from '../interpreter/matrices.ts'
import { abs, div, mul, rem, sign } from './arithmetic.ts'
import { broadcastInDim, full, like, reduceSum, zerosLike } from './broadcast.ts'
import { and, eq, isFinite, ne, select } from './comparison.ts'
import { convert } from './convert.ts'
import type { NoParams } from './elementwise.ts'
import { lu, permutationMatrix } from './lu.ts'
import { eliminate } from './elimination.ts'
import {
  alongAll,
  alongRows,
  batchMatrices,
  checkSquareFloat,
  diagonalOf,
  entryAt,
  isAt,
  isFrom,
  lowerMatrices,
  places,
  product,
} from './matrices.ts'
import { scaleOf } from './entry-scale.ts'
import { reduceAnd, reduceProd } from './reductions.ts'
import { reshape } from './reshape.ts'
import { sliceAxis } from './slicing.ts'
import { solve } from './solve.ts'
import { log } from './transcendental.ts'
import { adjugate, determinantOfPair, isPair } from './two-by-two.ts'
import { triangularSolve } from './triangular-solve.ts'

/**
 * The determinant of square matrices, over any leading axes, as itself, as its sign and as the logarithm of its
 * absolute value: products and sums over the diagonal of an LU decomposition. Of a singular matrix they are 0, 0 and
 * −∞. The derivative of the determinant is finite there too; that of the logarithm is not.
 */
export const determinantPrimitive: Primitive<NoParams> = definePrimitive<NoParams>({
  name: 'determinant',
  abstractEval([x]) {
    const { shape, dtype } = checkSquareFloat('determinant', x!)
    const aval: Aval = { shape: shape.slice(0, -2), dtype }
    return [aval, aval, aval]
  },
  evaluate: (inputs, avals, _, outputs) =>
    eachMatrix(inputs, avals, outputs, [0, 0, 0], (x) =>
      measure(x!, avals[0]!.dtype === 'float64').map((value) => [value]),
    ),
  jvp([x], [dx]) {
    const outputs = determinant(x!)
    if (!dx) return { outputs, tangents: [null, null, null] }
    // d|A| = tr(adj(A) dA) and d ln|A| = tr(A⁻¹ dA)
    return { outputs, tangents: [traceOf(adjugateTimes(x!, dx)), null, logTangent(x!, dx)] }
  },
  transpose: notLinear,
  batch: (inputs, dims, _, size) => batchMatrices(inputs, dims, size, (x) => determinant(x!)),
  lower: (graph, inputs, params, outputs) =>
    isPair(inputs[0]!.aval) && outputs[0]!.dtype !== 'float64'
      ? lowerClosed(graph, inputs, params, outputs)
      : lowerGeneral(graph, inputs, params, outputs),
})

const lowerGeneral = lowerMatrices('determinant', ([x], _: NoParams, dtype) => measures(x!, dtype === 'float64'))
const lowerClosed = lowerMatrices('determinant', ([x], _: NoParams) => {
  const det = determinantOfPair(x!)
  return [det, sign(det), log(abs(det))]
})

type Measures<T> = [det: T, sign: T, logAbs: T]

export const determinant = (x: NDArray): Measures<NDArray> => bind(determinantPrimitive, [x], {}) as Measures<NDArray>

/** tr(A⁻¹ dA); for 2 × 2 as tr(adj(A) dA) / |A|, which is infinite where A is singular. */
function logTangent(x: NDArray, dx: NDArray): NDArray {
  if (!isPair(x) || x.dtype === 'float64') return traceOf(solve(x, dx))
  const { scaled, scale } = scaleOf(x)
  const numerator = traceOf(product(adjugate(scaled), dx))
  return div(numerator, mul(determinantOfPair(scaled), reshape(scale, numerator.shape)))
}

const traceOf = (x: NDArray): NDArray => reduceSum(diagonalOf(x), [x.ndim - 2])

function measure(x: Matrix, exact: boolean): Measures<number> {
  const n = x.rows
  if (n === 2 && !exact) {
    const [a, b, c, d] = x.data as unknown as [number, number, number, number]
    const closed = a * d - b * c
    return [closed, Math.sign(closed), Math.log(Math.abs(closed))]
  }
  const { lu: factors, pivots } = factored(x, exact)
  let [det, signOf, logAbs] = [1, 1, 0]
  for (let k = 0; k < n; k++) {
    const value = factors.data[k * n + k]!
    const parity = pivots[k] === k ? 1 : -1
    det *= parity * value
    signOf *= parity * Math.sign(value)
    logAbs += Math.log(Math.abs(value))
  }
  return [det, signOf, logAbs]
}

/** 1 for an even number of exchanges, −1 for an odd one. */
function parityOf(pivots: NDArray, dtype: Aval['dtype']): NDArray {
  const exchanged = convert(ne(pivots, places(pivots.shape)), 'int32')
  const count = reduceSum(exchanged, [pivots.ndim - 1])
  const even = eq(rem(count, like(count, 2)), like(count, 0))
  return select(even, full(count.shape, 1, dtype), full(count.shape, -1, dtype))
}

/** The same as `measure` by operations. */
function measures(x: NDArray, exact: boolean): Measures<NDArray> {
  const { m, pivots } = eliminate(x, undefined, exact)
  const diagonal = diagonalOf(m)
  const last = [diagonal.ndim - 1]
  const parity = parityOf(pivots, x.dtype)
  return [
    mul(parity, reduceProd(diagonal, last)),
    mul(parity, reduceProd(sign(diagonal), last)),
    reduceSum(log(abs(diagonal)), last),
  ]
}

/**
 * adj(A) B = |A| A⁻¹ B, from the LU decomposition of A and finite where A is singular: |A| is multiplied in before the
 * last pivot, which may be 0, is divided by. A matrix that lacks more than one rank has an adjugate of zeros.
 */
function adjugateTimes(a: NDArray, b: NDArray): NDArray {
  const n = a.shape[a.ndim - 1]!
  if (n <= 1) return b
  if (n === 2) return product(adjugate(a), b)
  const last = a.ndim - 1
  const [factors, pivots, permutation] = lu(a)
  const diagonal = diagonalOf(factors)
  const parity = parityOf(pivots, a.dtype)
  const partial = mul(parity, reduceProd(sliceAxis(diagonal, last - 1, 0, n - 1), [last - 1]))
  const det = mul(partial, entryAt(diagonal, n - 1))
  // The last pivot is replaced by 1 over the product of the others.
  const corner = and(alongRows(isAt(diagonal.shape, n - 1), a.shape), isFrom(a.shape, n - 1))
  const upper = select(corner, alongAll(div(like(partial, 1), partial), a.shape), factors)
  const ones = full([...a.shape.slice(0, -1), 1], 1, a.dtype)
  const probe = isFinite(triangularSolve(upper, ones, { leftSide: true, lower: false }))
  const regular = alongAll(reduceAnd(probe, [last - 1, last]), b.shape)
  const zero = zerosLike(b)
  const moved = product(permutationMatrix(permutation, a.dtype), select(regular, b, zero))
  const solved = triangularSolve(factors, moved, { leftSide: true, lower: true, unitDiagonal: true })
  const isLast = broadcastInDim(isFrom(diagonal.shape, n - 1), b.shape, range(last))
  const scaled = select(isLast, solved, mul(solved, alongAll(det, b.shape)))
  return select(regular, triangularSolve(upper, scaled, { leftSide: true, lower: false }), zero)
}
