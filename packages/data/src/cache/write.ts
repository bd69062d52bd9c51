import type { FileHandle } from 'node:fs/promises'
import { NDArray } from '@cotangent/autodiff/array'
import { type Chunk, itemsOf } from '../dataset/chunk.ts'
import { openAt, type Pull, type Stage } from '../dataset/stage.ts'
import { flatten, isElementLeaf } from '../dataset/structure.ts'
import { joinBytes } from '../io/join.ts'
import { frame } from '../tfrecord/framing.ts'
import { Encoder, endRecord } from './format.ts'
import { readCache, recover } from './read.ts'

/** Gives what an interrupted pass has left, then the elements of the source, which it writes. */
export class WritingPull implements Pull {
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
      const before = count === 0 ? undefined : readCache(partial, source, count)
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
    try {
      const chunk = await this.#source.next(limit)
      if (this.#complete) await (chunk === undefined ? this.#finish() : this.#write(chunk))
      return chunk
    } catch (error) {
      // A cache without the elements that failed, or could not be written, would be wrong.
      this.#complete = false
      throw error
    }
  }

  async #write(chunk: Chunk): Promise<void> {
    const framed: Uint8Array[] = []
    for (const item of itemsOf(chunk)) {
      for (const leaf of flatten(item, isElementLeaf, 'cache').leaves) if (leaf instanceof NDArray) await leaf.ready()
      for (const record of this.#encoder.encode(item)) framed.push(frame(record))
    }
    await this.#file.appendFile(joinBytes(framed))
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
