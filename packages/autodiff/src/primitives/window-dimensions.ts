import { DTypeError, ShapeError } from '../array/errors.ts'
import { range, type Shape, showShape } from '../array/shape.ts'
import { type Aval, showAval } from '../core/jaxpr.ts'

/**
 * How windows of an array lie in it and beside each other, for gather and scatter alike. The last axis of the indices
 * holds where a window starts; their other axes count the windows.
 */
export type WindowDimensions = {
  /** The axes of the taken array (gather's result, scatter's updates) that run inside a window, in order. */
  readonly offset: readonly number[]
  /** The axes of the array that windows are 1 long on and that the taken array does not have, in order. */
  readonly collapsed: readonly number[]
  /** The axis of the array that each component of an index is for; on the others windows start at 0. */
  readonly map: readonly number[]
  /** Axes of the array that go together with axes of the indices (`indexBatch`), entry by entry. */
  readonly batch: readonly number[]
  readonly indexBatch: readonly number[]
}

const ascending = (axes: readonly number[]): boolean => axes.every((axis, i) => i === 0 || axes[i - 1]! < axis)
const within = (axes: readonly number[], rank: number): boolean =>
  axes.every((axis) => Number.isInteger(axis) && axis >= 0 && axis < rank)

/** The axes of the array that run inside a window. */
export const windowAxes = (rank: number, { collapsed, batch }: WindowDimensions): number[] =>
  range(rank).filter((axis) => !collapsed.includes(axis) && !batch.includes(axis))

/** The axes of the taken array that count windows. */
export const countingAxes = (rank: number, { offset }: WindowDimensions): number[] =>
  range(rank).filter((axis) => !offset.includes(axis))

/** The shape of the windows of an array side by side. */
export function takenShape(indices: Shape, sizes: Shape, dimensions: WindowDimensions): number[] {
  const inside = windowAxes(sizes.length, dimensions).map((axis) => sizes[axis]!)
  const counting = indices.slice(0, -1)
  let next = 0
  return range(inside.length + counting.length).map((axis) => {
    const at = dimensions.offset.indexOf(axis)
    return at >= 0 ? inside[at]! : counting[next++]!
  })
}

/** How long windows are on each axis of the array, from the shape of the updates that are put there. */
export function windowSizes(rank: number, updates: Shape, dimensions: WindowDimensions): number[] {
  const inside = windowAxes(rank, dimensions)
  return range(rank).map((axis) => (inside.includes(axis) ? updates[dimensions.offset[inside.indexOf(axis)]!]! : 1))
}

/** Throws unless indices are int32. */
export function checkIndexDType(name: string, indices: Aval): void {
  if (indices.dtype !== 'int32') {
    throw new DTypeError(
      `${name}: indices are ${showAval(indices)}, they must be int32; convert with i.astype("int32")`,
    )
  }
}

/** Throws unless the dimensions, and windows of `sizes`, fit the array and the indices. */
export function checkWindows(
  name: string,
  array: Aval,
  indices: Aval,
  sizes: Shape,
  dimensions: WindowDimensions,
): void {
  const { offset, collapsed, map, batch, indexBatch } = dimensions
  const { shape } = array
  checkIndexDType(name, indices)
  const rank = shape.length
  const counting = indices.shape.length - 1
  const problem = ((): string | undefined => {
    if (counting < 0 || indices.shape[counting] !== map.length) {
      return `the last axis of the indices ${showShape(indices.shape)} must be ${map.length} long, one component for each axis in startIndexMap ${showShape(map)}`
    }
    for (const [what, axes, limit] of [
      ['collapsedSliceDims', collapsed, rank],
      ['startIndexMap', map, rank],
      ['operandBatchingDims', batch, rank],
      ['startIndicesBatchingDims', indexBatch, counting],
      ['offsetDims', offset, counting + offset.length],
    ] as const) {
      if (!within(axes, limit)) return `${what} ${showShape(axes)} must be axes from 0 to ${limit - 1}`
      if (new Set(axes).size !== axes.length) return `${what} ${showShape(axes)} names an axis twice; name each once`
    }
    if (!ascending(collapsed) || !ascending(offset))
      return `collapsedSliceDims ${showShape(collapsed)} and offsetDims ${showShape(offset)} must be in order`
    if (map.some((axis) => batch.includes(axis)) || collapsed.some((axis) => batch.includes(axis))) {
      return `operandBatchingDims ${showShape(batch)} must be neither in startIndexMap ${showShape(map)} nor in collapsedSliceDims ${showShape(collapsed)}`
    }
    if (offset.length !== rank - collapsed.length - batch.length) {
      return `${rank - collapsed.length - batch.length} axes run inside a window, and offsetDims is ${showShape(offset)}; it must name the axis of each`
    }
    if (batch.length !== indexBatch.length || batch.some((axis, i) => shape[axis] !== indices.shape[indexBatch[i]!])) {
      return `the batching axes ${showShape(batch)} of the array and ${showShape(indexBatch)} of the indices ${showShape(indices.shape)} must be equally long`
    }
    // No windows fit everywhere, and so do batching axes, which are gone through one by one.
    const free = (axis: number): boolean => batch.includes(axis) || indices.shape.slice(0, -1).includes(0)
    const fits = (n: number, axis: number): boolean => n >= 0 && (n <= shape[axis]! || free(axis))
    if (sizes.length !== rank || !sizes.every(Number.isInteger) || !sizes.every(fits)) {
      return `windows of ${showShape(sizes)} do not fit in`
    }
    if (collapsed.some((axis) => sizes[axis] !== 1) || batch.some((axis) => sizes[axis]! > 1)) {
      return `windows of ${showShape(sizes)} must be 1 long on the axes ${showShape([...collapsed, ...batch])}, which are left out`
    }
    return undefined
  })()
  if (problem !== undefined) throw new ShapeError(`${name}: an array of shape ${showShape(shape)}: ${problem}`)
}

const shifted = (axes: readonly number[]): number[] => axes.map((axis) => axis + 1)

/** The dimensions with a batch axis in front: of the array, of the indices, or of both. */
export function batchedDimensions(
  { offset, collapsed, map, batch, indexBatch }: WindowDimensions,
  ofArray: boolean,
  ofIndices: boolean,
): WindowDimensions {
  const both = ofArray && ofIndices
  return {
    // Only the array's: every window has the whole axis.
    offset: ofIndices ? shifted(offset) : [0, ...shifted(offset)],
    collapsed: ofArray ? shifted(collapsed) : collapsed,
    map: ofArray ? shifted(map) : map,
    batch: [...(both ? [0] : []), ...(ofArray ? shifted(batch) : batch)],
    indexBatch: [...(both ? [0] : []), ...(ofIndices ? shifted(indexBatch) : indexBatch)],
  }
}

/** The dimensions of `take`: entries of one axis by indices of `count` axes. */
export const takeDimensions = (rank: number, axis: number, count: number): WindowDimensions => ({
  offset: [...range(axis), ...range(rank - axis - 1).map((i) => axis + count + i)],
  collapsed: [axis],
  map: [axis],
  batch: [],
  indexBatch: [],
})

/** The dimensions of `takeAlong`: along one axis, each entry of the other axes by indices of its own. */
export const alongDimensions = (rank: number, axis: number): WindowDimensions => {
  const others = range(rank).filter((i) => i !== axis)
  return { offset: [], collapsed: [axis], map: [axis], batch: others, indexBatch: others }
}
