import { isBig, isFloat } from '../array/dtype.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { sizeOf } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import { notLinear, type Primitive } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { bigProduct } from '../interpreter/big.ts'
import { add, div, max, mul } from './arithmetic.ts'
import { broadcastInDim, full, like, zerosLike } from './broadcast.ts'
import { eq, gt, not, or, select } from './comparison.ts'
import { convert } from './convert.ts'
import { iota } from './creation.ts'
import { gatherAt, scatterAddAt, windowsOf } from './gather.ts'
import { isLinear, known } from './linear.ts'
import { reshape } from './reshape.ts'
import { scatterPrimitiveOf, type ScatterParams, sizesOf } from './scatter-rules.ts'
import { countingAxes } from './window-dimensions.ts'

type Scatter = (x: NDArray, indices: NDArray, updates: NDArray, params: ScatterParams) => NDArray

const applied =
  (primitive: Primitive<ScatterParams>): Scatter =>
  (x, indices, updates, params) =>
    bind1(primitive, [x, indices, updates], params)

// ── scatter: the update takes the place of the entry ───────────────────────

/** `x` where no update went, zeros elsewhere. */
function untouched(x: NDArray, indices: NDArray, updates: Aval, params: ScatterParams): NDArray {
  const hit = scatterAt(full(x.shape, 0, 'bool'), indices, full(updates.shape, 1, 'bool'), params)
  return select(hit, zerosLike(x), x)
}

/** Which updates are in the array afterwards, not overwritten by a later one. */
function lasting(array: Aval, indices: NDArray, updates: Aval, params: ScatterParams): NDArray {
  const counting = countingAxes(updates.shape.length, params)
  const windows = counting.map((axis) => updates.shape[axis]!)
  const number = reshape(iota([sizeOf(windows)], 0, 'int32'), windows)
  const numbers = broadcastInDim(add(number, full(windows, 1, 'int32')), updates.shape, counting)
  const left = scatterAt(full(array.shape, 0, 'int32'), indices, numbers, params)
  return eq(windowsOf(left, indices, updates, params), numbers)
}

/** An array with the updates in place of its windows; of windows that overlap, the last remains. */
export const scatterSetPrimitive: Primitive<ScatterParams> = scatterPrimitiveOf({
  name: 'scatter',
  takes: () => true,
  combine: () => (_, update) => update,
  complex: 'byParts',
  reduction: 'none',
  jvp([x, indices, updates], [dx, , du], params) {
    const output = scatterAt(x!, indices!, updates!, params)
    if (!dx && !du) return { outputs: [output], tangents: [null] }
    if (params.unique || !du) {
      const tangent = scatterAt(dx ?? zerosLike(x!), indices!, du ?? zerosLike(updates!), { ...params, unique: true })
      return { outputs: [output], tangents: [tangent] }
    }
    const kept = select(lasting(x!, indices!, updates!, params), du, zerosLike(du))
    const rest = dx ? untouched(dx, indices!, updates!, params) : zerosLike(x!)
    return { outputs: [output], tangents: [scatterAddAt(rest, indices!, kept, params)] }
  },
  transpose([ct], [x, indices, updates], params) {
    if (!ct) return [null, null, null]
    const at = indices as NDArray
    const toUpdates = (u: Aval): NDArray => {
      const windows = windowsOf(ct, at, u, params)
      return params.unique ? windows : select(lasting(ct, at, u, params), windows, zerosLike(windows))
    }
    const shape = isLinear(updates!) ? updates.aval : updates!
    return [
      isLinear(x!) ? scatterAt(ct, at, full(shape.shape, 0, ct.dtype), { ...params, unique: true }) : null,
      null,
      isLinear(updates!) ? toUpdates(updates.aval) : null,
    ]
  },
})
/** `x` with `updates` in the place of its windows at `indices`. */
export const scatterAt: Scatter = applied(scatterSetPrimitive)

// ── scatter_mul ────────────────────────────────────────────────────────────

function checkUnique(unique: boolean): void {
  if (unique) return
  throw new ValueError(
    'scatter_mul: its derivative with respect to the updates is there only for indices that are promised to differ; pass { uniqueIndices: true } if they do',
  )
}

