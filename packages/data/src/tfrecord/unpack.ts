import { unreadable } from '../errors.ts'

/** Packed bytes that are unpacked at a time; zlib makes a thousand times as many of them at the very most. */
const STEP = 1 << 15

/** Why the rest of a compressed file cannot be unpacked. */
export class Damage extends Error {
  override readonly name = 'Damage'
}

/**
 * The bytes of a compressed file, piece by piece up to its end, or up to the first byte that is damaged. Of the step in
 * which zlib meets damage it gives nothing: the file is then unpacked once more, that step byte by byte.
 *
 * @throws Damage behind the bytes that are good; DatasetError when the file cannot be read.
 */
export async function* unpacked(path: string, compression: 'gzip' | 'zlib'): AsyncGenerator<Uint8Array> {
  const progress = start()
  try {
    for await (const bytes of steps(path, compression, progress, Number.POSITIVE_INFINITY)) yield bytes
  } catch (error) {
    if (!(error instanceof Damage) || progress.ended) throw error
    let known = progress.unpacked
    for await (const bytes of steps(path, compression, start(), progress.packed)) {
      if (bytes.length > known) yield bytes.subarray(known)
      known = Math.max(0, known - bytes.length)
    }
  }
}

/** How far whole steps have come. */
interface Progress {
  packed: number
  unpacked: number
  /** All of the file has been taken. */
  ended: boolean
}

const start = (): Progress => ({ packed: 0, unpacked: 0, ended: false })

/** Unpacks step by step, from byte `careful` of the file on byte by byte. */
async function* steps(
  path: string,
  compression: 'gzip' | 'zlib',
  progress: Progress,
  careful: number,
): AsyncGenerator<Uint8Array> {
  const { open } = await import('node:fs/promises')
  const trying = <T>(action: Promise<T>): Promise<T> =>
    action.catch((error: unknown) => {
      throw unreadable('TFRecordDataset', path, error)
    })
  const file = await trying(open(path, 'r'))
  const unpacker = await startUnpacking(compression)
  try {
    const packed = new Uint8Array(STEP)
    for (;;) {
      const at = progress.packed
      const wanted = at < careful ? Math.min(STEP, careful - at) : 1
      const { bytesRead } = await trying(file.read(packed, 0, wanted, at))
      progress.ended = bytesRead === 0
      if (progress.ended) break
      const bytes = await unpacker.unpack(packed.subarray(0, bytesRead))
      progress.packed += bytesRead
      progress.unpacked += bytes.length
      yield bytes
    }
    await unpacker.end()
  } finally {
    unpacker.close()
    await file.close()
  }
}

/** zlib, told what to unpack: each call gives all that it makes of the bytes. */
async function startUnpacking(compression: 'gzip' | 'zlib') {
  const { finished } = await import('node:stream')
  const { createGunzip, createInflate } = await import('node:zlib')
  // What it has made waits until it is read, however much it is.
  const options = { chunkSize: 1 << 17, readableHighWaterMark: Number.MAX_SAFE_INTEGER }
  const zlib = (compression === 'gzip' ? createGunzip : createInflate)(options)
  let fail: (error: Error) => void = () => undefined
  zlib.on('error', (error) => fail(error))
  const after = (begin: (done: (error?: Error | null) => void) => void): Promise<void> =>
    new Promise((resolve, reject) => {
      fail = (error) => reject(new Damage(error.message, { cause: error }))
      begin((error) => (error ? fail(error) : resolve()))
    })
  return {
    async unpack(bytes: Uint8Array): Promise<Uint8Array> {
      await after((done) => void zlib.write(bytes, done))
      return (zlib.read() as Uint8Array | null) ?? new Uint8Array(0)
    },
    /** That what was packed has come to its end. */
    end: () =>
      after((done) => {
        finished(zlib, done)
        zlib.resume().end()
      }),
    close: () => void zlib.destroy(),
  }
}
