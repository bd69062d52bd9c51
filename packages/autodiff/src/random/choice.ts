import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { checkShape, normalizeAxis, type Shape, showShape, sizeOf } from '../array/shape.ts'
import { asArray, asFloat } from '../numpy/operands.ts'
import { searchsorted } from '../numpy/sorting.ts'
import { add, mul, sub } from '../primitives/arithmetic.ts'
import { broadcastInDim, full, like } from '../primitives/broadcast.ts'
import { take } from '../primitives/gather.ts'
import { cumsum } from '../primitives/reductions.ts'
import { reshape } from '../primitives/reshape.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { topK } from '../primitives/sort.ts'
import { log } from '../primitives/transcendental.ts'
import type { Gumbel, GumbelMode } from './continuous.ts'
import { floatDTypeOf } from './draw.ts'
import type { Randint } from './integers.ts'
import { checkKey, type Key } from './key.ts'
import { checkCount, type Permutation } from './permutation.ts'
import type { Uniform } from './uniform.ts'

export interface ChoiceOptions {
  /** Whether an entry may be drawn again. @defaultValue true */
  readonly replace?: boolean
  /** The probability of each entry; they are to sum to 1, which is not checked. @defaultValue all alike */
  readonly p?: Operand | undefined
  /** The axis of `a` that is drawn from. @defaultValue 0 */
  readonly axis?: number
  /** The `mode` of `gumbel`, which draws without replacement by `p`. @defaultValue 'low' */
  readonly mode?: GumbelMode
}

export type Choice = (key: Key, a: Operand, shape?: Shape, options?: ChoiceOptions) => NDArray

interface Draws {
  readonly uniform: Uniform
  readonly randint: Randint
  readonly gumbel: Gumbel
  readonly permutation: Permutation
}

export const makeChoice =
  ({ uniform, randint, gumbel, permutation }: Draws): Choice =>
  (key, a, shape = [], { replace = true, p, axis = 0, mode = 'low' } = {}) => {
    checkKey('choice', key)
    checkShape(shape, 'random.choice')
    const array = typeof a === 'number' ? undefined : asArray(a)
    if (array?.ndim === 0) {
      throw new ValueError(
        'random.choice: a is a scalar array; it must be a number, the count of entries, or an array with an axis',
      )
    }
    const along = normalizeAxis(axis, array?.ndim ?? 1, 'random.choice')
    const n = array === undefined ? checkCount('choice', a as number) : (array.shape[along] as number)
    const count = sizeOf(shape)
    if (count === 0) return full(shape, 0, array?.dtype ?? 'int32')
    if (n === 0) throw new ValueError('random.choice: a has 0 entries to draw from; give it at least 1')
    if (!replace && count > n) {
      throw new ValueError(
        `random.choice: ${count} draws without replacement from ${n} entries; draw fewer, or with replacement`,
      )
    }
    const around: Shape = array === undefined ? shape : array.shape.toSpliced(along, 1, ...shape)
    if (p === undefined && !replace) {
      const order = permutation(key, array ?? n, { axis: along })
      return reshape(sliceAxis(order, along, 0, count), around)
    }
    const places = p === undefined ? randint(key, shape, 0, n) : weighted(asFloat(p))
    return array === undefined ? reshape(places, shape) : reshape(take(array, places, along), around)

    function weighted(chances: NDArray): NDArray {
      if (chances.ndim !== 1 || chances.size !== n) {
        throw new ShapeError(
          `random.choice: p has shape ${showShape(chances.shape)}; it must be [${n}], one probability for each entry`,
        )
      }
      const dtype = floatDTypeOf(chances)
      if (!replace) return topK(add(gumbel(key, [n], { dtype, mode }), log(chances)), count)[1]
      const sums = cumsum(chances, 0)
      const total = broadcastInDim(reshape(sliceAxis(sums, 0, n - 1, n), []), shape, [])
      const u = uniform(key, shape, { dtype })
      return searchsorted(sums, mul(total, sub(like(u, 1), u)))
    }
  }
