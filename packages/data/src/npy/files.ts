import { checkOptions, NDArray, TreeError } from '@cotangent/autodiff/array'
import { DatasetError, unreadable } from '../errors.ts'
import { checkFlags } from '../given.ts'
import { writeAtomically } from '../io/atomic.ts'
import { type Path, pathOf } from '../io/glob.ts'
import { isThere } from '../io/there.ts'
import { decodeNpy, writeNpy } from './npy.ts'
import { checkNamed, type NamedArrays, type ReadNpzOptions, readNpz, type WriteNpzOptions, writeNpz } from './npz.ts'

export interface SaveOptions {
  /** Whether a file that is there may be replaced. @defaultValue true */
  readonly overwrite?: boolean
}

/**
 * The array in a `.npy` file; what can be read is what `readNpy` says.
 *
 * @throws NpyError naming the file when it is malformed, DatasetError when it cannot be read.
 * @example
 * const simulation = await loadNpy('simulations/fiducial_0.npy')
 * simulation.shape // [10]
 */
export async function loadNpy(path: Path): Promise<NDArray> {
  const { readFile } = await import('node:fs/promises')
  const file = await pathOf(path)
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unreadable('loadNpy', file, error)
  })
  return decodeNpy(bytes, file, true)
}

/**
 * Writes a `.npy` file that NumPy reads, waiting for the array's numbers if need be. A file that was there is replaced
 * at once and whole, never half-written; folders are made.
 *
 * @throws DatasetError when the file is there and `overwrite` is false.
 * @example await saveNpy('summaries/x.npy', np.ones([3]))
 */
export async function saveNpy(path: Path, x: NDArray, options: SaveOptions = {}): Promise<void> {
  const { overwrite = true } = checkOptions('saveNpy', options, ['overwrite'])
  checkFlags('saveNpy', { overwrite })
  if (!(x instanceof NDArray))
    throw new TreeError('saveNpy: takes an array; np.array(…) makes one of numbers and lists')
  const file = await pathOf(path)
  if (!overwrite) await refuseExisting([file], 'saveNpy')
  await x.ready()
  await writeAtomically(file, writeNpy(x))
}

/**
 * The arrays in a `.npz` file by name.
 *
 * @throws NpyError naming the file when it is damaged, DatasetError when it cannot be read.
 * @example
 * await saveNpz('summaries/xy.npz', { x: np.ones([3]), y: np.array([1, 2]) })
 * (await loadNpz('summaries/xy.npz', { keys: ['y'] })).y // [1, 2]
 */
export async function loadNpz(
  path: Path,
  options: Omit<ReadNpzOptions, 'name'> = {},
): Promise<Record<string, NDArray>> {
  const { readFile } = await import('node:fs/promises')
  const file = await pathOf(path)
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unreadable('loadNpz', file, error)
  })
  return readNpz(bytes, { ...checkOptions('loadNpz', options, ['keys']), name: file })
}

/**
 * Writes arrays by name to a `.npz` file, as `saveNpy` writes one.
 *
 * @throws DatasetError when the file is there and `overwrite` is false.
 * @example await saveNpz('summaries/x.npz', { x: np.ones([3]) }, { compress: true })
 */
export async function saveNpz(
  path: Path,
  arrays: NamedArrays,
  options: SaveOptions & WriteNpzOptions = {},
): Promise<void> {
  const { overwrite = true, ...others } = checkOptions('saveNpz', options, ['overwrite', 'compress'])
  checkFlags('saveNpz', { overwrite, ...others })
  const file = await pathOf(path)
  if (!overwrite) await refuseExisting([file], 'saveNpz')
  for (const x of Object.values(checkNamed(arrays, 'saveNpz'))) await x.ready()
  await writeAtomically(file, writeNpz(arrays, others))
}

export async function refuseExisting(files: readonly string[], where: string): Promise<void> {
  for (const file of files)
    if (await isThere(file)) throw new DatasetError(`${where}: ${file} is there already, and overwrite is false`)
}
