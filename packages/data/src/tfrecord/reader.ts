import { allocateBytes, type ByteStore, copyBytes } from '../dataset/bytes.ts'
import type { Rows } from '../dataset/chunk.ts'
import { Failure } from '../dataset/failure.ts'
import { Deframer, FOOTER, HEADER } from './framing.ts'
import { type ByteSource, type Compression, openSource } from './source.ts'

export interface ReadOptions {
  /** How the files are compressed. @defaultValue 'none' */
  readonly compression?: Compression
  /** How many bytes are read at a time, of files that are not compressed. @defaultValue 1048576 */
  readonly bufferSize?: number
}

/** So many bytes of buffers at most are held for one chunk of records, beside the last one. */
const TOGETHER = 1 << 23

export const recordRows = (store: ByteStore, count: number): Rows => ({
  kind: 'rows',
  count,
  structure: { kind: 'leaf' },
  columns: [{ dtype: 'bytes', shape: [], offset: 0, store }],
})

const storeOf = (rows: Rows): ByteStore => (rows.columns[0] as { store: ByteStore }).store

/** The bytes of each record that was read. */
export function recordsOf(rows: Rows): Uint8Array[] {
  const { buffers, starts, ends } = storeOf(rows)
  return Array.from({ length: rows.count }, (_, i) => (buffers[i] as Uint8Array).subarray(starts[i], ends[i]))
}

function together(parts: readonly Rows[], count: number): Rows {
  if (parts.length === 1) return parts[0] as Rows
  const store = allocateBytes(count)
  let at = 0
  for (const part of parts) {
    copyBytes(store, at, storeOf(part), 0, part.count)
    at += part.count
  }
  return recordRows(store, count)
}

/** The records of one file, in order. Memory is bounded by the buffer size and the longest record. */
export class RecordReader {
  readonly #path: string
  readonly #options: ReadOptions
  readonly #deframer: Deframer
  #source: ByteSource | undefined
  #bytes: Uint8Array = new Uint8Array(0)
  #at = 0
  /** Bytes that the next record, or what is next to know about it, takes. */
  #needed = HEADER
  readonly #failure = new Failure()
  /** Nothing can be read behind an error. */
  #failed = false

  constructor(path: string, options: ReadOptions) {
    this.#path = path
    this.#options = options
    this.#deframer = new Deframer(path)
  }

  /**
   * Up to `limit` records, as ranges of the buffers they were read into; undefined at the end. They come from several
   * buffers, so that a batch is parsed at once, unless these are too large to be held together.
   */
  async next(limit: number): Promise<Rows | undefined> {
    const parts: Rows[] = []
    let count = 0
    let bytes = 0
    while (count < limit && bytes < TOGETHER) {
      if (this.#failure.isHeld && count > 0) break
      this.#failure.release()
      if (this.#failed) return undefined
      const rows = this.#take(limit - count)
      if (rows !== undefined) {
        parts.push(rows)
        count += rows.count
        bytes += this.#bytes.length
      } else if (!this.#failed && !(await this.#more())) break
    }
    return count === 0 ? undefined : together(parts, count)
  }

  /** Reads on; a failure waits until what was read before is given. */
  async #more(): Promise<boolean> {
    try {
      return await this.#fill()
    } catch (error) {
      this.#fail(error)
      return true
    }
  }

  #fail(error: unknown): void {
    this.#failure.hold(error)
    this.#failed = true
  }

  /** The records that are in the buffer; an error waits until those before it are given. */
  #take(limit: number): Rows | undefined {
    const most = Math.min(limit, Math.ceil((this.#bytes.length - this.#at) / (HEADER + FOOTER)))
    const starts = new Int32Array(most)
    const ends = new Int32Array(most)
    let count = 0
    try {
      while (count < most) {
        const size = this.#deframer.next(this.#bytes, this.#at)
        if (size < 0) {
          this.#needed = -size
          break
        }
        starts[count] = this.#at + HEADER
        this.#at += size
        ends[count++] = this.#at - FOOTER
      }
    } catch (error) {
      this.#fail(error)
    }
    if (count === 0) return undefined
    return recordRows({ buffers: new Array<Uint8Array>(count).fill(this.#bytes), starts, ends }, count)
  }

  /** Reads what the next record needs; false at a proper end. */
  async #fill(): Promise<boolean> {
    const { compression = 'none', bufferSize = 1 << 20 } = this.#options
    this.#source ??= await openSource(this.#path, compression, bufferSize)
    const source = this.#source
    const rest = this.#bytes.subarray(this.#at)
    // What a length claims is held against the file before any memory is set aside for it.
    const possible = source.left === undefined || rest.length + source.left >= this.#needed
    const bytes = possible ? await source.read(rest, this.#needed) : rest
    if (bytes.length < this.#needed) {
      if (source.damage !== undefined)
        throw this.#deframer.error(`lost: ${this.#path} is not ${compression} data, or damaged here: ${source.damage}`)
      if (bytes.length + (source.left ?? 0) === 0) return false
      throw this.#deframer.error(`truncated: it takes ${this.#needed} bytes, the file ends before`)
    }
    this.#bytes = bytes
    this.#at = 0
    this.#needed = HEADER
    return true
  }

  async close(): Promise<void> {
    this.#bytes = new Uint8Array(0)
    await this.#source?.close()
  }
}
