import { showGiven } from '../array/show.ts'
import { allocate, type DType, isDifferentiable, isFloat, isInteger, isSigned } from '../array/dtype.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { type Shape, showShape, sizeOf } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { definePrimitive, type Primitive } from '../core/primitive.ts'
import { bind1, trace, checkArrays } from '../core/trace.ts'
import { copyWindows, layOut, takeEach } from '../interpreter/slices.ts'
import { full, zerosLike } from './broadcast.ts'
import { select } from './comparison.ts'
import { isLinear } from './linear.ts'
import { moveAxis, reshape } from './reshape.ts'
import { scatterPrimitiveOf, type ScatterParams, sizesOf } from './scatter-rules.ts'
import {
  alongDimensions,
  batchedDimensions,
  checkIndexDType,
  checkWindows,
  countingAxes,
  takeDimensions,
  takenShape,
  type WindowDimensions,
  windowAxes,
} from './window-dimensions.ts'
import { inBounds, rowIndices, rowsOfWindows } from './window-rows.ts'

/**
 * What becomes of windows outside the array: moved into it (`clip`), or moved into it while their cotangents are
 * dropped, as JAX's indexing does (`promiseInBounds`).
 */
export type GatherPlace = 'clip' | 'promiseInBounds'

export type GatherParams = WindowDimensions & {
  /** How long windows are on each axis of the array. */
  readonly sizes: readonly number[]
  readonly mode: GatherPlace
}

/** Windows of an array at given indices, side by side. */
export const gatherPrimitive: Primitive<GatherParams> = definePrimitive<GatherParams>({
  name: 'gather',
  abstractEval([x, indices], params) {
    checkWindows('gather', x!, indices!, params.sizes, params)
    return [{ shape: takenShape(indices!.shape, params.sizes, params), dtype: x!.dtype }]
  },
  evaluate([x, indices], [aval, of], params, [output]) {
    const { shape, dtype } = output!
    const out = allocate(dtype, sizeOf(shape))
    const layout = {
      ...params,
      inside: windowAxes(aval!.shape.length, params),
      counting: countingAxes(shape.length, params),
    }
    if (out.length === 0) return [out]
    if (aval!.shape.length === 1 && params.sizes[0] === 1 && params.map.length === 1)
      takeEach(x!, indices!, out, `${dtype} ${of!.dtype}`)
    else copyWindows(x!, out, dtype, layOut(aval!.shape, shape, params.sizes, indices!, layout, 'clip'))
    return [out]
  },
  complex: 'byParts',
  jvp([x, indices], [dx], params) {
    return {
      outputs: [bind1(gatherPrimitive, [x!, indices!], params)],
      tangents: [dx ? bind1(gatherPrimitive, [dx, indices!], params) : null],
    }
  },
  transpose([ct], [x, indices], { sizes: _, mode, ...dimensions }) {
    if (!ct || !isLinear(x!)) return [null, null]
    const outside = mode === 'clip' ? 'clip' : 'drop'
    return [
      scatterAddAt(zerosLike(x.aval), indices as NDArray, ct, { ...dimensions, mode: outside, unique: false }),
      null,
    ]
  },
  batch([x, indices], [dx, di], { sizes, mode, ...dimensions }) {
    const ofArray = dx != null
    const ofIndices = di != null
    const array = ofArray ? moveAxis(x!, dx, 0) : x!
    const params = {
      ...batchedDimensions(dimensions, ofArray, ofIndices),
      sizes: ofArray ? [ofIndices ? 1 : array.shape[0]!, ...sizes] : sizes,
      mode,
    }
    return {
      outputs: [bind1(gatherPrimitive, [array, ofIndices ? moveAxis(indices!, di, 0) : indices!], params)],
      dims: [0],
    }
  },
  lower(graph, [x, indices], params, [output]) {
    const { shape, dtype } = output!
    if (sizeOf(shape) === 0) return [{ ...graph.scalar(0, dtype), aval: output! }]
    const whole = takenAxis(params, x!.aval.shape, shape)
    if (whole !== undefined) {
      const index = clampedTo(graph, indices!, x!.aval.shape[whole]!)
      return [graph.node('Gather', [graph.materialize(x!), index], output!, { axis: whole })]
    }
    const along = alongAxis(params, shape)
    if (along !== undefined) {
      const index = clampedTo(graph, indices!, x!.aval.shape[along]!)
      return [graph.node('GatherElements', [graph.materialize(x!), index], output!, { axis: along })]
    }
    const rows = rowsOfWindows(x!.aval.shape, params.sizes, shape, params)
    const { jaxpr } = trace('gather', [indices!.aval], (i) => [
      rowIndices(i, x!.aval.shape, params.sizes, shape, params, rows),
    ])
    const row = graph.materialize(graph.inline(jaxpr, [indices!])[0]!)
    const data = graph.reshape(x!, rows.trailing === 0 ? [rows.count] : [rows.count, rows.length])
    const taken = graph.node(
      'Gather',
      [data, row],
      { shape: [...row.aval.shape, ...data.aval.shape.slice(1)], dtype },
      { axis: 0 },
    )
    return [{ ...graph.reshape(taken, shape), aval: output! }]
  },
})

