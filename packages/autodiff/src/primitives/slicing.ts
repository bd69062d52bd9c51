import { allocate, type DType, type TypedArray } from '../array/dtype.ts'
import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { insertAxis, range, shapesEqual, showShape, sizeOf, stridesOf } from '../array/shape.ts'
import { type Aval, showAval } from '../core/jaxpr.ts'
import { definePrimitive, type Primitive } from '../core/primitive.ts'
import { bind1, definedBy } from '../core/trace.ts'
import { copyStrided, moveElements } from '../interpreter/strided.ts'
import { select } from './comparison.ts'
import { isLinear, linear } from './linear.ts'
import { broadcastAxis, broadcastInDim, full, zerosLike } from './broadcast.ts'
import { moveAxis } from './reshape.ts'

// ── slice and pad: each the transpose of the other ─────────────────────────

/** A range of every axis: from `starts` to before `limits`, every `strides`-th. */
export type SliceParams = {
  readonly starts: readonly number[]
  readonly limits: readonly number[]
  readonly strides: readonly number[]
}

const sliceLength = (start: number, limit: number, stride: number): number =>
  Math.max(0, Math.ceil((limit - start) / stride))

/** Every `stride`-th entry from `start` to before `limit` on each axis; strides are positive. */
export const slicePrimitive: Primitive<SliceParams> = definePrimitive<SliceParams>({
  name: 'slice',
  abstractEval([x], { starts, limits, strides }) {
    const { shape, dtype } = x!
    const valid =
      [starts, limits, strides].every((list) => list.length === shape.length && list.every(Number.isInteger)) &&
      shape.every(
        (n, axis) => starts[axis]! >= 0 && starts[axis]! <= limits[axis]! && limits[axis]! <= n && strides[axis]! >= 1,
      )
    if (!valid) {
      throw new ShapeError(
        `slice: starts ${showShape(starts)}, limits ${showShape(limits)} and strides ${showShape(strides)} do not lie in the shape ${showShape(shape)}`,
      )
    }
    return [{ shape: shape.map((_, axis) => sliceLength(starts[axis]!, limits[axis]!, strides[axis]!)), dtype }]
  },
  evaluate([x], [aval], { starts, strides }, [output]) {
    const steps = stridesOf(aval!.shape)
    const offset = starts.reduce((sum, start, axis) => sum + start * steps[axis]!, 0)
    return [
      copyStrided(
        x!,
        aval!.dtype,
        output!.shape,
        steps.map((step, axis) => step * strides[axis]!),
        offset,
      ),
    ]
  },
  ...linear<SliceParams>(
    (x, params) => slice(x, params),
    (ct, { shape }, { starts, strides }) => {
      const covered = ct.shape.map((n, axis) => (n === 0 ? 0 : starts[axis]! + (n - 1) * strides[axis]! + 1))
      const low = ct.shape.map((n, axis) => (n === 0 ? 0 : starts[axis]!))
      return pad(ct, zerosLike({ shape: [], dtype: ct.dtype }), {
        low,
        high: shape.map((n, axis) => n - covered[axis]!),
        interior: strides.map((s) => s - 1),
      })
    },
  ),
  batch([x], [dim], { starts, limits, strides }, size) {
    const d = dim as number
    const params = {
      starts: insertAxis(starts, d, 0),
      limits: insertAxis(limits, d, size),
      strides: insertAxis(strides, d, 1),
    }
    return { outputs: [slice(x!, params)], dims: [d] }
  },
  lowersEveryDType: true,
  lower(graph, [x], { starts, limits, strides }, [output]) {
    const value = graph.materialize(x!)
    const axes = range(starts.length).filter((axis) => output!.shape[axis] !== value.shape[axis] || strides[axis] !== 1)
    const of = (list: readonly number[]): string => graph.indices(axes.map((axis) => list[axis]!))
    return [graph.node('Slice', [value, of(starts), of(limits), graph.indices(axes), of(strides)], output!)]
  },
  simplify([x], { starts, limits, strides }) {
    const whole = x!.shape.every((n, axis) => starts[axis] === 0 && limits[axis] === n && strides[axis] === 1)
    if (whole) return [x!]
    const inner = definedBy(x!, slicePrimitive)
    if (inner === undefined) return undefined
    const outer = inner.params
    // What lies behind the last entry, as the ends of an empty slice may, is held at the limit.
    const place = (i: number, axis: number): number =>
      Math.min(outer.limits[axis]!, outer.starts[axis]! + i * outer.strides[axis]!)
    return [
      slice(inner.inputs[0]!, {
        starts: starts.map(place),
        limits: limits.map(place),
        strides: strides.map((s, axis) => s * outer.strides[axis]!),
      }),
    ]
  },
})
/**
 * A range of every axis.
 *
 * @example lax.slice(np.arange(5), { starts: [1], limits: [5], strides: [2] }) // [1, 3]
 */
