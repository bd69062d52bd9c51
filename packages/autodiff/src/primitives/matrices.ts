import { allocate, type DType, encodeElement, isFloat, type TypedArray } from '../array/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../array/errors.ts'
import { fromHost, type NDArray } from '../array/ndarray.ts'
import { range, type Shape, showShape, sizeOf } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import type { BatchResult, Params } from '../core/primitive.ts'
import { trace } from '../core/trace.ts'
import { add, div } from './arithmetic.ts'
import { broadcastAxis, broadcastInDim, full, like, reduceSum, zerosLike } from './broadcast.ts'
import { and, eq, ge, isFinite, select } from './comparison.ts'
import { convert } from './convert.ts'
import { hasQuickDoubles } from './double.ts'
import { iota } from './creation.ts'
import { dot } from './dot.ts'
import { reduceAnd } from './reductions.ts'
import { moveAxis, reshape, transpose } from './reshape.ts'
import { sliceAxis } from './slicing.ts'

/**
 * What the primitives of linear algebra share. They work on the last two axes, the axes before are a batch. A
 * decomposition is computed in double precision and rounded at the end, on the host and, where the device has doubles,
 * there too. A graph holds its steps one after the other, each on whole arrays with masks.
 */

// ── shapes ─────────────────────────────────────────────────────────────────

export function checkMatrixFloat(name: string, x: Aval): Aval {
  if (x.shape.length < 2) {
    throw new ShapeError(`${name}: takes a matrix (with any leading axes), not ${showShape(x.shape)}`)
  }
  if (!isFloat(x.dtype)) {
    throw new DTypeError(`${name}: takes floats, not ${x.dtype}; convert with x.astype("float32")`)
  }
  return x
}

export function checkSquareFloat(name: string, x: Aval): Aval {
  const [rows, columns] = x.shape.slice(-2)
  if (x.shape.length < 2 || rows !== columns) {
    throw new ShapeError(`${name}: takes a square matrix (with any leading axes), not ${showShape(x.shape)}`)
  }
  return checkMatrixFloat(name, x)
}

/** The batch rule of a function of matrices: the batch axes go first. */
export function batchMatrices(
  inputs: readonly NDArray[],
  dims: readonly (number | null)[],
  size: number,
  f: (...inputs: NDArray[]) => readonly NDArray[],
): BatchResult {
  const front = inputs.map((x, i) => {
    const dim = dims[i]
    return dim == null ? broadcastAxis(x, 0, size) : moveAxis(x, dim, 0)
  })
  const outputs = f(...front)
  return { outputs, dims: outputs.map(() => 0) }
}

/** The batch rule of a function of the columns of a matrix: the batch gives more columns. */
export function batchColumns(x: NDArray, dim: number, f: (columns: NDArray) => NDArray): BatchResult {
  const last = moveAxis(x, dim, x.ndim - 1)
  const [columns, size] = last.shape.slice(-2) as [number, number]
  const output = f(reshape(last, [...last.shape.slice(0, -2), columns * size]))
  return { outputs: [reshape(output, [...output.shape.slice(0, -1), columns, size])], dims: [last.ndim - 1] }
}

// ── operations ─────────────────────────────────────────────────────────────

/** The matrices transposed. */
export const swap = (x: NDArray): NDArray => transpose(x, [...range(x.ndim - 2), x.ndim - 1, x.ndim - 2])

/** The products of stacks of matrices with the same leading axes. */
export function product(x: NDArray, y: NDArray, ...more: NDArray[]): NDArray {
  const lead = range(x.ndim - 2)
  const xy = dot(x, y, { contract: [[x.ndim - 1], [x.ndim - 2]], batch: [lead, lead] })
  const [next, ...rest] = more
  return next === undefined ? xy : product(xy, next, ...rest)
}

/** Half the sum of a matrix and its transpose. */
export const symmetrize = (x: NDArray): NDArray => div(add(x, swap(x)), like(x, 2))

const rowOf = (shape: Shape): NDArray => iota(shape, shape.length - 2, 'int32')
const columnOf = (shape: Shape): NDArray => iota(shape, shape.length - 1, 'int32')

/** Where the column is at most `k` to the right of the row: the lower triangle with the diagonal for k = 0. */
export const isLower = (shape: Shape, k = 0): NDArray => ge(add(rowOf(shape), full(shape, k, 'int32')), columnOf(shape))
export const isUpper = (shape: Shape, k = 0): NDArray => ge(columnOf(shape), add(rowOf(shape), full(shape, k, 'int32')))
const isDiagonal = (shape: Shape): NDArray => eq(rowOf(shape), columnOf(shape))

export const lowerPart = (x: NDArray, k = 0): NDArray => select(isLower(x.shape, k), x, zerosLike(x))
export const upperPart = (x: NDArray, k = 0): NDArray => select(isUpper(x.shape, k), x, zerosLike(x))

/** Ones on the diagonal of every matrix, zeros beside it. */
export const identity = (shape: Shape, dtype: Aval['dtype']): NDArray => {
  const [n, m] = shape.slice(-2) as [number, number]
  // Few numbers are part of the program, so that what is made of them alone is computed while tracing.
  const few = n * m <= 25 && isFloat(dtype)
  const matrix = few ? smallIdentity(n, m, dtype) : convert(isDiagonal([n, m]), dtype)
  return broadcastInDim(matrix, shape, [shape.length - 2, shape.length - 1])
}