/**
 * An array with updates added to its windows; a window named twice gets both. It is linear in the array and the updates
 * together.
 */
export const scatterAddPrimitive: Primitive<ScatterParams> = scatterPrimitiveOf({
  name: 'scatter_add',
  takes: (dtype) => dtype !== 'bool',
  combine: () => (old, update) => old + update,
  complex: 'byParts',
  // 0 + −0 is 0, and −0 + −0 is −0.
  neutral: (dtype) => (isFloat(dtype) ? -0 : 0),
  reduction: 'add',
  jvp([x, indices, updates], [dx, , du], params) {
    const output = bind1(scatterAddPrimitive, [x!, indices!, updates!], params)
    if (!dx && !du) return { outputs: [output], tangents: [null] }
    if (!du) return { outputs: [output], tangents: [dx!] }
    return { outputs: [output], tangents: [bind1(scatterAddPrimitive, [dx ?? zerosLike(x!), indices!, du], params)] }
  },
  transpose([ct], [x, indices, updates], params) {
    if (!ct) return [null, null, null]
    const toUpdates = isLinear(updates!) ? windowsOf(ct, indices as NDArray, updates.aval, params) : null
    return [isLinear(x!) ? ct : null, null, toUpdates]
  },
})

/** The windows of `x` that updates were put into; 0 where they were dropped. */
export const windowsOf = (
  x: NDArray,
  indices: NDArray,
  updates: Aval,
  { mode, unique: _, ...dimensions }: ScatterParams,
): NDArray =>
  gatherAt(x, indices, {
    ...dimensions,
    sizes: sizesOf(x, updates, dimensions),
    mode: mode === 'clip' ? 'clip' : { fill: 0 },
  })

/** `x` with `updates` added to its windows at `indices`. */
export const scatterAddAt = (x: NDArray, indices: NDArray, updates: NDArray, params: ScatterParams): NDArray =>
  bind1(scatterAddPrimitive, [x, indices, updates], params)

/**
 * The transpose of `take`: zeros with an axis of `size`, to which the `updates` are added at `indices`, each clamped.
 *
 * @example lax.scatterAdd(np.array(Int32Array.of(1, 1)), np.array([2, 3]), 0, 3) // [0, 5, 0]
 */
export function scatterAdd(indices: NDArray, updates: NDArray, axis: number, size: number): NDArray {
  checkArrays('scatterAdd', indices, updates)
  if (!Number.isInteger(axis) || axis < 0 || axis + indices.ndim > updates.ndim) {
    throw new ShapeError(
      `scatterAdd: axis ${showGiven(axis)} and the ${indices.ndim} axes of the indices are not in the updates ${showShape(updates.shape)}; axes count from 0 here`,
    )
  }
  const shape = [...updates.shape.slice(0, axis), size, ...updates.shape.slice(axis + indices.ndim)]
  return scatterAddAt(full(shape, 0, updates.dtype), oneComponent(indices), updates, {
    ...takeDimensions(shape.length, axis, indices.ndim),
    mode: 'clip',
    unique: false,
  })
}

/** The axis, if what is gathered is whole entries of one axis, in its place. */
function takenAxis({ map, sizes, ...dimensions }: GatherParams, shape: Shape, taken: Shape): number | undefined {
  const [axis] = map
  if (axis === undefined || map.length !== 1) return undefined
  const expected = takeDimensions(shape.length, axis, taken.length - shape.length + 1)
  const same = (['offset', 'collapsed', 'batch'] as const).every((k) => dimensions[k].join() === expected[k].join())
  return same && sizes.every((n, i) => i === axis || n === shape[i]) ? axis : undefined
}

