import type { FileHandle } from 'node:fs/promises'
import { NDArray } from '@cotangent/autodiff/array'
import { type ByteStore } from '../dataset/bytes.ts'
import { type Chunk, itemsOf, Remainder } from '../dataset/chunk.ts'
import { commonSpec, showSpec } from '../dataset/spec.ts'
import { openAt, type Pull, type Stage } from '../dataset/stage.ts'
import { flatten, isElementLeaf } from '../dataset/structure.ts'
import { DatasetError, RecordError, unreadable } from '../errors.ts'
import { makeFolderOf } from '../io/folder.ts'
import { type Path, pathOf } from '../io/glob.ts'
import { FOOTER, frame, HEADER } from '../tfrecord/framing.ts'
import { RecordReader } from '../tfrecord/reader.ts'
import { Decoder, Encoder, endRecord } from './format.ts'
import { lock } from './lock.ts'

/**
 * Keeps the elements in a file once a pass has read all of them. Until then they are in a file beside it, `….partial`,
 * from which an interrupted pass is continued where the source can be opened in its midst.
 */
export const cacheFile = (source: Stage, file: Path): Stage => ({
  spec: () => source.spec(),
  cardinality: source.cardinality,
  cycle: source.cycle,
  open: () => new FileCachePull(source, file),
})

class FileCachePull implements Pull {
  readonly #source: Stage
  readonly #file: Path
  #pull: Pull | undefined

  constructor(source: Stage, file: Path) {
    this.#source = source
    this.#file = file
  }

  async next(limit: number): Promise<Chunk | undefined> {
    this.#pull ??= await this.#start()
    return this.#pull.next(limit)
  }

  async #start(): Promise<Pull> {
    const fs = await import('node:fs/promises')
    const path = await pathOf(this.#file)
    const exists = (file: string) =>
      fs.access(file).then(
        () => true,
        () => false,
      )
    if (await exists(path)) return new CachedPull(path, this.#source, Number.POSITIVE_INFINITY)
    try {
      await makeFolderOf(path)
      const release = await lock(path)
      // Another pass writes the cache; this one reads the source.
      if (release === undefined) return this.#source.open()
      // It may have been finished in between.
      if (await exists(path)) {
        await release()
        return new CachedPull(path, this.#source, Number.POSITIVE_INFINITY)
      }
      return await WritingPull.start(this.#source, path, release)
    } catch (error) {
      throw error instanceof DatasetError ? error : unreadable('cache', path, error)
    }
  }

  async close(): Promise<void> {
    await this.#pull?.close()
  }
}

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
    while (this.#rest.count === 0) {
      if (this.#left === 0) return undefined
      if (this.#records.length === 0) {
        const read = await this.#reader.next(Math.min(limit, this.#left))
        if (read === undefined) {
          if (this.#whole && !this.#decoder.ended)
            throw new RecordError(`cache: ${this.#path} has no end: it is not complete; remove it`)
          return undefined
        }
        this.#records = recordsOf((read.columns[0] as { store: ByteStore }).store, read.count)
      }
      const first = this.#records[0] as Uint8Array
      if (!this.#decoder.isElement(first)) {
        this.#records.shift()
        if (this.#decoder.layout !== undefined) this.#checkSpec()
        continue
      }
      let count = 1
      while (count < this.#records.length && this.#records[count]?.[0] === first[0]) count++
      const rows = this.#decoder.rows(this.#records.splice(0, count))
      this.#left -= count
      this.#rest.hold(rows)
    }
    return this.#rest.take(limit)
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

const recordsOf = (store: ByteStore, count: number): Uint8Array[] =>
  Array.from({ length: count }, (_, i) => (store.buffers[i] as Uint8Array).subarray(store.starts[i], store.ends[i]))

/** How many elements of an interrupted cache are good, and how many bytes they take. */
async function recover(path: string): Promise<{ count: number; bytes: number }> {
  const reader = new RecordReader(path, {})
  const decoder = new Decoder(path)
  let count = 0
  let bytes = 0
  try {
    for (let read = await reader.next(256); read !== undefined; read = await reader.next(256)) {
      for (const record of recordsOf((read.columns[0] as { store: ByteStore }).store, read.count)) {
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

/** Gives what an interrupted pass has left, then the elements of the source, which it writes. */
class WritingPull implements Pull {
  readonly #path: string
  readonly #source: Pull
  readonly #release: () => Promise<void>
  readonly #file: FileHandle
  readonly #encoder = new Encoder()
  #before: Pull | undefined
  #complete = true
  #open = true

  private constructor(
    path: string,
    source: Pull,
    before: Pull | undefined,
    file: FileHandle,
    release: () => Promise<void>,
  ) {
    this.#path = path
    this.#source = source
    this.#before = before
    this.#file = file
    this.#release = release
  }

  static async start(source: Stage, path: string, release: () => Promise<void>): Promise<WritingPull> {
    const { open, truncate } = await import('node:fs/promises')
    const partial = `${path}.partial`
    try {
      const { count, bytes } = source.openAt === undefined ? { count: 0, bytes: 0 } : await recover(partial)
      const file = await open(partial, 'a')
      await truncate(partial, bytes)
      const before = count === 0 ? undefined : new CachedPull(partial, source, count)
      return new WritingPull(path, count === 0 ? source.open() : openAt(source, count), before, file, release)
    } catch (error) {
      await release()
      throw error
    }
  }

  async next(limit: number): Promise<Chunk | undefined> {
    if (this.#before !== undefined) {
      const chunk = await this.#before.next(limit)
      if (chunk !== undefined) return chunk
      await this.#before.close()
      this.#before = undefined
    }
    let chunk: Chunk | undefined
    try {
      chunk = await this.#source.next(limit)
    } catch (error) {
      // A cache without the element that failed would be wrong.
      this.#complete = false
      throw error
    }
    if (!this.#complete) return chunk
    if (chunk === undefined) await this.#finish()
    else await this.#write(chunk)
    return chunk
  }

  async #write(chunk: Chunk): Promise<void> {
    const framed: Uint8Array[] = []
    for (const item of itemsOf(chunk)) {
      for (const leaf of flatten(item, isElementLeaf, 'cache').leaves) if (leaf instanceof NDArray) await leaf.ready()
      for (const record of this.#encoder.encode(item)) framed.push(frame(record))
    }
    await this.#file.appendFile(Buffer.concat(framed))
  }

  async #finish(): Promise<void> {
    const { rename } = await import('node:fs/promises')
    try {
      await this.#file.appendFile(frame(endRecord()))
      await this.#file.sync()
      await this.#end()
      await rename(`${this.#path}.partial`, this.#path)
    } finally {
      await this.#release()
    }
  }

  async #end(): Promise<void> {
    this.#open = false
    await this.#file.close()
  }

  async close(): Promise<void> {
    await this.#before?.close()
    try {
      await this.#source.close()
    } finally {
      if (this.#open) {
        await this.#end()
        await this.#release()
      }
    }
  }
}
