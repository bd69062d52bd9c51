import { isInteger } from '../array/dtype.ts'
import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxis, range, showShape } from '../array/shape.ts'
import { abs, add, floor, neg, plus, round, sub } from '../primitives/arithmetic.ts'
import { broadcastTo, like, onesLike, reduceSum, zerosLike } from '../primitives/broadcast.ts'
import { and, eq, ge, gt, le, lt, ne, or, select } from '../primitives/comparison.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { xlog1py, xlogy } from '../primitives/entropy.ts'
import { lgamma } from '../primitives/gamma.ts'
import { igammac } from '../primitives/incomplete.ts'
import { reduceAnd } from '../primitives/reductions.ts'
import { reshape } from '../primitives/reshape.ts'
import { log, log1p } from '../primitives/transcendental.ts'
import { betalnOf } from '../special/betaln.ts'
import { asArray, asFloat, unifyFloatDTypes } from '../numpy/operands.ts'
import { exponential, isNaN, oneMinus, plain, unless, where } from './distribution.ts'

/** Distributions of whole numbers, and those of several numbers. */

/** A function of values and the one parameter of their distribution. */
export type OneParameter = (k: Operand, p: Operand, loc?: Operand) => NDArray
/** The same of a number of trials n and a probability p. */
export type TrialsAndProbability = (k: Operand, n: Operand, p: Operand, loc?: Operand) => NDArray
/** The same of a number of trials n, whose probability has the beta distribution of a and b. */
export type TrialsAndShapes = (k: Operand, n: Operand, a: Operand, b: Operand, loc?: Operand) => NDArray

const ofOne =
  (name: string, f: (k: NDArray, p: NDArray, loc: NDArray) => NDArray): OneParameter =>
  (k, p, loc = 0) =>
    plain<[Operand, Operand, Operand]>(name, f)(k, p, loc)
const ofTrials =
  (name: string, f: (k: NDArray, n: NDArray, p: NDArray, loc: NDArray) => NDArray): TrialsAndProbability =>
  (k, n, p, loc = 0) =>
    plain<[Operand, Operand, Operand, Operand]>(name, f)(k, n, p, loc)

const bernoulliLogpmf = ofOne('bernoulli.logpmf', (k, p, loc) => {
  const x = sub(k, loc)
  const value = add(xlogy(x, p), xlog1py(oneMinus(x), neg(p)))
  return unless(or(lt(x, zerosLike(x)), gt(x, onesLike(x))), value, -Infinity)
})
const isProbability = (p: NDArray): NDArray => and(ge(p, zerosLike(p)), le(p, onesLike(p)))
/** 1 with the probability p, else 0. */
export const bernoulli: Readonly<{ logpmf: OneParameter; pmf: OneParameter; cdf: OneParameter; ppf: OneParameter }> = {
  logpmf: bernoulliLogpmf,
  pmf: exponential(bernoulliLogpmf),
  cdf: ofOne('bernoulli.cdf', (k, p) => {
    const value = unless(lt(k, zerosLike(k)), unless(ge(k, onesLike(k)), oneMinus(p), 1), 0)
    return unless(isNaN(k), where(isProbability(p), value, NaN), NaN)
  }),
  ppf: ofOne('bernoulli.ppf', (q, p) => {
    const value = select(le(q, oneMinus(p)), zerosLike(q), onesLike(q))
    return where(and(isProbability(p), isProbability(q)), value, NaN)
  }),
}

const poissonLogpmf = ofOne('poisson.logpmf', (k, mu, loc) => {
  const x = sub(k, loc)
  const value = sub(sub(xlogy(x, mu), lgamma(plus(x, 1))), mu)
  return unless(or(lt(x, zerosLike(x)), ne(round(k), k)), value, -Infinity)
})
/**
 * Poisson's distribution with the mean mu.
 *
 * @example stats.poisson.pmf([0, 1], 1) // [0.36787945, 0.36787945]
 */
export const poisson: Readonly<{ logpmf: OneParameter; pmf: OneParameter; cdf: OneParameter }> = {
  logpmf: poissonLogpmf,
  pmf: exponential(poissonLogpmf),
  cdf: ofOne('poisson.cdf', (k, mu, loc) => {
    const x = sub(k, loc)
    const inside = ge(x, zerosLike(x))
    return where(inside, igammac(floor(plus(where(inside, x, 0), 1)), mu), 0)
  }),
}

const geomLogpmf = ofOne('geom.logpmf', (k, p, loc) => {
  const x = sub(k, loc)
  return unless(le(x, zerosLike(x)), add(xlog1py(plus(x, -1), neg(p)), log(p)), -Infinity)
})
/** How many trials until the first success, of the probability p. */
export const geom: Readonly<{ logpmf: OneParameter; pmf: OneParameter }> = {
  logpmf: geomLogpmf,
  pmf: exponential(geomLogpmf),
}

const binomLogpmf = ofTrials('binom.logpmf', (k, n, p, loc) => {
  const y = sub(k, loc)
  const choices = sub(lgamma(plus(n, 1)), add(lgamma(plus(y, 1)), lgamma(plus(sub(n, y), 1))))
  const linear = add(xlogy(y, p), xlog1py(sub(n, y), neg(p)))
  const certain = or(and(eq(y, zerosLike(y)), eq(n, zerosLike(n))), eq(linear, zerosLike(linear)))
  const value = unless(certain, add(choices, linear), 0)
  return where(and(ge(k, loc), lt(k, plus(add(loc, n), 1))), value, -Infinity)
})
/** How many of n trials succeed, each with the probability p. */
export const binom: Readonly<{ logpmf: TrialsAndProbability; pmf: TrialsAndProbability }> = {
  logpmf: binomLogpmf,
  pmf: exponential(binomLogpmf),
}

