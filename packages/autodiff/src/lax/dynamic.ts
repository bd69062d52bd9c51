import { isInteger } from '../array/dtype.ts'
import { DTypeError, ShapeError } from '../array/errors.ts'
import { NDArray, scalar } from '../array/ndarray.ts'
import { normalizeAxis, showShape } from '../array/shape.ts'
import { checkList } from '../array/options.ts'
import { showGiven } from '../array/show.ts'
import { showAval } from '../core/jaxpr.ts'
import { scalarValue } from '../core/trace.ts'
import { add } from '../primitives/arithmetic.ts'
import { lt, select } from '../primitives/comparison.ts'
import { asInt32 } from '../primitives/bounds.ts'
import * as d from '../primitives/dynamic-slice.ts'
import { reshape } from '../primitives/reshape.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { checkArray } from './operands.ts'

/** Where a slice starts: a number, or a scalar of integers which may be traced. */
export type Start = number | NDArray

/** A start as int32, counted from the front. */
function startOf(name: string, start: Start, n: number): NDArray {
  if (typeof start === 'number') {
    if (!Number.isInteger(start)) throw new ShapeError(`${name}: the start ${start} is not a whole number`)
    return scalar(start < 0 ? start + n : start, 'int32')
  }
  if (checkArray(name, start).ndim !== 0 || !isInteger(start.dtype)) {
    throw new DTypeError(
      `${name}: a start is ${showAval(start)}, it must be a scalar of int32; convert with i.astype("int32")`,
    )
  }
  const at = asInt32(start)
  const value = scalarValue(at)
  if (value !== undefined) return value < 0 ? scalar(value + n, 'int32') : at
  return select(lt(at, scalar(0, 'int32')), add(at, scalar(n, 'int32')), at)
}

const startsOf = (name: string, x: NDArray, starts: readonly Start[]): NDArray[] => {
  checkArray(name, x)
  if (checkList(name, 'starts', starts).length !== x.ndim) {
    throw new ShapeError(
      `${name}: ${starts.length} starts for an array of shape ${showShape(x.shape)}; give one for each axis`,
    )
  }
  return starts.map((s, axis) => startOf(name, s, x.shape[axis]!))
}

/**
 * The part of `x` of the sizes `sizes` that begins at `starts`, one for each axis, which may be traced. Negative starts
 * count from the end; a slice that reaches out of the array is moved into it.
 *
 * @throws ShapeError when there is not a start for each axis, or the slice is larger than the array.
 * @see JAX's `jax.lax.dynamic_slice`
 * @example lax.dynamicSlice(np.arange(5), [np.array(Int32Array.of(4)).at(0)], [2]) // [3, 4]
 */
export const dynamicSlice = (x: NDArray, starts: readonly Start[], sizes: readonly number[]): NDArray =>
  d.dynamicSlice(x, startsOf('dynamicSlice', x, starts), checkList('dynamicSlice', 'sizes', sizes))

/**
 * `x` with the part that begins at `starts` replaced by `update`, of the same rank. Negative starts count from the end;
 * an update that reaches out of the array is moved into it.
 *
 * @throws ShapeError when there is not a start for each axis, or the update is larger than the array.
 * @see JAX's `jax.lax.dynamic_update_slice`
 * @example lax.dynamicUpdateSlice(np.zeros([4]), np.array([1, 2]), [1]) // [0, 1, 2, 0]
 */
export const dynamicUpdateSlice = (x: NDArray, update: NDArray, starts: readonly Start[]): NDArray =>
  d.dynamicUpdateSlice(x, checkArray('dynamicUpdateSlice', update), startsOf('dynamicUpdateSlice', x, starts))

const startsAt = (name: string, x: NDArray, start: Start, axis: number): NDArray[] =>
  x.shape.map((n, i) => (i === axis ? startOf(name, start, n) : scalar(0, 'int32')))

/**
 * `size` entries of one axis from `start` on, which may be traced; moved into the axis where they reach out.
 *
 * @see JAX's `jax.lax.dynamic_slice_in_dim`
 * @example lax.dynamicSliceInDim(np.arange(5), 1, 2) // [1, 2]
 */