/** An array with its windows multiplied by updates; a window named twice gets both. */
export const scatterMulPrimitive: Primitive<ScatterParams> = scatterPrimitiveOf({
  name: 'scatter_mul',
  takes: (dtype) => dtype !== 'bool',
  combine: (dtype) => (isFloat(dtype) ? (old, update) => old * update : isBig(dtype) ? bigProduct : Math.imul),
  neutral: () => 1,
  reduction: 'mul',
  jvp([x, indices, updates], [dx, , du], params) {
    const output = scatterMulAt(x!, indices!, updates!, params)
    const first = dx ? scatterMulAt(dx, indices!, updates!, params) : null
    if (!du) return { outputs: [output], tangents: [first] }
    checkUnique(params.unique)
    const second = mul(x!, scatterAddAt(zerosLike(x!), indices!, du, params))
    return { outputs: [output], tangents: [first ? add(first, second) : second] }
  },
  transpose([ct], [x, indices, updates], params) {
    if (!ct) return [null, null, null]
    const at = indices as NDArray
    if (isLinear(x!)) return [scatterMulAt(ct, at, known('scatter_mul', updates!), params), null, null]
    checkUnique(params.unique)
    const { aval } = updates as { aval: Aval }
    return [null, null, windowsOf(mul(ct, x as NDArray), at, aval, params)]
  },
})
/** `x` with its windows at `indices` multiplied by `updates`. */
export const scatterMulAt: Scatter = applied(scatterMulPrimitive)

// ── scatter_min, scatter_max ───────────────────────────────────────────────

function extreme(
  name: string,
  reduction: 'min' | 'max',
  better: (a: number, b: number) => boolean,
): Primitive<ScatterParams> {
  const primitive: Primitive<ScatterParams> = scatterPrimitiveOf({
    name,
    takes: (dtype) => dtype !== 'bool',
    combine: () => (old, update) =>
      Number.isNaN(old) || !(Number.isNaN(update) || better(update, old)) ? old : update,
    // Clamped to the range of an integer dtype.
    neutral: () => (reduction === 'max' ? -Infinity : Infinity),
    reduction,
    jvp([x, indices, updates], [dx, , du], params) {
      const output = bind1(primitive, [x!, indices!, updates!], params)
      if (!dx && !du) return { outputs: [output], tangents: [null] }
      // The mean of the tangents of all that are as extreme, as for `max` itself.
      const { unique: _, mode: __, ...dimensions } = params
      const sizes = sizesOf(x!, updates!, params)
      const won = eq(updates!, gatherAt(output, indices!, { ...dimensions, sizes, mode: 'clip' }))
      const zeros = zerosLike(x!)
      const count = (which: NDArray): NDArray => scatterAddAt(zeros, indices!, convert(which, x!.dtype), params)
      const aimedAt = gt(count(like({ shape: updates!.shape, dtype: 'bool' }, 1)), zeros)
      const stayed = or(eq(x!, output), not(aimedAt))
      const winners = max(add(count(won), convert(stayed, x!.dtype)), like(x!, 1))
      const own = dx ? select(stayed, dx, zeros) : zeros
      const total = du ? scatterAddAt(own, indices!, select(won, du, zerosLike(du)), params) : own
      return { outputs: [output], tangents: [div(total, winners)] }
    },
    transpose: notLinear,
  })
  return primitive
}

/** An array with its windows replaced by updates that are smaller, −0 being smaller than 0; NaN wins. */
export const scatterMinPrimitive: Primitive<ScatterParams> = extreme(
  'scatter_min',
  'min',
  (a, b) => a < b || (Object.is(a, -0) && b === 0),
)
/** An array with its windows replaced by updates that are greater, 0 being greater than −0; NaN wins. */
export const scatterMaxPrimitive: Primitive<ScatterParams> = extreme(
  'scatter_max',
  'max',
  (a, b) => a > b || (Object.is(b, -0) && a === 0),
)
export const scatterMinAt: Scatter = applied(scatterMinPrimitive)
export const scatterMaxAt: Scatter = applied(scatterMaxPrimitive)
