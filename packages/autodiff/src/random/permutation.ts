import { showGiven } from '../array/show.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxis, sizeOf } from '../array/shape.ts'
import { asArray } from '../numpy/operands.ts'
import { iota } from '../primitives/creation.ts'
import { take } from '../primitives/gather.ts'
import { sortTogether } from '../primitives/sort.ts'
import { bitsOf } from './bits.ts'
import { checkKey, type Key } from './key.ts'
import { type Layout, splitKey } from './layout.ts'

export interface PermutationOptions {
  /** The axis whose entries are put in another order. @defaultValue 0 */
  readonly axis?: number
  /** Whether each line along the axis has an order of its own, else whole slices move. @defaultValue false */
  readonly independent?: boolean
}

/** A number of entries, or an array. */
export type Permutation = (key: Key, x: Operand, options?: PermutationOptions) => NDArray

export const makePermutation =
  (layout: Layout): Permutation =>
  (key, x, { axis = 0, independent = false } = {}) => {
    checkKey('permutation', key)
    if (typeof x === 'number') {
      normalizeAxis(axis, 1, 'random.permutation')
      return shuffle(layout, key, iota([checkCount('permutation', x)], 0, 'int32'), 0)
    }
    const array = asArray(x)
    if (array.ndim === 0) {
      throw new ValueError(
        'random.permutation: x is a scalar array; it must be a number, the count of entries, or an array with an axis',
      )
    }
    const along = normalizeAxis(axis, array.ndim, 'random.permutation')
    if (independent || array.ndim === 1) return shuffle(layout, key, array, along)
    const order = shuffle(layout, key, iota([array.shape[along] as number], 0, 'int32'), 0)
    return take(array, order, along)
  }

/** Throws unless `n` counts something. */
export function checkCount(name: string, n: number): number {
  if (Number.isInteger(n) && n >= 0 && n < 2 ** 31) return n
  throw new ValueError(`random.${name}: ${showGiven(n)} entries; it must be a whole number from 0 to 2^31 − 1`)
}

/** How many bits an entry gets before two of them are alike with too high a probability: 3 log₂ of their number. */
const SAFETY = 3

/** Sorted by random words, again and again until enough bits have decided. */
function shuffle(layout: Layout, key: Key, x: NDArray, axis: number): NDArray {
  const size = sizeOf(x.shape)
  const rounds = Math.ceil((SAFETY * Math.log(Math.max(1, size))) / Math.log(2 ** 32 - 1))
  let [rest, value] = [key, x]
  for (let round = 0; round < rounds; round++) {
    const [next, draw] = splitKey(layout, rest, 2) as [Key, Key]
    rest = next
    value = sortTogether([bitsOf(layout, draw, x.shape, 'uint32'), value], axis)[1] as NDArray
  }
  return value
}
