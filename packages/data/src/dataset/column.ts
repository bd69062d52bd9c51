import {
  allocate,
  type DType,
  fromHost,
  hostData,
  NDArray,
  type Shape,
  sizeOf,
  type TypedArray,
} from '@cotangent/autodiff/array'
import { allocateBytes, Bytes, type ByteStore, copyBytes } from './bytes.ts'

/**
 * Consecutive rows of one leaf: row i is the entries `offset + i · size(shape)` … of a store that may be larger and
 * shared. How elements travel through a chain of operations without becoming objects one by one.
 */
export type Column =
  | { readonly dtype: DType; readonly shape: Shape; readonly offset: number; readonly store: TypedArray }
  | { readonly dtype: 'bytes'; readonly shape: Shape; readonly offset: number; readonly store: ByteStore }

/** The rows from `row` on. */
export const advance = (column: Column, row: number): Column =>
  row === 0 ? column : { ...column, offset: column.offset + row * sizeOf(column.shape) }

/** The same entries as rows of `shape`, a multiple of the shape they had. */
export const withRowShape = (column: Column, shape: Shape): Column => ({ ...column, shape })

/** A leaf of the given shape, which starts at `row`: a view, no numbers are copied. */
export function leafAt(column: Column, row: number, shape: Shape): NDArray | Bytes {
  const start = column.offset + row * sizeOf(column.shape)
  if (column.dtype === 'bytes') return new Bytes(column.store, start, shape)
  const end = start + sizeOf(shape)
  const { store } = column
  // The whole store needs no view, which would cost more than a few numbers do.
  return fromHost(start === 0 && end === store.length ? store : store.subarray(start, end), shape, column.dtype)
}

/** A leaf on the host as a column of one row. */
export function columnOf(leaf: NDArray | Bytes): Column {
  return leaf instanceof NDArray
    ? { dtype: leaf.dtype, shape: leaf.shape, offset: 0, store: hostData(leaf) }
    : { dtype: 'bytes', shape: leaf.shape, offset: leaf.offset, store: leaf.store }
}

/** Some rows of a column. */
export interface Run {
  readonly column: Column
  readonly count: number
}

/** The rows of all runs in one new store. All columns have the dtype and row shape of the first. */
export function concatenateRuns(runs: readonly Run[]): Column {
  const { dtype, shape } = (runs[0] as Run).column
  const size = sizeOf(shape)
  const rows = runs.reduce((sum, run) => sum + run.count, 0)
  let at = 0
  if (dtype === 'bytes') {
    const store = allocateBytes(rows * size)
    for (const { column, count } of runs) {
      copyBytes(store, at, column.store as ByteStore, column.offset, count * size)
      at += count * size
    }
    return { dtype, shape, offset: 0, store }
  }
  const store = allocate(dtype, rows * size)
  for (const { column, count } of runs) {
    const from = column.store as TypedArray
    // A row of one or few numbers is not worth a subarray.
    if (count * size < 8) for (let i = 0; i < count * size; i++) store[at + i] = from[column.offset + i] as number
    else store.set(from.subarray(column.offset, column.offset + count * size), at)
    at += count * size
  }
  return { dtype, shape, offset: 0, store }
}
