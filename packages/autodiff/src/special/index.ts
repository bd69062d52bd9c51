/** Special functions, with the names and conventions of `jax.scipy.special`. */
export { sinc } from '../numpy/trigonometric.ts'
export { besselJn, type BesselJnOptions, i0, i0e, i1, i1e } from './bessel.ts'
export { boxcox, boxcox1p, entr, klDiv, relEntr, xlog1py, xlogy } from './entropy.ts'
export { erf, erfc, erfcx, erfinv, expit, logit, logNdtr, ndtr, ndtri } from './error.ts'
export {
  bernoulli,
  beta,
  betainc,
  betaln,
  comb,
  type CombOptions,
  digamma,
  factorial,
  gamma,
  gammainc,
  gammaincc,
  gammaln,
  gammasgn,
  loggamma,
  multigammaln,
  poch,
  polygamma,
  zeta,
} from './gamma.ts'
export { exp1, expi, expn, spence } from './integrals.ts'
export { logsumexp, type LogsumexpOptions, logSoftmax, softmax, type SoftmaxOptions } from './softmax.ts'
