import { allocate, type TypedArray } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { range, sizeOf } from '../array/shape.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind1, trace } from '../core/trace.ts'
import { div, mul, neg, sub } from './arithmetic.ts'
import { eq, select } from './comparison.ts'
import { convert } from './convert.ts'
import { iota } from './creation.ts'
import { dot } from './dot.ts'
import type { NoParams } from './elementwise.ts'
import { allUnused, alongColumns, alongRows, checkSquareFloat, findPivot, pickRow, pivotRow } from './elimination.ts'
import { concatenate } from './concatenate.ts'
import { sliceAxis } from './slicing.ts'
import { broadcastInDim } from './broadcast.ts'
import { moveAxis, reshape } from './reshape.ts'

/**
 * The inverse of square matrices, over any leading axes, by Gauss and Jordan's elimination with partial pivoting.
 * Infinities and NaN for a singular one.
 */
export const inversePrimitive: Primitive<NoParams> = definePrimitive<NoParams>({
  name: 'inverse',
  abstractEval(inputs) {
    const { shape, dtype } = checkSquareFloat('inverse', inputs)
    return [{ shape, dtype }]
  },
  evaluate([x], [aval]) {
    const { shape, dtype } = aval!
    const n = shape[shape.length - 1]!
    const out = allocate(dtype, sizeOf(shape))
    for (let at = 0; at < out.length; at += n * n) out.set(invert(x!.subarray(at, at + n * n), n), at)
    return [out]
  },
  jvp([x], [dx]) {
    const output = inverse(x!)
    return { outputs: [output], tangents: [dx ? neg(product(product(output, dx), output)) : null] }
  },
  transpose: notLinear,
  batch: ([x], [dim]) => ({ outputs: [inverse(moveAxis(x!, dim!, 0))], dims: [0] }),
  lower(graph, [x], _, [output]) {
    if (sizeOf(output!.shape) === 0) return [{ ...graph.scalar(0, output!.dtype), aval: output! }]
    const { jaxpr } = trace('inverse', [output!], (m) => [eliminate(m!)])
    return graph.inline(jaxpr, [graph.materialize(x!)])
  },
})
export const inverse = (x: NDArray): NDArray => bind1(inversePrimitive, [x], {})

/** The product of stacks of matrices. */
function product(x: NDArray, y: NDArray): NDArray {
  const lead = range(x.ndim - 2)
  return dot(x, y, { contract: [[x.ndim - 1], [x.ndim - 2]], batch: [lead, lead] })
}

function invert(x: TypedArray, n: number): Float64Array {
  const width = 2 * n
  const m = new Float64Array(n * width)
  for (let i = 0; i < n; i++) {
    m.set(x.subarray(i * n, (i + 1) * n), i * width)
    m[i * width + n + i] = 1
  }
  const used = new Array<boolean>(n).fill(false)
  const out = new Float64Array(n * n)
  const order: number[] = []
  for (let k = 0; k < n; k++) {
    const pivot = pivotRow(m, width, k, used)
    used[pivot] = true
    order.push(pivot)
    const value = m[pivot * width + k]!
    for (let j = 0; j < width; j++) m[pivot * width + j]! /= value
    for (let i = 0; i < n; i++) {
      const factor = m[i * width + k]!
      if (i !== pivot) for (let j = 0; j < width; j++) m[i * width + j]! -= factor * m[pivot * width + j]!
    }
  }
  order.forEach((row, k) => out.set(m.subarray(row * width + n, (row + 1) * width), k * n))
  return out
}

/** The same on `[…, n, n]` as operations, one step a column. */
function eliminate(x: NDArray): NDArray {
  const n = x.shape[x.ndim - 1]!
  const last = x.ndim - 1
  const identity = convert(eq(iota([n, n], 0, 'int32'), iota([n, n], 1, 'int32')), x.dtype)
  let m = concatenate([x, broadcastInDim(identity, x.shape, [last - 1, last])], last)
  let unused = allUnused(x)
  const pivots: NDArray[] = []
  for (let k = 0; k < n; k++) {
    const pivot = findPivot(m, k, unused)
    const row = div(pivot.row, broadcastInDim(pivot.value, pivot.row.shape, range(last - 1)))
    const others = sub(m, mul(alongRows(pivot.column, m), alongColumns(row, m)))
    m = select(alongRows(pivot.at, m), alongColumns(row, m), others)
    unused = pivot.unused
    pivots.push(pivot.at)
  }
  const right = sliceAxis(m, last, n, 2 * n)
  const rows = pivots.map((at) => reshape(pickRow(right, at), [...x.shape.slice(0, -2), 1, n]))
  return concatenate(rows, last - 1)
}
