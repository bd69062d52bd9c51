/** Threefry-2x32 in arithmetic of 32 bits. Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (SC 2011). */

export const PARITY = 0x1bd11bda

/** One block: two words of a key and two of a counter give a word to each of the outputs. */
export function threefryBlock(
  key0: number,
  key1: number,
  count0: number,
  count1: number,
  outX: Int32Array,
  outY: Int32Array,
  at: number,
): void {
  const key2 = key0 ^ key1 ^ PARITY
  let x = (count0 + key0) | 0
  let y = (count1 + key1) | 0
  x = (x + y) | 0
  y = x ^ ((y << 13) | (y >>> 19))
  x = (x + y) | 0
  y = x ^ ((y << 15) | (y >>> 17))
  x = (x + y) | 0
  y = x ^ ((y << 26) | (y >>> 6))
  x = (x + y) | 0
  y = x ^ ((y << 6) | (y >>> 26))
  x = (x + key1) | 0
  y = (y + key2 + 1) | 0
  x = (x + y) | 0
  y = x ^ ((y << 17) | (y >>> 15))
  x = (x + y) | 0
  y = x ^ ((y << 29) | (y >>> 3))
  x = (x + y) | 0
  y = x ^ ((y << 16) | (y >>> 16))
  x = (x + y) | 0
  y = x ^ ((y << 24) | (y >>> 8))
  x = (x + key2) | 0
  y = (y + key0 + 2) | 0
  x = (x + y) | 0
  y = x ^ ((y << 13) | (y >>> 19))
  x = (x + y) | 0
  y = x ^ ((y << 15) | (y >>> 17))
  x = (x + y) | 0
  y = x ^ ((y << 26) | (y >>> 6))
  x = (x + y) | 0
  y = x ^ ((y << 6) | (y >>> 26))
  x = (x + key0) | 0
  y = (y + key1 + 3) | 0
  x = (x + y) | 0
  y = x ^ ((y << 17) | (y >>> 15))
  x = (x + y) | 0
  y = x ^ ((y << 29) | (y >>> 3))
  x = (x + y) | 0
  y = x ^ ((y << 16) | (y >>> 16))
  x = (x + y) | 0
  y = x ^ ((y << 24) | (y >>> 8))
  x = (x + key1) | 0
  y = (y + key2 + 4) | 0
  x = (x + y) | 0
  y = x ^ ((y << 13) | (y >>> 19))
  x = (x + y) | 0
  y = x ^ ((y << 15) | (y >>> 17))
  x = (x + y) | 0
  y = x ^ ((y << 26) | (y >>> 6))
  x = (x + y) | 0
  y = x ^ ((y << 6) | (y >>> 26))
  outX[at] = x + key2
  outY[at] = y + key0 + 5
}

/** A block for each place of the outputs; the words of the keys and the counters are one for all or one for each. */
export function threefryBlocks(
  k0: Int32Array,
  k1: Int32Array,
  c0: Int32Array,
  c1: Int32Array,
  outX: Int32Array,
  outY: Int32Array,
): void {
  const a0 = k0.length === 1 ? 0 : -1
  const a1 = k1.length === 1 ? 0 : -1
  const b0 = c0.length === 1 ? 0 : -1
  const b1 = c1.length === 1 ? 0 : -1
  for (let i = 0; i < outX.length; i++) threefryBlock(k0[i & a0]!, k1[i & a1]!, c0[i & b0]!, c1[i & b1]!, outX, outY, i)
}
