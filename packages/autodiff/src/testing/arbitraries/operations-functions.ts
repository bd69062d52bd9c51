import * as lax from '../../lax/index.ts'
import * as np from '../../numpy/index.ts'
import * as special from '../../special/index.ts'
import { flat, held, lined, type Operations, axisOf, together } from './operation.ts'

/** Into [−0.9, 0.9], and into [0.5, 2.5]: where functions of bounded domains have all derivatives. */
const inside = (x: Parameters<typeof held>[0]): ReturnType<typeof held> => np.tanh(x).mul(0.9)
const positive = (x: Parameters<typeof held>[0]): ReturnType<typeof held> => np.tanh(x).add(1.5)

/** Functions of numbers. */
export const functionOperations: Operations = {
  cosine: (x) => np.cos(x),
  tangent: (x) => np.tan(inside(x)),
  arcs: (x, _, n) => [np.arcsin, np.arccos, np.arctan, np.arctanh][n]!(inside(x)),
  hyperbolic: (x, _, n) => [np.sinh, np.cosh, np.arcsinh, np.expm1][n]!(held(x)),
  arccosh: (x) => np.arccosh(positive(x).add(1)),
  arctan2: together((x, y) => np.arctan2(x, positive(y))),
  hypot: together((x, y) => np.hypot(positive(x), y)),
  logarithms: (x, _, n) => [np.log, np.log2, np.log10, np.log1p][n]!(positive(x)),
  exponentials: (x, _, n) => (n % 2 === 0 ? np.exp2(held(x)) : np.exp(held(x))),
  roots: (x, _, n) => [np.cbrt, np.sqrt, lax.rsqrt, np.reciprocal][n]!(positive(x)),
  integerPower: (x, _, n) => lax.integerPow(positive(x), n - 2),
  logaddexp: together((x, y) => np.logaddexp(x, y)),
  logistic: (x) => lax.logistic(x),
  sinc: (x) => np.sinc(x),
  clip: (x, _, n) => np.clip(x, -1.01, 0.53 + n),
  clampBetween: (x, y) => lax.clamp(np.mean(np.tanh(y)).sub(1), x, np.array(1.03).astype(x.dtype)),
  minimum: together((x, y) => np.minimum(x, y)),
  copysign: together((x, y) => np.copysign(positive(x), y)),
  remainder: (x) => np.fmod(positive(x), 7.77).sub(np.mod(positive(x).neg(), 7.77)),
  polynomial: (x) => np.polyval([0.5, -1, 0.25, 1], held(x)),
  selectSeveral: together((x, y) => np.select([x.gt(0.7), x.gt(-0.3)], [x.mul(y), y.sub(x)], 0.5)),
  selectN: (x) => lax.selectN(np.astype(x.gt(0.2), 'int32').add(np.astype(x.gt(1.1), 'int32')), x, np.sin(x), x.neg()),
  reducePrecision: (x) => x.add(lax.reducePrecision(x, { exponentBits: 11, mantissaBits: 52 })),
  nanToNum: (x) => np.nanToNum(x),
  softmax: (x, _, n) => special.softmax(lined(x), { axis: axisOf(lined(x), n) }),
  logSoftmax: (x, _, n) => special.logSoftmax(lined(x), { axis: axisOf(lined(x), n) }),
  gammas: (x, _, n) => [special.gammaln, special.digamma, special.gamma, special.gammaln][n]!(positive(x)),
  polygamma: (x, _, n) => special.polygamma(n, positive(x)).mul(0.1),
  // In their parameters they have no derivatives, or only first ones, as in JAX.
  incompleteGamma: (x, _, n) => special.gammainc(n + 1.5, positive(x)),
  incompleteBeta: (x, _, n) => special.betainc(n + 1, 2.5, inside(x).mul(0.5).add(0.5)),
  normal: (x, _, n) => [special.ndtr, special.logNdtr, special.erfc, special.erf][n]!(held(x)),
  inverseNormal: (x, _, n) => (n % 2 === 0 ? special.erfinv(inside(x)) : special.ndtri(inside(x).mul(0.5).add(0.5))),
  bessel: (x, _, n) => [special.i0e, special.i1e, special.i0, special.i1][n]!(positive(x)),
  integrals: (x, _, n) => (n % 2 === 0 ? special.exp1(positive(x)) : special.expi(positive(x))),
  entropies: (x, y, n) => [special.entr(positive(x)), special.xlogy(x, np.mean(positive(y)))][n % 2]!,
  logit: (x) => special.logit(inside(x).mul(0.5).add(0.5)),
  spread: (x, _, n) => np.sqrt(np.var(lined(x), { axis: axisOf(lined(x), n) }).add(1)),
  median: (x) => np.quantile(flat(x), 0.4),
  cumulativeSums: (x, _, n) =>
    [lax.cumlogsumexp, lax.cummax, lax.cummin, lax.cumprod][n]!(held(lined(x)), 0, n % 2 === 0),
  norms: (x) => np.sqrt(np.sum(x.square()).add(0.5)),
  average: (x, y) => np.average(flat(x).slice([0, 1]), { weights: np.exp(np.tanh(flat(y).slice([0, 1]))) }),
}
