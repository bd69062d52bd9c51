import { allocate, type TypedArray } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { range, sizeOf } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind, trace } from '../core/trace.ts'
import { abs, div, mul, rem, sign, sub } from './arithmetic.ts'
import { eq, select } from './comparison.ts'
import type { NoParams } from './elementwise.ts'
import { allUnused, alongColumns, alongRows, checkSquareFloat, findPivot, pivotRow, sumOf } from './elimination.ts'
import { inverse } from './inverse.ts'
import { broadcastInDim, full, reduceSum, zerosLike } from './broadcast.ts'
import { moveAxis, transpose } from './reshape.ts'
import { log } from './transcendental.ts'

/**
 * The determinant of square matrices, over any leading axes, as itself, as its sign and as the logarithm of its
 * absolute value: products and sums over the pivots of an elimination with partial pivoting. Of a singular matrix they
 * are 0, 0 and −∞. The derivatives need the inverse: of a singular matrix they are NaN.
 */
export const determinantPrimitive: Primitive<NoParams> = definePrimitive<NoParams>({
  name: 'determinant',
  abstractEval(inputs) {
    const { shape, dtype } = checkSquareFloat('determinant', inputs)
    const aval: Aval = { shape: shape.slice(0, -2), dtype }
    return [aval, aval, aval]
  },
  evaluate([x], [aval]) {
    const { shape, dtype } = aval!
    const n = shape[shape.length - 1]!
    const outs = [0, 1, 2].map(() => allocate(dtype, sizeOf(shape.slice(0, -2))))
    for (let i = 0; i < outs[0]!.length; i++) {
      measure(x!.subarray(i * n * n, (i + 1) * n * n), n).forEach((value, k) => (outs[k]![i] = value))
    }
    return outs
  },
  jvp([x], [dx]) {
    const outputs = determinant(x!)
    if (!dx) return { outputs, tangents: [null, null, null] }
    // d ln|A| = tr(A⁻¹ dA)
    const swapped = [...range(x!.ndim - 2), x!.ndim - 1, x!.ndim - 2]
    const slope = reduceSum(mul(transpose(inverse(x!), swapped), dx), [x!.ndim - 2, x!.ndim - 1])
    return { outputs, tangents: [mul(outputs[0], slope), null, slope] }
  },
  transpose: notLinear,
  batch: ([x], [dim]) => ({ outputs: determinant(moveAxis(x!, dim!, 0)), dims: [0, 0, 0] }),
  lower(graph, [x], _, [output]) {
    const { jaxpr } = trace('determinant', [x!.aval], (m) => eliminate(m!, output!))
    return graph.inline(jaxpr, [graph.materialize(x!)])
  },
})

type Measures<T> = [det: T, sign: T, logAbs: T]

export const determinant = (x: NDArray): Measures<NDArray> => bind(determinantPrimitive, [x], {}) as Measures<NDArray>

function measure(x: TypedArray, n: number): Measures<number> {
  const m = Float64Array.from(x)
  const used = new Array<boolean>(n).fill(false)
  let [det, sign, logAbs] = [1, 1, 0]
  for (let k = 0; k < n; k++) {
    const pivot = pivotRow(m, n, k, used)
    const value = m[pivot * n + k]!
    const before = used.filter((gone, row) => !gone && row < pivot).length
    const parity = before % 2 === 0 ? 1 : -1
    det *= parity * value
    sign *= parity * Math.sign(value)
    logAbs += Math.log(Math.abs(value))
    used[pivot] = true
    // A column of zeros has nothing to eliminate.
    const safe = value === 0 ? 1 : value
    for (let i = 0; i < n; i++) {
      const factor = m[i * n + k]! / safe
      if (!used[i]) for (let j = 0; j < n; j++) m[i * n + j]! -= factor * m[pivot * n + j]!
    }
  }
  return [det, sign, logAbs]
}

/** The same on `[…, n, n]` as operations, one step a column. */
function eliminate(x: NDArray, output: Aval): Measures<NDArray> {
  const n = x.shape[x.ndim - 1]!
  const one = full(output.shape, 1, x.dtype)
  if (n === 0) return [one, one, zerosLike(one)]
  let m = x
  let unused = allUnused(x)
  const pivots = range(n).map((k) => {
    const pivot = findPivot(m, k, unused)
    const safe = select(eq(pivot.value, zerosLike(one)), one, pivot.value)
    const factor = div(pivot.column, broadcastInDim(safe, pivot.column.shape, range(x.ndim - 2)))
    m = sub(m, mul(alongRows(factor, m), alongColumns(pivot.row, m)))
    unused = pivot.unused
    return pivot
  })
  const even = eq(rem(sumOf(pivots.map((p) => p.before)), full(output.shape, 2, x.dtype)), zerosLike(one))
  const parity = select(even, one, full(output.shape, -1, x.dtype))
  const times = (values: readonly NDArray[]): NDArray => values.reduce((a, b) => mul(a, b), parity)
  return [
    times(pivots.map((p) => p.value)),
    times(pivots.map((p) => sign(p.value))),
    sumOf(pivots.map((p) => log(abs(p.value)))),
  ]
}
