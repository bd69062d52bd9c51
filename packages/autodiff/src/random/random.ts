import { makeBinomialDraw } from './binomial-draw.ts'
import { type GeneralizedNormal, makeGeneralizedNormal } from './generalized-normal.ts'
import { makeMaxwell, type Maxwell } from './maxwell.ts'
import { makeMultinomial, type Multinomial } from './multinomial.ts'
import { withCheckedOptions } from './options.ts'
import { checkShape, type Shape, sizeOf } from '../array/shape.ts'
import { reshape } from '../primitives/reshape.ts'
import { makeBinomial } from './binomial.ts'
import { type Bits, makeBits } from './bits.ts'
import { type Categorical, makeCategorical } from './categorical.ts'
import { type Choice, makeChoice } from './choice.ts'
import { type Continuous, makeContinuous } from './continuous.ts'
import { type Discrete, makeDiscrete } from './discrete.ts'
import type { FloatDraw2 } from './draw.ts'
import { type Families, makeFamilies } from './families.ts'
import { type GammaFamily, makeGamma } from './gamma.ts'
import { makeRandint, type Randint } from './integers.ts'
import { checkKey, clone, foldIn, key, type Key, keyData, PRNGKey, wrapKeyData } from './key.ts'
import type { Layout } from './layout.ts'
import { makeMultivariate, type Multivariate } from './multivariate.ts'
import { type FloatDraw, makeNormal, makeTruncatedNormal, type TruncatedNormal } from './normal.ts'
import { makePermutation, type Permutation } from './permutation.ts'
import { type IntegerDraw1, makePoisson } from './poisson.ts'
import { makeUniform, type Uniform } from './uniform.ts'

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
export interface Random extends Continuous, Discrete, GammaFamily, Families, Maxwell, GeneralizedNormal, Multivariate {
  /** Which layout of counters this is. */
  readonly layout: Layout['name']
  /** {@inheritDoc PRNGKey} */
  readonly PRNGKey: typeof PRNGKey
  /** {@inheritDoc key} */
  readonly key: typeof key
  /** {@inheritDoc keyData} */
  readonly keyData: typeof keyData
  /** {@inheritDoc wrapKeyData} */
  readonly wrapKeyData: typeof wrapKeyData
  /** {@inheritDoc clone} */
  readonly clone: typeof clone
  /** {@inheritDoc foldIn} */
  readonly foldIn: typeof foldIn
  /**
   * New keys from one: uint32 [num, 2], or [...num, 2] for a shape.
   * @example const [x, y, z] = random.split(key, 3).unstack(3)
   */
  readonly split: (key: Key, num?: number | Shape) => Key
  /**
   * Random bits: unsigned integers of `shape`, of a `dtype` (uint32) or of `bitWidth` bits.
   * @throws DTypeError for another `dtype`, ValueError for another `bitWidth`.
   * @example random.bits(random.PRNGKey(0), [2]) // [4070199207, 4202968722]
   * @example random.bits(random.PRNGKey(0), [2], { dtype: 'uint8' }).dtype // uint8
   */
  readonly bits: Bits
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
  /**
   * Whole numbers from `minval` to before `maxval`; `minval` where that is not larger. Both broadcast to `shape`; those of
   * 8 and 16 bits are held in the range of the dtype.
   * @throws ValueError for bounds that are not whole or that the dtype does not hold, DTypeError for arrays of floats.
   * @example random.randint(random.PRNGKey(0), [3], 0, 10) // [9, 0, 2]
   */
  readonly randint: Randint
  /**
   * Categories by the logarithms of their probabilities, which need not be normalized.
   * @throws ShapeError when the shape of the result does not fit the logits, ValueError when without replacement there
   * are too few categories.
   * @example random.categorical(random.PRNGKey(0), np.log([0.5, 0.25, 0.25]), { shape: [4] }) // [1, 0, 2, 1]
   */
  readonly categorical: Categorical
  /**
   * The numbers before `x`, or the entries of an array along an axis, in a random order.
   * @throws ValueError for a number that counts nothing, ShapeError for an axis that is not there.
   * @example random.permutation(random.PRNGKey(0), 5).shape // [5]
   * @example random.permutation(random.PRNGKey(0), np.ones([2, 3]), { axis: 1 }).shape // [2, 3]
   */
  readonly permutation: Permutation
  /**
   * Draws from the numbers before `a`, or from the entries of an array along an axis, which `shape` ([]) replaces.
   * @throws ValueError when there is nothing to draw from, or too little without replacement; ShapeError when `p` has
   * not a probability for each entry.
   * @example random.choice(random.PRNGKey(0), 5, [3], { replace: false }).shape // [3]
   * @example random.choice(random.PRNGKey(0), [10, 20], [4], { p: [0, 1] }) // [20, 20, 20, 20]
   */
  readonly choice: Choice
  /**
   * How often something happens that happens `lam` times on average; of the shape of `lam` by default.
   * @example random.poisson(random.PRNGKey(0), 3, [2]).dtype // int32
   */
  readonly poisson: IntegerDraw1
  /**
   * How many of `n` trials succeed, each with the probability `p`: whole numbers as floats; NaN for other `n` and `p`.
   * @example random.binomial(random.PRNGKey(0), 10, 0.5, [2]).dtype // float32
   */
  readonly binomial: FloatDraw2
  /**
   * How many of `n` trials fall into each category, whose probabilities are the last axis of `p`.
   * @throws ShapeError when `p` has no axis.
   * @example random.multinomial(random.PRNGKey(0), 10, [0.2, 0.8]).sum() // 10
   */
  readonly multinomial: Multinomial
}

/** The functions over one layout of counters. */
export function makeRandom(layout: Layout): Random {
  const uniform = makeUniform(layout)
  const normal = makeNormal(uniform)
  const continuous = makeContinuous(uniform)
  const { gumbel } = continuous
  const discrete = makeDiscrete(uniform)
  const gammas = makeGamma(layout, normal)
  const randint = makeRandint(layout)
  const drawBinomial = makeBinomialDraw(layout, uniform)
  const permutation = makePermutation(layout)
  return withCheckedOptions({
    layout: layout.name,
    PRNGKey,
    key,
    keyData,
    wrapKeyData,
    clone,
    foldIn,
    split(from, num = 2) {
      checkKey('split', from)
      const shape = typeof num === 'number' ? [num] : num
      checkShape(shape, 'random.split')
      return reshape(layout.split(from, sizeOf(shape)), [...shape, 2]) as Key
    },
    bits: makeBits(layout),
    uniform,
    normal,
    truncatedNormal: makeTruncatedNormal(uniform),
    randint,
    categorical: makeCategorical(gumbel),
    permutation,
    choice: makeChoice({ uniform, randint, gumbel, permutation }),
    poisson: makePoisson(layout, uniform),
    binomial: makeBinomial(drawBinomial),
    multinomial: makeMultinomial(layout, drawBinomial),
    ...continuous,
    ...discrete,
    ...gammas,
    ...makeFamilies({ layout, uniform, normal, ...continuous }),
    ...makeMaxwell({ layout, normal, ...discrete }),
    ...makeGeneralizedNormal({ layout, ...continuous, ...discrete, ...gammas }),
    ...makeMultivariate(normal),
  })
}
