import type { FileHandle } from 'node:fs/promises'
import { unwritable } from '../errors.ts'
import { temporaryName } from '../io/atomic.ts'
import { makeFolderOf } from '../io/folder.ts'
import { joinBytes } from '../io/join.ts'
import { frame } from './framing.ts'

/** Records are gathered to this many bytes before they are written. */
const GATHER = 1 << 20

/** A TFRecord file in the making, under a temporary name until it is published. */
export class RecordFile {
  readonly path: string
  readonly #temporary: string
  readonly #file: FileHandle
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  /** Bytes written so far, those gathered included. */
  size = 0

  private constructor(path: string, temporary: string, file: FileHandle) {
    this.path = path
    this.#temporary = temporary
    this.#file = file
  }

  static async create(path: string): Promise<RecordFile> {
    const { open } = await import('node:fs/promises')
    const temporary = await temporaryName(path)
    try {
      await makeFolderOf(path)
      return new RecordFile(path, temporary, await open(temporary, 'wx'))
    } catch (error) {
      throw unwritable(path, error)
    }
  }

  async write(record: Uint8Array): Promise<void> {
    const framed = frame(record)
    this.#pending.push(framed)
    this.#pendingBytes += framed.length
    this.size += framed.length
    if (this.#pendingBytes >= GATHER) await this.#flush()
  }

  async #flush(): Promise<void> {
    const gathered = joinBytes(this.#pending)
    this.#pending = []
    this.#pendingBytes = 0
    await this.#file.appendFile(gathered).catch((error: unknown) => {
      throw unwritable(this.path, error)
    })
  }

  /** Everything is in the file, which still has its temporary name. */
  async finish(): Promise<void> {
    if (this.#pending.length > 0) await this.#flush()
    await this.#file.close()
  }

  /** Puts the finished file in its place. */
  async publish(): Promise<void> {
    const { rename } = await import('node:fs/promises')
    await rename(this.#temporary, this.path).catch((error: unknown) => {
      throw unwritable(this.path, error)
    })
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    const { rm } = await import('node:fs/promises')
    await this.#file.close().catch(() => undefined)
    await rm(this.#temporary, { force: true })
  }
}
