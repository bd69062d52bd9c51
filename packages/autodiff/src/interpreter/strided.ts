import { allocate, type DType, type TypedArray } from '../array/dtype.ts'
import { type Shape, sizeOf, stridesOf, withoutAxes } from '../array/shape.ts'
import { Copies } from './loops.ts'

/** Where the elements of some shape lie in an array. */
export interface Places {
  readonly data: TypedArray
  readonly offset: number
  readonly strides: readonly number[]
}

/** An axis, and how far apart its entries are in either array. */
interface Axis {
  readonly n: number
  readonly from: number
  readonly to: number
}

/** Runs from this length on are copied as a piece. */
const PIECE = 24

const moveRows = new Copies(
  (source: TypedArray, from: number, target: TypedArray, to: number, outer: Axis, inner: Axis): void => {
    const { n, from: step, to: stepTo } = inner
    for (let i = 0, start = from, startTo = to; i < outer.n; i++, start += outer.from, startTo += outer.to) {
      for (let j = 0, a = start, b = startTo; j < n; j++, a += step, b += stepTo) target[b] = source[a]!
    }
  },
)

/** Copies the elements of an array of this shape from one place to another. */
export function moveElements(shape: Shape, dtype: DType, source: Places, target: Places): void {
  const axes = mergedAxes(shape, source.strides, target.strides)
  if (axes === undefined) return
  const last = axes.pop() ?? { n: 1, from: 0, to: 0 }
  const isPiece = last.to === 1 && (last.from === 1 || last.from === 0) && last.n >= PIECE
  const rows = (isPiece ? undefined : axes.pop()) ?? { n: 1, from: 0, to: 0 }
  const move = isPiece ? undefined : moveRows.for(dtype)
  const index = new Array<number>(axes.length).fill(0)
  let from = source.offset
  let to = target.offset
  for (;;) {
    if (move !== undefined) move(source.data, from, target.data, to, rows, last)
    else if (last.from === 0) target.data.fill(source.data[from]!, to, to + last.n)
    else target.data.set(source.data.subarray(from, from + last.n), to)
    let axis = axes.length - 1
    for (; axis >= 0; axis--) {
      const { n, from: step, to: stepTo } = axes[axis]!
      from += step
      to += stepTo
      if (++index[axis]! < n) break
      from -= step * n
      to -= stepTo * n
      index[axis] = 0
    }
    if (axis < 0) return
  }
}

/** The axes without those of length 1, neighbours that are one in both arrays as one; none where nothing is to be moved. */
function mergedAxes(shape: Shape, from: readonly number[], to: readonly number[]): Axis[] | undefined {
  const axes: Axis[] = []
  for (let axis = 0; axis < shape.length; axis++) {
    const [n, step, stepTo] = [shape[axis]!, from[axis]!, to[axis]!]
    if (n === 0) return undefined
    if (n === 1) continue
    const before = axes.at(-1)
    if (before !== undefined && before.from === step * n && before.to === stepTo * n)
      axes[axes.length - 1] = { n: before.n * n, from: step, to: stepTo }
    else axes.push({ n, from: step, to: stepTo })
  }
  return axes
}

/**
 * A fresh row-major array whose element at index `i` is `source[offset + Σ i·strides]`. Transposes, broadcasts, slices
 * and reversals are this with different strides.
 */
export function copyStrided(
  source: TypedArray,
  dtype: DType,
  shape: Shape,
  strides: readonly number[],
  offset = 0,
): TypedArray {
  const data = allocate<DType>(dtype, sizeOf(shape))
  moveElements(shape, dtype, { data: source, offset, strides }, { data, offset: 0, strides: stridesOf(shape) })
  return data
}

/** Axes in another order, row-major. */
export function transposeData(
  source: TypedArray,
  dtype: DType,
  shape: Shape,
  permutation: readonly number[],
): TypedArray {
  if (permutation.every((axis, i) => axis === i)) return source
  const strides = stridesOf(shape)
  return copyStrided(
    source,
    dtype,
    permutation.map((axis) => shape[axis] as number),
    permutation.map((axis) => strides[axis] as number),
  )
}

/** An array as `[outer, length, inner]`, of which the middle is reduced. */
export interface Reduced {
  readonly data: TypedArray
  readonly outer: number
  readonly length: number
  readonly inner: number
}

/** The elements laid out for a reduction over `axes`: as they lie where these are neighbours, else one row for each result. */
export function reducedOver(source: TypedArray, dtype: DType, shape: Shape, axes: readonly number[]): Reduced {
  const sorted = [...axes].sort((a, b) => a - b)
  const length = sizeOf(sorted.map((axis) => shape[axis]!))
  const count = sizeOf(withoutAxes(shape, axes))
  const first = sorted[0] ?? shape.length
  const ends = sorted.length === 0 ? first : sorted.at(-1)! + 1
  if (ends - first === sorted.length) {
    const inner = sizeOf(shape.slice(ends))
    return { data: source, outer: inner === 0 ? 0 : sizeOf(shape.slice(0, first)), length, inner }
  }
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
  return { data: transposeData(source, dtype, shape, [...kept, ...sorted]), outer: count, length, inner: 1 }
}

/** The elements as rows: one row for each kept index, holding the elements over the reduced `axes`. */
export function rowsOver(
  source: TypedArray,
  dtype: DType,
  shape: Shape,
  axes: readonly number[],
): { rows: TypedArray; count: number; length: number } {
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
  const rows = transposeData(source, dtype, shape, [...kept, ...[...axes].sort((a, b) => a - b)])
  return { rows, count: sizeOf(withoutAxes(shape, axes)), length: sizeOf(axes.map((axis) => shape[axis] as number)) }
}
