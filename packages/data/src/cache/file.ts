import type { Chunk } from '../dataset/chunk.ts'
import type { Pull, Stage } from '../dataset/stage.ts'
import { DatasetError, unreadable } from '../errors.ts'
import { makeFolderOf } from '../io/folder.ts'
import { type Path, pathOf } from '../io/glob.ts'
import { isThere } from '../io/there.ts'
import { lock } from './lock.ts'
import { readCache } from './read.ts'
import { WritingPull } from './write.ts'

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
  #started = false
  #pull: Pull | undefined

  constructor(source: Stage, file: Path) {
    this.#source = source
    this.#file = file
  }

  async next(limit: number): Promise<Chunk | undefined> {
    if (!this.#started) {
      this.#started = true
      this.#pull = await this.#start()
    }
    return this.#pull?.next(limit)
  }

  async #start(): Promise<Pull> {
    const path = await pathOf(this.#file)
    if (await isThere(path)) return readCache(path, this.#source, Number.POSITIVE_INFINITY)
    try {
      await makeFolderOf(path)
      const release = await lock(path)
      // Another pass writes the cache; this one reads the source.
      if (release === undefined) return this.#source.open()
      // It may have been finished in between.
      if (await isThere(path)) {
        await release()
        return readCache(path, this.#source, Number.POSITIVE_INFINITY)
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
