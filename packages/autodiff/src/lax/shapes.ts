import { checkOptions } from '../array/options.ts'
import { checkArrays } from '../core/trace.ts'
import { checkArray, checkWhole } from './operands.ts'
import { checkDType, type DType } from '../array/dtype.ts'
import { ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { checkShape, normalizeAxis, range, type Shape, showShape } from '../array/shape.ts'
import { asArray } from '../numpy/operands.ts'
import * as numpy from '../numpy/shape.ts'
import { unstack as unstackOf } from '../numpy/indexing.ts'
import { broadcastShapesOf } from '../numpy/grids.ts'
import { broadcastInDim, broadcastTo } from '../primitives/broadcast.ts'
import { convert } from '../primitives/convert.ts'
import { reshape } from '../primitives/reshape.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { dotGeneral, type DotDimensionNumbers } from './structure.ts'

/** The functions of `lax` that make arrays and give them other shapes. */

/** An array of this shape, of one number. @see JAX's `jax.lax.full` @example lax.full([2], 3) // [3, 3] */
export const full = (shape: Shape, value: Operand, dtype?: DType): NDArray => {
  const filling = asArray(value)
  return broadcastTo(
    dtype === undefined ? filling : convert(filling, checkDType(dtype, 'full')),
    checkShape(shape, 'full'),
  )
}
/** As `full`, of the shape and dtype of an array unless told otherwise. @see JAX's `jax.lax.full_like` */
export const fullLike = (x: Operand, value: Operand, dtype?: DType, shape?: Shape): NDArray => {
  const like = asArray(x)
  return full(shape ?? like.shape, value, dtype ?? like.dtype)
}
/** The array with axes of these lengths before its own. @see JAX's `jax.lax.broadcast` */
export const broadcast = (x: Operand, sizes: Shape): NDArray => {
  const array = asArray(x)
  return broadcastTo(array, [...checkShape(sizes, 'broadcast'), ...array.shape])
}
/** More than any program has; a list of as many as a number claims would not end. */
const MOST_AXES = 1024

/** The array with axes of length 1 before its own, so that there are `rank`. @see JAX's `jax.lax.broadcast_to_rank` */
export const broadcastToRank = (x: Operand, rank: number): NDArray => {
  const array = asArray(x)
  checkWhole('broadcastToRank', 'the rank', [rank])
  if (rank > MOST_AXES) throw new ShapeError(`broadcastToRank: no array has ${rank} axes; give at most ${MOST_AXES}`)
  if (rank < array.ndim)
    throw new ShapeError(`broadcastToRank: ${showShape(array.shape)} has more than ${rank} axes; reshape it instead`)
  return reshape(array, [...range(rank - array.ndim).map(() => 1), ...array.shape])
}
/** The shape that shapes meet in. @see JAX's `jax.lax.broadcast_shapes` */
export const broadcastShapes: typeof broadcastShapesOf = broadcastShapesOf
/** The array with axes of length 1 put in. @see JAX's `jax.lax.expand_dims` */
export const expandDims = (x: Operand, dimensions: readonly number[]): NDArray => numpy.expandDims(x, dimensions)
/** The array without these axes, of length 1. @see JAX's `jax.lax.squeeze` */
export const squeeze = (x: Operand, dimensions: readonly number[]): NDArray => numpy.squeeze(x, dimensions)
/** Arrays along an axis of their own. @see JAX's `jax.lax.stack` */
export const stack = (arrays: readonly Operand[], axis = 0): NDArray => numpy.stack(arrays, { axis })
/** The array again and again, along each axis. @see JAX's `jax.lax.tile` */
export const tile = (x: Operand, reps: readonly number[]): NDArray => numpy.tile(x, reps)
/** The entries of an axis. @see JAX's `jax.lax.unstack` */
export const unstack = (x: Operand, axis = 0): NDArray[] => unstackOf(numpy.moveaxis(x, axis, 0))

/**
 * Parts of an axis, of these sizes.
 *
 * @throws ShapeError when the sizes are not those of the axis together.
 * @see JAX's `jax.lax.split`
 * @example lax.split(np.arange(3), [1, 2])[1] // [1, 2]
 */
export function split(x: NDArray, sizes: readonly number[], axis = 0): NDArray[] {
  checkWhole('split', 'the sizes', sizes)
  const along = normalizeAxis(axis, checkArray('split', x).ndim, 'split')
  const total = sizes.reduce((a, b) => a + b, 0)
  if (total !== x.shape[along])
    throw new ShapeError(`split: the sizes ${showShape(sizes)} do not add up to axis ${axis} of ${showShape(x.shape)}`)
  let start = 0
  return sizes.map((n) => {
    const part = sliceAxis(x, along, start, start + n)
    start += n
    return part
  })
}

/**
 * The axes from `start` to before `stop` as one.
 *
 * @see JAX's `jax.lax.collapse`
 * @example lax.collapse(np.ones([2, 3, 4]), 1).shape // [2, 12]
 */
export function collapse(x: NDArray, start: number, stop: number = checkArray('collapse', x).ndim): NDArray {
  checkArray('collapse', x)
  checkWhole('collapse', 'the ends', [start, stop])
  const [from, to] = [start, stop].map((i) => (i < 0 ? i + x.ndim : i)) as [number, number]
  if (!(from >= 0 && from < to && to <= x.ndim))
    throw new ShapeError(`collapse: there are no axes ${start} to ${stop} in ${showShape(x.shape)}`)
  const size = x.shape.slice(from, to).reduce((a, b) => a * b, 1)
  return reshape(x, [...x.shape.slice(0, from), size, ...x.shape.slice(to)])
}

/**
 * The product of vectors and matrices; with `dimensionNumbers` that of `dotGeneral`.
 *
 * @throws ShapeError for anything else.
 * @see JAX's `jax.lax.dot`
 * @example lax.dot(np.array([1, 2]), np.array([3, 4])) // 11
 */
export function dot(
  x: NDArray,
  y: NDArray,
  options: { readonly dimensionNumbers?: DotDimensionNumbers } = {},
): NDArray {
  const { dimensionNumbers } = checkOptions('dot', options, ['dimensionNumbers'])
  checkArrays('dot', x, y)
  if (dimensionNumbers !== undefined) return dotGeneral(x, y, dimensionNumbers)
  const fits = [x, y].every(({ ndim }) => ndim === 1 || ndim === 2)
  if (!fits || x.shape.at(-1) !== y.shape[0])
    throw new ShapeError(`dot: ${showShape(x.shape)} and ${showShape(y.shape)} do not fit; np.matmul takes batches`)
  return dotGeneral(x, y, [
    [[x.ndim - 1], [0]],
    [[], []],
  ])
}
/** Products of matrices, a batch on all axes before. @see JAX's `jax.lax.batch_matmul` */
export function batchMatmul(x: NDArray, y: NDArray): NDArray {
  checkArrays('batchMatmul', x, y)
  if (x.ndim < 2 || y.ndim !== x.ndim)
    throw new ShapeError(
      `batchMatmul: ${showShape(x.shape)} and ${showShape(y.shape)} must have the same axes, at least 2`,
    )
  const batch = range(x.ndim - 2)
  return dotGeneral(x, y, [
    [[x.ndim - 1], [y.ndim - 2]],
    [batch, batch],
  ])
}
export { broadcastInDim }
