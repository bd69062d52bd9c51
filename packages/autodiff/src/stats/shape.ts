import { abs, add, div, max, min, mul, neg, plus, sign, sub, times } from '../primitives/arithmetic.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { besselI0e } from '../primitives/bessel.ts'
import { like, onesLike, zerosLike } from '../primitives/broadcast.ts'
import { and, ge, gt, le, lt, or } from '../primitives/comparison.ts'
import { xlog1py, xlogy } from '../primitives/entropy.ts'
import { lgamma } from '../primitives/gamma.ts'
import { betainc, igamma, igammac } from '../primitives/incomplete.ts'
import { cos, log, log1p, pow } from '../primitives/transcendental.ts'
import { betalnOf } from '../special/betaln.ts'
import {
  exponential,
  ofProbability,
  oneMinus,
  outside,
  plain,
  shaped,
  type Shaped,
  square,
  standard,
  type TwiceShaped,
  twiceShaped,
  unless,
  where,
} from './distribution.ts'

/** Continuous distributions with parameters of shape. */

type Tails = 'cdf' | 'logcdf' | 'logpdf' | 'logsf' | 'pdf' | 'sf'

/** A distribution whose tails have closed forms, and their logarithms none. */
function withTails<Operands extends readonly unknown[]>(
  logpdf: (...operands: Operands) => NDArray,
  cdf: (...operands: Operands) => NDArray,
  sf: (...operands: Operands) => NDArray,
): Readonly<Record<Tails, (...operands: Operands) => NDArray>> {
  const pdf = exponential(logpdf)
  return { logpdf, pdf, cdf, logcdf: (...x) => log(cdf(...x)), sf, logsf: (...x) => log(sf(...x)) }
}

const positive = (x: NDArray): NDArray => max(x, zerosLike(x))

const gammaLogpdf = shaped('gamma.logpdf', (x, a, loc, scale) => {
  const inside = ge(x, loc)
  const y = where(inside, standard(x, loc, scale), 1)
  const kernel = sub(xlogy(plus(a, -1), y), y)
  return where(inside, sub(kernel, add(lgamma(a), log(scale))), -Infinity)
})
const gammaCdf = shaped('gamma.cdf', (x, a, loc, scale) => igamma(a, positive(standard(x, loc, scale))))
const gammaSf = shaped('gamma.sf', (x, a, loc, scale) => igammac(a, positive(standard(x, loc, scale))))
/** The gamma distribution of shape a. */
export const gamma: Readonly<Record<Tails, Shaped>> = withTails(gammaLogpdf, gammaCdf, gammaSf)

const chi2Logpdf = shaped('chi2.logpdf', (x, df, loc, scale) => {
  const y = standard(x, loc, scale)
  const half = times(df, 0.5)
  const kernel = sub(mul(plus(half, -1), log(y)), times(y, 0.5))
  const normalizer = add(lgamma(half), times(df, Math.LN2 / 2))
  return unless(lt(x, loc), sub(kernel, add(normalizer, log(scale))), -Infinity)
})
const halfPositive = (x: NDArray, loc: NDArray, scale: NDArray): NDArray => positive(standard(x, loc, times(scale, 2)))
const chi2Cdf = shaped('chi2.cdf', (x, df, loc, scale) => igamma(times(df, 0.5), halfPositive(x, loc, scale)))
const chi2Sf = shaped('chi2.sf', (x, df, loc, scale) => igammac(times(df, 0.5), halfPositive(x, loc, scale)))
/** The χ² distribution with df degrees of freedom. */
export const chi2: Readonly<Record<Tails, Shaped>> = withTails(chi2Logpdf, chi2Cdf, chi2Sf)

const tLogpdf = shaped('t.logpdf', (x, df, loc, scale) => {
  const half = times(df, 0.5)
  const power = plus(half, 0.5)
  const root = times(log(mul(times(square(scale), Math.PI), df)), 0.5)
  const normalizer = sub(add(lgamma(half), root), lgamma(power))
  return neg(add(normalizer, mul(power, log1p(div(square(standard(x, loc, scale)), df)))))
})
/** Student's distribution with df degrees of freedom. */
export const t: Readonly<Record<'logpdf' | 'pdf', Shaped>> = { logpdf: tLogpdf, pdf: exponential(tLogpdf) }

