import { isBig, isFloat } from '../array/dtype.ts'
import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { checkAxes, range, showShape, sizeOf } from '../array/shape.ts'
import type { Parts } from '../core/complex.ts'
import { type Aval, showAval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { definePrimitive, type Primitive, type Tangent } from '../core/primitive.ts'
import { bind1, definedBy } from '../core/trace.ts'
import { bigMatmul } from '../interpreter/big.ts'
import { matmul } from '../interpreter/matmul.ts'
import { transposeData } from '../interpreter/strided.ts'
import { isLinear, known } from './linear.ts'
import { transpose, transposePrimitive } from './reshape.ts'

/** Pairs of axes, `left[i]` with `right[i]`: summed over, or kept as common leading axes. */
export type DotParams = {
  readonly contract: readonly [left: readonly number[], right: readonly number[]]
  readonly batch: readonly [left: readonly number[], right: readonly number[]]
}

/** The axes of an operand that are neither contracted nor batched. */
export const freeAxes = (rank: number, contract: readonly number[], batch: readonly number[]): number[] =>
  range(rank).filter((axis) => !contract.includes(axis) && !batch.includes(axis))

const pick = (shape: readonly number[], axes: readonly number[]): number[] => axes.map((axis) => shape[axis] as number)

/**
 * The sum of products over pairs of axes. The result has the batch axes, then the free axes of the left operand, then
 * those of the right (JAX's dot_general).
 */
export const dotPrimitive: Primitive<DotParams> = definePrimitive<DotParams>({
  name: 'dot_general',
  abstractEval([x, y], { contract, batch }) {
    if (x!.dtype !== y!.dtype)
      throw new DTypeError(`dot: the dtypes ${x!.dtype} and ${y!.dtype} differ; convert one with x.astype(…)`)
    if (x!.dtype === 'bool') throw new DTypeError('dot: bool has no products; convert with x.astype("int32")')
    checkAxes([...batch[0], ...contract[0]], x!.shape, 'dot')
    checkAxes([...batch[1], ...contract[1]], y!.shape, 'dot')
    for (const [left, right] of [contract, batch]) {
      if (left.length !== right.length)
        throw new ShapeError(
          `dot: the axes ${showShape(left)} and ${showShape(right)} come in pairs, so there must be as many of each`,
        )
      left.forEach((axis, i) => {
        const m = x!.shape[axis]
        const n = y!.shape[right[i] as number]
        if (m !== n) {
          throw new ShapeError(
            `dot: axis ${axis} of ${showAval(x!)} and axis ${right[i]} of ${showAval(y!)} are ${m} and ${n} long, they must be equal`,
          )
        }
      })
    }
    const shape = [
      ...pick(x!.shape, batch[0]),
      ...pick(x!.shape, freeAxes(x!.shape.length, contract[0], batch[0])),
      ...pick(y!.shape, freeAxes(y!.shape.length, contract[1], batch[1])),
    ]
    return [{ shape, dtype: x!.dtype }]
  },
  complex([x, y], params) {
    const [a, b] = [x as Parts, y as Parts]
    return [
      {
        re: dot(a.re, b.re, params).sub(dot(a.im, b.im, params)),
        im: dot(a.re, b.im, params).add(dot(a.im, b.re, params)),
      },
    ]
  },
  evaluate([x, y], [left, right], { contract, batch }) {
    const { dtype } = left!
    const leftFree = freeAxes(left!.shape.length, contract[0], batch[0])
    const rightFree = freeAxes(right!.shape.length, contract[1], batch[1])
    const a = transposeData(x!, dtype, left!.shape, [...batch[0], ...leftFree, ...contract[0]])
    const b = transposeData(y!, dtype, right!.shape, [...batch[1], ...contract[1], ...rightFree])
    const size = (aval: Aval, axes: readonly number[]): number => sizeOf(pick(aval.shape, axes))
    const sizes = {
      batch: size(left!, batch[0]),
      m: size(left!, leftFree),
      k: size(left!, contract[0]),
      n: size(right!, rightFree),
    }
    return [isBig(dtype) ? bigMatmul(a, b, dtype, sizes) : matmul(a, b, dtype, sizes)]
  },
  jvp([x, y], [dx, dy], params) {
    const left: Tangent = dx ? dot(dx, y!, params) : null
    const right: Tangent = dy ? dot(x!, dy, params) : null
    return { outputs: [dot(x!, y!, params)], tangents: [left && right ? left.add(right) : (left ?? right)] }
  },
  transpose([ct], [x, y], params) {
    if (!ct) return [null, null]
    if (isLinear(x!)) return [cotangentOfLeft(ct, x.aval, known('dot_general', y!), params), null]
    return [null, cotangentOfRight(ct, x as NDArray, (y as { aval: Aval }).aval, params)]
  },
  batch([x, y], [dx, dy], { contract, batch }) {
    const shift = (axes: readonly number[], d: number): number[] => axes.map((axis) => (axis >= d ? axis + 1 : axis))
    const batched = batch[0].length
    if (dx != null && dy != null) {
      const params: DotParams = {
        contract: [shift(contract[0], dx), shift(contract[1], dy)],
        batch: [
          [dx, ...shift(batch[0], dx)],
          [dy, ...shift(batch[1], dy)],
        ],
      }
      return { outputs: [dot(x!, y!, params)], dims: [0] }
    }
    // A batch axis on one side is one more free axis of it; where it comes to stand is tracked, nothing is moved.
    if (dx != null) {
      const params: DotParams = {
        contract: [shift(contract[0], dx), contract[1]],
        batch: [shift(batch[0], dx), batch[1]],
      }
      const free = freeAxes(x!.ndim, params.contract[0], params.batch[0])
      return { outputs: [dot(x!, y!, params)], dims: [batched + free.indexOf(dx)] }
    }
    const d = dy as number
    const params: DotParams = { contract: [contract[0], shift(contract[1], d)], batch: [batch[0], shift(batch[1], d)] }
    const leftFree = x!.ndim - contract[0].length - batched
    const free = freeAxes(y!.ndim, params.contract[1], params.batch[1])
    return { outputs: [dot(x!, y!, params)], dims: [batched + leftFree + free.indexOf(d)] }
  },
  lower: (graph, [x, y], params, [output]) => [
    // The runtime has no product over nothing for every dtype, nor of one matrix with a stack of none.
    [...output!.shape, ...pick(x!.aval.shape, params.contract[0])].includes(0)
      ? { ...graph.scalar(0, output!.dtype), aval: output! }
      : lowerDot(graph, x!, y!, params, output!),
  ],
  simplify([x, y], { contract, batch }) {
    // A transposed operand is the operand with other axes contracted, if its free axes keep their order.
    const left = untransposed(x!, contract[0], batch[0])
    const right = untransposed(y!, contract[1], batch[1])
    if (left === undefined && right === undefined) return undefined
    const l = left ?? { x: x!, contract: contract[0], batch: batch[0] }
    const r = right ?? { x: y!, contract: contract[1], batch: batch[1] }
    return [dot(l.x, r.x, { contract: [l.contract, r.contract], batch: [l.batch, r.batch] })]
  },
})

/**
 * Products summed over pairs of axes: first the common axes, then what is left of `x`, then of `y`.
 *
 * @see JAX's `lax.dot_general`
 * @example
 * const pairs = { contract: [[2], [1]], batch: [[0], [0]] }
 * lax.dotGeneral(np.ones([5, 2, 3]), np.ones([5, 3]), pairs).shape // [5, 2]
 */
export const dot = (x: NDArray, y: NDArray, params: DotParams): NDArray => bind1(dotPrimitive, [x, y], params)

function untransposed(
  x: NDArray,
  contract: readonly number[],
  batch: readonly number[],
): { x: NDArray; contract: number[]; batch: number[] } | undefined {
  const moved = definedBy(x, transposePrimitive)
  if (moved === undefined) return undefined
  const { permutation } = moved.params
  const free = freeAxes(x.ndim, contract, batch).map((axis) => permutation[axis] as number)
  if (free.some((axis, i) => i > 0 && axis < (free[i - 1] as number))) return undefined
  const origin = (axes: readonly number[]): number[] => axes.map((axis) => permutation[axis] as number)
  return { x: moved.inputs[0]!, contract: origin(contract), batch: origin(batch) }
}

const argsort = (values: readonly number[]): number[] =>
  range(values.length).sort((a, b) => (values[a] as number) - (values[b] as number))

/** The cotangent contracted with the right operand over the right operand's free axes. */
function cotangentOfLeft(ct: NDArray, x: Aval, y: NDArray, { contract, batch }: DotParams): NDArray {
  const kept = freeAxes(x.shape.length, contract[0], batch[0])
  const rightFree = freeAxes(y.ndim, contract[1], batch[1])
  const batchAxes = range(batch[0].length)
  const ctRight = range(rightFree.length).map((i) => batch[0].length + kept.length + i)
  const product = dot(ct, y, { contract: [ctRight, rightFree], batch: [batchAxes, batch[1]] })
  const contracted = argsort(contract[1]).map((i) => contract[0][i] as number)
  return transpose(product, argsort([...batch[0], ...kept, ...contracted]))
}

/** The left operand contracted with the cotangent over the left operand's free axes. */
function cotangentOfRight(ct: NDArray, x: NDArray, y: Aval, { contract, batch }: DotParams): NDArray {
  const kept = freeAxes(y.shape.length, contract[1], batch[1])
  const leftFree = freeAxes(x.ndim, contract[0], batch[0])
  const batchAxes = range(batch[1].length)
  const ctLeft = range(leftFree.length).map((i) => batch[1].length + i)
  const product = dot(x, ct, { contract: [leftFree, ctLeft], batch: [batch[0], batchAxes] })
  const contracted = argsort(contract[0]).map((i) => contract[1][i] as number)
  return transpose(product, argsort([...batch[1], ...contracted, ...kept]))
}

// ── lowering ───────────────────────────────────────────────────────────────

/**
 * MatMul or Gemm on operands with their axes merged. The contracted axes are taken in the order of the larger operand,
 * so that it is the smaller one that may need a real transpose.
 */
function lowerDot(
  graph: GraphBuilder,
  x: GraphValue,
  y: GraphValue,
  { contract, batch }: DotParams,
  output: Aval,
): GraphValue {
  const larger = sizeOf(x.aval.shape) >= sizeOf(y.aval.shape) ? 0 : 1
  const order = argsort(contract[larger])
  const side = (value: GraphValue, k: 0 | 1): Side => ({
    value,
    batch: batch[k],
    contract: order.map((i) => contract[k][i] as number),
  })
  if (batch[0].length === 0) {
    const left = side(graph.materialize(x), 0)
    const right = side(graph.materialize(y), 1)
    const stacked = lowerStacked(graph, left, right, output)
    if (stacked !== undefined) return stacked
    const vector = lowerVector(graph, left, right, output) ?? lowerVector(graph, right, left, output)
    if (vector !== undefined) return vector
    const row = lowerRow(graph, left, right, output) ?? lowerRow(graph, right, left, output)
    if (row !== undefined) return row
    const [a, b] = rowFirst(graph, mergeMatrix(graph, left), mergeMatrix(graph, right), output)
    const shape = [a.free, b.free]
    const product = matrixProduct(graph, a, b, { shape, dtype: output.dtype })
    return { ...graph.reshape(product, output.shape), aval: output }
  }
  // Of two that are repeated, one has to be as long as the result.
  const thin = unrepeated(graph, x, batch[0])
  const a = batchedMatrix(graph, side(thin ?? graph.materialize(x), 0), false)
  const right = (thin === undefined ? unrepeated(graph, y, batch[1]) : undefined) ?? graph.materialize(y)
  const b = batchedMatrix(graph, side(right, 1), true)
  const lead = pick(x.aval.shape, batch[0])
  const product = graph.node('MatMul', [a.value, b.value], { shape: [...lead, a.free, b.free], dtype: output.dtype })
  return { ...graph.reshape(product, output.shape), aval: output }
}

/** An operand that is repeated over some of its batches alone, with ones for them: MatMul repeats it by itself. */
function unrepeated(graph: GraphBuilder, x: GraphValue, batch: readonly number[]): GraphValue | undefined {
  const { shape } = x.aval
  const lead = shape.length - x.shape.length
  const own = shape.map((_, axis) => (axis < lead ? 1 : (x.shape[axis - lead] as number)))
  const repeated = range(shape.length).filter((axis) => own[axis] !== shape[axis])
  if (repeated.length === 0 || repeated.some((axis) => !batch.includes(axis))) return undefined
  return graph.reshape({ ...x, aval: { shape: x.shape, dtype: x.dtype } }, own)
}

/**
 * MatMul takes a stack of matrices on the left as it is, so nothing needs to be merged: […, m, k] × [k, n], or
 * […, k, m] × [k, n] with its last axes transposed, which the runtime does while it multiplies.
 */
function lowerStacked(graph: GraphBuilder, left: Side, right: Side, output: Aval): GraphValue | undefined {
  const rank = left.value.shape.length
  const [contracted] = left.contract
  if (rank < 3 || right.value.shape.length !== 2 || left.contract.length !== 1 || contracted! < rank - 2)
    return undefined
  const stack =
    contracted === rank - 1 ? left.value : moved(graph, left.value, [...range(rank - 2), rank - 1, rank - 2])
  return graph.node(
    'MatMul',
    [stack, right.contract[0] === 0 ? right.value : moved(graph, right.value, [1, 0])],
    output,
  )
}

/** The runtime multiplies a row up to seven times as fast as a column in float32. In float64 the column is faster. */
const rowsAreFaster = ({ target }: GraphBuilder, { dtype }: Aval): boolean => dtype === 'float32' && target !== 'webgpu'

/** A matrix and a vector: one MatMul of the vector as a row; the transpose the runtime does while it multiplies. */
function lowerVector(graph: GraphBuilder, matrix: Side, vector: Side, output: Aval): GraphValue | undefined {
  const isProduct = matrix.value.shape.length === 2 && vector.value.shape.length === 1 && matrix.contract.length === 1
  if (!isProduct || !rowsAreFaster(graph, output)) return undefined
  const rows = matrix.contract[0] === 0 ? matrix.value : moved(graph, matrix.value, [1, 0])
  return graph.node('MatMul', [vector.value, rows], output)
}

/** Of a smaller stack it does not matter how it is multiplied; many small matrices Gemm multiplies better, as one. */
const STACK = { numbers: 2 ** 15, matrix: 2 ** 8, last: 2 ** 3 }

/**
 * A vector times what is contracted with it before its last axes: a row times a stack of matrices, [1, k] × […, k, m].
 * Gemm would copy the stack, and multiply on one thread.
 */
function lowerRow(graph: GraphBuilder, stack: Side, vector: Side, output: Aval): GraphValue | undefined {
  const { shape } = stack.value
  const [first] = stack.contract
  const isRow = vector.value.shape.length === vector.contract.length && isFloat(output.dtype)
  const isInOrder = [stack, vector].every(({ contract }) => contract.every((axis, i) => axis === contract[0]! + i))
  if (first === undefined || !isRow || !isInOrder || sizeOf(shape) < STACK.numbers) return undefined
  const end = first + stack.contract.length
  const size = (from: number, to?: number): number => sizeOf(shape.slice(from, to))
  const [lead, k, last] = [size(0, first), size(first, end), size(end)]
  if (last === 1 || (lead > 1 && (last < STACK.last || k * last < STACK.matrix))) return undefined
  const matrices = graph.reshape(stack.value, [lead, k, last])
  const row = graph.reshape(vector.value, [1, k])
  const product = graph.node('MatMul', [row, matrices], { shape: [lead, 1, last], dtype: output.dtype })
  return { ...graph.reshape(product, output.shape), aval: output }
}

interface Side {
  readonly value: GraphValue
  readonly batch: readonly number[]
  readonly contract: readonly number[]
}

/** A matrix [free, contracted], or its transpose when `transposed`. */
interface Matrix {
  readonly value: GraphValue
  readonly free: number
  readonly transposed: boolean
}

/** The operand as a matrix, without moving anything where its axes already stand in order. */
function mergeMatrix(graph: GraphBuilder, { value, contract }: Side): Matrix {
  const free = freeAxes(value.shape.length, contract, [])
  const f = sizeOf(pick(value.shape, free))
  const c = sizeOf(pick(value.shape, contract))
  const inOrder = (axes: readonly number[]): boolean =>
    axes.filter((axis) => value.shape[axis] !== 1).every((axis, i, list) => i === 0 || axis > (list[i - 1] as number))
  if (inOrder([...free, ...contract])) return { value: graph.reshape(value, [f, c]), free: f, transposed: false }
  if (inOrder([...contract, ...free])) return { value: graph.reshape(value, [c, f]), free: f, transposed: true }
  return { value: graph.reshape(moved(graph, value, [...free, ...contract]), [f, c]), free: f, transposed: false }
}

/** Of fewer numbers a column is as fast, and a bias can be added within the product. */
const COLUMN = 2 ** 12

/** A matrix and a column in the order that makes them a row times the matrix, as in `lowerVector`. */
function rowFirst(graph: GraphBuilder, a: Matrix, b: Matrix, output: Aval): readonly [Matrix, Matrix] {
  if (b.free !== 1 || sizeOf(a.value.shape) < COLUMN || !rowsAreFaster(graph, output)) return [a, b]
  const row = graph.reshape(b.value, [1, sizeOf(b.value.shape)])
  return [{ value: row, free: 1, transposed: false }, a]
}

function batchedMatrix(
  graph: GraphBuilder,
  { value, batch, contract }: Side,
  contractFirst: boolean,
): { value: GraphValue; free: number } {
  const free = freeAxes(value.shape.length, contract, batch)
  const f = sizeOf(pick(value.shape, free))
  const c = sizeOf(pick(value.shape, contract))
  const axes = contractFirst ? [...batch, ...contract, ...free] : [...batch, ...free, ...contract]
  const lead = pick(value.shape, batch)
  return { value: graph.reshape(moved(graph, value, axes), contractFirst ? [...lead, c, f] : [...lead, f, c]), free: f }
}

function moved(graph: GraphBuilder, value: GraphValue, axes: readonly number[]): GraphValue {
  if (axes.every((axis, i) => axis === i)) return value
  return graph.node('Transpose', [value], { shape: pick(value.shape, axes), dtype: value.dtype }, { perm: axes })
}

/** `a · bᵀ` of matrices [free, contracted]. */
function matrixProduct(graph: GraphBuilder, a: Matrix, b: Matrix, aval: Aval): GraphValue {
  if (isFloat(aval.dtype)) {
    return graph.node('Gemm', [a.value, b.value], aval, { transA: Number(a.transposed), transB: Number(!b.transposed) })
  }
  const left = a.transposed ? moved(graph, a.value, [1, 0]) : a.value
  const right = b.transposed ? b.value : moved(graph, b.value, [1, 0])
  return graph.node('MatMul', [left, right], aval)
}
