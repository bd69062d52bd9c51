import { Inflate } from 'fflate'
import { NpyError } from '../errors.ts'
import { joinBytes } from '../io/join.ts'

/** One file in a ZIP archive. */
export interface ZipEntry {
  readonly name: string
  /** Unpacks it, and checks length and checksum. */
  read(): Uint8Array
}

const END = 0x06054b50
const END_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const CENTRAL = 0x02014b50
const LOCAL = 0x04034b50
const LARGE = 0xffffffff

/**
 * The files in a ZIP archive (APPNOTE.TXT 6.3, ZIP64 included; stored or deflated). What headers claim is held against
 * the bytes that are there before memory is set aside for it.
 */
export function zipEntries(bytes: Uint8Array, where: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const broken = (what: string): NpyError => new NpyError(`${where}: not a .npz file, or damaged: ${what}`)
  const word = (at: number): number => {
    if (at < 0 || at + 4 > bytes.length) throw broken('it ends where a header should be')
    return view.getUint32(at, true)
  }
  const half = (at: number): number => word(at) & 0xffff
  const long = (at: number): number => word(at) + word(at + 4) * 2 ** 32

  let end = bytes.length - 22
  const first = Math.max(0, end - 0xffff)
  while (end >= first && word(end) !== END) end--
  if (end < first || bytes.length < 22) throw broken('it has no directory at its end')
  let count = half(end + 10)
  let at = word(end + 16)
  if (end >= 20 && word(end - 20) === LOCATOR_64) {
    const end64 = long(end - 12)
    if (word(end64) !== END_64) throw broken('its directory is not where the end says')
    count = long(end64 + 32)
    at = long(end64 + 48)
  }
  const entries: ZipEntry[] = []
  for (let i = 0; i < count; i++) {
    if (word(at) !== CENTRAL) throw broken(`entry ${i} of its directory does not begin as one`)
    const [flags, method, checksum] = [half(at + 8), half(at + 10), word(at + 16)]
    const sizes = [word(at + 24), word(at + 20), word(at + 42)] // unpacked, packed, offset
    const [nameLength, extraLength, commentLength] = [half(at + 28), half(at + 30), half(at + 32)]
    const extra = at + 46 + nameLength
    if (extra + extraLength > bytes.length) throw broken('it ends inside its directory')
    const name = new TextDecoder().decode(bytes.subarray(at + 46, extra))
    for (let field = extra; field + 4 <= extra + extraLength; field += 4 + half(field + 2)) {
      if (half(field) !== 1) continue
      // The fields that did not fit, in this order.
      let from = field + 4
      for (const k of [0, 1, 2]) {
        if (sizes[k] !== LARGE) continue
        sizes[k] = long(from)
        from += 8
      }
    }
    at = extra + extraLength + commentLength
    const [unpacked, packed, offset] = sizes as [number, number, number]
    const read = (): Uint8Array => {
      const file = `${where}: ${name}`
      if ((flags & 1) !== 0) throw new NpyError(`${file} is encrypted, and cannot be read`)
      if (method !== 0 && method !== 8)
        throw new NpyError(`${file} is compressed by method ${method}; stored and deflated files can be read`)
      if (word(offset) !== LOCAL) throw broken(`${name} is not where the directory says`)
      const start = offset + 30 + half(offset + 26) + half(offset + 28)
      if (start + packed > bytes.length) throw broken(`${name} claims ${packed} bytes, more than there are`)
      const data = bytes.subarray(start, start + packed)
      const content = method === 0 ? data : inflated(data, unpacked, file)
      if (content.length !== unpacked)
        throw new NpyError(`${file} has ${content.length} bytes where the directory says ${unpacked}`)
      if (crc32(content) !== checksum) throw new NpyError(`${file} is corrupted: its checksum does not match`)
      return content
    }
    entries.push({ name, read })
  }
  return entries
}

/** Memory grows with what is really there, and no further than what is claimed. */
function inflated(data: Uint8Array, claimed: number, where: string): Uint8Array {
  const pieces: Uint8Array[] = []
  let length = 0
  let ended = false
  const inflate = new Inflate((piece, last) => {
    pieces.push(piece)
    length += piece.length
    ended ||= last
  })
  try {
    for (let at = 0; at < data.length && length <= claimed; at += STEP)
      inflate.push(data.subarray(at, at + STEP), at + STEP >= data.length)
  } catch (error) {
    throw new NpyError(`${where} cannot be unpacked: ${(error as Error).message}`, { cause: error })
  }
  if (length > claimed) throw new NpyError(`${where} unpacks to more than the ${claimed} bytes that the directory says`)
  if (!ended) throw new NpyError(`${where} cannot be unpacked: it ends early`)
  return joinBytes(pieces)
}

/** So many packed bytes are unpacked at a time: to 64 MB at the very most. */
const STEP = 1 << 16

let table: Int32Array | undefined

/** The CRC-32 of ZIP (that of IEEE 802.3). */
function crc32(bytes: Uint8Array): number {
  table ??= Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1
    return crc
  })
  const t = table
  let crc = -1
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ (t[(crc ^ (bytes[i] as number)) & 255] as number)
  return ~crc >>> 0
}
