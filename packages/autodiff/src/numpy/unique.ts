import { checkOptions } from '../array/options.ts'
import { ShapeError, TracerError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxis, range, showShape, sizeOf } from '../array/shape.ts'
import { showAval } from '../core/jaxpr.ts'
import { isConcrete } from '../core/trace.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { convert } from '../primitives/convert.ts'
import { iota } from '../primitives/creation.ts'
import { full } from '../primitives/broadcast.ts'
import { and, eq, lt, ne, not } from '../primitives/comparison.ts'
import { take } from '../primitives/gather.ts'
import { cumsum, reduceOr } from '../primitives/reductions.ts'
import { moveAxis, reshape } from '../primitives/reshape.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { sortIndices } from '../primitives/sort.ts'
import * as e from './elementwise.ts'
import { firstPlaces, flatnonzero } from './nonzero.ts'
import { asArray } from './operands.ts'
import { sum } from './reductions.ts'
import { set } from './updates.ts'

export interface UniqueOptions {
  /** Give where each unique entry comes first. @defaultValue false */
  readonly returnIndex?: boolean
  /** Give for each entry the index of the unique one. @defaultValue false */
  readonly returnInverse?: boolean
  /** Give how often each unique entry is there. @defaultValue false */
  readonly returnCounts?: boolean
  /** The axis of which entries are compared. @defaultValue none: the elements of the flattened array */
  readonly axis?: number | null
  /** Whether NaN equals NaN. @defaultValue true */
  readonly equalNan?: boolean
  /** How many there are to be; for arrays that are traced. @defaultValue as many as there are */
  readonly size?: number
  /** What fills up to `size`. @defaultValue the first of the unique entries */
  readonly fillValue?: number | bigint
}

type More = { readonly returnIndex: true } | { readonly returnInverse: true } | { readonly returnCounts: true }

/**
 * The entries that differ, sorted; and, if asked for, their first indices, for each entry the index of its unique one,
 * and their counts (all int32), in this order.
 *
 * @throws TracerError for a traced array without `size`: how many there are is not known.
 * @see NumPy's `numpy.unique`, JAX's `jax.numpy.unique`
 * @example np.unique([3, 1, 3], { returnCounts: true }) // [[1, 3], [1, 2]]
 */
export function unique(x: Operand, options: UniqueOptions & More): NDArray[]
export function unique(x: Operand, options?: UniqueOptions): NDArray
export function unique(x: Operand, options: UniqueOptions = {}): NDArray | NDArray[] {
  checkOptions('unique', options, [
    'returnIndex',
    'returnInverse',
    'returnCounts',
    'axis',
    'equalNan',
    'size',
    'fillValue',
  ])

  const { axis, size, fillValue, returnIndex, returnInverse, returnCounts } = options
  const given = asArray(x)
  if (size === undefined && !isConcrete(given)) {
    throw new TracerError(
      `unique: how many entries of the traced ${showAval(given)} differ is not known; say how many there are to be: { size: n }`,
    )
  }
  const array = axis == null ? reshape(given, [given.size]) : given
  const along = normalizeAxis(axis ?? 0, array.ndim, 'unique')
  const rows = moveAxis(array, along, 0)
  const n = rows.shape[0]!
  if (n === 0 && size !== undefined && size > 0 && fillValue === undefined) {
    throw new ShapeError(
      `unique: an array of shape ${showShape(given.shape)} has no entry to fill up to ${size} with; give a fillValue`,
    )
  }
  const { sorted, order, first } = sortedRows(rows, options.equalNan ?? true)
  const places = size === undefined ? flatnonzero(first) : firstPlaces(first, size)
  const found = sum(convert(first, 'int32'))
  let values =
    n === 0 ? full([places.size, ...rows.shape.slice(1)], fillValue ?? 0, rows.dtype) : take(sorted, places, 0)
  if (size !== undefined && fillValue !== undefined) {
    const there = lt(iota([size], 0, 'int32'), e.add(full([size], 0, 'int32'), found))
    values = e.where(
      reshape(there, [size, ...range(rows.ndim - 1).map(() => 1)]),
      values,
      full([], fillValue, rows.dtype),
    )
  }
  const results = [moveAxis(values, 0, along)]
  if (returnIndex === true) results.push(n === 0 ? full([places.size], 0, 'int32') : take(order, places, 0))
  if (returnInverse === true) {
    const group = e.subtract(cumsum(convert(first, 'int32'), 0), 1)
    const inverse = set(full([n], 0, 'int32'), order, group, { uniqueIndices: true })
    results.push(axis == null ? reshape(inverse, given.shape) : inverse)
  }
  if (returnCounts === true) results.push(countsOf(first, places, found, size))
  return results.length === 1 ? results[0]! : results
}

/** The rows sorted by their elements, where they come from, and whether each differs from the one before. */
function sortedRows(rows: NDArray, equalNan: boolean): { sorted: NDArray; order: NDArray; first: NDArray } {
  const [n, ...rest] = rows.shape as [number, ...number[]]
  const width = sizeOf(rest)
  const flat = reshape(rows, [n, width])
  const column = (i: number): NDArray => reshape(sliceAxis(flat, 1, i, i + 1), [n])
  const keys = width === 0 ? [full([n], 0, 'int32')] : range(width).map(column)
  const order = sortIndices(keys, 0)
  const sorted = take(rows, order, 0)
  if (n === 0) return { sorted, order, first: full([0], 1, 'bool') }
  const [here, last] = [sliceAxis(sorted, 0, 1, n), sliceAxis(sorted, 0, 0, n - 1)]
  const same = eq(here, last)
  const different = equalNan ? and(not(same), not(and(ne(here, here), ne(last, last)))) : not(same)
  const changes = reduceOr(different, range(rows.ndim).slice(1))
  return { sorted, order, first: concatenate([full([1], 1, 'bool'), changes], 0) }
}

/** How many entries there are from each place to the next one. */
function countsOf(first: NDArray, places: NDArray, found: NDArray, size: number | undefined): NDArray {
  const n = full([1], first.size, 'int32')
  if (size === undefined) {
    if (places.size === 0) return places
    return e.subtract(concatenate([sliceAxis(places, 0, 1, places.size), n], 0), places)
  }
  const index = iota([size], 0, 'int32')
  const next = sliceAxis(firstPlaces(first, size + 1), 0, 1, size + 1)
  const ends = e.where(e.less(e.add(index, 1), found), next, n)
  return e.where(e.less(index, found), e.subtract(ends, places), full([size], 0, 'int32'))
}
