import { type Chunk, Remainder } from '../dataset/chunk.ts'
import { commonSpec, showSpec } from '../dataset/spec.ts'
import { endsWithError, type Pull, type Stage } from '../dataset/stage.ts'
import { DatasetError, RecordError } from '../errors.ts'
import { FOOTER, HEADER } from '../tfrecord/framing.ts'
import { RecordReader, recordsOf } from '../tfrecord/reader.ts'
import { Decoder } from './format.ts'

/** The first `count` elements in a file. */
class CachedPull implements Pull {
  readonly #reader: RecordReader
  readonly #decoder: Decoder
  readonly #path: string
  readonly #source: Stage
  readonly #rest = new Remainder()
  readonly #whole: boolean
  #left: number
  #records: Uint8Array[] = []

  constructor(path: string, source: Stage, count: number) {
    this.#path = path
    this.#source = source
    this.#reader = new RecordReader(path, {})
    this.#decoder = new Decoder(path)
    this.#left = count
    this.#whole = count === Number.POSITIVE_INFINITY
  }

  async next(limit: number): Promise<Chunk | undefined> {
    while (this.#rest.count === 0 && this.#left > 0) await this.#read(limit)
    return this.#rest.take(limit)
  }

  async #read(limit: number): Promise<void> {
    if (this.#records.length === 0) {
      const rows = await this.#reader.next(Math.min(limit, this.#left))
      if (rows === undefined) {
        if (this.#whole && !this.#decoder.ended)
          throw new RecordError(`cache: ${this.#path} has no end: it is not complete; remove it`)
        this.#left = 0
        return
      }
      this.#records = recordsOf(rows)
    }
    const first = this.#records[0] as Uint8Array
    if (!this.#decoder.isElement(first)) {
      this.#records.shift()
      if (this.#decoder.layout !== undefined) this.#checkSpec()
      return
    }
    let count = 1
    while (count < this.#records.length && this.#records[count]?.[0] === first[0]) count++
    this.#rest.hold(this.#decoder.rows(this.#records.splice(0, count)))
    this.#left -= count
  }

  /** A cache of another dataset is not taken for this one's. */
  #checkSpec(): void {
    const spec = this.#source.spec()
    const cached = this.#decoder.layout?.spec
    if (spec === undefined || commonSpec(spec, cached) !== undefined) return
    throw new DatasetError(
      `cache: ${this.#path} holds ${showSpec(cached)}, the dataset gives ${showSpec(spec)}: it is the cache of another dataset; remove it, or name another file`,
    )
  }

  async close(): Promise<void> {
    this.#rest.clear()
    await this.#reader.close()
  }
}

export const readCache = (path: string, source: Stage, count: number): Pull =>
  endsWithError(new CachedPull(path, source, count))

/** How many elements of an interrupted cache are good, and how many bytes they take. */
export async function recover(path: string): Promise<{ count: number; bytes: number }> {
  const reader = new RecordReader(path, {})
  const decoder = new Decoder(path)
  let count = 0
  let bytes = 0
  try {
    for (let read = await reader.next(256); read !== undefined; read = await reader.next(256)) {
      for (const record of recordsOf(read)) {
        if (decoder.isElement(record)) count++
        // An end that was written is written again.
        if (decoder.ended) return { count, bytes }
        bytes += HEADER + record.length + FOOTER
      }
    }
  } catch {
    // What is behind a damaged record is made again.
  } finally {
    await reader.close().catch(() => undefined)
  }
  return { count, bytes }
}