export const slice = (x: NDArray, params: SliceParams): NDArray => bind1(slicePrimitive, [x], params)

/** Entries `start` to before `limit` of one axis. */
export const sliceAxis = (x: NDArray, axis: number, start: number, limit: number): NDArray =>
  slice(x, {
    starts: x.shape.map((_, i) => (i === axis ? start : 0)),
    limits: x.shape.map((n, i) => (i === axis ? limit : n)),
    strides: x.shape.map(() => 1),
  })

/** How many entries come before and after each axis and between its entries; negative numbers cut. */
export type PadParams = {
  readonly low: readonly number[]
  readonly high: readonly number[]
  readonly interior: readonly number[]
}

const padded = (n: number, low: number, high: number, interior: number): number =>
  low + high + n + Math.max(0, n - 1) * interior

/** The operand with copies of a value before, after and between its entries; negative `low` and `high` cut off. */
export const padPrimitive: Primitive<PadParams> = definePrimitive<PadParams>({
  name: 'pad',
  abstractEval([x, value], { low, high, interior }) {
    const { shape, dtype } = x!
    if (value!.shape.length !== 0 || value!.dtype !== dtype) {
      throw new DTypeError(`pad: the value to pad with is ${showAval(value!)}, it must be a scalar of ${dtype}`)
    }
    const out = shape.map((n, axis) => padded(n, low[axis]!, high[axis]!, interior[axis]!))
    if (
      [low, high, interior].some((list) => list.length !== shape.length || !list.every(Number.isInteger)) ||
      interior.some((n) => n < 0) ||
      out.some((n) => n < 0)
    ) {
      throw new ShapeError(
        `pad: low ${showShape(low)}, high ${showShape(high)}, interior ${showShape(interior)} do not fit the shape ${showShape(shape)}`,
      )
    }
    return [{ shape: out, dtype }]
  },
  complex: 'byParts',
  evaluate([x, value], [aval], { low, interior }, [output]) {
    return [padData(x!, value![0]!, aval!, output!, low, interior)]
  },
  jvp([x, value], [dx, dvalue], params) {
    const output = pad(x!, value!, params)
    if (!dx && !dvalue) return { outputs: [output], tangents: [null] }
    return { outputs: [output], tangents: [pad(dx ?? zerosLike(x!), dvalue ?? zerosLike(value!), params)] }
  },
  transpose([ct], [x, value], { low, high, interior }) {
    if (!ct) return [null, null]
    const inside = isLinear(x!) ? unpad(ct, x.aval, low, high, interior) : null
    if (!isLinear(value!)) return [inside, null]
    const within = inside ?? unpad(ct, x as NDArray, low, high, interior)
    return [inside, ct.sum().sub(within.sum())]
  },
  batch([x, value], [dx, dvalue], { low, high, interior }, size) {
    if (dvalue != null) {
      // A value for each entry: pad with zeros, and take the values where a padded mask is false.
      const operand = dx == null ? broadcastAxis(x!, 0, size) : moveAxis(x!, dx, 0)
      const all = { low: [0, ...low], high: [0, ...high], interior: [0, ...interior] }
      const entries = pad(operand, full([], 0, operand.dtype), all)
      const inside = pad(full(operand.shape, 1, 'bool'), full([], 0, 'bool'), all)
      return { outputs: [select(inside, entries, broadcastInDim(value!, entries.shape, [0]))], dims: [0] }
    }
    const d = dx as number
    const params = { low: insertAxis(low, d, 0), high: insertAxis(high, d, 0), interior: insertAxis(interior, d, 0) }
    return { outputs: [pad(x!, value!, params)], dims: [d] }
  },
  lower(graph, [x, value], { low, high, interior }, [output]) {
    let operand = graph.materialize(x!)
    const { dtype } = operand
    interior.forEach((gap, axis) => {
      const n = operand.shape[axis]!
      if (gap === 0 || n === 0) return
      // [.., n, ..] → [.., n, 1, ..] → pad to [.., n, 1 + gap, ..] → [.., n·(1 + gap), ..] without the last gap
      const shape = operand.shape
      const spread = graph.reshape(operand, insertAxis(shape, axis + 1, 1))
      const ends = insertAxis(
        shape.map(() => 0),
        axis + 1,
        gap,
      )
      const wide = insertAxis(shape, axis + 1, 1 + gap)
      const gaps = graph.node(
        'Pad',
        [spread, graph.indices([...ends.map(() => 0), ...ends]), value!],
        { shape: wide, dtype },
        { mode: 'constant' },
      )
      const merged = graph.reshape(
        gaps,
        shape.map((m, i) => (i === axis ? m * (1 + gap) : m)),
      )
      const cut = shape.map((m, i) => (i === axis ? m * (1 + gap) - gap : m))
      operand = graph.node('Slice', [merged, graph.indices([0]), graph.indices([cut[axis]!]), graph.indices([axis])], {
        shape: cut,
        dtype,
      })
    })
    if (shapesEqual(operand.shape, output!.shape) && low.every((n) => n === 0)) return [operand]
    return [graph.node('Pad', [operand, graph.indices([...low, ...high]), value!], output!, { mode: 'constant' })]
  },
  simplify([x], { low, high, interior }) {
    return [low, high, interior].every((list) => list.every((n) => n === 0)) ? [x!] : undefined
  },
})
/**
 * `x` with the scalar `value` around and between its entries.
 *
 * @example lax.pad(np.ones([2]), np.array(0), { low: [1], high: [0], interior: [1] }) // [0, 1, 0, 1]
 */
