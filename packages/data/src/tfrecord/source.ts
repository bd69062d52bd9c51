import { DatasetError, unreadable } from '../errors.ts'

export type Compression = 'gzip' | 'zlib' | 'none'

/** The bytes of a file from front to back, a buffer at a time, each buffer new. */
export interface ByteSource {
  /** The bytes left, when they are known beforehand. */
  readonly left: number | undefined
  /** Some more bytes, about as many as `hint` or the buffer size; undefined at the end. */
  read(hint: number): Promise<Uint8Array | undefined>
  close(): Promise<void>
}

export async function openSource(path: string, compression: Compression, bufferSize: number): Promise<ByteSource> {
  return compression === 'none' ? openPlain(path, bufferSize) : openCompressed(path, compression, bufferSize)
}

async function openPlain(path: string, bufferSize: number): Promise<ByteSource> {
  const { open } = await import('node:fs/promises')
  const fail = (error: unknown): never => {
    throw unreadable('TFRecordDataset', path, error)
  }
  const file = await open(path).catch(fail)
  let { size: left } = await file.stat()
  return {
    get left() {
      return left
    },
    async read(hint) {
      const length = Math.min(Math.max(hint, bufferSize), left)
      if (length === 0) return undefined
      const buffer = new Uint8Array(length)
      const { bytesRead } = await file.read(buffer, 0, length).catch(fail)
      left = bytesRead === 0 ? 0 : left - bytesRead
      return bytesRead === 0 ? undefined : buffer.subarray(0, bytesRead)
    },
    close: () => file.close(),
  }
}

async function openCompressed(path: string, compression: 'gzip' | 'zlib', bufferSize: number): Promise<ByteSource> {
  const { createReadStream } = await import('node:fs')
  const { createGunzip, createInflate } = await import('node:zlib')
  const file = createReadStream(path, { highWaterMark: bufferSize })
  const inflate = (compression === 'gzip' ? createGunzip : createInflate)({ chunkSize: bufferSize })
  file.on('error', (error) => inflate.destroy(unreadable('TFRecordDataset', path, error)))
  const chunks = file.pipe(inflate)[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>
  return {
    left: undefined,
    async read() {
      try {
        const { done, value } = await chunks.next()
        return done === true ? undefined : value
      } catch (error) {
        if (error instanceof DatasetError) throw error
        throw new DatasetError(
          `TFRecordDataset: ${path} is not ${compression} data, or truncated: ${(error as Error).message}`,
          {
            cause: error,
          },
        )
      }
    },
    async close() {
      file.destroy()
      inflate.destroy()
    },
  }
}
