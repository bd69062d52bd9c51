import { allocate, type DType, type TypedArray } from '../array/dtype.ts'
import { type Shape, sizeOf, stridesOf, withoutAxes } from '../array/shape.ts'

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
  const out = allocate(dtype, sizeOf(shape))
  if (out.length === 0) return out
  const rank = shape.length
  if (rank === 0) {
    out[0] = source[offset] as number
    return out
  }
  const inner = shape[rank - 1] as number
  const step = strides[rank - 1] as number
  const index = new Array<number>(rank - 1).fill(0)
  let from = offset
  for (let to = 0; to < out.length; ) {
    if (step === 1) {
      out.set(source.subarray(from, from + inner), to)
    } else if (step === 0) {
      out.fill(source[from] as number, to, to + inner)
    } else {
      for (let i = 0, j = from; i < inner; i++, j += step) out[to + i] = source[j] as number
    }
    to += inner
    for (let axis = rank - 2; axis >= 0; axis--) {
      from += strides[axis] as number
      if (++(index[axis] as number) < (shape[axis] as number)) break
      from -= (strides[axis] as number) * (shape[axis] as number)
      index[axis] = 0
    }
  }
  return out
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
