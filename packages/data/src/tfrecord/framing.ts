import { RecordError } from '../errors.ts'
import { maskedCrc32c } from './crc32c.ts'

/** Bytes before a record's data: its length (uint64) and the masked checksum of the length. */
export const HEADER = 12
/** Bytes after a record's data: its masked checksum. */
export const FOOTER = 4
/** Protobuf messages, and buffers to hold them, end at 2 GiB. */
const LONGEST = 2 ** 31 - 1 - HEADER - FOOTER

/** One record framed as in a TFRecord file. */
export function frame(data: Uint8Array): Uint8Array {
  const framed = new Uint8Array(HEADER + data.length + FOOTER)
  const view = new DataView(framed.buffer)
  view.setUint32(0, data.length, true)
  view.setUint32(8, maskedCrc32c(framed, 0, 8), true)
  framed.set(data, HEADER)
  view.setUint32(HEADER + data.length, maskedCrc32c(data), true)
  return framed
}

const uint32 = (bytes: Uint8Array, at: number): number =>
  ((bytes[at] as number) |
    ((bytes[at + 1] as number) << 8) |
    ((bytes[at + 2] as number) << 16) |
    ((bytes[at + 3] as number) << 24)) >>>
  0

/** Finds the records in the bytes of one file, piece by piece, and verifies their checksums. */
export class Deframer {
  readonly #file: string
  /** Index of the next record in the file. */
  #record = 0
  /** Offset of the next record in the file. */
  #offset = 0

  constructor(file: string) {
    this.#file = file
  }

  /**
   * How many bytes the record at `at` takes, frame and all, when it is whole. When it is not: minus the bytes that are
   * needed to go on.
   */
  next(bytes: Uint8Array, at: number): number {
    const have = bytes.length - at
    if (have < HEADER) return -HEADER
    if (uint32(bytes, at + 8) !== maskedCrc32c(bytes, at, at + 8)) {
      throw this.error(
        `corrupted: the checksum of its length does not match${this.#record === 0 ? hint(bytes, at) : ''}`,
      )
    }
    const length = uint32(bytes, at) + uint32(bytes, at + 4) * 2 ** 32
    if (length > LONGEST) throw this.error(`corrupted: it claims ${length} bytes; records end at 2 GiB`)
    const size = HEADER + length + FOOTER
    if (have < size) return -size
    const end = at + HEADER + length
    if (uint32(bytes, end) !== maskedCrc32c(bytes, at + HEADER, end)) {
      throw this.error('corrupted: the checksum of its data does not match')
    }
    this.#record++
    this.#offset += size
    return size
  }

  /** An error about the next record. */
  error(what: string): RecordError {
    return new RecordError(`the record is ${what}`, { file: this.#file, record: this.#record, offset: this.#offset })
  }
}

/** What a file begins with that is compressed, and was to be read as one that is not. */
function hint(bytes: Uint8Array, at: number): string {
  const start = bytes[at]! * 256 + bytes[at + 1]!
  const compression = start === 0x1f8b ? 'gzip' : bytes[at] === 0x78 && start % 31 === 0 ? 'zlib' : undefined
  return compression === undefined ? '' : `; if the file is compressed, give { compression: '${compression}' }`
}
