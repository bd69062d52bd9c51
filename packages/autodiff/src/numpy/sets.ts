import type { NDArray, Operand } from '../array/ndarray.ts'
import { checkOptions } from '../array/options.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { like } from '../primitives/broadcast.ts'
import { eq, not, xor } from '../primitives/comparison.ts'
import { take } from '../primitives/gather.ts'
import { reshape } from '../primitives/reshape.ts'
import { sortTogether } from '../primitives/sort.ts'
import * as e from './elementwise.ts'
import { flatnonzero } from './nonzero.ts'
import { arrayPair } from './operands.ts'
import { searchsorted } from './sorting.ts'
import { unique, type UniqueOptions } from './unique.ts'

const flat = (x: NDArray): NDArray => reshape(x, [x.size])

export interface IsinOptions {
  /** Says of no entry where it would say of some. @defaultValue false */
  readonly invert?: boolean
}

/**
 * For each entry of `x` whether it is among those of `y`. NaN is among none.
 *
 * @see NumPy's `isin`
 * @example np.isin([1, 2, 3], [3, 1]) // [true, false, true]
 */
export function isin(x: Operand, y: Operand, options: IsinOptions = {}): NDArray<'bool'> {
  const { invert = false } = checkOptions('isin', options, ['invert'])
  const [entries, others] = arrayPair(x, y)
  const found = amongOf(entries, flat(others))
  return (invert ? not(found) : found) as NDArray<'bool'>
}

function amongOf(x: NDArray, others: NDArray): NDArray {
  if (others.size === 0) return e.notEqual(like(x, 0), 0)
  const ascending = sortTogether([others], 0)[0]!
  const place = e.minimum(searchsorted(ascending, x), others.size - 1)
  return eq(take(ascending, place, 0), x)
}

/** What the functions of sets have in common: how many entries there are to be, for arrays that are traced. */
export type SetOptions = Pick<UniqueOptions, 'size' | 'fillValue'>

/** The entries of sorted ones where a mask is true. */
const chosen = (x: NDArray, mask: NDArray): NDArray => take(x, flatnonzero(mask), 0)

/**
 * The entries that are in one of both, or in both, sorted and each once.
 *
 * @see NumPy's `union1d`
 * @example np.union1d([3, 1], [2, 1]) // [1, 2, 3]
 */
export function union1d(x: Operand, y: Operand, options: SetOptions = {}): NDArray {
  checkOptions('union1d', options, ['size', 'fillValue'])
  const [left, right] = arrayPair(x, y)
  return unique(concatenate([flat(left), flat(right)], 0), options)
}

export interface IntersectOptions {
  /** Give where each of them comes first in both, too. @defaultValue false */
  readonly returnIndices?: boolean
}

/**
 * The entries that are in both, sorted and each once; with `returnIndices` also where they come first in each.
 *
 * @throws TracerError for traced arrays: how many there are is not known.
 * @see NumPy's `intersect1d`
 * @example np.intersect1d([3, 1, 2, 3], [2, 3]) // [2, 3]
 */
export function intersect1d(
  x: Operand,
  y: Operand,
  options: IntersectOptions & { readonly returnIndices: true },
): NDArray[]
export function intersect1d(x: Operand, y: Operand, options?: IntersectOptions): NDArray
export function intersect1d(x: Operand, y: Operand, options: IntersectOptions = {}): NDArray | NDArray[] {
  const { returnIndices = false } = checkOptions('intersect1d', options, ['returnIndices'])
  const [left, right] = arrayPair(x, y)
  const [values, firsts] = unique(flat(left), { returnIndex: true }) as [NDArray, NDArray]
  const [others, firstsOfOthers] = unique(flat(right), { returnIndex: true }) as [NDArray, NDArray]
  const mask = amongOf(values, others)
  const found = chosen(values, mask)
  if (!returnIndices) return found
  return [found, chosen(firsts, mask), chosen(firstsOfOthers, amongOf(others, values))]
}

/**
 * The entries of `x` that are not in `y`, sorted and each once.
 *
 * @throws TracerError for traced arrays: how many there are is not known.
 * @see NumPy's `setdiff1d`
 * @example np.setdiff1d([3, 1, 2, 3], [2]) // [1, 3]
 */
export function setdiff1d(x: Operand, y: Operand): NDArray {
  const [left, right] = arrayPair(x, y)
  const values = unique(left)
  return chosen(values, not(amongOf(values, flat(right))))
}

/**
 * The entries that are in one of both and not in the other, sorted and each once.
 *
 * @throws TracerError for traced arrays: how many there are is not known.
 * @see NumPy's `setxor1d`
 * @example np.setxor1d([3, 1], [2, 1]) // [2, 3]
 */
export function setxor1d(x: Operand, y: Operand): NDArray {
  const [left, right] = arrayPair(x, y)
  const values = unique(concatenate([flat(left), flat(right)], 0))
  return chosen(values, xor(amongOf(values, flat(left)), amongOf(values, flat(right))))
}

const all = { returnIndex: true, returnInverse: true, returnCounts: true } as const

/**
 * The entries that differ, where each comes first, which of them each entry is, and how often each is there.
 *
 * @see The Array API's `unique_all`
 * @example np.uniqueAll([3, 1, 3])[3] // [1, 2]
 */
export function uniqueAll(x: Operand, options: SetOptions = {}): NDArray[] {
  return unique(x, { ...checkOptions('uniqueAll', options, ['size', 'fillValue']), ...all, equalNan: false })
}
/**
 * The entries that differ, and how often each is there.
 *
 * @see The Array API's `unique_counts`
 * @example np.uniqueCounts([3, 1, 3])[1] // [1, 2]
 */
export function uniqueCounts(x: Operand, options: SetOptions = {}): NDArray[] {
  const given = checkOptions('uniqueCounts', options, ['size', 'fillValue'])
  return unique(x, { ...given, returnCounts: true, equalNan: false })
}
/**
 * The entries that differ, and which of them each entry is.
 *
 * @see The Array API's `unique_inverse`
 * @example np.uniqueInverse([3, 1, 3])[1] // [1, 0, 1]
 */
export function uniqueInverse(x: Operand, options: SetOptions = {}): NDArray[] {
  const given = checkOptions('uniqueInverse', options, ['size', 'fillValue'])
  return unique(x, { ...given, returnInverse: true, equalNan: false })
}
/**
 * The entries that differ, sorted.
 *
 * @see The Array API's `unique_values`
 * @example np.uniqueValues([3, 1, 3]) // [1, 3]
 */
export function uniqueValues(x: Operand, options: SetOptions = {}): NDArray {
  return unique(x, { ...checkOptions('uniqueValues', options, ['size', 'fillValue']), equalNan: false })
}
