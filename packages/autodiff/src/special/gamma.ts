import { showGiven } from '../array/show.ts'
import { checkOptions } from '../array/options.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { DTypeError, ValueError } from '../array/errors.ts'
import { isFloat } from '../array/dtype.ts'
import { add, floor, mul, plus, rem, sub } from '../primitives/arithmetic.ts'
import { full, like, zerosLike } from '../primitives/broadcast.ts'
import { and, eq, ge, gt, le, lt, ne, or, select } from '../primitives/comparison.ts'
import * as g from '../primitives/gamma.ts'
import * as i from '../primitives/incomplete.ts'
import { isNegative } from '../primitives/approximations.ts'
import { exp } from '../primitives/transcendental.ts'
import { type Binary, floatBinary, floatFunction, type Unary, unifyFloats } from '../numpy/lifting.ts'
import { asArray, asFloat } from '../numpy/operands.ts'
import { betalnOf } from './betaln.ts'

/** ln |Γ(x)|. */
export const gammaln: Unary = floatFunction(g.lgamma)
/** ln Γ(x), NaN where x is not positive. */
export const loggamma: Unary = floatFunction((x) => select(gt(x, zerosLike(x)), g.lgamma(x), like(x, NaN)))

const signOfGamma = (x: NDArray): NDArray => {
  const below = floor(x)
  const zero = zerosLike(x)
  const negative = lt(x, zero)
  const pole = or(and(negative, eq(x, below)), ne(x, x))
  const odd = and(negative, ne(rem(below, like(x, 2)), zero))
  const minus = or(odd, and(eq(x, zero), isNegative(x)))
  return select(pole, like(x, NaN), select(minus, like(x, -1), like(x, 1)))
}
/** The sign of Γ(x), NaN at the poles left of 0. */
export const gammasgn: Unary = floatFunction(signOfGamma)
/**
 * Γ(x).
 *
 * @example special.gamma([0.5, 5, -1]) // [1.7724538, 24, NaN]
 */
export const gamma: Unary = floatFunction((x) => mul(signOfGamma(x), exp(g.lgamma(x))))
/** The derivative of `gammaln`; NaN at 0 and at negative whole numbers. */
export const digamma: Unary = floatFunction(g.digamma)

/**
 * The derivative of order `n` of `digamma`.
 *
 * @throws DTypeError when `n` is not whole by its dtype.
 * @example special.polygamma(1, 1) // 1.644934
 */
export function polygamma(n: Operand, x: Operand): NDArray {
  if (!(typeof n === 'number' && Number.isInteger(n)) && isFloat(asArray(n).dtype)) {
    throw new DTypeError(`polygamma: the order is a float, it must be whole; convert it with n.astype("int32")`)
  }
  const [order, array] = unifyFloats('polygamma', [n, asFloat(x)]) as [NDArray, NDArray]
  return g.polygamma(order, array)
}
/**
 * Hurwitz's zeta function Σ (q + n)⁻ˢ.
 *
 * @example special.zeta(2, 1) // 1.644934
 */
export const zeta: Binary = floatBinary('zeta', g.zeta)

/** n!, 0 for negative n. */
export const factorial: Unary = floatFunction((n) =>
  select(lt(n, zerosLike(n)), zerosLike(n), exp(g.lgamma(plus(n, 1)))),
)

export interface CombOptions {
  /** Whether an element may be taken again. @defaultValue false */
  readonly repetition?: boolean
}

/**
 * How many ways there are to take k of N things.
 *
 * @example special.comb(5, 2) // 10
 */
export function comb(N: Operand, k: Operand, options: CombOptions = {}): NDArray {
  const { repetition = false } = checkOptions('comb', options, ['repetition'])
  const [n, m] = unifyFloats('comb', [N, k]) as [NDArray, NDArray]
  return repetition ? repeated(n, m) : combinations(n, m)
}
function combinations(n: NDArray, k: NDArray): NDArray {
  const zero = zerosLike(n)
  const inside = and(and(le(k, n), ge(n, zero)), ge(k, zero))
  const [safeN, safeK] = [select(inside, n, zero), select(inside, k, zero)]
  const lower = add(g.lgamma(plus(safeK, 1)), g.lgamma(sub(plus(safeN, 1), safeK)))
  return select(inside, exp(sub(g.lgamma(plus(safeN, 1)), lower)), zero)
}
function repeated(n: NDArray, k: NDArray): NDArray {
  const zero = zerosLike(n)
  return select(and(eq(k, zero), ge(n, zero)), like(n, 1), combinations(plus(add(n, k), -1), k))
}

