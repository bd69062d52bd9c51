import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { checkShape, insertAxis, normalizeAxis, range, type Shape, showShape, sizeOf } from '../array/shape.ts'
import { asFloat } from '../numpy/operands.ts'
import { add } from '../primitives/arithmetic.ts'
import { broadcastTo } from '../primitives/broadcast.ts'
import { argmax } from '../primitives/reductions.ts'
import { moveAxis, reshape, transpose } from '../primitives/reshape.ts'
import { topK } from '../primitives/sort.ts'
import type { Gumbel, GumbelMode } from './continuous.ts'
import { floatDTypeOf } from './draw.ts'
import { checkKey, type Key } from './key.ts'

export interface CategoricalOptions {
  /** The axis of `logits` that counts the categories. @defaultValue -1 */
  readonly axis?: number
  /** The shape of the result, which ends in that of `logits` without `axis`. @defaultValue that of `logits` without it */
  readonly shape?: Shape
  /** Whether a category may come again among the leading axes of `shape`. @defaultValue true */
  readonly replace?: boolean
  /** The `mode` of `gumbel`. @defaultValue 'low' */
  readonly mode?: GumbelMode
}

export type Categorical = (key: Key, logits: Operand, options?: CategoricalOptions) => NDArray<'int32'>

export const makeCategorical =
  (gumbel: Gumbel): Categorical =>
  (key, logits, { axis = -1, shape: wanted, replace = true, mode = 'low' } = {}) => {
    checkKey('categorical', key)
    const scores = asFloat(logits)
    const dtype = floatDTypeOf(scores)
    const along = normalizeAxis(axis, scores.ndim, 'random.categorical')
    const batch = scores.shape.filter((_, i) => i !== along)
    const shape = checkShape(wanted ?? batch, 'random.categorical')
    const lead = shape.length - batch.length
    if (lead < 0 || !batch.every((n, i) => n === 1 || n === shape[lead + i])) {
      throw new ShapeError(
        `random.categorical: the shape ${showShape(shape)} does not end in ${showShape(batch)}, the shape of the logits ${showShape(scores.shape)} without axis ${axis}`,
      )
    }
    const categories = scores.shape[along] as number
    if (replace) {
      const drawn = insertAxis(shape, lead + along, categories)
      const noise = gumbel(key, drawn, { dtype, mode })
      return argmax(add(noise, broadcastTo(scores, drawn)), lead + along) as NDArray<'int32'>
    }
    const count = sizeOf(shape.slice(0, lead))
    if (count > categories) {
      throw new ValueError(
        `random.categorical: ${count} draws without replacement from ${categories} categories; draw fewer, or with replacement`,
      )
    }
    // The largest of the noisy scores: without replacement they are a draw too (Vieira, "Gumbel-max trick", 2014).
    const noisy = add(scores, gumbel(key, scores.shape, { dtype, mode }))
    const [, best] = topK(moveAxis(noisy, along, scores.ndim - 1), count)
    return reshape(transpose(best, [batch.length, ...range(batch.length)]), shape) as NDArray<'int32'>
  }