export const pad = (x: NDArray, value: NDArray, params: PadParams): NDArray => bind1(padPrimitive, [x, value], params)

/** The entries of a padded array that the operand's entries went to. */
function unpad(
  ct: NDArray,
  x: Aval,
  low: readonly number[],
  high: readonly number[],
  interior: readonly number[],
): NDArray {
  const zero = zerosLike({ shape: [], dtype: ct.dtype })
  const uncut = pad(ct, zero, {
    low: low.map((n) => Math.max(0, -n)),
    high: high.map((n) => Math.max(0, -n)),
    interior: low.map(() => 0),
  })
  const starts = low.map((n) => Math.max(0, n))
  const lengths = x.shape.map((n, axis) => padded(n, 0, 0, interior[axis]!))
  return slice(uncut, {
    starts,
    limits: starts.map((s, axis) => s + lengths[axis]!),
    strides: interior.map((n) => n + 1),
  })
}

function padData(
  x: TypedArray,
  value: number,
  aval: Aval,
  output: Aval,
  low: readonly number[],
  interior: readonly number[],
): TypedArray {
  const out = allocate<DType>(output.dtype, sizeOf(output.shape)).fill(value)
  const strides = stridesOf(output.shape)
  const from = stridesOf(aval.shape)
  // The entries of each axis that negative padding leaves.
  const firsts = low.map((n, axis) => Math.max(0, Math.ceil(-n / (interior[axis]! + 1))))
  const counts = aval.shape.map((n, axis) => {
    const end = Math.ceil((output.shape[axis]! - low[axis]!) / (interior[axis]! + 1))
    return Math.max(0, Math.min(n, end) - firsts[axis]!)
  })
  const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, n, i) => sum + n * b[i]!, 0)
  const starts = firsts.map((first, axis) => low[axis]! + first * (interior[axis]! + 1))
  moveElements(
    counts,
    output.dtype,
    { data: x, offset: dot(firsts, from), strides: from },
    { data: out, offset: dot(starts, strides), strides: strides.map((step, axis) => step * (interior[axis]! + 1)) },
  )
  return out
}
