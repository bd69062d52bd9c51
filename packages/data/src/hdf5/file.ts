import type { DType } from '@cotangent/autodiff/array'
import { DatasetError, unreadable } from '../errors.ts'

/** What a file says of an array. */
export interface StoredArray {
  readonly shape: readonly number[]
  readonly dtype: DType
}

/** An HDF5 file open for reading. */
export interface OpenFile {
  about(name: string): StoredArray
  /** The numbers of rows `start` up to (not including) `end`. */
  read(name: string, start: number, end: number): ArrayLike<number | bigint>
  close(): void
}

type Library = typeof import('h5wasm/node')

async function load(): Promise<Library> {
  try {
    const library = await import('h5wasm/node')
    const module = await library.ready
    // Errors are thrown, not printed.
    module.activate_throwing_error_handler()
    return library
  } catch (error) {
    throw new DatasetError('hdf5Dataset: HDF5 files are read with the package h5wasm; install it: npm install h5wasm', {
      cause: error,
    })
  }
}

const SIGNATURE = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]

/** HDF5's signature stands at the beginning, or behind a block of a user's own whose size is a power of two from 512. */
async function checkSignature(path: string): Promise<void> {
  const { open } = await import('node:fs/promises')
  const file = await open(path, 'r').catch((error: unknown) => {
    throw unreadable('hdf5Dataset', path, error)
  })
  try {
    const { size } = await file.stat()
    const found = new Uint8Array(8)
    for (let at = 0; at < size; at = at === 0 ? 512 : 2 * at) {
      await file.read(found, 0, 8, at)
      if (SIGNATURE.every((byte, i) => found[i] === byte)) return
    }
  } catch (error) {
    throw unreadable('hdf5Dataset', path, error)
  } finally {
    await file.close()
  }
  throw new DatasetError(`hdf5Dataset: ${path} is not an HDF5 file`)
}

export async function openHdf5(path: string): Promise<OpenFile> {
  await checkSignature(path)
  const { File: Hdf5File, Dataset: Hdf5Dataset } = await load()
  const trying = <T>(what: string, action: () => T): T => {
    try {
      return action()
    } catch (error) {
      if (error instanceof DatasetError) throw error
      throw new DatasetError(`hdf5Dataset: ${what} cannot be read: ${reasonOf(error)}`, { cause: error })
    }
  }
  const file = trying(path, () => {
    const opened = new Hdf5File(path, 'r')
    if (opened.file_id < 0n) throw new DatasetError(`hdf5Dataset: ${path} cannot be read: it is damaged`)
    return opened
  })
  const arrayOf = (name: string) => {
    const found = trying(`${name} in ${path}`, () => file.get(name))
    if (found instanceof Hdf5Dataset) return found
    const there = trying(path, () => file.paths().filter((each) => file.get(each) instanceof Hdf5Dataset))
    throw new DatasetError(`hdf5Dataset: ${path} has no array ${name}; it has ${there.join(', ')}`)
  }
  return {
    about: (name) =>
      trying(`${name} in ${path}`, () => {
        const { metadata } = arrayOf(name)
        const dtype = dtypeOf(metadata)
        if (dtype !== undefined && metadata.shape !== null) return { shape: metadata.shape.map(Number), dtype }
        throw new DatasetError(
          `hdf5Dataset: ${name} in ${path} is no array of integers, of floats of 32 or 64 bits or of booleans; save it as one`,
        )
      }),
    read: (name, start, end) =>
      trying(`${name} in ${path}`, () => arrayOf(name).slice([[start, end]]) as ArrayLike<number | bigint>),
    close: () => void trying(path, () => file.close()),
  }
}

/** What the library's innermost function says, of the pages in which every one says that it failed, down to plugins. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  const reasons = [...message.matchAll(/#\d+: .* in (?!H5PL)\w+\(\): (.*)/g)]
  return reasons.at(-1)?.[1] ?? message
}

interface Metadata {
  readonly type: number
  readonly size: number
  readonly signed: boolean
  readonly enum_type?: { readonly members: Readonly<Record<string, number>> }
}

// HDF5's classes of types.
const INTEGER = 0
const FLOAT = 1
const ENUM = 8

function dtypeOf({ type, size, signed, enum_type }: Metadata): DType | undefined {
  const bits = size * 8
  if (type === INTEGER && [8, 16, 32, 64].includes(bits)) return `${signed ? '' : 'u'}int${bits}` as DType
  if (type === FLOAT && (bits === 32 || bits === 64)) return `float${bits}`
  // As h5py writes booleans.
  const members = enum_type?.members
  return type === ENUM && size === 1 && members?.['TRUE'] === 1 && members['FALSE'] === 0 ? 'bool' : undefined
}
