import type { NDArray } from '../array/ndarray.ts'
import { range, type Shape, sizeOf, stridesOf } from '../array/shape.ts'
import { add, max, min, mul } from './arithmetic.ts'
import { broadcastInDim, full } from './broadcast.ts'
import { and, ge, le } from './comparison.ts'
import { iota } from './creation.ts'
import { reshape } from './reshape.ts'
import { sliceAxis } from './slicing.ts'
import { countingAxes, type WindowDimensions, windowAxes } from './window-dimensions.ts'

const constant = (like: NDArray, value: number): NDArray => full(like.shape, value, 'int32')

/** The component of the indices for one axis of the array. */
function component(indices: NDArray, i: number): NDArray {
  const last = indices.ndim - 1
  return reshape(sliceAxis(indices, last, i, i + 1), indices.shape.slice(0, -1))
}

/** For each window whether it lies in the array, as an array of the taken shape. */
export function inBounds(
  indices: NDArray,
  shape: Shape,
  sizes: Shape,
  taken: Shape,
  dimensions: WindowDimensions,
): NDArray {
  const counting = countingAxes(taken.length, dimensions)
  let inside: NDArray | undefined
  dimensions.map.forEach((axis, i) => {
    const start = component(indices, i)
    const fits = and(ge(start, constant(start, 0)), le(start, constant(start, shape[axis]! - sizes[axis]!)))
    inside = inside === undefined ? fits : and(inside, fits)
  })
  return inside === undefined ? full(taken, 1, 'bool') : broadcastInDim(inside, taken, counting)
}

/** An array seen as rows: the elements over the trailing axes that every window has whole and in the same place. */
export interface Rows {
  /** How many of the trailing axes a row holds. */
  readonly trailing: number
  readonly count: number
  readonly length: number
}

export function rowsOfWindows(shape: Shape, sizes: Shape, taken: Shape, dimensions: WindowDimensions): Rows {
  const inside = windowAxes(shape.length, dimensions)
  let trailing = 0
  while (trailing < inside.length) {
    const axis = inside[inside.length - 1 - trailing]!
    const at = dimensions.offset[inside.length - 1 - trailing]!
    const whole = sizes[axis] === shape[axis] && !dimensions.map.includes(axis)
    if (!whole || axis !== shape.length - 1 - trailing || at !== taken.length - 1 - trailing) break
    trailing++
  }
  const lead = shape.length - trailing
  return { trailing, count: sizeOf(shape.slice(0, lead)), length: sizeOf(shape.slice(lead)) }
}

/** The row of the array that each row of the taken array comes from; starts outside are clamped. */
export function rowIndices(
  indices: NDArray,
  shape: Shape,
  sizes: Shape,
  taken: Shape,
  dimensions: WindowDimensions,
  { trailing }: Rows,
): NDArray {
  const { map, batch, indexBatch, offset } = dimensions
  const lead = shape.slice(0, shape.length - trailing)
  const strides = stridesOf(lead)
  const rowShape = taken.slice(0, taken.length - trailing)
  const counting = countingAxes(taken.length, dimensions)
  const terms: NDArray[] = map.map((axis, i) => {
    const start = component(indices, i)
    const held = min(max(start, constant(start, 0)), constant(start, shape[axis]! - sizes[axis]!))
    return broadcastInDim(mul(held, constant(held, strides[axis]!)), rowShape, counting)
  })
  const along = (axis: number, at: number, n: number): void => {
    if (n <= 1) return
    const steps = iota([n], 0, 'int32')
    terms.push(broadcastInDim(mul(steps, constant(steps, strides[axis]!)), rowShape, [at]))
  }
  batch.forEach((axis, i) => along(axis, counting[indexBatch[i]!]!, shape[axis]!))
  const inside = windowAxes(shape.length, dimensions)
  range(inside.length - trailing).forEach((i) => along(inside[i]!, offset[i]!, sizes[inside[i]!]!))
  return terms.length === 0 ? full(rowShape, 0, 'int32') : terms.reduce(add)
}
