/** Probability distributions, with the names, parameters and conventions of `jax.scipy.stats`. */
export {
  bernoulli,
  betabinom,
  binom,
  dirichlet,
  geom,
  multinomial,
  nbinom,
  type OneParameter,
  poisson,
  type TrialsAndProbability,
  type TrialsAndShapes,
} from './discrete.ts'
export type { Located, Shaped, TwiceShaped } from './distribution.ts'
export { cauchy, expon, gumbelL, gumbelR, laplace, logistic, uniform } from './location.ts'
export { multivariateNormal } from './multivariate-normal.ts'
export { norm, truncnorm } from './normal.ts'
export { beta, chi2, gamma, gennorm, pareto, t, vonmises, wrapcauchy } from './shape.ts'
export { sem, type SemOptions } from './summary.ts'