const nbinomLogpmf = ofTrials('nbinom.logpmf', (k, n, p, loc) => {
  const y = sub(k, loc)
  const choices = sub(sub(lgamma(add(y, n)), lgamma(n)), lgamma(plus(y, 1)))
  const linear = add(xlogy(n, p), xlogy(y, oneMinus(p)))
  return unless(lt(k, loc), add(choices, linear), -Infinity)
})
/** How many trials fail before n succeed, each with the probability p. */
export const nbinom: Readonly<{ logpmf: TrialsAndProbability; pmf: TrialsAndProbability }> = {
  logpmf: nbinomLogpmf,
  pmf: exponential(nbinomLogpmf),
}

const betabinomLogpmf: TrialsAndShapes = (k, n, a, b, loc = 0) =>
  plain<[Operand, Operand, Operand, Operand, Operand]>('betabinom.logpmf', (count, trials, p, q, start) => {
    const y = sub(floor(count), start)
    const left = sub(trials, y)
    const choices = neg(add(log1p(trials), betalnOf(plus(left, 1), plus(y, 1))))
    const ratio = sub(betalnOf(add(y, p), add(left, q)), betalnOf(p, q))
    const nothing = and(eq(y, zerosLike(y)), eq(trials, zerosLike(trials)))
    const value = unless(nothing, add(choices, ratio), 0)
    const outside = or(or(lt(y, neg(start)), gt(y, trials)), le(add(y, p), zerosLike(y)))
    const wrong = or(or(lt(trials, zerosLike(y)), le(p, zerosLike(y))), le(q, zerosLike(y)))
    return unless(wrong, unless(outside, value, -Infinity), NaN)
  })(k, n, a, b, loc)
/** How many of n trials succeed, whose probability has a beta distribution. */
export const betabinom: Readonly<{ logpmf: TrialsAndShapes; pmf: TrialsAndShapes }> = {
  logpmf: betabinomLogpmf,
  pmf: exponential(betabinomLogpmf),
}

// ── several numbers ────────────────────────────────────────────────────────

const multinomialLogpmf = (x: Operand, n: Operand, p: Operand): NDArray => {
  const [counts, probabilities] = [asArray(x), asFloat(p)]
  if (!isInteger(counts.dtype)) {
    throw new DTypeError(
      `multinomial: the counts are ${counts.dtype}, they must be whole; convert with x.astype("int32")`,
    )
  }
  const shape = broadcast2(counts, probabilities)
  const k = broadcastTo(asFloat(counts).astype(probabilities.dtype), shape)
  const total = asFloat(asArray(n)).astype(probabilities.dtype)
  const axis = normalizeAxis(-1, k.ndim, 'multinomial')
  const each = sub(xlogy(k, broadcastTo(probabilities, shape)), lgamma(plus(k, 1)))
  const sums = reduceSum(each, [axis])
  const value = add(broadcastTo(lgamma(plus(total, 1)), sums.shape), sums)
  const whole = reduceSum(asFloat(counts).astype(probabilities.dtype), range(counts.ndim))
  return where(eq(broadcastTo(whole, sums.shape), broadcastTo(total, sums.shape)), value, -Infinity)
}
const broadcast2 = (x: NDArray, y: NDArray): readonly number[] => (x.ndim >= y.ndim ? x.shape : y.shape)
/** How often each of several things with the probabilities p comes in n trials. */
export const multinomial: Readonly<Record<'logpmf' | 'pmf', (x: Operand, n: Operand, p: Operand) => NDArray>> = {
  logpmf: multinomialLogpmf,
  pmf: exponential(multinomialLogpmf),
}

/** Shares that make 1, along the first axis; the last may be left out. */
const dirichletLogpdf = (x: Operand, alpha: Operand): NDArray => {
  const [shares, a] = unifyFloatDTypes([x, alpha]) as [NDArray, NDArray]
  if (a.ndim !== 1) {
    throw new ShapeError(`dirichlet: alpha has shape ${showShape(a.shape)}; give it one axis`)
  }
  const [count] = a.shape as [number]
  const given = shares.shape[0]
  if (given !== count && given !== count - 1) {
    throw new ShapeError(
      `dirichlet: x of shape ${showShape(shares.shape)} must have as many entries as alpha of shape ${showShape(a.shape)}, or one fewer`,
    )
  }
  const rest = sub(like({ shape: shares.shape.slice(1), dtype: a.dtype }, 1), reduceSum(shares, [0]))
  const all = given === count ? shares : concatenate([shares, reshape(rest, [1, ...rest.shape])], 0)
  const normalizer = sub(reduceSum(lgamma(a), [0]), lgamma(reduceSum(a, [0])))
  const powers = broadcastTo(reshape(plus(a, -1), [count, ...shares.shape.slice(1).map(() => 1)]), all.shape)
  const sums = reduceSum(xlogy(powers, all), [0])
  const value = sub(sums, broadcastTo(normalizer, sums.shape))
  const total = reduceSum(all, [0])
  const close = lt(abs(plus(total, -1)), like(total, 1e-6))
  return where(and(reduceAnd(gt(all, zerosLike(all)), [0]), close), value, -Infinity)
}
/** Dirichlet's distribution. */
export const dirichlet: Readonly<Record<'logpdf' | 'pdf', (x: Operand, alpha: Operand) => NDArray>> = {
  logpdf: dirichletLogpdf,
  pdf: exponential(dirichletLogpdf),
}
