import type { FloatDType } from '../array/dtype.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { type Shape, sizeOf } from '../array/shape.ts'
import { add, max, mul, sub } from '../primitives/arithmetic.ts'
import { shiftRightLogical } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { full } from '../primitives/broadcast.ts'
import { reshape } from '../primitives/reshape.ts'
import { checkDraw, checkFits, type FloatOptions, parameter, shapeOf } from './draw.ts'
import type { Key } from './key.ts'
import type { Layout } from './layout.ts'

export interface UniformOptions<D extends FloatDType> extends FloatOptions<D> {
  /** The smallest value, in the range; it broadcasts to the shape. @defaultValue 0 */
  readonly minval?: Operand
  /** The end of the range, not in it; it broadcasts to the shape. @defaultValue 1 */
  readonly maxval?: Operand
}

/** A draw of `shape` ([] by default) from a range; the ends may be arrays. */
export type Uniform = <D extends FloatDType = 'float32'>(
  key: Key,
  shape?: Shape,
  options?: UniformOptions<D>,
) => NDArray<D>

export const makeUniform =
  (layout: Layout): Uniform =>
  <D extends FloatDType = 'float32'>(
    key: Key,
    shape: Shape = [],
    { minval = 0, maxval = 1, dtype: wanted }: UniformOptions<D> = {},
  ): NDArray<D> => {
    const dtype = checkDraw('uniform', key, shape, wanted ?? ('float32' as D))
    const unit = reshape(unitInterval(layout, key, sizeOf(shape), dtype), shape)
    if (minval === 0 && maxval === 1) return unit as NDArray<D>
    checkFits('uniform', 'minval', shapeOf(minval), shape)
    checkFits('uniform', 'maxval', shapeOf(maxval), shape)
    const low = parameter(minval, shape, dtype)
    const span = sub(parameter(maxval, shape, dtype), low)
    // Rounding never takes the sum below `low`, only a negative span does.
    const inside = scaled(unit, span, low)
    return (isIncreasing(minval, maxval) ? inside : max(low, inside)) as NDArray<D>
  }

/** `unit · span + low`, of float16 rounded once as JAX does it. */
function scaled(unit: NDArray, span: NDArray, low: NDArray): NDArray {
  if (unit.dtype !== 'float16') return add(mul(unit, span), low)
  const [u, s, l] = [unit, span, low].map((x) => convert(x, 'float32')) as [NDArray, NDArray, NDArray]
  return convert(add(mul(u, s), l), 'float16')
}

const isIncreasing = (low: Operand, high: Operand): boolean =>
  typeof low === 'number' && typeof high === 'number' && low <= high

/** How many bits a word has, and how many of them, the leading ones, count. */
const leading = { float16: [16, 10], bfloat16: [8, 7], float32: [32, 23] } as const

/**
 * `n` floats in [0, 1): the leading bits of each word, over a power of two. These are the numbers that JAX gets by
 * writing the bits into the mantissa of a number in [1, 2) and subtracting 1, exactly.
 */
function unitInterval(layout: Layout, key: Key, n: number, dtype: FloatDType): NDArray {
  const shifted = (word: NDArray, by: number): NDArray =>
    convert(shiftRightLogical(word, full([n], by, 'uint32')), dtype)
  const times = (x: NDArray, factor: number): NDArray => mul(x, full([n], factor, dtype))
  if (dtype !== 'float64') {
    const [width, bits] = leading[dtype]
    return times(shifted(layout.words(key, n, width), width - bits), 2 ** -bits)
  }
  const [high, low] = layout.wideWords(key, n)
  return times(add(times(convert(high, dtype), 2 ** 20), shifted(low, 12)), 2 ** -52)
}
