import { np, random } from '@cotangent/autodiff'
import { type Call, type Calls, options } from '../../../helpers/wrong-kinds.ts'

const key = random.PRNGKey(0)
const v = np.array([0.5, 0.25])
const float = options({ dtype: 'float32' })
const int = options({ dtype: 'int32' })

/** All functions of a layout of random numbers. */
export function randomCalls(r: typeof random): Calls {
  const f = (name: string): Call => (r as unknown as Record<string, Call>)[name]!
  return {
    PRNGKey: [r.PRNGKey as Call, 3],
    key: [r.key as Call, 3],
    keyData: [r.keyData, key],
    wrapKeyData: [r.wrapKeyData, key],
    clone: [r.clone, key],
    foldIn: [r.foldIn, key, 3],
    split: [r.split as Call, key, 3],
    'split, a shape': [r.split as Call, key, [2, 3]],
    bits: [f('bits'), key, [2], options({ dtype: 'uint8', bitWidth: 8 })],
    uniform: [f('uniform'), key, [2], options({ minval: 0, maxval: 1, dtype: 'float32' })],
    normal: [f('normal'), key, [2], float],
    truncatedNormal: [f('truncatedNormal'), key, -1, 1, [2], float],
    randint: [f('randint'), key, [2], 0, 5, int],
    categorical: [f('categorical'), key, v, options({ axis: 0, shape: [3], replace: true, mode: 'low' })],
    permutation: [f('permutation'), key, v, options({ axis: 0, independent: true })],
    'permutation, a number': [f('permutation'), key, 3],
    choice: [f('choice'), key, 5, [3], options({ replace: true, axis: 0, mode: 'high' })],
    'choice, weighed': [f('choice'), key, v, [1], options({ replace: false, p: v, axis: 0 })],
    poisson: [f('poisson'), key, 2, [2], int],
    binomial: [f('binomial'), key, 5, 0.5, [2], float],
    multinomial: [f('multinomial'), key, 5, v, options({ shape: [2], dtype: 'float32' })],
    gumbel: [f('gumbel'), key, [2], options({ dtype: 'float32', mode: 'low' })],
    ...Object.fromEntries(
      ['exponential', 'laplace', 'logistic', 'cauchy', 'maxwell'].map((name) => [name, [f(name), key, [2], float]]),
    ),
    bernoulli: [f('bernoulli'), key, 0.5, [2], options({ mode: 'low' })],
    rademacher: [f('rademacher'), key, [2], int],
    ...Object.fromEntries(
      ['pareto', 'rayleigh', 'wald', 'lognormal', 'generalizedNormal', 'gamma', 'loggamma', 't', 'chisquare'].map(
        (name) => [name, [f(name), key, 2, [2], float]],
      ),
    ),
    geometric: [f('geometric'), key, 0.5, [2], int],
    triangular: [f('triangular'), key, 0, 0.5, 1, [2], float],
    ...Object.fromEntries(
      ['doubleSidedMaxwell', 'weibullMin', 'beta', 'f'].map((name) => [name, [f(name), key, 1, 2, [2], float]]),
    ),
    dirichlet: [f('dirichlet'), key, v, [2], float],
    ball: [f('ball'), key, 3, 2, [2], float],
    multivariateNormal: [f('multivariateNormal'), key, v, np.eye(2), [2], options({ dtype: 'float32', method: 'svd' })],
    orthogonal: [f('orthogonal'), key, 3, [2], options({ dtype: 'float32', m: 2 })],
  }
}
