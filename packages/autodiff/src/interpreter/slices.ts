import type { DType, TypedArray } from '../array/dtype.ts'
import { type Shape, sizeOf, stridesOf } from '../array/shape.ts'
import { Copies } from './loops.ts'

/** Where windows of an array lie, in it and in the array of windows: offsets of their elements. */
export interface Windows {
  /** Where each window starts in the array; −1 for one that is left out. */
  readonly starts: Int32Array
  /** Where each window starts among the windows. */
  readonly taken: Int32Array
  /** Runs of a window from its start, in the array and among the windows. */
  readonly inArray: Int32Array
  readonly inTaken: Int32Array
  /** How many elements a run has, side by side in both. */
  readonly run: number
}

/** The offsets of all elements of an array with these strides, in row-major order. */
function offsetsOf(shape: Shape, strides: readonly number[]): Int32Array {
  let offsets = Int32Array.of(0)
  shape.forEach((n, axis) => {
    const next = new Int32Array(offsets.length * n)
    const stride = strides[axis]!
    for (let i = 0, to = 0; i < offsets.length; i++) {
      for (let j = 0, at = offsets[i]!; j < n; j++, at += stride) next[to++] = at
    }
    offsets = next
  })
  return offsets
}

interface Layout {
  readonly map: readonly number[]
  readonly batch: readonly number[]
  readonly indexBatch: readonly number[]
  readonly offset: readonly number[]
  /** The axes of the array inside a window, and those of the taken array that count windows. */
  readonly inside: readonly number[]
  readonly counting: readonly number[]
}

/** Lays out windows of `sizes` at `indices`; one that reaches out of the array is moved into it or left out. */
export function layOut(
  shape: Shape,
  takenShape: Shape,
  sizes: Shape,
  indices: TypedArray,
  { map, batch, indexBatch, offset, inside, counting }: Layout,
  outside: 'clip' | 'drop',
): Windows {
  const strides = stridesOf(shape)
  const takenStrides = stridesOf(takenShape)
  const countShape = counting.map((axis) => takenShape[axis]!)
  const taken = offsetsOf(
    countShape,
    counting.map((axis) => takenStrides[axis]!),
  )
  const starts = offsetsOf(
    countShape,
    countShape.map((_, axis) => {
      const at = indexBatch.indexOf(axis)
      return at < 0 ? 0 : strides[batch[at]!]!
    }),
  )
  map.forEach((axis, component) => {
    const last = shape[axis]! - sizes[axis]!
    const stride = strides[axis]!
    for (let w = 0, i = component; w < starts.length; w++, i += map.length) {
      const index = Number(indices[i])
      if (starts[w]! < 0) continue
      if (index >= 0 && index <= last) starts[w] = starts[w]! + index * stride
      else if (outside === 'drop') starts[w] = -1
      else if (index > 0) starts[w] = starts[w]! + last * stride
    }
  })
  let run = 1
  let axes = inside.length
  for (; axes > 0; axes--) {
    const n = sizes[inside[axes - 1]!]!
    if (n !== 1 && (strides[inside[axes - 1]!] !== run || takenStrides[offset[axes - 1]!] !== run)) break
    run *= n
  }
  const outer = inside.slice(0, axes)
  const lengths = outer.map((axis) => sizes[axis]!)
  return {
    starts,
    taken,
    inArray: offsetsOf(
      lengths,
      outer.map((axis) => strides[axis]!),
    ),
    inTaken: offsetsOf(
      lengths,
      offset.slice(0, axes).map((axis) => takenStrides[axis]!),
    ),
    run: sizeOf(takenShape) === 0 ? 0 : run,
  }
}

/** Runs up to this length are copied faster number by number than as a piece. */
const SHORT = 16

const copyElements = new Copies(
  (array: TypedArray, taken: TypedArray, { starts, taken: places, inArray, inTaken, run }: Windows): void => {
    for (let w = 0; w < starts.length; w++) {
      const start = starts[w]!
      if (start < 0) continue
      for (let r = 0; r < inArray.length; r++) {
        const from = start + inArray[r]!
        const to = places[w]! + inTaken[r]!
        for (let i = 0; i < run; i++) taken[to + i] = array[from + i]!
      }
    }
  },
)

/** Copies the windows of `array` into `taken`. */
export function copyWindows(array: TypedArray, taken: TypedArray, dtype: DType, windows: Windows): void {
  const { starts, taken: places, inArray, inTaken, run } = windows
  if (run === 0) return
  if (run <= SHORT) return copyElements.for(dtype)(array, taken, windows)
  for (let w = 0; w < starts.length; w++) {
    const start = starts[w]!
    if (start < 0) continue
    for (let r = 0; r < inArray.length; r++) {
      const from = start + inArray[r]!
      taken.set(array.subarray(from, from + run) as never, places[w]! + inTaken[r]!)
    }
  }
}

const takeElements = new Copies((array: TypedArray, indices: TypedArray, taken: TypedArray): void => {
  const last = array.length - 1
  for (let i = 0; i < taken.length; i++) {
    const index = Number(indices[i])
    taken[i] = array[index < 0 ? 0 : index > last ? last : index]!
  }
})

/** The elements of an array of one axis, which is not empty, at indices, held in it. */
export function takeEach(array: TypedArray, indices: TypedArray, taken: TypedArray, kind: string): void {
  takeElements.for(kind)(array, indices, taken)
}

type Combine = (old: number, update: number) => number

const combineElements = new Copies(
  (
    array: TypedArray,
    updates: TypedArray,
    { starts, taken, inArray, inTaken, run }: Windows,
    combine: Combine,
  ): void => {
    for (let w = 0; w < starts.length; w++) {
      const start = starts[w]!
      if (start < 0) continue
      for (let r = 0; r < inArray.length; r++) {
        const to = start + inArray[r]!
        const from = taken[w]! + inTaken[r]!
        for (let i = 0; i < run; i++) array[to + i] = combine(array[to + i]!, updates[from + i]!)
      }
    }
  },
)

/** Combines `updates` into the windows of `array`, in the order of the indices; `kind` tells the combination and dtype. */
export function combineWindows(
  array: TypedArray,
  updates: TypedArray,
  windows: Windows,
  kind: string,
  combine: Combine,
): void {
  if (windows.run > 0) combineElements.for(kind)(array, updates, windows, combine)
}

const combineSingles = new Copies(
  (array: TypedArray, updates: TypedArray, indices: TypedArray, clips: boolean, combine: Combine): void => {
    const last = array.length - 1
    for (let i = 0; i < updates.length; i++) {
      let index = Number(indices[i])
      if (index < 0 || index > last) {
        if (!clips) continue
        index = index < 0 ? 0 : last
      }
      array[index] = combine(array[index]!, updates[i]!)
    }
  },
)

/** The same for single elements of an array of one axis, which is not empty. */
export function combineEach(
  array: TypedArray,
  updates: TypedArray,
  indices: TypedArray,
  outside: 'clip' | 'drop',
  kind: string,
  combine: Combine,
): void {
  combineSingles.for(kind)(array, updates, indices, outside === 'clip', combine)
}
