import { abs, add, div, mul, neg, sub, times } from '../primitives/arithmetic.ts'
import type { NDArray } from '../array/ndarray.ts'
import { like, onesLike, zerosLike } from '../primitives/broadcast.ts'
import { and, gt, le, lt, select } from '../primitives/comparison.ts'
import { xlog1py, xlogy } from '../primitives/entropy.ts'
import { atan, exp, expm1, log, log1p, logaddexp, logistic as expit, tan } from '../primitives/transcendental.ts'
import { logit } from '../special/error.ts'
import {
  exponential,
  type Located,
  located,
  ofProbability,
  oneMinus,
  outside,
  square,
  standard,
  unless,
  where,
} from './distribution.ts'

/** Distributions that have a location and a scale alone. */

type Functions<Names extends string> = Readonly<Record<Names, Located>>

const uniformLogpdf = located('uniform.logpdf', (x, loc, scale) =>
  unless(outside(x, loc, add(loc, scale)), neg(log(scale)), -Infinity),
)
/** The uniform distribution on [loc, loc + scale]. */
export const uniform: Functions<'cdf' | 'logpdf' | 'pdf' | 'ppf'> = {
  logpdf: uniformLogpdf,
  pdf: exponential(uniformLogpdf),
  cdf: located('uniform.cdf', (x, loc, scale) => {
    const inside = where(le(x, add(loc, scale)), standard(x, loc, scale), 1)
    return unless(lt(x, loc), inside, 0)
  }),
  ppf: located('uniform.ppf', (q, loc, scale) => ofProbability(q, add(loc, mul(scale, q)))),
}

const exponLogpdf = located('expon.logpdf', (x, loc, scale) =>
  unless(lt(x, loc), neg(add(standard(x, loc, scale), log(scale))), -Infinity),
)
const exponLogsf = located('expon.logsf', (x, loc, scale) => unless(lt(x, loc), standard(loc, x, scale), 0))
/** The exponential distribution from loc on. */
export const expon: Functions<'cdf' | 'logcdf' | 'logpdf' | 'logsf' | 'pdf' | 'ppf' | 'sf'> = {
  logpdf: exponLogpdf,
  pdf: exponential(exponLogpdf),
  cdf: located('expon.cdf', (x, loc, scale) => unless(lt(x, loc), neg(expm1(standard(loc, x, scale))), 0)),
  logcdf: (x, loc, scale) => log1p(neg(exp(exponLogsf(x, loc, scale)))),
  logsf: exponLogsf,
  sf: exponential(exponLogsf),
  ppf: located('expon.ppf', (q, loc, scale) => ofProbability(q, sub(loc, mul(scale, log1p(neg(q)))))),
}

const cauchyLogpdf = located('cauchy.logpdf', (x, loc, scale) =>
  neg(add(log(times(scale, Math.PI)), log1p(square(standard(x, loc, scale))))),
)
const cauchyMass = (z: NDArray): NDArray => add(like(z, 0.5), times(atan(z), 1 / Math.PI))
const cauchyCdf = located('cauchy.cdf', (x, loc, scale) => cauchyMass(standard(x, loc, scale)))
const cauchySf = located('cauchy.sf', (x, loc, scale) => cauchyMass(standard(loc, x, scale)))
const cauchyQuantile = (angle: NDArray, loc: NDArray, scale: NDArray): NDArray => add(mul(tan(angle), scale), loc)
/** Cauchy's distribution. */
export const cauchy: Functions<'cdf' | 'isf' | 'logcdf' | 'logpdf' | 'logsf' | 'pdf' | 'ppf' | 'sf'> = {
  logpdf: cauchyLogpdf,
  pdf: exponential(cauchyLogpdf),
  cdf: cauchyCdf,
  logcdf: (x, loc, scale) => log(cauchyCdf(x, loc, scale)),
  sf: cauchySf,
  logsf: (x, loc, scale) => log(cauchySf(x, loc, scale)),
  ppf: located('cauchy.ppf', (q, loc, scale) =>
    cauchyQuantile(sub(times(q, Math.PI), like(q, Math.PI / 2)), loc, scale),
  ),
  isf: located('cauchy.isf', (q, loc, scale) =>
    cauchyQuantile(sub(like(q, Math.PI / 2), times(q, Math.PI)), loc, scale),
  ),
}

