import {
  allocate,
  type DType,
  type NDArray,
  type Shape,
  ShapeError,
  sizeOf,
  TreeError,
  type TypedArray,
} from '@cotangent/autodiff/array'
import type { Chunk } from '../dataset/chunk.ts'
import type { Column } from '../dataset/column.ts'
import { Dataset } from '../dataset/dataset.ts'
import type { AnySpec } from '../dataset/spec.ts'
import { endsWithError, type Pull, type Stage } from '../dataset/stage.ts'
import { build, flatten, type Structure } from '../dataset/structure.ts'
import { DatasetError } from '../errors.ts'
import { type Path, pathOf } from '../io/glob.ts'
import { type OpenFile, openHdf5, type StoredArray } from './file.ts'

/** Names of arrays in an HDF5 file: one, or a tree of them. */
export type Hdf5Names = string | readonly Hdf5Names[] | { readonly [name: string]: Hdf5Names }

/** The elements of a tree of names. */
export type Hdf5Element<T> = T extends string ? NDArray : { -readonly [K in keyof T]: Hdf5Element<T[K]> }

/**
 * One element for each entry of the first axes of arrays in an HDF5 file (its "datasets"), read as they are asked for:
 * a batch is one read of each array. Needs the package `h5wasm`.
 *
 * @param file the path or URL of the file
 * @param names the arrays, as `'d'`, `['d', 'derivatives/dd']` or `{ d: 'd' }`; groups are parted by `/`
 * @throws DatasetError when h5wasm is not installed, or the file or an array in it cannot be read; ShapeError when an
 * array is a scalar or the first axes are not equally long.
 * @see h5py's Dataset
 */
export async function hdf5Dataset<const T extends Hdf5Names>(file: Path, names: T): Promise<Dataset<Hdf5Element<T>>> {
  const isName = (value: unknown): value is string => typeof value === 'string'
  const { structure, leaves } = flatten(names, isName, 'hdf5Dataset: the names')
  if (leaves.length === 0) throw new TreeError('hdf5Dataset: names no array')
  const path = await pathOf(file)
  const opened = await openHdf5(path)
  let about: StoredArray[]
  try {
    about = leaves.map((name) => opened.about(name))
  } finally {
    opened.close()
  }
  return new Dataset(stageOfArrays(path, structure, leaves, about))
}

function stageOfArrays(
  path: string,
  structure: Structure,
  names: readonly string[],
  about: readonly StoredArray[],
): Stage {
  about.forEach(({ shape }, i) => {
    if (shape.length === 0)
      throw new ShapeError(`hdf5Dataset: ${names[i]} in ${path} is a scalar and has no first axis to slice`)
  })
  const count = about[0]?.shape[0] as number
  if (about.some(({ shape }) => shape[0] !== count)) {
    const shapes = about.map(({ shape }, i) => `${names[i]} [${shape.join(', ')}]`).join(', ')
    throw new ShapeError(`hdf5Dataset: the first axes must be equally long: ${shapes}`)
  }
  let next = 0
  const spec = build(structure, () => {
    const { shape, dtype } = about[next++] as StoredArray
    return { shape: shape.slice(1), dtype }
  }) as AnySpec
  const from = (first: number): Pull => {
    let file: OpenFile | undefined
    let row = first
    return endsWithError({
      async next(limit: number): Promise<Chunk | undefined> {
        if (row >= count) return undefined
        file ??= await openHdf5(path)
        const [start, end] = [row, Math.min(count, row + limit)]
        row = end
        const opened = file
        const columns = names.map((name, i) => {
          const { dtype, shape } = about[i] as StoredArray
          const now = opened.about(name)
          if (now.dtype !== dtype || String(now.shape) !== String(shape))
            throw new DatasetError(
              `hdf5Dataset: ${name} in ${path} has become another array since the dataset was made`,
            )
          return columnOf(opened.read(name, start, end), dtype, shape.slice(1), end - start, `${name} in ${path}`)
        })
        return { kind: 'rows', count: end - start, structure, columns }
      },
      async close() {
        file?.close()
        file = undefined
      },
    })
  }
  return { spec: () => spec, cardinality: count, cycle: undefined, open: () => from(0), openAt: from }
}

function columnOf(data: ArrayLike<number | bigint>, dtype: DType, shape: Shape, rows: number, where: string): Column {
  if (data.length !== rows * sizeOf(shape)) {
    throw new DatasetError(
      `hdf5Dataset: ${where} gave ${data.length} numbers where ${rows * sizeOf(shape)} were asked for`,
    )
  }
  const store = allocate(dtype, data.length)
  store.set(data as TypedArray as Float64Array)
  return { dtype, shape, offset: 0, store }
}
