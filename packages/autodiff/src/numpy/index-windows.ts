import { fromHost, type NDArray, scalar } from '../array/ndarray.ts'
import { broadcastShapes, range, type Shape, sizeOf } from '../array/shape.ts'
import { broadcastInDim, broadcastTo } from '../primitives/broadcast.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { reshape } from '../primitives/reshape.ts'
import type { WindowDimensions } from '../primitives/window-dimensions.ts'
import type { Entries, Entry } from './index-entries.ts'

/** An index as windows of an array, for gather and scatter. */
export interface IndexWindows {
  readonly dimensions: WindowDimensions
  readonly sizes: readonly number[]
  readonly indices: NDArray
  /** The shape of the windows side by side, and the same with the new axes. */
  readonly taken: Shape
  readonly shape: Shape
  /** Whether all indices are known to lie in the array. */
  readonly inside: boolean
  /** Whether no entry is named twice, as far as is known. */
  readonly distinct: boolean
}

type ArrayEntry = Extract<Entry, { kind: 'array' }>

const isArray = (entry: Entry): entry is ArrayEntry => entry.kind === 'array'

/** The entries of a range, in its order. */
function entriesOf({ start, limit, stride, reversed }: Extract<Entry, { kind: 'range' }>): NDArray {
  const list: number[] = []
  for (let i = start; i < limit; i += stride) list.push(i)
  return fromHost(Int32Array.from(reversed ? list.reverse() : list), [list.length], 'int32')
}

/** What the places of windows are on one axis of the array: `values`, whose axes are those from `at` on of all places. */
interface Component {
  readonly axis: number
  readonly values: NDArray
  readonly at: number
}

/** All components, along a last axis, for places of this shape. */
function joined(components: readonly Component[], shape: Shape): NDArray {
  if (components.length === 0) return fromHost(new Int32Array(0), [...shape, 0], 'int32')
  const parts = components.map(({ values, at }) => {
    const axes = range(values.ndim).map((i) => at + i)
    return reshape(broadcastInDim(values, shape, axes), [...shape, 1])
  })
  return concatenate(parts, shape.length)
}

/** The places of an index in the array, as windows. Where the axes of index arrays go is NumPy's rule. */
export function windowsOfIndex(shape: Shape, { entries, advanced, arrays: places }: Entries): IndexWindows {
  const arrays = entries.filter(isArray)
  const together = broadcastShapes(
    arrays.map((entry) => entry.indices.shape),
    'slice: the arrays of indices',
  )
  const contiguous = advanced.every((place, i) => i === 0 || place === advanced[i - 1]! + 1)
  // The first entry that goes together with the arrays, if numbers do; the arrays' axes take its place, or the first.
  const first = contiguous ? entries.findIndex((e) => isArray(e) || e.kind === 'number') : 0
  const counting: number[] = []
  const components: Component[] = []
  const collapsed: number[] = []
  const sizes = [...shape]
  const offset: number[] = []
  const taken: number[] = []
  const result: number[] = []
  const grow = (n: number): void => void (taken.push(n), result.push(n))
  const collapse = (axis: number): void => {
    collapsed.push(axis)
    sizes[axis] = 1
  }
  entries.forEach((entry, i) => {
    if (i === first && arrays.length > 0) {
      const at = counting.length
      for (const { axis, indices } of arrays) components.push({ axis, values: broadcastTo(indices, together), at })
      counting.push(...together)
      together.forEach(grow)
    }
    switch (entry.kind) {
      case 'new':
        return void result.push(1)
      case 'array':
        return collapse(entry.axis)
      case 'number':
        components.push({ axis: entry.axis, values: scalar(entry.at, 'int32'), at: 0 })
        return collapse(entry.axis)
      case 'all':
        offset.push(taken.length)
        return grow(shape[entry.axis]!)
      case 'range': {
        const { axis, start, limit, stride } = entry
        if (stride === 1 && !entry.reversed) {
          sizes[axis] = limit - start
          if (start > 0) components.push({ axis, values: scalar(start, 'int32'), at: 0 })
          offset.push(taken.length)
          return grow(limit - start)
        }
        const values = entriesOf(entry)
        components.push({ axis, values, at: counting.length })
        counting.push(values.size)
        collapse(axis)
        return grow(values.size)
      }
    }
  })
  return {
    dimensions: { offset, collapsed, map: components.map((c) => c.axis), batch: [], indexBatch: [] },
    sizes,
    indices: joined(components, counting),
    taken,
    shape: result,
    inside: arrays.every((entry) => entry.inside),
    distinct: sizeOf(together) <= 1 || (places === 1 && arrays.every((entry) => entry.distinct)),
  }
}
