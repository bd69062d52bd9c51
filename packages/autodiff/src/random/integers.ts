import { bytesPerElement, type DType, integerRange, isBig, isInteger, isSigned } from '../array/dtype.ts'
import { DTypeError, ValueError } from '../array/errors.ts'
import { NDArray, type Operand, scalar } from '../array/ndarray.ts'
import { checkShape, type Shape } from '../array/shape.ts'
import { asArray } from '../numpy/operands.ts'
import { add, max, min, mul, rem, sub } from '../primitives/arithmetic.ts'
import { broadcastInDim, broadcastTo, full, like } from '../primitives/broadcast.ts'
import { and, gt, select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { bitsOf } from './bits.ts'
import { checkFits, checkInteger, type IntegerDType, type IntegerOptions, type UnsignedDType } from './draw.ts'
import { checkKey, type Key } from './key.ts'
import { type Layout, splitKey } from './layout.ts'

/** Whole numbers of `shape` from `minval` to before `maxval`. */
export type Randint = <D extends IntegerDType = 'int32'>(
  key: Key,
  shape: Shape,
  minval: Operand,
  maxval: Operand,
  options?: IntegerOptions<D>,
) => NDArray<D>

export const makeRandint =
  (layout: Layout): Randint =>
  <D extends IntegerDType = 'int32'>(
    key: Key,
    shape: Shape,
    minval: Operand,
    maxval: Operand,
    options: IntegerOptions<D> = {},
  ): NDArray<D> => {
    checkKey('randint', key)
    checkShape(shape, 'random.randint')
    const wanted = checkInteger('randint', options.dtype ?? ('int32' as D))
    // As in JAX at least 32 bits are drawn, for fewer would be biased.
    const isNarrow = bytesPerElement(wanted) < 4
    const dtype: IntegerDType = isNarrow ? 'int32' : wanted
    const [least, most] = integerRange(wanted)
    let low = bound('minval', minval, dtype)
    let high = bound('maxval', maxval, dtype)
    checkFits('randint', 'minval', low.shape, shape)
    checkFits('randint', 'maxval', high.shape, shape)
    if (isNarrow) {
      low = held(into(low, 'int32'), least, most)
      high = held(into(high, 'int32'), least, most + 1)
    }
    const isPast = past(high, dtype)
    const [from, to] = [low, high].map((x) => broadcastTo(into(x, dtype), shape)) as [NDArray, NDArray]
    const unsigned = unsignedOf(dtype)
    const rising = gt(to, from)
    const one = full(shape, 1, unsigned)
    let span = select(rising, convert(sub(to, from), unsigned), one)
    if (isPast !== undefined) span = select(and(broadcastTo(isPast, shape), rising), add(span, one), span)
    return convert(add(from, convert(remainder(layout, key, shape, span), dtype)), wanted) as NDArray<D>
  }

const unsignedOf = (dtype: IntegerDType): UnsignedDType =>
  isSigned(dtype) ? (`u${dtype}` as UnsignedDType) : (dtype as UnsignedDType)

/** A bound as integers: of its own dtype if it is an array, of the one after `dtype` if it is a number beyond it. */
function bound(name: string, value: Operand, dtype: IntegerDType): NDArray {
  if (value instanceof NDArray) {
    if (isInteger(value.dtype)) return value
    throw new DTypeError(`random.randint: ${name} is ${value.dtype}; convert it with x.astype("int32")`)
  }
  if (typeof value === 'number' || typeof value === 'bigint') {
    const [least, most] = exactRange(dtype)
    const isWhole = typeof value === 'bigint' || Number.isInteger(value)
    // The end of the range may be one past the last number.
    if (isWhole && value >= least && value <= (name === 'maxval' ? most + 1n : most)) {
      const exact = BigInt(value)
      if (exact <= most) return scalar(isBig(dtype) ? exact : Number(exact), dtype)
      if (dtype === 'int32') return scalar(Number(exact), 'uint32')
      if (dtype === 'int64') return scalar(exact, 'uint64')
      if (dtype === 'uint32') return scalar(exact, 'uint64')
    }
    throw new ValueError(`random.randint: ${name} is ${value}; ${dtype} holds whole numbers from ${least} to ${most}`)
  }
  const array = asArray(value)
  if (isInteger(array.dtype)) return array
  if (array.dtype === 'float32' && array.storage.host?.every((x) => Number.isInteger(x)) === true) {
    return convert(array, dtype)
  }
  throw new DTypeError(`random.randint: ${name} is ${array.dtype}; convert it with x.astype("int32")`)
}

const exactRange = (dtype: DType): [least: bigint, most: bigint] => {
  const bits = BigInt(8 * bytesPerElement(dtype))
  return isSigned(dtype) ? [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n] : [0n, 2n ** bits - 1n]
}

/** `x` of another dtype of integers, held in its range first. */
function into(x: NDArray, dtype: IntegerDType): NDArray {
  if (x.dtype === dtype) return x
  const [own, other] = [exactRange(x.dtype), exactRange(dtype)]
  let y = x
  if (other[0] > own[0]) y = max(y, filled(x, other[0]))
  if (other[1] < own[1]) y = min(y, filled(x, other[1]))
  return convert(y, dtype)
}

/** Where `x` is more than `dtype` holds; undefined where it cannot be. */
function past(x: NDArray, dtype: IntegerDType): NDArray | undefined {
  const most = exactRange(dtype)[1]
  return most < exactRange(x.dtype)[1] ? gt(x, filled(x, most)) : undefined
}

const filled = (x: NDArray, value: bigint): NDArray =>
  broadcastInDim(scalar(isBig(x.dtype) ? value : Number(value), x.dtype), x.shape, [])

const held = (x: NDArray, least: number, most: number): NDArray => min(max(x, like(x, least)), like(x, most))

/** Twice as many random bits as the dtype has, modulo `span`, in its own arithmetic: high · (2ⁿ mod span) + low. */
function remainder(layout: Layout, key: Key, shape: Shape, span: NDArray): NDArray {
  const dtype = span.dtype as UnsignedDType
  const [high, low] = splitKey(layout, key, 2).map((k) => bitsOf(layout, k, shape, dtype)) as [NDArray, NDArray]
  const root = rem(full(shape, 2 ** (4 * bytesPerElement(dtype)), dtype), span)
  const factor = rem(mul(root, root), span)
  return rem(add(mul(rem(high, span), factor), rem(low, span)), span)
}
