import { CotangentError, checkOptions, type NDArray } from '@cotangent/autodiff/array'
import { type Chunk, elements } from '../dataset/chunk.ts'
import { conform } from '../dataset/conform.ts'
import { Dataset } from '../dataset/dataset.ts'
import { Failure } from '../dataset/failure.ts'
import { type AnySpec, type ArraySpec, checkSpec } from '../dataset/spec.ts'
import type { Pull, Stage } from '../dataset/stage.ts'
import { unreadable } from '../errors.ts'
import { type Files, isGlob, listFiles, type Path } from '../io/glob.ts'
import { decodeNpy } from './npy.ts'
import { checkKeys, readNpz } from './npz.ts'

export interface NpyDatasetOptions {
  /**
   * Shape and dtype of the array in every file: known before the first is read, and checked. Floats are converted to
   * its dtype.
   * @defaultValue not known: the files' own, unchecked
   */
  readonly elementSpec?: ArraySpec
}

/** Files below this size are read in one go; waiting for the thread pool would take longer than the reading. */
const SMALL = 1 << 18
let scratch: Uint8Array | undefined

/** A small file, in a buffer that the next call overwrites: open, read and close are all that is asked of the system. */
function readSmall(fs: typeof import('node:fs'), path: string): Uint8Array | undefined {
  scratch ??= new Uint8Array(SMALL)
  const file = fs.openSync(path, 'r')
  try {
    const length = fs.readSync(file, scratch, 0, SMALL, 0)
    return length < SMALL ? scratch.subarray(0, length) : undefined
  } finally {
    fs.closeSync(file)
  }
}

/**
 * One element for each `.npy` file, as simulations are often kept; globs are in natural order (`2.npy` before
 * `10.npy`).
 *
 * @throws DatasetError or NpyError while iterating, naming the file that cannot be read or does not fit.
 * @example
 * const spec = { shape: [10], dtype: 'float32' } as const
 * const fiducial = npyDataset('simulations/fiducial_*.npy', { elementSpec: spec })
 * const derivative = npyDataset('simulations/derivative_*.npy')
 * const [[d, dd]] = await Dataset.zip([fiducial, derivative]).batch(2).toArray()
 * dd.shape // [2, 10, 2]
 */
export function npyDataset(files: Files, options: NpyDatasetOptions = {}): Dataset<NDArray> {
  const { elementSpec } = checkOptions('npyDataset', options, ['elementSpec'])
  return new Dataset(fileStage(files, elementSpec, 'npyDataset', decodeNpy))
}

export interface NpzDatasetOptions {
  /** The arrays that are wanted. @defaultValue all */
  readonly keys?: readonly string[]
  /** Shapes and dtypes of the arrays by name, known before the first file is read, and checked. @defaultValue not known */
  readonly elementSpec?: Readonly<Record<string, ArraySpec>>
}

/**
 * One element for each `.npz` file: its arrays by name. Globs are in natural order.
 *
 * @throws DatasetError or NpyError while iterating, naming the file that cannot be read or does not fit.
 * @example
 * for (const i of [0, 1]) await saveNpz(`pairs/${i}.npz`, { d: simulations.at(i), dd: derivatives.at(i) })
 * const [batch] = await npzDataset('pairs/*.npz').batch(2).toArray()
 * batch.dd.shape // [2, 10, 2]
 */
export function npzDataset(files: Files, options: NpzDatasetOptions = {}): Dataset<Record<string, NDArray>> {
  const { elementSpec, keys } = checkOptions('npzDataset', options, ['keys', 'elementSpec'])
  checkKeys('npzDataset', keys)
  const decode = (bytes: Uint8Array, name: string) => readNpz(bytes, { name, ...(keys && { keys }) })
  return new Dataset(fileStage(files, elementSpec, 'npzDataset', decode))
}

/** With `owned` the array may keep the bytes themselves. */
type Decode = (bytes: Uint8Array, path: string, owned: boolean) => unknown

function fileStage(files: Files, spec: AnySpec | undefined, where: string, decode: Decode): Stage {
  checkSpec(where, spec)
  const list = Array.isArray(files) ? (files as readonly Path[]) : [files as Path]
  const from = (first: number) => new FilesPull(files, spec, where, decode, first)
  return {
    spec: () => spec,
    cardinality: list.some(isGlob) ? 'unknown' : list.length,
    cycle: undefined,
    open: () => from(0),
    openAt: from,
  }
}

class FilesPull implements Pull {
  readonly #files: Files
  readonly #spec: AnySpec | undefined
  readonly #where: string
  readonly #decode: Decode
  #paths: readonly string[] | undefined
  #index: number
  readonly #failure = new Failure()

  constructor(files: Files, spec: AnySpec | undefined, where: string, decode: Decode, first: number) {
    this.#files = files
    this.#spec = spec
    this.#where = where
    this.#decode = decode
    this.#index = first
  }

  async next(limit: number): Promise<Chunk | undefined> {
    this.#failure.release()
    this.#paths ??= await listFiles(this.#files).catch((error: unknown) => {
      this.#paths = []
      throw error
    })
    const fs = await import('node:fs')
    const items: unknown[] = []
    while (items.length < limit) {
      const path = this.#paths[this.#index++]
      if (path === undefined) break
      try {
        const small = readSmall(fs, path)
        if (small === undefined && items.length > 0) {
          // Who has something to give does not wait for a large file.
          this.#index--
          break
        }
        const x =
          small === undefined
            ? this.#decode(await fs.promises.readFile(path), path, true)
            : this.#decode(small, path, false)
        items.push(this.#spec === undefined ? x : conform(this.#spec, x, path))
      } catch (error) {
        const failure = error instanceof CotangentError ? error : unreadable(this.#where, path, error)
        if (items.length === 0) throw failure
        this.#failure.hold(failure)
        break
      }
    }
    return items.length === 0 ? undefined : elements(items)
  }

  async close(): Promise<void> {
    this.#index = Number.POSITIVE_INFINITY
  }
}
