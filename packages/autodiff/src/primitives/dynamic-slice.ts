import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { range, type Shape, shapesEqual, showShape, sizeOf, stridesOf } from '../array/shape.ts'
import type { TypedArray } from '../array/dtype.ts'
import { type Aval, showAval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { definePrimitive, type Params, type Primitive } from '../core/primitive.ts'
import { bind1, scalarValue, trace } from '../core/trace.ts'
import { copyStrided, moveElements } from '../interpreter/strided.ts'
import { broadcastAxis, full, zerosLike } from './broadcast.ts'
import { concatenate } from './concatenate.ts'
import { gatherAt } from './gather.ts'
import { isLinear } from './linear.ts'
import { moveAxis, reshape } from './reshape.ts'
import { scatterAt } from './scatter.ts'
import { slice } from './slicing.ts'
import { batchedDimensions, type WindowDimensions } from './window-dimensions.ts'
import { rowIndices } from './window-rows.ts'

/** One window of an array, of its rank. */
const oneWindow = (rank: number): WindowDimensions => ({
  offset: range(rank),
  collapsed: [],
  map: range(rank),
  batch: [],
  indexBatch: [],
})

function checkStarts(name: string, x: Aval, starts: readonly Aval[], sizes: Shape): void {
  const odd = starts.find((s) => s.dtype !== 'int32' || s.shape.length !== 0)
  if (odd !== undefined) {
    throw new DTypeError(
      `${name}: a start is ${showAval(odd)}, it must be a scalar of int32; convert with i.astype("int32")`,
    )
  }
  if (starts.length !== x.shape.length) {
    throw new ShapeError(
      `${name}: ${starts.length} starts for an array of shape ${showShape(x.shape)}; give one for each axis`,
    )
  }
  const fits = sizes.every((n, axis) => Number.isInteger(n) && n >= 0 && n <= x.shape[axis]!)
  if (!fits || sizes.length !== x.shape.length) {
    throw new ShapeError(`${name}: a slice of ${showShape(sizes)} does not fit in the shape ${showShape(x.shape)}`)
  }
}

/** A start moved so that the slice lies in the axis. */
const held = (start: number, n: number, size: number): number => Math.min(Math.max(0, start), n - size)

/** The starts as numbers, if they are part of the program. */
function knownStarts(starts: readonly NDArray[], shape: Shape, sizes: Shape): number[] | undefined {
  const values = starts.map(scalarValue)
  if (!values.every((v) => v !== undefined)) return undefined
  return values.map((v, axis) => held(v, shape[axis]!, sizes[axis]!))
}

/** The starts of every batch entry, as indices of one window each. */
const stacked = (starts: readonly NDArray[], dims: readonly (number | null)[], size: number): NDArray =>
  concatenate(
    starts.map((s, i) => reshape(dims[i] == null ? broadcastAxis(s, 0, size) : s, [size, 1])),
    1,
  )

// ── dynamic_slice ──────────────────────────────────────────────────────────

type DynamicSliceParams = { readonly sizes: readonly number[] }

/** A slice whose starts are operands, each moved so that the slice lies in the array. */
export const dynamicSlicePrimitive: Primitive<DynamicSliceParams> = definePrimitive<DynamicSliceParams>({
  name: 'dynamic_slice',
  abstractEval([x, ...starts], { sizes }) {
    checkStarts('dynamic_slice', x!, starts, sizes)
    return [{ shape: [...sizes], dtype: x!.dtype }]
  },
  evaluate([x, ...starts], [aval], { sizes }) {
    const strides = stridesOf(aval!.shape)
    const offset = starts.reduce(
      (sum, s, axis) => sum + held(Number(s[0]), aval!.shape[axis]!, sizes[axis]!) * strides[axis]!,
      0,
    )
    return [copyStrided(x!, aval!.dtype, sizes, strides, offset)]
  },
  complex: 'byParts',
  jvp([x, ...starts], [dx], { sizes }) {
    return { outputs: [dynamicSlice(x!, starts, sizes)], tangents: [dx ? dynamicSlice(dx, starts, sizes) : null] }
  },
  transpose([ct], [x, ...starts]) {
    if (!ct || !isLinear(x!)) return [null, ...starts.map(() => null)]
    return [dynamicUpdateSlice(zerosLike(x.aval), ct, starts as NDArray[]), ...starts.map(() => null)]
  },
  batch([x, ...starts], [dx, ...ds], { sizes }, size) {
    const array = dx == null ? x! : moveAxis(x!, dx, 0)
    if (ds.every((d) => d === null)) {
      return { outputs: [dynamicSlice(array, [full([], 0, 'int32'), ...starts], [size, ...sizes])], dims: [0] }
    }
    const output = gatherAt(array, stacked(starts, ds, size), {
      ...batchedDimensions(oneWindow(sizes.length), dx != null, true),
      sizes: dx == null ? sizes : [1, ...sizes],
      mode: 'clip',
    })
    return { outputs: [output], dims: [0] }
  },
  lower(graph, [x, ...starts], { sizes }, [output]) {
    const { shape } = x!.aval
    const axes = range(shape.length).filter((axis) => sizes[axis] !== shape[axis])
    if (axes.length === 0) return [graph.materialize(x!)]
    if (graph.target === 'webgpu') return [takenAt(graph, graph.materialize(x!), starts, sizes, axes)]
    const [from, to] = ends(graph, starts, shape, sizes, axes)
    return [graph.node('Slice', [graph.materialize(x!), from, to, graph.indices(axes)], output!)]
  },
  simplify([x, ...starts], { sizes }) {
    const known = knownStarts(starts, x!.shape, sizes)
    if (known === undefined) return undefined
    return [slice(x!, { starts: known, limits: known.map((s, axis) => s + sizes[axis]!), strides: known.map(() => 1) })]
  },
})
/**
 * The part of `x` of `sizes` that begins at `starts`, scalars of int32 which may be traced. A slice that reaches out of
 * the array is moved into it.
 */
export const dynamicSlice = (x: NDArray, starts: readonly NDArray[], sizes: readonly number[]): NDArray =>
  bind1(dynamicSlicePrimitive, [x, ...starts], { sizes })

/** Names of where a slice starts and ends on `axes`, int64. */
function ends(
  graph: GraphBuilder,
  starts: readonly GraphValue[],
  shape: Shape,
  sizes: Shape,
  axes: readonly number[],
): [from: string, to: string] {
  const known = axes.map((axis) => graph.constantOf(starts[axis]!)?.[0])
  if (known.every((start) => start !== undefined)) {
    const from = axes.map((axis, i) => held(Number(known[i]), shape[axis]!, sizes[axis]!))
    const to = from.map((start, i) => start + sizes[axes[i]!]!)
    return [graph.indices(from), graph.indices(to)]
  }
  const parts = axes.map((axis) => graph.reshape(heldStart(graph, starts[axis]!, shape[axis]! - sizes[axis]!), [1]))
  const joined =
    parts.length === 1 ? parts[0]! : graph.node('Concat', parts, { shape: [parts.length], dtype: 'int32' }, { axis: 0 })
  const from = graph.indexNode('Cast', [joined], { to: { type: 'int64' } })
  return [from, graph.indexNode('Add', [from, graph.indices(axes.map((axis) => sizes[axis]!))])]
}

/** Where a slice starts on an axis: moved into the array. */
function heldStart(graph: GraphBuilder, start: GraphValue, last: number): GraphValue {
  const low = graph.elementwise('Max', [start, graph.scalar(0, 'int32')], start.aval)
  return graph.elementwise('Min', [low, graph.scalar(last, 'int32')], start.aval)
}

/** The same slice by indices of int32, for WebGPU, which computes with no others. */
function takenAt(
  graph: GraphBuilder,
  x: GraphValue,
  starts: readonly GraphValue[],
  sizes: Shape,
  axes: readonly number[],
): GraphValue {
  return axes.reduce((value, axis) => {
    const size = sizes[axis]!
    const index = { shape: [size], dtype: 'int32' } as const
    const steps = graph.constant(Int32Array.from(range(size)), index)
    const places = graph.elementwise(
      'Add',
      [heldStart(graph, starts[axis]!, x.shape[axis]! - size), steps].map((v) => ({ ...v, aval: index })),
      index,
    )
    const shape = value.shape.with(axis, size)
    return graph.node('Gather', [value, places], { shape, dtype: x.dtype }, { axis })
  }, x)
}

// ── dynamic_update_slice ───────────────────────────────────────────────────

type NoParams = Readonly<Record<string, never>> & Params

/** An array with a slice replaced, which is moved so that it lies in the array. */
export const dynamicUpdateSlicePrimitive: Primitive<NoParams> = definePrimitive<NoParams>({
  name: 'dynamic_update_slice',
  abstractEval([x, update, ...starts]) {
    if (update!.dtype !== x!.dtype) {
      throw new DTypeError(
        `dynamic_update_slice: the update is ${showAval(update!)}, the array ${showAval(x!)}; convert one with x.astype(…)`,
      )
    }
    checkStarts('dynamic_update_slice', x!, starts, update!.shape)
    return [{ shape: x!.shape, dtype: x!.dtype }]
  },
  evaluate([x, update, ...starts], [aval, part]) {
    const { shape, dtype } = aval!
    const out = x!.slice()
    if (update!.length === 0) return [out]
    const strides = stridesOf(shape)
    const sizes = part!.shape
    const offset = starts.reduce(
      (sum, s, axis) => sum + held(Number(s[0]), shape[axis]!, sizes[axis]!) * strides[axis]!,
      0,
    )
    moveElements(
      sizes,
      dtype,
      { data: update!, offset: 0, strides: stridesOf(sizes) },
      { data: out as TypedArray, offset, strides },
    )
    return [out]
  },
  complex: 'byParts',
  jvp([x, update, ...starts], [dx, du]) {
    const output = dynamicUpdateSlice(x!, update!, starts)
    if (!dx && !du) return { outputs: [output], tangents: [null] }
    return { outputs: [output], tangents: [dynamicUpdateSlice(dx ?? zerosLike(x!), du ?? zerosLike(update!), starts)] }
  },
  transpose([ct], [x, update, ...starts]) {
    if (!ct) return [null, null, ...starts.map(() => null)]
    const at = starts as NDArray[]
    const { shape } = isLinear(update!) ? update.aval : update!
    return [
      isLinear(x!) ? dynamicUpdateSlice(ct, full(shape, 0, ct.dtype), at) : null,
      isLinear(update!) ? dynamicSlice(ct, at, shape) : null,
      ...starts.map(() => null),
    ]
  },
  batch([x, update, ...starts], [dx, du, ...ds], _, size) {
    const front = (y: NDArray, d: number | null | undefined): NDArray =>
      d == null ? broadcastAxis(y, 0, size) : moveAxis(y, d, 0)
    const [array, part] = [front(x!, dx), front(update!, du)]
    if (ds.every((d) => d === null)) {
      return { outputs: [dynamicUpdateSlice(array, part, [full([], 0, 'int32'), ...starts])], dims: [0] }
    }
    const output = scatterAt(array, stacked(starts, ds, size), part, {
      ...batchedDimensions(oneWindow(x!.ndim - (dx == null ? 0 : 1)), true, true),
      mode: 'clip',
      unique: true,
    })
    return { outputs: [output], dims: [0] }
  },
  lower(graph, [x, update, ...starts], _, [output]) {
    const { shape, dtype } = output!
    const sizes = update!.aval.shape
    if (sizeOf(sizes) === 0) return [graph.materialize(x!)]
    const axes = range(shape.length).filter((axis) => sizes[axis] !== shape[axis])
    const [array, part] = [graph.materialize(x!), graph.materialize(update!)]
    if (axes.length === 0) return [part]
    if (axes.length === 1 && graph.target !== 'webgpu') {
      const axis = axes[0]!
      const [from, to] = ends(graph, starts, shape, sizes, axes)
      // Their lengths are known only when the graph runs; together with the part they are the whole axis.
      const cut = (start: string, end: string): string =>
        graph.indexNode('Slice', [array, start, end, graph.indices(axes)])
      const before = cut(graph.indices([0]), from)
      const after = cut(to, graph.indices([shape[axis]!]))
      return [graph.node('Concat', [before, part, after], output!, { axis })]
    }
    const dimensions = oneWindow(shape.length)
    const rows = { trailing: 0, count: sizeOf(shape), length: 1 }
    const { jaxpr } = trace(
      'dynamic_update_slice',
      starts.map((s) => s.aval),
      (...at) => [
        reshape(
          rowIndices(
            concatenate(
              at.map((s) => reshape(s, [1])),
              0,
            ),
            shape,
            sizes,
            sizes,
            dimensions,
            rows,
          ),
          [sizeOf(sizes)],
        ),
      ],
    )
    const index = graph.materialize(graph.inline(jaxpr, starts)[0]!)
    const flat = { shape: [sizeOf(shape)], dtype }
    const data = graph.reshape(array, flat.shape)
    const put = graph.node('ScatterElements', [data, index, graph.reshape(part, [sizeOf(sizes)])], flat, { axis: 0 })
    return [{ ...graph.reshape(put, shape), aval: output! }]
  },
  simplify: ([x, update]) => (shapesEqual(x!.shape, update!.shape) ? [update!] : undefined),
})
/** `x` with the part that begins at `starts` replaced by `update`, which is moved into the array where it reaches out. */
export const dynamicUpdateSlice = (x: NDArray, update: NDArray, starts: readonly NDArray[]): NDArray =>
  bind1(dynamicUpdateSlicePrimitive, [x, update, ...starts], {})
