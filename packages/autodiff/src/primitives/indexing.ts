import { allocate, type TypedArray } from '../array/dtype.ts'
import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { checkAxes, range, type Shape, shapesEqual, showShape, sizeOf } from '../array/shape.ts'
import { type Aval, showAval } from '../core/jaxpr.ts'
import { definePrimitive, type Primitive } from '../core/primitive.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { bind1 } from '../core/trace.ts'
import { add, max, min, mul } from './arithmetic.ts'
import { iota } from './creation.ts'
import { isLinear } from './linear.ts'
import { broadcastAxis, broadcastInDim, full } from './broadcast.ts'
import { moveAxis, reshape } from './reshape.ts'

function checkIndices(name: string, indices: Aval): void {
  if (indices.dtype !== 'int32') {
    throw new DTypeError(
      `${name}: indices are ${showAval(indices)}, they must be int32; convert with i.astype("int32")`,
    )
  }
}

/** Indices moved into 0 … n−1. */
const clampIndices = (indices: NDArray, n: number): NDArray =>
  min(max(indices, full(indices.shape, 0, 'int32')), full(indices.shape, n - 1, 'int32'))

/** The shape of entries taken along `axis` by indices of shape `taken`. */
const takenShape = (shape: Shape, axis: number, taken: Shape): number[] => [
  ...shape.slice(0, axis),
  ...taken,
  ...shape.slice(axis + 1),
]

// ── take and scatter_add: each the transpose of the other ──────────────────

/** Rows up to this length are copied faster number by number than as a piece. */
const SHORT = 16

type TakeParams = { readonly axis: number }

/** Entries of an axis by an integer array, which takes the place of the axis. Indices outside are clamped to it. */
export const takePrimitive: Primitive<TakeParams> = definePrimitive<TakeParams>({
  name: 'take',
  abstractEval([x, indices], { axis }) {
    checkIndices('take', indices!)
    checkAxes([axis], x!.shape, 'take')
    if (x!.shape[axis] === 0 && sizeOf(indices!.shape) > 0) {
      throw new ShapeError(`take: axis ${axis} of ${showShape(x!.shape)} is empty, there is nothing to take`)
    }
    return [{ shape: takenShape(x!.shape, axis, indices!.shape), dtype: x!.dtype }]
  },
  complex: 'byParts',
  evaluate([x, indices], [aval], { axis }, [output]) {
    const out = allocate(output!.dtype, sizeOf(output!.shape))
    eachRow(aval!.shape, axis, indices!, (from, to, length) => {
      if (length > SHORT) out.set(x!.subarray(from, from + length), to)
      else for (let i = 0; i < length; i++) out[to + i] = x![from + i]!
    })
    return [out]
  },
  jvp([x, indices], [dx], { axis }) {
    return { outputs: [take(x!, indices!, axis)], tangents: [dx ? take(dx, indices!, axis) : null] }
  },
  transpose([ct], [x, indices], { axis }) {
    return [ct && isLinear(x!) ? scatterAdd(indices as NDArray, ct, axis, x.aval.shape[axis]!) : null, null]
  },
  batch([x, indices], [dx, di], { axis }, size) {
    if (di == null) {
      // The batch axis goes first, out of the way.
      return { outputs: [take(moveAxis(x!, dx!, 0), indices!, axis + 1)], dims: [0] }
    }
    const front = moveAxis(indices!, di, 0)
    if (dx == null) return { outputs: [take(x!, front, axis)], dims: [axis] }
    const n = x!.shape[axis >= dx ? axis + 1 : axis]!
    const rows = moveAxis(moveAxis(x!, dx, 0), axis + 1, 1)
    const flat = reshape(rows, [size * n, ...rows.shape.slice(2)])
    const taken = take(flat, offsetRows(front, n), 0)
    // [size, …indices, …rest]: the axes before `axis` go back before the indices
    return { outputs: [restore(taken, axis, front.ndim - 1)], dims: [0] }
  },
  lowersEveryDType: true,
  lower(graph, [x, indices], { axis }, [output]) {
    const n = x!.aval.shape[axis]!
    return [graph.node('Gather', [graph.materialize(x!), clamped(graph, indices!, n)], output!, { axis })]
  },
})
/**
 * The entries of an axis at integer `indices` of any shape, each clamped to the axis.
 *
 * @example lax.take(np.arange(3), np.array(Int32Array.of(2, 9)), 0) // [2, 2]
 */
export const take = (x: NDArray, indices: NDArray, axis: number): NDArray =>
  bind1(takePrimitive, [x, indices], { axis })

type ScatterParams = { readonly axis: number; readonly size: number; readonly rank: number }

/**
 * Zeros with `updates` added at the entries that `take` would take them from; entries named twice get both. `rank` is
 * the number of axes of the indices.
 */
