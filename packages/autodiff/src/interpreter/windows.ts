import { convertData } from '../array/convert-data.ts'
import { allocate, type DType, isFloat, type TypedArray } from '../array/dtype.ts'
import { sizeOf } from '../array/shape.ts'
import { Copies } from './loops.ts'
import { isTrivial, type WindowAxis, windowCount, windowOffsets, windowPositions } from './window.ts'

/** How windows are reduced: from `start`, entry by entry; what lies outside counts as `outside`. */
export interface WindowReduction {
  readonly kind: 'sum' | 'max' | 'min'
  readonly start: number
  readonly outside: number
}

type Combine = (a: number, b: number) => number

const combinations: Readonly<Record<WindowReduction['kind'], Combine>> = {
  sum: (a, b) => a + b,
  max: Math.max,
  min: Math.min,
}
const wrappedSum: Combine = (a, b) => (a + b) | 0

/** The same for 64-bit integers, which go by the type of numbers. */
const bigCombinations: typeof combinations = {
  sum: combinations.sum,
  max: (a, b) => (a > b ? a : b),
  min: (a, b) => (a < b ? a : b),
}

/** Reduces windows one axis after the other, float32 in double precision. */
export function reduceWindows(
  x: TypedArray,
  dtype: DType,
  axes: readonly WindowAxis[],
  reduction: WindowReduction,
): TypedArray {
  const shape = axes.map((axis) => axis.n)
  const wide: DType = isFloat(dtype) ? 'float64' : dtype
  let data: TypedArray = x
  axes.forEach((axis, i) => {
    if (isTrivial(axis)) return
    const outer = sizeOf(shape.slice(0, i))
    const inner = sizeOf(shape.slice(i + 1))
    data = reduceAxis(data, allocate<DType>(wide, outer * windowCount(axis) * inner), axis, outer, inner, reduction)
    shape[i] = windowCount(axis)
  })
  if (data !== x && wide === dtype) return data
  return data === x ? x.slice() : convertData(data, wide, dtype)
}

function reduceAxis(
  data: TypedArray,
  out: TypedArray,
  axis: WindowAxis,
  outer: number,
  inner: number,
  { kind, start, outside }: WindowReduction,
): TypedArray {
  const big = out instanceof BigInt64Array || out instanceof BigUint64Array
  const combine = big
    ? bigCombinations[kind]
    : kind === 'sum' && !(out instanceof Float64Array)
      ? wrappedSum
      : combinations[kind]
  const sizes = { outer, inner, n: axis.n, size: axis.size, count: windowCount(axis) }
  const types = `${data.constructor.name} ${out.constructor.name}`
  combineTaps.for(`${kind} ${types}`)(data, out, windowPositions(axis), sizes, combine, start, outside)
  return out
}

const combineTaps = new Copies(
  (
    data: TypedArray,
    out: TypedArray,
    positions: Int32Array,
    sizes: { outer: number; inner: number; n: number; size: number; count: number },
    combine: Combine,
    start: number,
    outside: number,
  ): void => {
    const { outer, inner, n, size, count } = sizes
    for (let o = 0; o < outer; o++) {
      for (let w = 0; w < count; w++) {
        if (inner === 1) {
          let total = start
          for (let tap = 0, i = w; tap < size; tap++, i += count)
            total = combine(total, positions[i]! < 0 ? outside : data[o * n + positions[i]!]!)
          out[o * count + w] = total
          continue
        }
        const to = (o * count + w) * inner
        for (let i = to; i < to + inner; i++) out[i] = start
        for (let tap = 0; tap < size; tap++) {
          const at = positions[tap * count + w]!
          const from = (o * n + at) * inner
          if (at < 0) for (let i = to; i < to + inner; i++) out[i] = combine(out[i]!, outside)
          else for (let i = 0; i < inner; i++) out[to + i] = combine(out[to + i]!, data[from + i]!)
        }
      }
    }
  },
)

/** Whether the entry that is held stays when the next one comes. */
export type Keeps = (held: number, next: number) => boolean

/**
 * For each window the row-major index of the entry that is left when each next one takes the place of the one held,
 * unless that `keeps` it. Entries have to beat `start`; −1 where none does.
 */
export function chosenEntries(x: TypedArray, axes: readonly WindowAxis[], start: number, keeps: Keeps): Int32Array {
  // Leading axes without windows are a plain loop.
  const found = axes.findIndex((axis) => !isTrivial(axis))
  const split = found < 0 ? axes.length : found
  const inner = axes.slice(split)
  const outer = sizeOf(axes.slice(0, split).map((axis) => axis.n))
  const count = sizeOf(inner.map(windowCount))
  const space = sizeOf(inner.map((axis) => axis.n))
  const taps = sizeOf(inner.map((axis) => axis.size))
  const offsets = windowOffsets(inner, 0, count)
  const chosen = new Int32Array(outer * count).fill(-1)
  for (let o = 0; o < outer; o++) {
    for (let w = 0; w < count; w++) {
      let held = start
      for (let tap = 0; tap < taps; tap++) {
        const offset = offsets[tap * count + w] as number
        if (offset < 0) continue
        const next = x[o * space + offset] as number
        if (keeps(held, next)) continue
        held = next
        chosen[o * count + w] = o * space + offset
      }
    }
  }
  return chosen
}