/** The axis, if what is gathered are single entries along one axis, with indices of their own for the others. */
function alongAxis(
  { map, collapsed, batch, indexBatch, offset, sizes }: GatherParams,
  taken: Shape,
): number | undefined {
  const [axis] = map
  if (axis === undefined || map.length !== 1 || offset.length > 0 || sizes.length !== taken.length) return undefined
  const expected = alongDimensions(taken.length, axis)
  const same = collapsed.join() === String(axis) && batch.join() === expected.batch.join()
  return same && indexBatch.join() === expected.indexBatch.join() ? axis : undefined
}

/** Indices of one component as an array of what they count, each in 0 … n − 1. */
function clampedTo(graph: GraphBuilder, indices: GraphValue, n: number): GraphValue {
  const low = graph.elementwise('Max', [indices, graph.scalar(0, 'int32')], indices.aval)
  const held = graph.elementwise('Min', [low, graph.scalar(n - 1, 'int32')], indices.aval)
  return graph.reshape(graph.materialize(held), indices.aval.shape.slice(0, -1))
}

/** Windows at `indices`; what is outside gets `fill` where that is given. */
export function gatherAt(
  x: NDArray,
  indices: NDArray,
  {
    mode,
    sizes,
    ...dimensions
  }: WindowDimensions & {
    readonly sizes: readonly number[]
    readonly mode: GatherPlace | { readonly fill: number | bigint }
  },
): NDArray {
  if (typeof mode === 'string') return bind1(gatherPrimitive, [x, indices], { ...dimensions, sizes, mode })
  checkWindows('gather', x, indices, sizes, dimensions)
  const shape = takenShape(indices.shape, sizes, dimensions)
  const filling = full(shape, mode.fill, x.dtype)
  if (sizeOf(shape) === 0) return filling
  const taken = bind1(gatherPrimitive, [x, indices], { ...dimensions, sizes, mode: 'clip' })
  return select(inBounds(indices, x.shape, sizes, shape, dimensions), taken, filling)
}

/** What JAX fills with where nothing else is said: NaN, the least signed and the greatest unsigned integer, true. */
export function defaultFill(dtype: DType): number {
  if (isDifferentiable(dtype)) return NaN
  // Numbers out of range are clamped to that of an integer dtype, and whatever is not 0 is true.
  return isInteger(dtype) && isSigned(dtype) ? -Infinity : Infinity
}

/** `indices` with an axis for their one component. */
export const oneComponent = (indices: NDArray): NDArray => reshape(indices, [...indices.shape, 1])

/**
 * The entries of an axis at integer `indices` of any shape, which take the place of the axis. Indices outside are
 * clamped to it, or filled.
 *
 * @throws ShapeError when the axis is empty and something is to be taken.
 * @example lax.take(np.arange(3), np.array(Int32Array.of(2, 9)), 0) // [2, 2]
 */
export function take(
  x: NDArray,
  indices: NDArray,
  axis: number,
  mode: GatherPlace | { readonly fill: number | bigint } = 'clip',
): NDArray {
  checkArrays('take', x, indices)
  const n = Number.isInteger(axis) ? x.shape[axis] : undefined
  if (n === undefined)
    throw new ShapeError(`take: axis ${showGiven(axis)} of ${showShape(x.shape)} is not there; axes count from 0 here`)
  checkIndexDType('take', indices)
  const fills = ['number', 'bigint'].includes(typeof (mode as { fill?: unknown } | null)?.fill)
  if (mode !== 'clip' && mode !== 'promiseInBounds' && !fills)
    throw new ValueError(`take: the mode is ${showGiven(mode)}; it is 'clip', 'promiseInBounds' or { fill: a number }`)
  if (n === 0 && indices.size > 0) {
    throw new ShapeError(`take: axis ${axis} of ${showShape(x.shape)} is empty, there is nothing to take`)
  }
  return gatherAt(x, oneComponent(indices), {
    ...takeDimensions(x.ndim, axis, indices.ndim),
    sizes: x.shape.map((size, i) => (i === axis ? 1 : size)),
    mode,
  })
}

/** Along `axis`, the entries at indices that differ for each entry of the other axes, which are equally long in both. */
export function takeAlong(
  x: NDArray,
  indices: NDArray,
  axis: number,
  mode: GatherPlace | { readonly fill: number | bigint } = 'clip',
): NDArray {
  return gatherAt(x, oneComponent(indices), { ...alongDimensions(x.ndim, axis), sizes: x.shape.map(() => 1), mode })
}