export const scatterAddPrimitive: Primitive<ScatterParams> = definePrimitive<ScatterParams>({
  name: 'scatter_add',
  abstractEval([indices, updates], { axis, size, rank }) {
    checkIndices('scatter_add', indices!)
    const { shape, dtype } = updates!
    if (dtype === 'bool') throw new DTypeError('scatter_add: bool has no sums')
    if (indices!.shape.length !== rank || !shapesEqual(shape.slice(axis, axis + rank), indices!.shape)) {
      throw new ShapeError(
        `scatter_add: updates ${showShape(shape)} do not have the indices' shape ${showShape(indices!.shape)} at axis ${axis}`,
      )
    }
    return [{ shape: [...shape.slice(0, axis), size, ...shape.slice(axis + rank)], dtype }]
  },
  complex: 'byParts',
  evaluate([indices, updates], _, { axis }, [output]) {
    const out = allocate(output!.dtype, sizeOf(output!.shape))
    // As all sums: floats add up in double precision, integers wrap.
    const sums = output!.dtype === 'float32' ? new Float64Array(out.length) : out
    eachRow(output!.shape, axis, indices!, (to, from, length) => {
      for (let i = 0; i < length; i++) sums[to + i] = sums[to + i]! + updates![from + i]!
    })
    if (sums !== out) out.set(sums)
    return [out]
  },
  jvp([indices, updates], [, du], { axis, size }) {
    return {
      outputs: [scatterAdd(indices!, updates!, axis, size)],
      tangents: [du ? scatterAdd(indices!, du, axis, size) : null],
    }
  },
  transpose([ct], [indices], { axis }) {
    return [null, ct ? take(ct, indices as NDArray, axis) : null]
  },
  batch([indices, updates], [di, du], { axis, size }, batchSize) {
    if (di == null) return { outputs: [scatterAdd(indices!, moveAxis(updates!, du!, 0), axis + 1, size)], dims: [0] }
    const front = moveAxis(indices!, di, 0)
    const lead = du == null ? broadcastAxis(updates!, 0, batchSize) : moveAxis(updates!, du, 0)
    // [batch, …before, …indices, …after] → [batch, …indices, …before, …after]
    const rank = front.ndim - 1
    const order = [0, ...range(rank).map((i) => 1 + axis + i), ...range(axis).map((i) => 1 + i)]
    const rows = lead.transpose([...order, ...range(lead.ndim).filter((i) => !order.includes(i))])
    const flat = scatterAdd(offsetRows(front, size), rows, 0, batchSize * size)
    return { outputs: [restore(reshape(flat, [batchSize, size, ...flat.shape.slice(1)]), axis, 1)], dims: [0] }
  },
  lower(graph, [indices, updates], { axis, size }, [output]) {
    const { dtype } = output!
    const lead = output!.shape.slice(0, axis)
    const after = output!.shape.slice(axis + 1)
    const count = sizeOf(indices!.aval.shape)
    // ScatterElements wants an index for each update: [before, count, after].
    const wide = [sizeOf(lead), count, sizeOf(after)]
    const flat = graph.reshape(graph.materialize(updates!), wide)
    const index = graph.reshape(graph.materialize(clamped(graph, indices!, size)), [1, count, 1])
    const spread = graph.node('Expand', [index, graph.indices(wide)], { shape: wide, dtype: 'int32' })
    const zeros = graph.materialize({ ...graph.scalar(0, dtype), aval: { shape: [wide[0]!, size, wide[2]!], dtype } })
    const sums = graph.node(
      'ScatterElements',
      [zeros, spread, flat],
      { shape: [wide[0]!, size, wide[2]!], dtype },
      { axis: 1, reduction: 'add' },
    )
    return [{ ...graph.reshape(sums, output!.shape), aval: output! }]
  },
})
/**
 * The transpose of `take`: zeros with an axis of `size`, to which the `updates` are added at `indices`, each clamped.
 *
 * @example lax.scatterAdd(np.array(Int32Array.of(1, 1)), np.array([2, 3]), 0, 3) // [0, 5, 0]
 */
export const scatterAdd = (indices: NDArray, updates: NDArray, axis: number, size: number): NDArray =>
  bind1(scatterAddPrimitive, [indices, updates], { axis, size, rank: indices.ndim })

/** Batched indices as indices into the rows of all batch entries, one after the other. */
function offsetRows(indices: NDArray, n: number): NDArray {
  const [size, ...rest] = indices.shape as [number, ...number[]]
  const offsets = mul(iota([size], 0, 'int32'), full([size], n, 'int32'))
  return add(clampIndices(indices, n), broadcastInDim(offsets, [size, ...rest], [0]))
}

/** `[batch, …middle, …before, …after]` with the `axis` axes of `before` put in front of the `rank` middle ones. */
function restore(x: NDArray, axis: number, rank: number): NDArray {
  const before = range(axis).map((i) => 1 + rank + i)
  const middle = range(rank).map((i) => 1 + i)
  return x.transpose([0, ...before, ...middle, ...range(x.ndim).slice(1 + rank + axis)])
}

function clamped(graph: GraphBuilder, indices: GraphValue, n: number): GraphValue {
  const low = graph.elementwise('Max', [indices, graph.scalar(0, 'int32')], indices.aval)
  return graph.materialize(graph.elementwise('Min', [low, graph.scalar(Math.max(0, n - 1), 'int32')], indices.aval))
}

/** Visits where each taken row lies in the array and among the taken rows. */
function eachRow(
  shape: Shape,
  axis: number,
  indices: TypedArray,
  visit: (inArray: number, inTaken: number, length: number) => void,
): void {
  const outer = sizeOf(shape.slice(0, axis))
  const n = shape[axis]!
  const length = sizeOf(shape.slice(axis + 1))
  let taken = 0
  for (let o = 0; o < outer; o++) {
    for (let i = 0; i < indices.length; i++, taken += length) {
      visit((o * n + Math.min(n - 1, Math.max(0, indices[i]!))) * length, taken, length)
    }
  }
}
