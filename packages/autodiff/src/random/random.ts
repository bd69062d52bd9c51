import type { NDArray } from '../array/ndarray.ts'
import { ValueError } from '../array/errors.ts'
import { checkShape, type Shape, sizeOf } from '../array/shape.ts'
import { reshape } from '../primitives/reshape.ts'
import { type Continuous, makeContinuous } from './continuous.ts'
import { type Discrete, makeDiscrete } from './discrete.ts'
import { checkKey, foldIn, type Key, PRNGKey } from './key.ts'
import type { BitWidth, Layout } from './layout.ts'
import { type FloatDraw, makeNormal, makeTruncatedNormal, type TruncatedNormal } from './normal.ts'
import { makeUniform, type Uniform } from './uniform.ts'

export interface BitsOptions {
  /** How many random bits each number has, the others being 0. @defaultValue 32 */
  readonly bitWidth?: BitWidth
}

/**
 * Random numbers as pure functions of a key: Threefry-2x32, the same bits as JAX's for the same key. A key is used
 * once: split it for every draw.
 *
 * All functions work under `vmap` (over keys), `jit` and differentiation; in the key every derivative is zero.
 * They throw a DTypeError or ShapeError when the key is not uint32 [2], the shape no shape or the dtype not possible.
 *
 * @see JAX's `jax.random`
 * @example
 * const [a, b] = random.split(random.PRNGKey(0)).unstack(2)
 * random.normal(a, [3, 2]).shape // [3, 2]
 */
export interface Random extends Continuous, Discrete {
  /** Which layout of counters this is. */
  readonly layout: Layout['name']
  /** {@inheritDoc PRNGKey} */
  readonly PRNGKey: typeof PRNGKey
  /** {@inheritDoc foldIn} */
  readonly foldIn: typeof foldIn
  /**
   * New keys from one: uint32 [num, 2], or [...num, 2] for a shape.
   * @example const [x, y, z] = random.split(key, 3).unstack(3)
   */
  readonly split: (key: Key, num?: number | Shape) => Key
  /**
   * Random bits, uint32 of `shape`.
   * @throws ValueError for another `bitWidth`.
   * @example random.bits(random.PRNGKey(0), [2]) // [4070199207, 4202968722]
   */
  readonly bits: (key: Key, shape?: Shape, options?: BitsOptions) => NDArray<'uint32'>
  /**
   * Numbers evenly distributed from `minval` to before `maxval`.
   * @example random.uniform(random.PRNGKey(0), [2], { minval: -1 }) // [0.895334, 0.95715976]
   */
  readonly uniform: Uniform
  /**
   * Numbers of the normal distribution with mean 0 and variance 1.
   * @example random.normal(random.PRNGKey(0), [3]) // [1.622642, 2.0252647, -0.43359444]
   */
  readonly normal: FloatDraw
  /**
   * Of the standard normal distribution what lies between `lower` and `upper`, both excluded. Of their common shape by
   * default.
   * @example random.truncatedNormal(random.PRNGKey(0), -1, 1, [2]) // [0.86185926, 0.9412883]
   */
  readonly truncatedNormal: TruncatedNormal
}

/** The functions over one layout of counters. */
export function makeRandom(layout: Layout): Random {
  const uniform = makeUniform(layout)
  const continuous = makeContinuous(uniform)
  return {
    layout: layout.name,
    PRNGKey,
    foldIn,
    split(key, num = 2) {
      checkKey('split', key)
      const shape = typeof num === 'number' ? [num] : num
      checkShape(shape, 'random.split')
      return reshape(layout.split(key, sizeOf(shape)), [...shape, 2]) as Key
    },
    bits(key, shape = [], { bitWidth = 32 } = {}) {
      checkKey('bits', key)
      checkShape(shape, 'random.bits')
      if (![8, 16, 32].includes(bitWidth)) {
        throw new ValueError(`random.bits: the bitWidth is ${String(bitWidth)}; it must be 8, 16 or 32`)
      }
      return reshape(layout.words(key, sizeOf(shape), bitWidth), shape) as NDArray<'uint32'>
    },
    uniform,
    normal: makeNormal(uniform),
    truncatedNormal: makeTruncatedNormal(uniform),
    ...continuous,
    ...makeDiscrete(layout, uniform, continuous.gumbel),
  }
}
