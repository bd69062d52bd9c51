import {
  allocate,
  type BigArray,
  type BigDType,
  type DType,
  integerRange,
  isBig,
  isComplex,
  isFloat,
  isHalf,
  narrow,
  toBig,
  type TypedArray,
  widen,
} from './dtype.ts'

/**
 * The numbers of one dtype as those of another, by JAX's rules: floats are truncated to integers and clamped to their
 * range, NaN becomes 0; integers keep their low bits; everything but 0 is true; of complex numbers the real part is taken.
 */
export function convertData(data: TypedArray, from: DType, to: DType): TypedArray {
  if (from === to) return data
  if (isHalf(from)) return convertData(widen(data, from), 'float32', to)
  if (isComplex(from)) return to === 'bool' ? truthOfComplex(data) : convertData(realParts(data), 'float32', to)
  if (isComplex(to)) return withZeroImaginary(convertData(data, from, 'float32'))
  if (isBig(from)) return fromBig(data as unknown as BigArray, to)
  if (isBig(to)) return intoBig(data, from, to)
  if (isHalf(to)) return narrow(data, to)
  const out = allocate(to, data.length)
  if (to === 'bool') for (let i = 0; i < out.length; i++) out[i] = data[i] === 0 ? 0 : 1
  else if (isFloat(from) && !isFloat(to)) truncate(data, out, integerRange(to))
  else out.set(data)
  return out
}

/** Floats clamped to the range of an integer dtype, as `convertNumber` has it; storing them truncates. */
function truncate(data: TypedArray, out: TypedArray, [low, high]: readonly [number, number]): void {
  for (let i = 0; i < out.length; i++) {
    const value = data[i] as number
    out[i] = value <= low ? low : value >= high ? high : value
  }
}

function fromBig(data: BigArray, to: DType): TypedArray {
  if (isBig(to)) {
    const out = allocate(to, data.length) as unknown as BigArray
    // Storing keeps the low bits.
    for (let i = 0; i < out.length; i++) out[i] = data[i] as bigint
    return out as unknown as TypedArray
  }
  if (isHalf(to)) return narrow(Float64Array.from(data, Number), to)
  const out = allocate(to, data.length)
  if (to === 'bool') for (let i = 0; i < out.length; i++) out[i] = data[i] === 0n ? 0 : 1
  else if (isFloat(to)) for (let i = 0; i < out.length; i++) out[i] = Number(data[i])
  else for (let i = 0; i < out.length; i++) out[i] = Number(BigInt.asIntN(32, data[i] as bigint))
  return out
}

function intoBig(data: TypedArray, from: DType, to: BigDType): TypedArray {
  const out = allocate(to, data.length) as BigArray
  if (isFloat(from)) for (let i = 0; i < out.length; i++) out[i] = toBig(data[i] as number, to)
  else for (let i = 0; i < out.length; i++) out[i] = BigInt(data[i] as number)
  return out as unknown as TypedArray
}

const truthOfComplex = (data: TypedArray): Uint8Array =>
  Uint8Array.from({ length: data.length / 2 }, (_, i) => Number(data[2 * i] !== 0 || data[2 * i + 1] !== 0))

/** Every other number, from the first on. */
export function realParts(data: TypedArray): Float32Array {
  const out = new Float32Array(data.length / 2)
  for (let i = 0; i < out.length; i++) out[i] = data[2 * i] as number
  return out
}

/** Every other number, from the second on. */
export function imaginaryParts(data: TypedArray): Float32Array {
  const out = new Float32Array(data.length / 2)
  for (let i = 0; i < out.length; i++) out[i] = data[2 * i + 1] as number
  return out
}

/** Real and imaginary parts in turn. */
export function interleave(re: TypedArray, im: TypedArray): Float32Array {
  const out = new Float32Array(2 * re.length)
  for (let i = 0; i < re.length; i++) {
    out[2 * i] = re[i] as number
    out[2 * i + 1] = im[i] as number
  }
  return out
}

const withZeroImaginary = (re: TypedArray): Float32Array => interleave(re, new Float32Array(re.length))