const laplaceLogpdf = located('laplace.logpdf', (x, loc, scale) =>
  neg(add(div(abs(sub(x, loc)), scale), log(times(scale, 2)))),
)
/** Laplace's distribution. */
export const laplace: Functions<'cdf' | 'logpdf' | 'pdf'> = {
  logpdf: laplaceLogpdf,
  pdf: exponential(laplaceLogpdf),
  cdf: located('laplace.cdf', (x, loc, scale) => {
    const z = standard(x, loc, scale)
    const left = le(z, zerosLike(z))
    const tail = times(exp(select(left, z, neg(z))), 0.5)
    return select(left, tail, oneMinus(tail))
  }),
}

const logisticLogpdf = located('logistic.logpdf', (x, loc, scale) => {
  const half = times(standard(x, loc, scale), 0.5)
  return sub(times(logaddexp(half, neg(half)), -2), log(scale))
})
/** The logistic distribution. */
export const logistic: Functions<'cdf' | 'isf' | 'logpdf' | 'pdf' | 'ppf' | 'sf'> = {
  logpdf: logisticLogpdf,
  pdf: exponential(logisticLogpdf),
  cdf: located('logistic.cdf', (x, loc, scale) => expit(standard(x, loc, scale))),
  sf: located('logistic.sf', (x, loc, scale) => expit(neg(standard(x, loc, scale)))),
  ppf: located('logistic.ppf', (q, loc, scale) => add(mul(logit(q), scale), loc)),
  isf: located('logistic.isf', (q, loc, scale) => add(mul(neg(logit(q)), scale), loc)),
}

type GumbelNames = 'cdf' | 'logcdf' | 'logpdf' | 'logsf' | 'pdf' | 'ppf' | 'sf'
const positiveScale = (name: string, f: (x: NDArray, loc: NDArray, scale: NDArray) => NDArray): Located =>
  located(name, (x, loc, scale) => where(gt(scale, zerosLike(scale)), f(x, loc, scale), NaN))
const openUnit = (p: NDArray, value: NDArray): NDArray =>
  where(and(gt(p, zerosLike(p)), lt(p, onesLike(p))), value, NaN)
const minusLog = (scale: NDArray): NDArray => xlogy(like(scale, -1), scale)
/** ln(1 − e⁻ˣ). */
const log1mexp = (x: NDArray): NDArray => {
  const near = lt(x, like(x, Math.LN2))
  const [small, large] = [select(near, x, like(x, 0.5)), select(near, onesLike(x), x)]
  return select(near, log(neg(expm1(neg(small)))), log1p(neg(exp(neg(large)))))
}

const leftLogpdf = positiveScale('gumbel_l.logpdf', (x, loc, scale) => {
  const z = standard(x, loc, scale)
  return add(minusLog(scale), sub(z, exp(z)))
})
const leftLogcdf = positiveScale('gumbel_l.logcdf', (x, loc, scale) =>
  log(neg(expm1(neg(exp(standard(x, loc, scale)))))),
)
const leftLogsf = positiveScale('gumbel_l.logsf', (x, loc, scale) => neg(exp(standard(x, loc, scale))))
/** Gumbel's distribution of minima. */
export const gumbelL: Functions<GumbelNames> = {
  logpdf: leftLogpdf,
  pdf: exponential(leftLogpdf),
  logcdf: leftLogcdf,
  cdf: exponential(leftLogcdf),
  logsf: leftLogsf,
  sf: exponential(leftLogsf),
  ppf: located('gumbel_l.ppf', (p, loc, scale) => openUnit(p, add(loc, mul(scale, log(xlog1py(like(p, -1), neg(p))))))),
}

const rightLogpdf = positiveScale('gumbel_r.logpdf', (x, loc, scale) => {
  const z = standard(x, loc, scale)
  return sub(minusLog(scale), add(z, exp(neg(z))))
})
const rightLogcdf = positiveScale('gumbel_r.logcdf', (x, loc, scale) => neg(exp(standard(loc, x, scale))))
/** Gumbel's distribution of maxima. */
export const gumbelR: Functions<GumbelNames> = {
  logpdf: rightLogpdf,
  pdf: exponential(rightLogpdf),
  logcdf: rightLogcdf,
  cdf: exponential(rightLogcdf),
  logsf: positiveScale('gumbel_r.logsf', (x, loc, scale) => log1mexp(exp(standard(loc, x, scale)))),
  sf: positiveScale('gumbel_r.sf', (x, loc, scale) => neg(expm1(neg(exp(standard(loc, x, scale)))))),
  ppf: located('gumbel_r.ppf', (p, loc, scale) => openUnit(p, sub(loc, mul(scale, log(xlogy(like(p, -1), p)))))),
}
