import { allocate, type DType, isFloat } from '../array/dtype.ts'
import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { shapesEqual, showShape, sizeOf } from '../array/shape.ts'
import type { ComplexRule } from '../core/complex.ts'
import { type Aval, type Jaxpr, showAval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { definePrimitive, type JvpResult, type Primitive, type Tangent } from '../core/primitive.ts'
import { bind1, trace } from '../core/trace.ts'
import { combineEach, combineWindows, layOut } from '../interpreter/slices.ts'
import { broadcastAxis, full } from './broadcast.ts'
import { select } from './comparison.ts'
import { moveAxis } from './reshape.ts'
import {
  batchedDimensions,
  checkWindows,
  countingAxes,
  takenShape,
  type WindowDimensions,
  windowAxes,
  windowSizes,
} from './window-dimensions.ts'
import { inBounds, rowIndices, type Rows, rowsOfWindows } from './window-rows.ts'

export type ScatterParams = WindowDimensions & {
  /** Windows outside the array are moved into it, or their updates dropped. */
  readonly mode: 'clip' | 'drop'
  /** Whether it is promised that no two windows overlap. */
  readonly unique: boolean
}

interface ScatterDefinition {
  readonly name: string
  readonly takes: (dtype: DType) => boolean
  readonly combine: (dtype: DType) => (old: number, update: number) => number
  /** The update that changes nothing; none for the one that sets. */
  readonly neutral?: (dtype: DType) => number
  /** ONNX's name of the combination. */
  readonly reduction: string
  jvp(primals: readonly NDArray[], tangents: readonly Tangent[], params: ScatterParams): JvpResult
  readonly transpose: Primitive<ScatterParams>['transpose']
  readonly complex?: ComplexRule<ScatterParams>
}

/** The windows that `updates` are put into, as a gather would take them. */
export const sizesOf = (array: Aval, updates: Aval, params: WindowDimensions): number[] =>
  windowSizes(array.shape.length, updates.shape, params)

/** A primitive that combines updates into windows of an array, one after the other. */
export function scatterPrimitiveOf(definition: ScatterDefinition): Primitive<ScatterParams> {
  const { name, takes, combine, jvp, transpose, complex } = definition
  const primitive: Primitive<ScatterParams> = definePrimitive<ScatterParams>({
    name,
    abstractEval([x, indices, updates], params) {
      const { shape, dtype } = x!
      if (updates!.dtype !== dtype) {
        throw new DTypeError(
          `${name}: the updates are ${showAval(updates!)}, the array ${showAval(x!)}; convert one with x.astype(…)`,
        )
      }
      if (!takes(dtype)) {
        throw new DTypeError(`${name}: ${dtype} is not possible here; convert it with x.astype("int32")`)
      }
      if (!params.offset.every((axis) => Number.isInteger(axis) && updates!.shape[axis] !== undefined)) {
        throw new ShapeError(
          `${name}: the updates ${showShape(updates!.shape)} lack axes of the windows, ${showShape(params.offset)}; give each axis of a window its length`,
        )
      }
      const sizes = sizesOf(x!, updates!, params)
      checkWindows(name, x!, indices!, sizes, params)
      const expected = takenShape(indices!.shape, sizes, params)
      if (!shapesEqual(updates!.shape, expected)) {
        throw new ShapeError(
          `${name}: updates ${showShape(updates!.shape)} at indices ${showShape(indices!.shape)}; their shape must be ${showShape(expected)}`,
        )
      }
      return [{ shape, dtype }]
    },
    evaluate([x, indices, updates], [array, of, taken], params, [output]) {
      const { shape, dtype } = output!
      const layout = {
        ...params,
        inside: windowAxes(shape.length, params),
        counting: countingAxes(taken!.shape.length, params),
      }
      // As all sums and products: floats in double precision, integers wrap.
      const sums = definition.reduction === 'add' || definition.reduction === 'mul'
      const work = dtype === 'float32' && sums && !params.unique ? new Float64Array(x!) : x!.slice()
      if (updates!.length > 0 && work.length > 0) {
        const sizes = sizesOf(array!, taken!, params)
        const kind = `${name} ${dtype} ${work.constructor.name} ${of!.dtype}`
        if (shape.length === 1 && sizes[0] === 1 && params.map.length === 1)
          combineEach(work, updates!, indices!, params.mode, kind, combine(dtype))
        else {
          const windows = layOut(shape, taken!.shape, sizes, indices!, layout, params.mode)
          combineWindows(work, updates!, windows, kind, combine(dtype))
        }
      }
      if (work.constructor === x!.constructor) return [work]
      const out = allocate(dtype, work.length)
      out.set(work)
      return [out]
    },
    ...(complex !== undefined && { complex }),
    jvp,
    transpose,
    batch([x, indices, updates], [dx, di, du], { mode, unique, ...dimensions }, size) {
      const ofIndices = di != null
      const front = (y: NDArray, d: number | null): NDArray =>
        d === null ? broadcastAxis(y, 0, size) : moveAxis(y, d, 0)
      const params = { ...batchedDimensions(dimensions, true, ofIndices), mode, unique }
      const operands = [
        front(x!, dx ?? null),
        ofIndices ? moveAxis(indices!, di, 0) : indices!,
        front(updates!, du ?? null),
      ]
      return { outputs: [bind1(primitive, operands, params)], dims: [0] }
    },
    lower: (graph, [x, indices, updates], params) => [lowered(graph, definition, x!, indices!, updates!, params)],
  })
  return primitive
}

function lowered(
  graph: GraphBuilder,
  { neutral, reduction }: ScatterDefinition,
  x: GraphValue,
  indices: GraphValue,
  updates: GraphValue,
  params: ScatterParams,
): GraphValue {
  const { shape, dtype } = x.aval
  const taken = updates.aval.shape
  if (sizeOf(shape) === 0 || sizeOf(taken) === 0) return graph.materialize(x)
  const sizes = sizesOf(x.aval, updates.aval, params)
  const rows = rowsOfWindows(shape, sizes, taken, params)
  const rowShape = taken.slice(0, taken.length - rows.trailing)
  const drops = params.mode === 'drop' && params.map.length > 0
  const { jaxpr } = trace(reduction, [indices.aval, updates.aval], (i, u) => {
    const row = rowIndices(i!, shape, sizes, taken, params, rows)
    if (!drops) return [row, u!]
    // What is dropped goes to a row more, or changes nothing.
    if (neutral === undefined) {
      return [select(inBounds(i!, shape, sizes, rowShape, params), row, full(rowShape, rows.count, 'int32')), u!]
    }
    return [row, select(inBounds(i!, shape, sizes, taken, params), u!, full(taken, neutral(dtype), dtype))]
  })
  const [row, update] = graph.inline(jaxpr, [indices, updates]).map((v) => graph.materialize(v))
  const extra = drops && neutral === undefined
  // Of several updates of one place a GPU keeps any.
  const any = reduction === 'none' && !params.unique && (graph.target === 'webgpu' || graph.target === 'cuda')
  const combined = scatterRows(graph, any ? 'last' : reduction, x, row!, update!, rows, extra)
  if (!isFloat(dtype) || (reduction !== 'max' && reduction !== 'min')) return { ...combined, aval: x.aval }
  // The runtime loses NaN: whether there is one, in the array or the updates, is counted apart.
  const counted = scatterRows(graph, 'add', isNaN(graph, x), row!, isNaN(graph, update!), rows, false)
  const hit = graph.elementwise('Greater', [counted, graph.scalar(0, 'float32')], { shape, dtype: 'bool' })
  return graph.elementwise('Where', [hit, graph.scalar(NaN, dtype), combined], x.aval)
}

/** 1 where an element is NaN, else 0, in float32. */
function isNaN(graph: GraphBuilder, x: GraphValue): GraphValue {
  const aval = { shape: x.aval.shape, dtype: 'bool' as const }
  const number = graph.elementwise('Equal', [x, x], aval)
  return graph.materialize(graph.cast(graph.elementwise('Not', [number], aval), 'float32'))
}

/** Rows of updates put into the rows of an array; with `extra` there is a last row for what is dropped. */
function scatterRows(
  graph: GraphBuilder,
  reduction: string,
  x: GraphValue,
  row: GraphValue,
  updates: GraphValue,
  { count, length }: Pick<Rows, 'count' | 'length'>,
  extra: boolean,
): GraphValue {
  const { dtype, shape } = x.aval
  const put = sizeOf(row.aval.shape)
  if (reduction === 'last') return lastRows(graph, x, row, updates, { count, length }, extra)
  const wide = [put, length]
  const column = graph.reshape(row, [put, 1])
  const index =
    length === 1 ? column : graph.node('Expand', [column, graph.indices(wide)], { shape: wide, dtype: 'int32' })
  let data = graph.reshape(x, [count, length])
  if (extra) {
    const spare = graph.materialize({ ...graph.scalar(0, dtype), aval: { shape: [1, length], dtype } })
    data = graph.node('Concat', [data, spare], { shape: [count + 1, length], dtype }, { axis: 0 })
  }
  const combined = graph.node(
    'ScatterElements',
    [data, index, graph.reshape(updates, wide)],
    { shape: data.aval.shape, dtype },
    { axis: 0, ...(reduction === 'none' ? {} : { reduction }) },
  )
  const [from, to, axis] = [0, count, 0].map((i) => graph.indices([i])) as [string, string, string]
  const kept = extra ? graph.node('Slice', [combined, from, to, axis], { shape: [count, length], dtype }) : combined
  return graph.reshape(kept, shape)
}

/** The last update of each row: the largest of their numbers, by which they are taken. */
function lastRows(
  graph: GraphBuilder,
  x: GraphValue,
  row: GraphValue,
  updates: GraphValue,
  { count, length }: Pick<Rows, 'count' | 'length'>,
  extra: boolean,
): GraphValue {
  const { dtype, shape } = x.aval
  const put = sizeOf(row.aval.shape)
  const places = { shape: [count + Number(extra)], dtype: 'int32' } as const
  const none = graph.materialize({ ...graph.scalar(-1, 'int32'), aval: places })
  const numbers = graph.constant(Int32Array.from({ length: put }, (_, i) => i), { shape: [put], dtype: 'int32' }) // biome-ignore format: one call
  const index = graph.reshape(row, [put])
  const last = graph.node('ScatterElements', [none, index, numbers], places, { axis: 0, reduction: 'max' })
  const kept = { shape: [count], dtype: 'int32' } as const
  const ends = [0, count, 0].map((i) => graph.indices([i]))
  const winner = extra ? graph.node('Slice', [last, ...ends], kept) : last
  const held = graph.elementwise('Max', [winner, graph.scalar(0, 'int32')], kept)
  const wide = { shape: [count, length], dtype }
  const taken = graph.node('Gather', [graph.reshape(updates, [put, length]), held], wide, { axis: 0 })
  const column = { shape: [count, 1], dtype: 'bool' } as const
  const is = graph.elementwise('GreaterOrEqual', [winner, graph.scalar(0, 'int32')], { shape: [count], dtype: 'bool' })
  const [was] = graph.inline(selectRows(wide), [
    { ...graph.reshape(is, column.shape), aval: { ...wide, dtype: 'bool' } },
    taken,
    graph.reshape(x, wide.shape),
  ])
  return graph.reshape({ ...was!, aval: wide }, shape)
}

const selectRows = (aval: Aval): Jaxpr =>
  trace('scatter', [{ ...aval, dtype: 'bool' }, aval, aval], (is, a, b) => [select(is!, a!, b!)]).jaxpr
