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

/** Added to a number and taken from it again, this rounds it to a multiple of `unit`, ties to the even one. */
const rounding = (unit: number): number => 1.5 * 2 ** 52 * unit

/** For the numbers of each binary exponent from −14 on, which keep ten bits behind the first. */
const roundings = Float64Array.from({ length: 31 }, (_, i) => rounding(2 ** (i - 24)))
const WHOLE = rounding(1)

/** The 16 bits of a number in half precision. */
export function toHalf(value: number): number {
  if (Number.isNaN(value)) return 0x7e00
  float[0] = value
  const sign = ((word[0] as number) >>> 16) & 0x8000
  const a = Math.abs(value)
  // 65520 lies half way to what would be the next number after the largest, 65504.
  if (a >= 65520) return sign | 0x7c00
  if (a < 2 ** -14) return sign | (a * 2 ** 24 + WHOLE - WHOLE)
  // As a float32 it may have the next exponent, that of the half it rounds to.
  const by = roundings[(((word[0] as number) >>> 23) & 0xff) - 113] as number
  float[0] = a + by - by
  return sign | (((word[0] as number) >>> 13) - (112 << 10))
}

let halves: Float32Array | undefined

/** Half precision numbers from their bits. */
export function fromHalves(bits: ArrayLike<number>): Float32Array {
  if (halves === undefined) {
    halves = new Float32Array(1 << 16)
    for (let i = 0; i < halves.length; i++) halves[i] = fromHalf(i)
  }
  const out = new Float32Array(bits.length)
  for (let i = 0; i < out.length; i++) out[i] = halves[bits[i]!]!
  return out
}

export function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/**
 * The neighbouring float32 whose last bit is odd, for a number that no float32 equals: rounding it once more gives
 * what rounding the number once would have.
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
