import type { Rows } from '../dataset/chunk.ts'
import { Deframer, FOOTER, HEADER } from './framing.ts'
import { type ByteSource, type Compression, openSource } from './source.ts'

export interface ReadOptions {
  /** How the files are compressed. @defaultValue 'none' */
  readonly compression?: Compression
  /** How many bytes are read at a time. @defaultValue 1048576 */
  readonly bufferSize?: number
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
  #failure: { readonly error: unknown } | undefined

  constructor(path: string, options: ReadOptions) {
    this.#path = path
    this.#options = options
    this.#deframer = new Deframer(path)
  }

  /** Up to `limit` records, as ranges of the buffers they were read into; undefined at the end. */
  async next(limit: number): Promise<Rows | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error
      const rows = this.#take(limit)
      if (rows !== undefined) return rows
      if (this.#failure === undefined && !(await this.#fill())) return undefined
    }
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
      this.#failure = { error }
    }
    if (count === 0) return undefined
    const store = { buffers: new Array<Uint8Array>(count).fill(this.#bytes), starts, ends }
    return {
      kind: 'rows',
      count,
      structure: { kind: 'leaf' },
      columns: [{ dtype: 'bytes', shape: [], offset: 0, store }],
    }
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
