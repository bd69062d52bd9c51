import type { NDArray } from '../array/ndarray.ts'
import { add, div, mul, neg, sub, times } from '../primitives/arithmetic.ts'
import { like, zerosLike } from '../primitives/broadcast.ts'
import { and, ge, gt, le, lt, not, or, select } from '../primitives/comparison.ts'
import { logNdtr, ndtr } from '../primitives/error-functions.ts'
import { exp, log, log1p } from '../primitives/transcendental.ts'
import { ndtri } from '../special/error.ts'
import {
  exponential,
  type Located,
  located,
  oneMinus,
  square,
  standard,
  type TwiceShaped,
  twiceShaped,
  unless,
} from './distribution.ts'

type Names = 'cdf' | 'isf' | 'logcdf' | 'logpdf' | 'logsf' | 'pdf' | 'ppf' | 'sf'

const logDensity = (x: NDArray, loc: NDArray, scale: NDArray): NDArray => {
  const variance = square(scale)
  const normalizer = log(times(variance, 2 * Math.PI))
  return div(add(normalizer, div(square(sub(x, loc)), variance)), like(x, -2))
}
const logpdf = located('norm.logpdf', logDensity)
const quantile = (q: NDArray, loc: NDArray, scale: NDArray): NDArray => add(mul(ndtri(q), scale), loc)

/**
 * The normal distribution.
 *
 * @example stats.norm.pdf(0) // 0.3989423
 * @example stats.norm.cdf([1, 2], 1, 2) // [0.5, 0.69146246]
 */
export const norm: Readonly<Record<Names, Located>> = {
  logpdf,
  pdf: exponential(logpdf),
  cdf: located('norm.cdf', (x, loc, scale) => ndtr(standard(x, loc, scale))),
  logcdf: located('norm.logcdf', (x, loc, scale) => logNdtr(standard(x, loc, scale))),
  sf: located('norm.sf', (x, loc, scale) => ndtr(standard(loc, x, scale))),
  logsf: located('norm.logsf', (x, loc, scale) => logNdtr(standard(loc, x, scale))),
  ppf: located('norm.ppf', quantile),
  isf: located('norm.isf', (q, loc, scale) => quantile(oneMinus(q), loc, scale)),
}

/** ln(Φ(b) − Φ(a)), in the tail where both are far. */
function logMass(a: NDArray, b: NDArray): NDArray {
  const zero = zerosLike(a)
  const right = gt(a, zero)
  const central = not(or(le(b, zero), right))
  // The branch not taken sees an interval of its own.
  const [low, high] = [select(right, neg(b), a), select(right, neg(a), b)]
  const [safeLow, safeHigh] = [unless(central, low, -2), unless(central, high, -1)]
  const upper = logNdtr(safeHigh)
  const tail = add(upper, log1p(neg(exp(sub(logNdtr(safeLow), upper)))))
  const [midLow, midHigh] = [select(central, a, like(a, -1)), select(central, b, like(b, 1))]
  const middle = log1p(sub(neg(ndtr(midLow)), ndtr(neg(midHigh))))
  return select(central, middle, tail)
}

const truncatedLogcdf = (x: NDArray, a: NDArray, b: NDArray, loc: NDArray, scale: NDArray): NDArray => {
  const z = standard(x, loc, scale)
  const whole = logMass(a, b)
  const inside = and(gt(z, a), lt(z, b))
  const safe = select(inside, z, times(add(a, b), 0.5))
  const lower = sub(logMass(a, safe), whole)
  const upper = sub(logMass(safe, b), whole)
  const value = select(gt(lower, like(x, -0.1)), log1p(neg(exp(upper))), lower)
  const bounded = unless(le(z, a), unless(ge(z, b), value, 0), -Infinity)
  return unless(ge(a, b), bounded, NaN)
}
const truncatedLogpdf = twiceShaped('truncnorm.logpdf', (x, a, b, loc, scale) => {
  const z = standard(x, loc, scale)
  const value = sub(logDensity(x, loc, scale), logMass(a, b))
  return unless(ge(a, b), unless(or(lt(z, a), gt(z, b)), value, -Infinity), NaN)
})
const logcdf = twiceShaped('truncnorm.logcdf', truncatedLogcdf)
const logsf = twiceShaped('truncnorm.logsf', (x, a, b, loc, scale) =>
  truncatedLogcdf(neg(x), neg(b), neg(a), neg(loc), scale),
)

/** The normal distribution between `a` and `b` standard deviations from its location. */
export const truncnorm: Readonly<Record<'cdf' | 'logcdf' | 'logpdf' | 'logsf' | 'pdf' | 'sf', TwiceShaped>> = {
  logpdf: truncatedLogpdf,
  pdf: exponential(truncatedLogpdf),
  logcdf,
  cdf: exponential(logcdf),
  logsf,
  sf: exponential(logsf),
}
