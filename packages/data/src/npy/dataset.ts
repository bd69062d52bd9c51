import { CotangentError, type NDArray } from '@cotangent/autodiff/array'
import { type Chunk, elements } from '../dataset/chunk.ts'
import { Dataset } from '../dataset/dataset.ts'
import { type ArraySpec, conform } from '../dataset/spec.ts'
import type { Pull, Stage } from '../dataset/stage.ts'
import { unreadable } from '../errors.ts'
import { type Files, isGlob, listFiles, type Path } from '../io/glob.ts'
import { decodeNpy } from './npy.ts'

export interface NpyDatasetOptions {
  /**
   * Shape and dtype of the array in every file: known before the first is read, and checked. Floats are converted to
   * its dtype.
   * @defaultValue not known: the files' own, unchecked
   */
  readonly elementSpec?: ArraySpec
}

/** Files up to this size are read in one go; waiting for the thread pool would take longer than the reading. */
const SMALL = 1 << 20

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
export function npyDataset(files: Files, { elementSpec }: NpyDatasetOptions = {}): Dataset<NDArray> {
  const list = Array.isArray(files) ? (files as readonly Path[]) : [files as Path]
  const stage: Stage = {
    spec: () => elementSpec,
    cardinality: list.some(isGlob) ? 'unknown' : list.length,
    cycle: undefined,
    open: () => new NpyPull(files, elementSpec),
  }
  return new Dataset(stage)
}

class NpyPull implements Pull {
  readonly #files: Files
  readonly #spec: ArraySpec | undefined
  #paths: readonly string[] | undefined
  #index = 0
  #failure: { readonly error: unknown } | undefined

  constructor(files: Files, spec: ArraySpec | undefined) {
    this.#files = files
    this.#spec = spec
  }

  async next(limit: number): Promise<Chunk | undefined> {
    if (this.#failure !== undefined) throw this.#failure.error
    this.#paths ??= await listFiles(this.#files)
    const fs = await import('node:fs')
    const items: unknown[] = []
    while (items.length < limit) {
      const path = this.#paths[this.#index]
      if (path === undefined) break
      try {
        const { size } = fs.statSync(path)
        if (size > SMALL && items.length > 0) break
        const x = decodeNpy(size > SMALL ? await fs.promises.readFile(path) : fs.readFileSync(path), path, true)
        items.push(this.#spec === undefined ? x : conform(this.#spec, x, path))
        this.#index++
      } catch (error) {
        const failure = error instanceof CotangentError ? error : unreadable('npyDataset', path, error)
        this.#failure = { error: failure }
        if (items.length === 0) throw failure
        break
      }
    }
    return items.length === 0 ? undefined : elements(items)
  }

  async close(): Promise<void> {
    this.#index = Number.POSITIVE_INFINITY
  }
}
