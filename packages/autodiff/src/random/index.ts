import { legacy, partitionable } from './layout.ts'
import { makeRandom, type Random } from './random.ts'

export type { Random } from './random.ts'
export type { MultinomialOptions } from './multinomial.ts'
export type { BitsOptions, BitWidth } from './bits.ts'
export type { CategoricalOptions } from './categorical.ts'
export type { ChoiceOptions } from './choice.ts'
export type { GumbelMode, GumbelOptions } from './continuous.ts'
export type { BernoulliOptions } from './discrete.ts'
export type { FloatOptions, IntegerDType, IntegerOptions, UnsignedDType } from './draw.ts'
export type { Key } from './key.ts'
export type { MultivariateNormalOptions, OrthogonalOptions } from './multivariate.ts'
export type { PermutationOptions } from './permutation.ts'
export type { UniformOptions } from './uniform.ts'

/**
 * Random numbers in JAX's present layout (`jax_threefry_partitionable=True`, the default since JAX 0.5).
 *
 * @example random.normal(random.PRNGKey(0), [2]) // [1.622642, 2.0252647]
 */
export const random: Random = makeRandom(partitionable)

/**
 * Random numbers in JAX's earlier layout: what programs before JAX 0.5 gave, the published runs of IMNN among them.
 * The functions are the same, the numbers are not.
 *
 * @example legacyRandom.normal(legacyRandom.PRNGKey(0), [2]) // [-0.78476596, 0.85644484]
 */
export const legacyRandom: Random = makeRandom(legacy)
