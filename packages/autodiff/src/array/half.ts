/** Floats of 16 bits: IEEE half precision, and bfloat16, the upper half of a float32. Ties round to the even one. */

const float = new Float32Array(1)
const word = new Uint32Array(float.buffer)

/** The 16 bits of a number as bfloat16. */
export function toBFloat16(value: number): number {
  float[0] = roundToOdd(value)
  const bits = word[0] as number
  if (Number.isNaN(value)) return (bits >>> 16) | 0x40
  return ((bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16) & 0xffff
}

export function fromBFloat16(bits: number): number {
  word[0] = bits << 16
  return float[0] as number
}

/** The 16 bits of a number in half precision. */
export function toHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const a = Math.abs(value)
  // 65520 lies half way to what would be the next number after the largest, 65504.
  if (a >= 65520) return sign | 0x7c00
  if (a < 2 ** -14) return sign | roundToEven(a * 2 ** 24)
  const exponent = Math.floor(Math.log2(a))
  // log2 may round up next to a power of two.
  const e = a < 2 ** exponent ? exponent - 1 : a >= 2 ** (exponent + 1) ? exponent + 1 : exponent
  // A fraction that rounds up to 1024 carries into the exponent, as it should.
  return sign | (((e + 15) << 10) + roundToEven((a / 2 ** e - 1) * 1024))
}

export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

function roundToEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor
}

/**
 * The neighbouring float32 whose last bit is odd, for a number that is none: rounding it once more gives what rounding
 * the number once would have.
 */
function roundToOdd(value: number): number {
  const nearest = Math.fround(value)
  if (nearest === value || !Number.isFinite(nearest)) return nearest
  float[0] = nearest
  if (((word[0] as number) & 1) === 1) return nearest
  const away = Math.abs(nearest) < Math.abs(value)
  word[0] = (word[0] as number) + (away ? 1 : -1)
  return float[0]
}