const below = (x: NDArray, loc: NDArray, scale: NDArray): NDArray => lt(x, add(loc, scale))
const paretoLogpdf = shaped('pareto.logpdf', (x, b, loc, scale) => {
  const tail = mul(plus(b, 1), log(standard(x, loc, scale)))
  return unless(below(x, loc, scale), neg(add(log(div(scale, b)), tail)), -Infinity)
})
const survival = (x: NDArray, b: NDArray, loc: NDArray, scale: NDArray): NDArray => pow(standard(x, loc, scale), neg(b))
const paretoLogsf = shaped('pareto.logsf', (x, b, loc, scale) =>
  unless(below(x, loc, scale), neg(mul(b, log(standard(x, loc, scale)))), 0),
)
/** Pareto's distribution with the exponent b, from loc + scale on. */
export const pareto: Readonly<Record<Tails | 'ppf', Shaped>> = {
  logpdf: paretoLogpdf,
  pdf: exponential(paretoLogpdf),
  cdf: shaped('pareto.cdf', (x, b, loc, scale) =>
    unless(below(x, loc, scale), oneMinus(survival(x, b, loc, scale)), 0),
  ),
  logcdf: shaped('pareto.logcdf', (x, b, loc, scale) =>
    unless(below(x, loc, scale), log1p(neg(survival(x, b, loc, scale))), -Infinity),
  ),
  logsf: paretoLogsf,
  sf: exponential(paretoLogsf),
  ppf: shaped('pareto.ppf', (q, b, loc, scale) =>
    ofProbability(q, add(loc, mul(scale, pow(oneMinus(q), neg(div(onesLike(b), b)))))),
  ),
}

const betaLogpdf = twiceShaped('beta.logpdf', (x, a, b, loc, scale) => {
  const y = standard(x, loc, scale)
  const kernel = add(xlogy(plus(a, -1), y), xlog1py(plus(b, -1), neg(y)))
  const value = sub(sub(kernel, betalnOf(a, b)), log(scale))
  const wrong = or(or(le(a, zerosLike(a)), le(b, zerosLike(b))), le(scale, zerosLike(scale)))
  return unless(wrong, unless(outside(x, loc, add(loc, scale)), value, -Infinity), NaN)
})
const unit = (x: NDArray, loc: NDArray, scale: NDArray): NDArray => min(positive(standard(x, loc, scale)), onesLike(x))
const betaCdf = twiceShaped('beta.cdf', (x, a, b, loc, scale) => betainc(a, b, unit(x, loc, scale)))
const betaSf = twiceShaped('beta.sf', (x, a, b, loc, scale) => betainc(b, a, oneMinus(unit(x, loc, scale))))
/** The beta distribution of shapes a and b on [loc, loc + scale]. */
export const beta: Readonly<Record<Tails, TwiceShaped>> = withTails(betaLogpdf, betaCdf, betaSf)

type OneShape = (x: Operand, shape: Operand) => NDArray

const gennormLogpdf = plain<[Operand, Operand]>('gennorm.logpdf', (x, p) =>
  sub(sub(log(times(p, 0.5)), lgamma(div(onesLike(p), p))), pow(abs(x), p)),
)
/** The generalized normal distribution with the exponent beta. */
export const gennorm: Readonly<Record<'cdf' | 'logpdf' | 'pdf', OneShape>> = {
  logpdf: gennormLogpdf,
  pdf: exponential(gennormLogpdf),
  cdf: plain('gennorm.cdf', (x, p) => times(plus(mul(sign(x), igamma(div(onesLike(p), p), pow(abs(x), p))), 1), 0.5)),
}

const vonmisesLogpdf = plain<[Operand, Operand]>('vonmises.logpdf', (x, kappa) => {
  const value = sub(mul(kappa, plus(cos(x), -1)), log(times(besselI0e(kappa), 2 * Math.PI)))
  return where(gt(kappa, zerosLike(kappa)), value, NaN)
})
/** The distribution of von Mises on the circle, with the concentration kappa. */
export const vonmises: Readonly<Record<'logpdf' | 'pdf', OneShape>> = {
  logpdf: vonmisesLogpdf,
  pdf: exponential(vonmisesLogpdf),
}

const wrapcauchyLogpdf = plain<[Operand, Operand]>('wrapcauchy.logpdf', (x, c) => {
  const norm = sub(log(oneMinus(square(c))), like(c, Math.log(2 * Math.PI)))
  const value = sub(norm, log(sub(plus(square(c), 1), mul(times(c, 2), cos(x)))))
  const inside = and(ge(x, zerosLike(x)), le(x, like(x, 2 * Math.PI)))
  return where(and(gt(c, zerosLike(c)), lt(c, onesLike(c))), where(inside, value, -Infinity), NaN)
})
/** Cauchy's distribution wrapped around the circle, for 0 < c < 1. */
export const wrapcauchy: Readonly<Record<'logpdf' | 'pdf', OneShape>> = {
  logpdf: wrapcauchyLogpdf,
  pdf: exponential(wrapcauchyLogpdf),
}
