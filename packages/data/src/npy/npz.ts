import { checkOptions, NDArray, TreeError, ValueError } from '@cotangent/autodiff/array'
import { zipSync } from 'fflate'
import { isPlainObject } from '../dataset/structure.ts'
import { NpyError } from '../errors.ts'
import { checkFlags, checkText, shown } from '../given.ts'
import { checkBytes, decodeNpy, writeNpy } from './npy.ts'
import { zipEntries } from './zip.ts'

/** Arrays by name. */
export type NamedArrays = Readonly<Record<string, NDArray>>

export interface ReadNpzOptions {
  /** What messages call the data, as the name of its file. @defaultValue 'readNpz' */
  readonly name?: string
  /** The arrays that are wanted; the others are not unpacked. @defaultValue all */
  readonly keys?: readonly string[]
}

export interface WriteNpzOptions {
  /** Deflate the arrays, as `numpy.savez_compressed` does. @defaultValue false */
  readonly compress?: boolean
}

/**
 * The arrays in the bytes of a `.npz` file by name; what each may be is what `readNpy` says. Other files inside are
 * left out.
 *
 * @throws NpyError for archives and arrays that are damaged, and for keys that are not there.
 * @example readNpz(writeNpz({ x: np.array([1, 2]), y: np.array([3]) })) // { x: [1, 2], y: [3] }
 */
export function readNpz(bytes: Uint8Array, options: ReadNpzOptions = {}): Record<string, NDArray> {
  const { name = 'readNpz', keys } = checkOptions('readNpz', options, ['name', 'keys'])
  checkBytes('readNpz', bytes)
  checkText('readNpz', 'name', name, "'x.npz'")
  checkKeys(name, keys)
  const arrays = new Map<string, () => NDArray>()
  for (const entry of zipEntries(bytes, name)) {
    if (!entry.name.endsWith('.npy')) continue
    arrays.set(entry.name.slice(0, -4), () => decodeNpy(entry.read(), `${name}: ${entry.name}`, false))
  }
  const wanted = keys ?? [...arrays.keys()]
  return Object.fromEntries(
    wanted.map((key) => {
      const read = arrays.get(key)
      if (read === undefined)
        throw new NpyError(`${name}: there is no array ${key}; there are ${[...arrays.keys()].join(', ')}`)
      return [key, read()]
    }),
  )
}

/**
 * The bytes of a `.npz` file that NumPy reads.
 *
 * @throws PendingError while numbers are on their way, DTypeError for bfloat16, TreeError for anything but arrays by name.
 * @example writeNpz({ x: np.zeros([1000]) }, { compress: true }).length < 400 // true
 */
export function writeNpz(arrays: NamedArrays, options: WriteNpzOptions = {}): Uint8Array {
  const { compress = false } = checkOptions('writeNpz', options, ['compress'])
  checkFlags('writeNpz', { compress })
  const files = Object.entries(checkNamed(arrays, 'writeNpz')).map(([key, x]) => [`${key}.npy`, writeNpy(x)] as const)
  // No time of writing: the same arrays are the same bytes.
  return zipSync(Object.fromEntries(files), { level: compress ? 6 : 0, mtime: new Date(1980, 0, 1) })
}

/** That the arrays which are wanted are given by their names. */
export function checkKeys(where: string, keys: readonly string[] | undefined): void {
  if (keys === undefined || (Array.isArray(keys) && keys.every((key) => typeof key === 'string'))) return
  throw new ValueError(
    `${where}: keys is ${typeof keys === 'string' ? keys : shown(keys)}; it must be a list of names, as ['x']`,
  )
}

export function checkNamed(arrays: NamedArrays, where: string): NamedArrays {
  if (!isPlainObject(arrays)) throw new TreeError(`${where}: takes arrays by name, as { x, y }`)
  const odd = Object.keys(arrays).find((key) => !(arrays[key] instanceof NDArray))
  if (odd !== undefined) throw new TreeError(`${where}: ${odd} is no array; np.array(…) makes one of numbers and lists`)
  return arrays
}