export function dynamicSliceInDim(x: NDArray, start: Start, size: number, axis = 0): NDArray {
  const along = normalizeAxis(axis, checkArray('dynamicSliceInDim', x).ndim, 'dynamicSliceInDim')
  const sizes = x.shape.map((n, i) => (i === along ? size : n))
  return d.dynamicSlice(x, startsAt('dynamicSliceInDim', x, start, along), sizes)
}

/**
 * The entry `index` of one axis, which may be traced; the nearest where there is none. The axis is kept, 1 long, unless
 * `keepdims` is false.
 *
 * @see JAX's `jax.lax.dynamic_index_in_dim`
 * @example lax.dynamicIndexInDim(np.arange(5), 7) // [4]
 */
export function dynamicIndexInDim(x: NDArray, index: Start, axis = 0, keepdims = true): NDArray {
  const along = normalizeAxis(axis, checkArray('dynamicIndexInDim', x).ndim, 'dynamicIndexInDim')
  const entry = dynamicSliceInDim(x, index, 1, along)
  return keepdims
    ? entry
    : reshape(
        entry,
        x.shape.filter((_, i) => i !== along),
      )
}

/**
 * The entry `index` of one axis; the axis is kept, 1 long, unless `keepdims` is false.
 *
 * @throws ShapeError for an index outside the axis.
 * @see JAX's `jax.lax.index_in_dim`
 * @example lax.indexInDim(np.arange(5), -1, 0, false) // 4
 */
export function indexInDim(x: NDArray, index: number, axis = 0, keepdims = true): NDArray {
  const along = normalizeAxis(axis, checkArray('indexInDim', x).ndim, 'indexInDim')
  const n = x.shape[along]!
  if (!Number.isInteger(index) || index < -n || index >= n) {
    throw new ShapeError(
      `indexInDim: index ${showGiven(index)} is out of range for axis ${along} of ${showShape(x.shape)}; give one from ${-x.shape[along]!} to ${x.shape[along]! - 1}`,
    )
  }
  const at = index < 0 ? index + n : index
  const entry = sliceAxis(x, along, at, at + 1)
  return keepdims
    ? entry
    : reshape(
        entry,
        x.shape.filter((_, i) => i !== along),
      )
}

/**
 * `x` with entries of one axis, from `start` on, replaced by `update`, of the same rank.
 *
 * @see JAX's `jax.lax.dynamic_update_slice_in_dim`
 * @example lax.dynamicUpdateSliceInDim(np.zeros([4]), np.ones([2]), 1, 0) // [0, 1, 1, 0]
 */
export function dynamicUpdateSliceInDim(x: NDArray, update: NDArray, start: Start, axis: number): NDArray {
  const along = normalizeAxis(axis, checkArray('dynamicUpdateSliceInDim', x).ndim, 'dynamicUpdateSliceInDim')
  return d.dynamicUpdateSlice(
    x,
    checkArray('dynamicUpdateSliceInDim', update),
    startsAt('dynamicUpdateSliceInDim', x, start, along),
  )
}

/**
 * `x` with the entry `index` of one axis replaced by `update`, with the axis 1 long or without it.
 *
 * @see JAX's `jax.lax.dynamic_update_index_in_dim`
 * @example lax.dynamicUpdateIndexInDim(np.zeros([3]), np.array(2), 1, 0) // [0, 2, 0]
 */
export function dynamicUpdateIndexInDim(x: NDArray, update: NDArray, index: Start, axis: number): NDArray {
  const along = normalizeAxis(axis, checkArray('dynamicUpdateIndexInDim', x).ndim, 'dynamicUpdateIndexInDim')
  const entry =
    checkArray('dynamicUpdateIndexInDim', update).ndim === x.ndim
      ? update
      : reshape(update, [...update.shape.slice(0, along), 1, ...update.shape.slice(along)])
  return dynamicUpdateSliceInDim(x, entry, index, along)
}
