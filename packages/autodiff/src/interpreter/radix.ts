import type { DType, TypedArray } from '../array/dtype.ts'

/** Fewer entries are sorted faster by comparing them. */
export const RADIX_LENGTH = 512

const BITS = 11
const DIGITS = 1 << BITS

/** Whether keys of the dtype can be sorted by their bits. */
export const hasRadix = (dtype: DType): boolean =>
  dtype !== 'float64' && dtype !== 'int64' && dtype !== 'uint64' && dtype !== 'complex64'

/** Whole numbers in the order of the entries at `start`, `start + stride`, …: NaN last, −0 and 0 alike. */
function bitsOf(key: TypedArray, start: number, stride: number, n: number): Uint32Array {
  const bits = new Uint32Array(n)
  if (!(key instanceof Float32Array)) {
    for (let i = 0, at = start; i < n; i++, at += stride) bits[i] = key[at]!
    // Negative numbers come first.
    if (key instanceof Int32Array || key instanceof Int16Array || key instanceof Int8Array)
      for (let i = 0; i < n; i++) bits[i] = bits[i]! ^ 0x80000000
    return bits
  }
  const floats = new Float32Array(bits.buffer)
  // Adding 0 makes 0 of −0.
  for (let i = 0, at = start; i < n; i++, at += stride) floats[i] = key[at]! + 0
  for (let i = 0; i < n; i++) {
    const word = bits[i]!
    bits[i] = (word & 0x7fffffff) > 0x7f800000 ? 0xffffffff : word ^ ((word | 0) < 0 ? 0xffffffff : 0x80000000)
  }
  return bits
}

/**
 * As `sortOrder`, digit by digit from the last one, and from the last key to the first: the order of entries that are
 * alike stays.
 */
export function radixOrder(
  keys: readonly TypedArray[],
  start: number,
  stride: number,
  n: number,
  order: Int32Array,
  spare: Int32Array,
): void {
  for (let i = 0; i < n; i++) order[i] = i
  let [from, to] = [order, spare]
  for (const key of keys.toReversed()) {
    const bits = bitsOf(key, start, stride, n)
    for (let shift = 0; shift < 32; shift += BITS) {
      if (!pass(bits, shift, from, to, n)) continue
      ;[from, to] = [to, from]
    }
  }
  if (from !== order) order.set(from.subarray(0, n))
}

/** Sorts by one digit; false, and nothing done, where it is the same everywhere. */
function pass(bits: Uint32Array, shift: number, from: Int32Array, to: Int32Array, n: number): boolean {
  const next = new Int32Array(DIGITS)
  for (let i = 0; i < n; i++) next[(bits[i]! >>> shift) & (DIGITS - 1)]!++
  if (next[(bits[0]! >>> shift) & (DIGITS - 1)] === n) return false
  for (let digit = 0, sum = 0; digit < DIGITS; digit++) {
    const count = next[digit]!
    next[digit] = sum
    sum += count
  }
  for (let i = 0; i < n; i++) {
    const entry = from[i]!
    to[next[(bits[entry]! >>> shift) & (DIGITS - 1)]!++] = entry
  }
  return true
}
