import { checkOptions, ValueError } from '@cotangent/autodiff/array'
import { allocateBytes, type Bytes, type ByteStore } from '../dataset/bytes.ts'
import type { Chunk, Rows } from '../dataset/chunk.ts'
import { Dataset } from '../dataset/dataset.ts'
import { Failure } from '../dataset/failure.ts'
import type { Pull, Stage } from '../dataset/stage.ts'
import { shown } from '../given.ts'
import { type Files, listFiles } from '../io/glob.ts'
import { type ReadOptions, RecordReader, recordRows } from './reader.ts'

export interface TFRecordDatasetOptions extends ReadOptions {
  /** From how many files records are taken in turn, one from each, as `tf.data` does. @defaultValue 1 */
  readonly numParallelReads?: number
}

/** Each place takes memory, whether or not there are so many files. */
const MOST_FILES = 1e6
/** A buffer of this size is set aside at once. */
const MOST_BYTES = 2 ** 30

const known = ['numParallelReads', 'compression', 'bufferSize'] as const

/**
 * The serialized records of TFRecord files, to be parsed by `map`. Checksums are verified. Files named by a glob are
 * read in natural order; the order of records is always the same.
 *
 * @throws ValueError for options that cannot be; RecordError while iterating, naming file, record and byte, when a record is corrupted or truncated.
 * @example
 * const { inputShape } = await readRecordInfo('data/fiducial')
 * const parser = new TFRecords().parser(inputShape)
 * const [batch] = await TFRecordDataset('data/fiducial_*.tfrecords').map(parser).batch(100).toArray()
 * batch.shape // [4, 10]
 */
export function TFRecordDataset(files: Files, options: TFRecordDatasetOptions = {}): Dataset<Bytes> {
  const { numParallelReads = 1, bufferSize = 1, compression = 'none' } = checkOptions('TFRecordDataset', options, known)
  if (!Number.isInteger(numParallelReads) || numParallelReads < 1 || numParallelReads > MOST_FILES) {
    throw new ValueError(
      `TFRecordDataset: numParallelReads is ${shown(numParallelReads)}; it must be a positive integer up to ${MOST_FILES}`,
    )
  }
  if (!Number.isInteger(bufferSize) || bufferSize < 1 || bufferSize > MOST_BYTES) {
    throw new ValueError(
      `TFRecordDataset: bufferSize is ${shown(bufferSize)}; it must be a positive number of bytes up to ${MOST_BYTES}`,
    )
  }
  if (!['none', 'gzip', 'zlib'].includes(compression)) {
    throw new ValueError(`TFRecordDataset: compression is ${shown(compression)}; use 'gzip', 'zlib' or 'none'`)
  }
  // Listed once, so that every pass reads the same files.
  let listed: Promise<string[]> | undefined
  const list = () => {
    listed ??= listFiles(files)
    listed.catch(() => {
      listed = undefined
    })
    return listed
  }
  const stage: Stage = {
    spec: () => ({ shape: [], dtype: 'bytes' }),
    cardinality: 'unknown',
    cycle: undefined,
    open: () => new RecordsPull(list, numParallelReads, options),
  }
  return new Dataset(stage)
}

/** One of the files being read. */
interface Slot {
  readonly reader: RecordReader
  /** The next records, on their way. */
  coming: Promise<Rows | undefined>
  rows: Rows | undefined
  used: number
}

class RecordsPull implements Pull {
  readonly #list: () => Promise<string[]>
  readonly #options: ReadOptions
  #paths: string[] | undefined
  /** The files read in turn; undefined where one has ended and the next is not yet open. */
  readonly #slots: (Slot | undefined)[]
  #turn = 0
  readonly #failure = new Failure()

  constructor(list: () => Promise<string[]>, parallel: number, options: ReadOptions) {
    this.#list = list
    this.#options = options
    this.#slots = new Array<undefined>(parallel).fill(undefined)
  }

  async next(limit: number): Promise<Chunk | undefined> {
    this.#failure.release()
    if (this.#paths === undefined) {
      this.#paths = []
      this.#paths = [...(await this.#list())]
      for (let i = 0; i < this.#slots.length; i++) this.#slots[i] = this.#open(limit)
    }
    return this.#slots.length === 1 ? this.#sequential(limit) : this.#interleaved(limit)
  }

  #open(limit: number): Slot | undefined {
    const path = this.#paths?.shift()
    if (path === undefined) return undefined
    const reader = new RecordReader(path, this.#options)
    return { reader, coming: ahead(reader, limit), rows: undefined, used: 0 }
  }

  async #sequential(limit: number): Promise<Chunk | undefined> {
    for (;;) {
      const slot = this.#slots[0]
      if (slot === undefined) return undefined
      try {
        const rows = slot.used++ === 0 ? await slot.coming : await slot.reader.next(limit)
        if (rows !== undefined) return rows
      } catch (error) {
        // Nothing can be read behind it: what follows is the next file.
        this.#slots[0] = this.#open(limit)
        await slot.reader.close()
        throw error
      }
      await slot.reader.close()
      this.#slots[0] = this.#open(limit)
    }
  }

  /** One record from each file in turn; when a file ends, its place is taken by the next when its turn comes again. */
  async #interleaved(limit: number): Promise<Chunk | undefined> {
    const store = allocateBytes(limit)
    let count = 0
    try {
      while (count < limit) {
        const slot = (this.#slots[this.#turn] ??= this.#open(limit))
        if (slot === undefined) {
          if (this.#slots.every((other) => other === undefined)) break
        } else if (await this.#ready(slot, limit)) {
          copyRow(store, count++, slot.rows as Rows, slot.used++)
        } else {
          await slot.reader.close()
          this.#slots[this.#turn] = undefined
        }
        this.#turn = (this.#turn + 1) % this.#slots.length
      }
    } catch (error) {
      if (count === 0) throw error
      this.#failure.hold(error)
    }
    if (count === 0) return undefined
    return recordRows(store, count)
  }

  /** Whether the file has another record, which is then `slot.rows` at `slot.used`. */
  async #ready(slot: Slot, limit: number): Promise<boolean> {
    if (slot.rows !== undefined && slot.used < slot.rows.count) return true
    try {
      slot.rows = await slot.coming
    } catch (error) {
      this.#slots[this.#turn] = undefined
      await slot.reader.close()
      throw error
    }
    slot.used = 0
    if (slot.rows === undefined) return false
    slot.coming = ahead(slot.reader, limit)
    return true
  }

  async close(): Promise<void> {
    const open = this.#slots.filter((slot) => slot !== undefined)
    await Promise.allSettled(open.map((slot) => slot.coming))
    await Promise.all(open.map((slot) => slot.reader.close()))
  }
}

/** Begins to read; a failure waits for who awaits it. */
function ahead(reader: RecordReader, limit: number): Promise<Rows | undefined> {
  const coming = reader.next(limit)
  coming.catch(() => undefined)
  return coming
}

function copyRow(to: ByteStore, at: number, rows: Rows, row: number): void {
  const { store, offset } = rows.columns[0] as { store: ByteStore; offset: number }
  to.buffers[at] = store.buffers[offset + row] as Uint8Array
  to.starts[at] = store.starts[offset + row] as number
  to.ends[at] = store.ends[offset + row] as number
}
