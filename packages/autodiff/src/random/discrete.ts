import { type DType, isFloat } from '../array/dtype.ts'
import { DTypeError, ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { checkShape, insertAxis, normalizeAxis, type Shape, showShape, sizeOf } from '../array/shape.ts'
import { asArray, asFloat } from '../numpy/operands.ts'
import { add, mul, rem, sub } from '../primitives/arithmetic.ts'
import { gt, lt, select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { argmax } from '../primitives/reductions.ts'
import { broadcastTo, full } from '../primitives/broadcast.ts'
import { reshape } from '../primitives/reshape.ts'
import { parameter, shapeOf } from './draw.ts'
import { checkKey, type Key } from './key.ts'
import type { Layout } from './layout.ts'
import type { FloatDraw } from './normal.ts'
import type { Uniform } from './uniform.ts'

export interface RandintOptions<D extends 'int32' | 'uint32'> {
  /** @defaultValue 'int32' */
  readonly dtype?: D
}

export interface CategoricalOptions {
  /** The axis of `logits` that counts the categories. @defaultValue -1 */
  readonly axis?: number
  /** The shape of the result, which ends in that of `logits` without `axis`. @defaultValue that of `logits` without it */
  readonly shape?: Shape
}

/** Draws of whole numbers and booleans. */
export interface Discrete {
  /**
   * True with probability `p` (0.5); of the shape of `p` by default.
   * @example random.bernoulli(random.PRNGKey(0), 0.9, [3]) // [false, false, true]
   */
  readonly bernoulli: (key: Key, p?: Operand, shape?: Shape) => NDArray<'bool'>
  /** −1 or 1, int32 by default. Throws a DTypeError for dtypes without −1. */
  readonly rademacher: <D extends DType = 'int32'>(
    key: Key,
    shape?: Shape,
    options?: { readonly dtype?: D },
  ) => NDArray<D>
  /**
   * Whole numbers from `minval` to before `maxval`; `minval` where that is not larger. Both broadcast to `shape`.
   * @throws ValueError for bounds that are not whole or that the dtype does not hold, DTypeError for arrays of floats.
   * @example random.randint(random.PRNGKey(0), [3], 0, 10) // [9, 0, 2]
   */
  readonly randint: <D extends 'int32' | 'uint32' = 'int32'>(
    key: Key,
    shape: Shape,
    minval: Operand,
    maxval: Operand,
    options?: RandintOptions<D>,
  ) => NDArray<D>
  /**
   * Categories by the logarithms of their probabilities, which need not be normalized.
   * @throws ShapeError when the shape of the result does not fit the logits.
   * @example random.categorical(random.PRNGKey(0), np.log([0.5, 0.25, 0.25]), { shape: [4] }) // [1, 0, 2, 1]
   */
  readonly categorical: (key: Key, logits: Operand, options?: CategoricalOptions) => NDArray<'int32'>
}

export function makeDiscrete(layout: Layout, uniform: Uniform, gumbel: FloatDraw): Discrete {
  const bernoulli: Discrete['bernoulli'] = (key, p = 0.5, shape = shapeOf(p)) => {
    checkKey('bernoulli', key)
    const chance = asFloat(p)
    const dtype = isFloat(chance.dtype) ? chance.dtype : 'float32'
    return lt(uniform(key, shape, { dtype }), broadcastTo(chance, shape)) as NDArray<'bool'>
  }
  return {
    bernoulli,
    rademacher: <D extends DType = 'int32'>(
      key: Key,
      shape: Shape = [],
      options: { readonly dtype?: D } = {},
    ): NDArray<D> => {
      checkKey('rademacher', key)
      const dtype: DType = options.dtype ?? 'int32'
      if (dtype === 'bool' || dtype === 'uint32') {
        throw new DTypeError(`random.rademacher: ${dtype} holds no -1; use 'int32', 'float32' or 'float64'`)
      }
      const heads = convert(bernoulli(key, 0.5, shape), dtype)
      return sub(mul(heads, full(shape, 2, dtype)), full(shape, 1, dtype)) as NDArray as NDArray<D>
    },
    randint: <D extends 'int32' | 'uint32' = 'int32'>(
      key: Key,
      shape: Shape,
      minval: Operand,
      maxval: Operand,
      options: RandintOptions<D> = {},
    ): NDArray<D> => {
      checkKey('randint', key)
      checkShape(shape, 'random.randint')
      const dtype = checkIntegers(options.dtype ?? 'int32', minval, maxval)
      const [low, high] = [parameter(minval, shape, dtype), parameter(maxval, shape, dtype)]
      return add(low, convert(remainder(layout, key, shape, span(low, high)), dtype)) as NDArray as NDArray<D>
    },
    categorical(key, logits, { axis = -1, shape: wanted } = {}) {
      checkKey('categorical', key)
      const scores = asFloat(logits)
      const along = normalizeAxis(axis, scores.ndim, 'random.categorical')
      const batch = scores.shape.filter((_, i) => i !== along)
      const shape = wanted ?? batch
      const lead = shape.length - batch.length
      if (lead < 0 || !batch.every((n, i) => n === 1 || n === shape[lead + i])) {
        throw new ShapeError(
          `random.categorical: the shape ${showShape(shape)} does not end in ${showShape(batch)}, the shape of the logits ${showShape(scores.shape)} without axis ${axis}`,
        )
      }
      const drawn = insertAxis(shape, lead + along, scores.shape[along] as number)
      const noise = gumbel(key, drawn, { dtype: scores.dtype === 'float64' ? 'float64' : 'float32' })
      return argmax(add(noise, broadcastTo(scores, drawn)), lead + along) as NDArray<'int32'>
    },
  }
}

function checkIntegers(dtype: DType, minval: Operand, maxval: Operand): 'int32' | 'uint32' {
  if (dtype !== 'int32' && dtype !== 'uint32') {
    throw new DTypeError(`random.randint: the dtype is ${String(dtype)}; it must be 'int32' or 'uint32'`)
  }
  const [least, most] = dtype === 'int32' ? [-(2 ** 31), 2 ** 31 - 1] : [0, 2 ** 32 - 1]
  for (const [name, value] of Object.entries({ minval, maxval })) {
    if (typeof value === 'number') {
      if (Number.isInteger(value) && value >= least && value <= most) continue
      throw new ValueError(`random.randint: ${name} is ${value}; ${dtype} holds whole numbers from ${least} to ${most}`)
    }
    const array = asArray(value)
    if (isFloat(array.dtype)) {
      throw new DTypeError(`random.randint: ${name} is ${array.dtype}; convert it with x.astype("${dtype}")`)
    }
  }
  return dtype
}

/** How many values there are, at least one; uint32. */
const span = (low: NDArray, high: NDArray): NDArray =>
  select(gt(high, low), convert(sub(high, low), 'uint32'), full(low.shape, 1, 'uint32'))

/** 64 random bits modulo `span`, in arithmetic of 32 bits: high · (2³² mod span) + low. JAX's formula. */
function remainder(layout: Layout, key: Key, shape: Shape, count: NDArray): NDArray {
  const [highKey, lowKey] = layout.split(key, 2).unstack(2) as [Key, Key]
  const [high, low] = [highKey, lowKey].map((k) => reshape(layout.words(k, sizeOf(shape), 32), shape)) as [
    NDArray,
    NDArray,
  ]
  const root = rem(full(shape, 2 ** 16, 'uint32'), count)
  const factor = rem(mul(root, root), count)
  return rem(add(mul(rem(high, count), factor), rem(low, count)), count)
}
