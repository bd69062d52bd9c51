const POLYNOMIAL = 0x82f63b78 // Castagnoli, reflected

/** Slice-by-16 tables, one after another: entry 256 k + b is the remainder of byte b followed by k zero bytes. */
let tables: Int32Array | undefined

function makeTables(): Int32Array {
  const t = new Int32Array(16 * 256)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1
    t[byte] = crc
  }
  for (let i = 256; i < t.length; i++) {
    const crc = t[i - 256] as number
    t[i] = (crc >>> 8) ^ (t[crc & 255] as number)
  }
  return t
}

/** The CRC-32C (Castagnoli) of `bytes[start … end)`, as an unsigned 32-bit number. */
export function crc32c(bytes: Uint8Array, start = 0, end: number = bytes.length): number {
  tables ??= makeTables()
  let crc = -1
  let i = start
  if (end - start >= LONG) {
    // Up to where words are aligned.
    const aligned = start + (-(bytes.byteOffset + start) & 3)
    crc = short(bytes, start, aligned, crc)
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + aligned, (end - aligned) >> 2)
    crc = long(words, crc)
    i = aligned + (words.length & ~3) * 4
  }
  return ~short(bytes, i, end, crc) >>> 0
}

/** From so many bytes on a view of them as words pays. */
const LONG = 256

/** Sixteen bytes a turn, while there are sixteen; the casts say that indices stay inside. */
function long(words: Int32Array, start: number): number {
  const t = tables as Int32Array
  let crc = start
  for (let k = 0, last = words.length - 3; k < last; k += 4) {
    const a = crc ^ (words[k] as number)
    const b = words[k + 1] as number
    const c = words[k + 2] as number
    const d = words[k + 3] as number
    crc =
      (t[3840 + (a & 255)] as number) ^
      (t[3584 + ((a >>> 8) & 255)] as number) ^
      (t[3328 + ((a >>> 16) & 255)] as number) ^
      (t[3072 + (a >>> 24)] as number) ^
      (t[2816 + (b & 255)] as number) ^
      (t[2560 + ((b >>> 8) & 255)] as number) ^
      (t[2304 + ((b >>> 16) & 255)] as number) ^
      (t[2048 + (b >>> 24)] as number) ^
      (t[1792 + (c & 255)] as number) ^
      (t[1536 + ((c >>> 8) & 255)] as number) ^
      (t[1280 + ((c >>> 16) & 255)] as number) ^
      (t[1024 + (c >>> 24)] as number) ^
      (t[768 + (d & 255)] as number) ^
      (t[512 + ((d >>> 8) & 255)] as number) ^
      (t[256 + ((d >>> 16) & 255)] as number) ^
      (t[d >>> 24] as number)
  }
  return crc
}

/** Eight bytes a turn, then one by one. */
function short(bytes: Uint8Array, start: number, end: number, before: number): number {
  const t = tables as Int32Array
  let crc = before
  let i = start
  for (const last = end - 7; i < last; i += 8) {
    const low =
      crc ^
      ((bytes[i] as number) |
        ((bytes[i + 1] as number) << 8) |
        ((bytes[i + 2] as number) << 16) |
        ((bytes[i + 3] as number) << 24))
    crc =
      (t[1792 + (low & 255)] as number) ^
      (t[1536 + ((low >>> 8) & 255)] as number) ^
      (t[1280 + ((low >>> 16) & 255)] as number) ^
      (t[1024 + (low >>> 24)] as number) ^
      (t[768 + (bytes[i + 4] as number)] as number) ^
      (t[512 + (bytes[i + 5] as number)] as number) ^
      (t[256 + (bytes[i + 6] as number)] as number) ^
      (t[bytes[i + 7] as number] as number)
  }
  for (; i < end; i++) crc = (crc >>> 8) ^ (t[(crc ^ (bytes[i] as number)) & 255] as number)
  return crc
}

/** The checksum as TFRecord files keep it: rotated and offset, so that data with checksums inside is safe to check. */
export const maskedCrc32c = (bytes: Uint8Array, start = 0, end: number = bytes.length): number => {
  const crc = crc32c(bytes, start, end)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