function smallIdentity(n: number, m: number, dtype: Aval['dtype']): NDArray {
  const data: TypedArray = allocate<DType>(dtype, n * m)
  for (let i = 0; i < Math.min(n, m); i++) data[i * m + i] = encodeElement(1, dtype)
  return fromHost(data, [n, m], dtype)
}

/** The diagonal of square matrices. */
export const diagonalOf = (x: NDArray): NDArray => reduceSum(select(isDiagonal(x.shape), x, zerosLike(x)), [x.ndim - 1])

/** `[…, n]` repeated to `[…, n, width]`: one number a row. */
export const alongRows = (x: NDArray, shape: Shape): NDArray => broadcastInDim(x, shape, range(shape.length - 1))

/** `[…, width]` repeated to `[…, n, width]`: one number a column. */
export const alongColumns = (x: NDArray, shape: Shape): NDArray =>
  broadcastInDim(
    x,
    shape,
    range(shape.length).filter((axis) => axis !== shape.length - 2),
  )

/** `[…]` repeated to one more axis or two. */
export const alongAll = (x: NDArray, shape: Shape): NDArray => broadcastInDim(x, shape, range(x.ndim))

/** The products of each entry of `x` `[…, n]` and each of `y` `[…, width]`. */
export function outer(x: NDArray, y: NDArray): NDArray {
  const shape = [...x.shape, y.shape[y.ndim - 1]!]
  return alongRows(x, shape).mul(alongColumns(y, shape))
}

/** Column `k` as `[…, n]`. */
export const columnAt = (x: NDArray, k: number): NDArray =>
  reshape(sliceAxis(x, x.ndim - 1, k, k + 1), x.shape.slice(0, -1))

/** Row `k` as `[…, width]`. */
export const rowAt = (x: NDArray, k: number): NDArray =>
  reshape(sliceAxis(x, x.ndim - 2, k, k + 1), [...x.shape.slice(0, -2), x.shape[x.ndim - 1]!])

/** Entry `k` of `[…, n]` as `[…]`. */
export const entryAt = (x: NDArray, k: number): NDArray =>
  reshape(sliceAxis(x, x.ndim - 1, k, k + 1), x.shape.slice(0, -1))

/** The place in the last axis of each element. */
export const places = (shape: Shape): NDArray => iota(shape, shape.length - 1, 'int32')
export const isAt = (shape: Shape, k: number): NDArray => eq(places(shape), full(shape, k, 'int32'))
export const isFrom = (shape: Shape, k: number): NDArray => ge(places(shape), full(shape, k, 'int32'))

/** The row where `at` `[…, n]` is true; what the others hold does not matter. */
export const pickRow = (x: NDArray, at: NDArray): NDArray =>
  reduceSum(select(alongRows(at, x.shape), x, zerosLike(x)), [x.ndim - 2])

/** The entry of `x` `[…, n]` where `at` is true. */
export const pickEntry = (x: NDArray, at: NDArray): NDArray => reduceSum(select(at, x, zerosLike(x)), [x.ndim - 1])

/** NaN for every matrix of the batch for which `ok` is false. */
export const orNaN = (ok: NDArray, x: NDArray): NDArray => select(alongAll(ok, x.shape), x, like(x, NaN))

/** Whether every number of each matrix is finite. */
export const allFinite = (x: NDArray): NDArray => reduceAnd(isFinite(x), [x.ndim - 2, x.ndim - 1])

export const all = (...conditions: NDArray[]): NDArray => conditions.reduce((a, b) => and(a, b))

// ── lowering ───────────────────────────────────────────────────────────────

/** More rows or columns than this are refused: their graph would have many thousands of nodes. */
const LARGEST = 64

/** Throws for a matrix whose steps are too many for a graph. */
function checkUnrolled(name: string, n: number): void {
  if (n <= LARGEST) return
  throw new ValueError(
    `${name}: a matrix with ${n} rows or columns is too large to be compiled, for a graph holds one step for each; at most ${LARGEST} are possible. Use jit(f, { device: "js" }), or call it outside jit`,
  )
}

/** Lowers to what `f` lowers to; floats are doubles inside where the device has them. */
export const lowerMatrices =
  <P extends Params>(
    name: string,
    f: (inputs: NDArray[], params: P, dtype: Aval['dtype']) => readonly NDArray[],
    size: (inputs: readonly Aval[]) => number = ([x]) => Math.max(...x!.shape.slice(-2)),
  ) =>
  (graph: GraphBuilder, inputs: readonly GraphValue[], params: P, outputs: readonly Aval[]): readonly GraphValue[] => {
    const empty = outputs.every(({ shape }) => sizeOf(shape) === 0)
    if (empty) return outputs.map((aval) => ({ ...graph.scalar(0, aval.dtype), aval }))
    const avals = inputs.map((x) => x.aval)
    checkUnrolled(name, size(avals))
    const { jaxpr } = trace(name, avals, (...operands) => {
      const wide = operands.map((x) => (isFloat(x.dtype) && hasQuickDoubles(graph) ? convert(x, 'float64') : x))
      return f(wide, params, avals[0]!.dtype).map((y, i) => convert(y, outputs[i]!.dtype))
    })
    return graph.inline(
      jaxpr,
      inputs.map((x) => graph.materialize(x)),
    )
  }
