import { unreadable } from '../errors.ts'
import { joinBytes } from '../io/join.ts'
import { Damage, unpacked } from './unpack.ts'

export type Compression = 'gzip' | 'zlib' | 'none'

/** The bytes of a file from front to back. */
export interface ByteSource {
  /** The bytes left, when they are known beforehand. */
  readonly left: number | undefined
  /** Why the bytes behind those that were read cannot be had. */
  readonly damage?: string | undefined
  /** A new buffer of `head` and the bytes that follow in the file, `needed` or more in all unless the file ends. */
  read(head: Uint8Array, needed: number): Promise<Uint8Array>
  close(): Promise<void>
}

export async function openSource(path: string, compression: Compression, bufferSize: number): Promise<ByteSource> {
  return compression === 'none' ? openPlain(path, bufferSize) : openCompressed(path, compression)
}

/** A megabyte from memory takes a tenth of it, from a disk more. */
const QUICK_MS = 2

async function openPlain(path: string, bufferSize: number): Promise<ByteSource> {
  const fs = await import('node:fs')
  const { promisify } = await import('node:util')
  const trying = <T>(action: () => T): T => {
    try {
      return action()
    } catch (error) {
      throw unreadable('TFRecordDataset', path, error)
    }
  }
  const file = trying(() => fs.openSync(path, 'r'))
  const { size } = trying(() => fs.fstatSync(file))
  let left = size
  let quick = true
  const readSome = async (buffer: Uint8Array, at: number): Promise<number> => {
    // What the system has in memory is read while we wait: the way to another thread and back takes longer, and leaves
    // the bytes in the cache of another core. Once a read was slow, the others are done in the background.
    if (quick) {
      const start = performance.now()
      const count = trying(() => fs.readSync(file, buffer, at, buffer.length - at, null))
      quick = performance.now() - start < QUICK_MS
      return count
    }
    const { bytesRead } = await promisify(fs.read)(file, buffer, at, buffer.length - at, null).catch(
      (error: unknown) => {
        throw unreadable('TFRecordDataset', path, error)
      },
    )
    return bytesRead
  }
  return {
    get left() {
      return left
    },
    async read(head, needed) {
      const buffer = new Uint8Array(Math.min(Math.max(needed, head.length + bufferSize), head.length + left))
      buffer.set(head)
      let have = head.length
      while (have < Math.min(needed, buffer.length)) {
        const count = await readSome(buffer, have)
        // The file became shorter.
        left = count === 0 ? 0 : left - count
        if (count === 0) break
        have += count
      }
      return buffer.subarray(0, have)
    },
    async close() {
      fs.closeSync(file)
    },
  }
}

function openCompressed(path: string, compression: 'gzip' | 'zlib'): ByteSource {
  const pieces = unpacked(path, compression)
  let damage: string | undefined
  const next = async (): Promise<Uint8Array | undefined> => {
    try {
      const { done, value } = await pieces.next()
      return done === true ? undefined : value
    } catch (error) {
      if (!(error instanceof Damage)) throw error
      damage = error.message
      return undefined
    }
  }
  return {
    left: undefined,
    get damage() {
      return damage
    },
    async read(head, needed) {
      // Memory grows with what is really there, not with what a record claims.
      const parts = [head]
      let have = head.length
      while (have < needed) {
        const part = await next()
        if (part === undefined) break
        parts.push(part)
        have += part.length
      }
      return joinBytes(parts)
    },
    close: async () => void (await pieces.return(undefined)),
  }
}
