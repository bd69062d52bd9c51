const POLYNOMIAL = 0x82f63b78 // Castagnoli, reflected

/** Slice-by-8 tables, one after another: entry 256 k + b is the remainder of byte b followed by k zero bytes. */
let tables: Int32Array | undefined

function makeTables(): Int32Array {
  const t = new Int32Array(8 * 256)
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
  const t = tables
  let crc = -1
  let i = start
  // Eight bytes a turn; the casts say that indices stay inside.
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
  return ~crc >>> 0
}

/** The checksum as TFRecord files keep it: rotated and offset, so that data with checksums inside is safe to check. */
export const maskedCrc32c = (bytes: Uint8Array, start = 0, end: number = bytes.length): number => {
  const crc = crc32c(bytes, start, end)
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0
}
