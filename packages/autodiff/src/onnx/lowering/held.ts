import { convertData } from '../../array/convert-data.ts'
import {
  bytesPerElement,
  type DType,
  isBig,
  isHalf,
  isInteger,
  narrow,
  type TypedArray,
  widen,
} from '../../array/dtype.ts'
import type { NDArray } from '../../array/ndarray.ts'
import { abs, div, mul, plus, sub, times } from '../../primitives/arithmetic.ts'
import { like, zerosLike } from '../../primitives/broadcast.ts'
import { eq, ge, lt, select } from '../../primitives/comparison.ts'
import { convert } from '../../primitives/convert.ts'

/**
 * WebGPU computes in float32, int32, uint32 and bool. Narrower dtypes are held there in wider ones, of which they are
 * some of the values: who makes such a value rounds it. The wider ones cannot be had.
 */

/** The dtypes that a provider cannot hold. */
export const lacks = (target: string, dtype: DType): boolean =>
  target === 'webgpu' && (isBig(dtype) || dtype === 'float64')

/** What a provider holds the numbers of a dtype in. The runtime's build for browsers cannot convert bfloat16. */
export function heldAs(target: string, dtype: DType): DType {
  if (target === 'browser' && dtype === 'bfloat16') return 'float32'
  if (target !== 'webgpu') return dtype
  if (isHalf(dtype)) return 'float32'
  return isInteger(dtype) && bytesPerElement(dtype) < 4 ? 'int32' : dtype
}

/** What a dtype goes in and out of the runtime as, which takes no bfloat16. */
export const onTheWire = (target: string, dtype: DType): DType =>
  dtype === 'bfloat16' ? 'float32' : heldAs(target, dtype)

/** Whether every number of one dtype is one of another. */
export function fits(from: DType, to: DType): boolean {
  if (from === to || from === 'bool') return true
  if (isHalf(to)) return isInteger(from) && bytesPerElement(from) === 1
  const [a, b] = [bytesPerElement(from), bytesPerElement(to)]
  return isInteger(from) && isInteger(to) && a < b && (from.startsWith('u') || !to.startsWith('u'))
}

/** Numbers of the wider dtype, as the nearest of a 16-bit float, or by the low bits of a narrow integer. */
export function rounded(x: NDArray, dtype: DType): NDArray {
  if (dtype === 'bfloat16') return toBfloat16(x)
  if (dtype === 'float16') return toFloat16(x)
  const range = 2 ** (8 * bytesPerElement(dtype))
  const word = convert(x, 'uint32')
  const low = (y: NDArray): NDArray => sub(y, times(divided(y, range), range))
  if (dtype.startsWith('u')) return convert(low(word), 'int32')
  return plus(convert(low(plus(word, range / 2)), 'int32'), -range / 2)
}

const divided = (x: NDArray, by: number): NDArray => div(x, like(x, by))

/** Veltkamp's splitting: the first 24 − `bits` bits of a float32. */
const leading = (x: NDArray, bits: number): NDArray => {
  const c = times(x, 2 ** bits + 1)
  return sub(c, sub(c, x))
}

function toBfloat16(x: NDArray): NDArray {
  // The product must not overflow.
  const large = ge(abs(x), like(x, 2 ** 100))
  const scaled = leading(select(large, times(x, 2 ** -32), x), 16)
  const finite = eq(sub(x, x), zerosLike(x))
  return select(finite, select(large, times(scaled, 2 ** 32), scaled), x)
}

function toFloat16(x: NDArray): NDArray {
  const size = abs(x)
  // Below the normal numbers all have the distance 2⁻²⁴, as float32 around 0.75.
  const subnormal = plus(plus(x, 0.75), -0.75)
  const signed = select(eq(subnormal, zerosLike(x)), times(x, 0), subnormal)
  const normal = select(lt(size, like(x, 2 ** -14)), signed, leading(x, 13))
  return select(ge(size, like(x, 65520)), mul(x, like(x, Infinity)), normal)
}

/** The numbers of an array as the runtime takes them. */
export function toWire(data: TypedArray, dtype: DType, wire: DType): TypedArray {
  if (dtype === wire || dtype === 'complex64') return data
  return isHalf(dtype) ? widen(data, dtype) : convertData(data, dtype, wire)
}

/** The numbers that the runtime gives as those of an array. */
export function fromWire(data: TypedArray, dtype: DType, wire: DType): TypedArray {
  if (dtype === 'bool' && !(data instanceof Uint8Array)) return Uint8Array.from(data as ArrayLike<number>)
  if (dtype === wire || dtype === 'complex64') return data
  return isHalf(dtype) ? narrow(data, dtype) : convertData(data, wire, dtype)
}