/** ln |B(a, b)|. */
export const betaln: Binary = floatBinary('betaln', betalnOf)
/** The beta function Γ(a) Γ(b) / Γ(a + b). */
export const beta: Binary = floatBinary('beta', (a, b) => {
  const sign = mul(mul(signOfGamma(a), signOfGamma(b)), signOfGamma(add(a, b)))
  return mul(sign, exp(betalnOf(a, b)))
})
/**
 * The regularized incomplete beta function Iₓ(a, b). It has a derivative in `x` alone.
 *
 * @example special.betainc(2, 3, 0.5) // 0.6875
 */
export function betainc(a: Operand, b: Operand, x: Operand): NDArray {
  const [p, q, y] = unifyFloats('betainc', [a, b, x]) as [NDArray, NDArray, NDArray]
  return i.betainc(p, q, y)
}
/**
 * The regularized lower incomplete gamma function P(a, x).
 *
 * @example special.gammainc(1, 0.5) // 0.39346933
 */
export const gammainc: Binary = floatBinary('gammainc', i.igamma)
/** The regularized upper incomplete gamma function Q(a, x) = 1 − P(a, x). */
export const gammaincc: Binary = floatBinary('gammaincc', i.igammac)

/** Of terms, each an operation of its own; and of Bernoulli's numbers, which are infinite long before. */
const MOST = 10_000

/**
 * The logarithm of the multivariate gamma function of dimension `d`.
 *
 * @throws ValueError for a dimension that is not a whole number.
 */
export function multigammaln(a: Operand, d: number): NDArray {
  if (!Number.isInteger(d) || d < 0 || d > MOST)
    throw new ValueError(`multigammaln: the dimension ${showGiven(d)} is not a whole number from 0 to ${MOST}`)
  const array = asFloat(a)
  let sum = full(array.shape, (d * (d - 1) * Math.log(Math.PI)) / 4, array.dtype)
  for (let j = 0; j < d; j++) sum = add(sum, g.lgamma(plus(array, -j / 2)))
  return sum
}

/** Pochhammer's symbol Γ(z + m) / Γ(z), 1 for m = 0. */
export const poch: Binary = floatBinary('poch', (z, m) => {
  const none = eq(m, zerosLike(m))
  const safe = select(none, like(m, 1), m)
  const top = add(z, safe)
  const sign = mul(signOfGamma(top), signOfGamma(z))
  const value = mul(sign, exp(sub(g.lgamma(top), g.lgamma(z))))
  return select(none, like(m, 1), value)
})

/** The Bernoulli numbers B₀ … Bₙ, B₁ being −½. @throws ValueError unless `n` is a whole number. */
export function bernoulli(n: number): NDArray {
  if (!Number.isInteger(n) || n < 0 || n > MOST)
    throw new ValueError(`bernoulli: ${showGiven(n)} is not a whole number from 0 to ${MOST}`)
  return asArray(Array.from({ length: n + 1 }, (_, k) => bernoulliNumber(k)))
}
/** B₂ₖ = (−1)^(k+1) · 2 (2k)! ζ(2k) / (2π)^2k. */
function bernoulliNumber(k: number): number {
  if (k < 2) return k === 0 ? 1 : -0.5
  if (k % 2 === 1) return 0
  let size = 2
  for (let j = 1; j <= k; j++) size *= j / (2 * Math.PI)
  let sum = 0
  for (let j = 50; j >= 1; j--) sum += j ** -k
  return (k % 4 === 0 ? -1 : 1) * size * (k === 2 ? Math.PI ** 2 / 6 : sum)
}
