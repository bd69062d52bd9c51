import type { NDArray } from '../array/ndarray.ts'
import { range } from '../array/shape.ts'
import type { Primitive } from '../core/primitive.ts'
import {
  digamma as digammaNumber,
  DIGAMMA_SERIES,
  EULER_GAMMA,
  EULER_MACLAURIN,
  HALF_LOG_2_PI,
  lgamma as lgammaNumber,
  STIRLING,
  zeta as zetaNumber,
  ZETA_MINUS_ONE,
  ZETA_TERMS,
} from '../interpreter/gamma.ts'
import { polynomial } from './approximations.ts'
import { abs, add, div, floor, min, mul, neg, plus, rem, round, sub, times } from './arithmetic.ts'
import { broadcastAxis, broadcastInDim, like, onesLike, reduceSum, zerosLike } from './broadcast.ts'
import { and, eq, ge, gt, le, lt, or, select } from './comparison.ts'
import { lowerInDouble } from './double.ts'
import { apply, elementwise, type NoParams } from './elementwise.ts'
import { constants } from './integral.ts'
import { cos, exp, log, log1p, pow, sin } from './transcendental.ts'

const minus = (value: number, x: NDArray): NDArray => sub(like(x, value), x)
const reciprocal = (x: NDArray): NDArray => div(onesLike(x), x)
/** The polynomial in `x` with these coefficients, the constant one first. */
const series = (x: NDArray, coefficients: readonly number[]): NDArray => polynomial(x, coefficients.toReversed())

/** sin πx, exact at whole and half numbers. */
function sinPi(x: NDArray): NDArray {
  const r = sub(x, times(round(times(x, 0.5)), 2))
  const a = abs(r)
  const steep = sin(times(r, Math.PI))
  const flat = cos(times(plus(a, -0.5), Math.PI))
  return select(gt(a, like(x, 0.25)), select(lt(r, zerosLike(r)), neg(flat), flat), steep)
}

const isWhole = (x: NDArray): NDArray => eq(x, floor(x))

// ── lgamma ─────────────────────────────────────────────────────────────────

/** ln Γ(2 + z) for |z| ≤ ½; see interpreter/gamma.ts. */
const nearTwo = (z: NDArray): NDArray => {
  const terms = series(
    neg(z),
    ZETA_MINUS_ONE.map((c, i) => c / (i + 2)),
  )
  return add(times(z, 1 - EULER_GAMMA), mul(mul(z, z), terms))
}

/** What Stirling's formula for ln Γ(x) leaves out, for x from 10. */
export const stirlingRest = (x: NDArray): NDArray => {
  const t = reciprocal(x)
  return mul(t, series(mul(t, t), STIRLING))
}

/** ln Γ(x) for x ≥ ½. */
function lgammaPositive(x: NDArray): NDArray {
  const stirling = add(plus(sub(mul(plus(x, -0.5), log(x)), x), HALF_LOG_2_PI), stirlingRest(x))
  const low = lt(x, like(x, 1.5))
  let [y, product] = [x, onesLike(x)]
  for (let step = 0; step < 8; step++) {
    const above = gt(y, like(y, 2.5))
    const less = plus(y, -1)
    product = select(above, mul(product, less), product)
    y = select(above, less, y)
  }
  const z = select(low, plus(x, -1), plus(y, -2))
  const middle = add(nearTwo(z), select(low, neg(log1p(z)), log(product)))
  return select(ge(x, like(x, 10)), stirling, middle)
}

function lgammaOf(x: NDArray): NDArray {
  const a = abs(x)
  // Γ(x) Γ(1 − x) sin πx = π, and |x| < ½ is moved up by two.
  const tiny = lt(a, like(a, 0.5))
  const inner = select(tiny, onesLike(a), a)
  const positive = lgammaPositive(inner)
  const z = select(tiny, x, zerosLike(x))
  const small = sub(sub(nearTwo(z), log1p(z)), log(a))
  const reflected = sub(log(div(like(x, Math.PI), abs(mul(x, sinPi(x))))), positive)
  const value = select(tiny, small, select(lt(x, zerosLike(x)), reflected, positive))
  const pole = or(eq(a, like(a, Infinity)), and(le(x, zerosLike(x)), isWhole(x)))
  return select(pole, like(x, Infinity), value)
}

export const lgammaPrimitive: Primitive<NoParams> = elementwise({
  name: 'lgamma',
  domain: 'float',
  kernel: (x) => lgammaNumber(x!),
  derivatives: [(d, [x]) => mul(d, digamma(x!))],
  lower: lowerInDouble('lgamma', lgammaOf),
})
/**
 * ln |Γ(x)|, infinite at 0, −1, −2, …
 *
 * @example lax.lgamma(np.array([1, 0.5, -2])) // [0, 0.5723649, Infinity]
 */
export const lgamma = (x: NDArray): NDArray => apply(lgammaPrimitive, x)

// ── digamma ────────────────────────────────────────────────────────────────

function digammaOf(x: NDArray): NDArray {
  const negative = le(x, zerosLike(x))
  const start = select(negative, minus(1, x), x)
  let [y, sum] = [start, zerosLike(x)]
  for (let step = 0; step < 10; step++) {
    const below = lt(y, like(y, 10))
    sum = select(below, add(sum, reciprocal(y)), sum)
    y = select(below, plus(y, 1), y)
  }
  const t = reciprocal(mul(y, y))
  const tail = add(div(like(y, 0.5), y), mul(t, series(t, DIGAMMA_SERIES)))
  const value = sub(sub(log(y), tail), sum)
  const reflected = sub(value, times(div(sinPi(plus(x, 0.5)), sinPi(x)), Math.PI))
  const pole = and(negative, or(isWhole(x), eq(x, like(x, -Infinity))))
  return select(pole, like(x, NaN), select(negative, reflected, value))
}

export const digammaPrimitive: Primitive<NoParams> = elementwise({
  name: 'digamma',
  domain: 'float',
  kernel: (x) => digammaNumber(x!),
  derivatives: [(d, [x]) => mul(d, trigamma(x!))],
  lower: lowerInDouble('digamma', digammaOf),
})
/** The derivative of `lgamma`, NaN at its poles. */
export const digamma = (x: NDArray): NDArray => apply(digammaPrimitive, x)

/** ψ′(x) = ζ(2, x), by reflection on the left: ψ′(x) + ψ′(1 − x) = π² / sin² πx. */
function trigamma(x: NDArray): NDArray {
  const left = lt(x, zerosLike(x))
  const safe = select(left, x, like(x, 0.5))
  const ratio = div(like(x, Math.PI), sinPi(safe))
  const value = zeta(like(x, 2), select(left, minus(1, x), x))
  return select(left, sub(mul(ratio, ratio), value), value)
}

// ── zeta, polygamma ────────────────────────────────────────────────────────

/** How many terms are summed at most for a negative q. */
const MOST_TERMS = 64

/** Σ (q + n)⁻ˢ over the first terms, until q + n is ten steps on and 10 itself; with the place where they end. */
function zetaStart(s: NDArray, q: NDArray): { sum: NDArray; end: NDArray } {
  const [axis, first] = [q.ndim, like(q, ZETA_TERMS)]
  const needed = sub(first, min(floor(q), zerosLike(q)))
  const count = min(needed, like(q, MOST_TERMS))
  const spread = (x: NDArray): NDArray => broadcastAxis(x, axis, MOST_TERMS)
  const numbers = constants(range(MOST_TERMS), q.dtype)
  const n = broadcastInDim(numbers, [...q.shape, MOST_TERMS], [axis])
  const counted = lt(n, spread(count))
  const terms = pow(select(counted, add(spread(q), n), like(n, 1)), neg(spread(s)))
  return { sum: reduceSum(select(counted, terms, zerosLike(n)), [axis]), end: add(q, count) }
}

function zetaOf(s: NDArray, q: NDArray): NDArray {
  const exponent = neg(s)
  const start = zetaStart(s, q)
  const a = start.end
  let sum = start.sum
  const power = pow(a, exponent)
  sum = add(sum, add(div(mul(a, power), plus(s, -1)), times(power, 0.5)))
  let factor = div(s, a)
  EULER_MACLAURIN.forEach((c, k) => {
    sum = add(sum, div(mul(power, factor), like(q, c)))
    factor = mul(factor, mul(div(plus(s, 2 * k + 1), a), div(plus(s, 2 * k + 2), a)))
  })
  const nan = like(q, NaN)
  const infinite = like(q, Infinity)
  const zero = zerosLike(q)
  const even = eq(rem(s, like(s, 2)), zerosLike(s))
  const pole = select(even, infinite, nan)
  const left = select(isWhole(q), pole, select(isWhole(s), sum, nan))
  const inside = select(le(q, zero), left, sum)
  const regular = and(and(ge(s, onesLike(s)), lt(s, infinite)), and(eq(q, q), lt(q, infinite)))
  const value = select(regular, inside, nan)
  return select(eq(s, onesLike(s)), infinite, value)
}

/** d/ds ζ(s, q) from the same series, differentiated term by term. */
function zetaSlope(s: NDArray, q: NDArray): NDArray {
  const exponent = neg(s)
  let [sum, a] = [zerosLike(q), q]
  for (let n = 0; n < ZETA_TERMS; n++) {
    sum = sub(sum, mul(log(a), pow(a, exponent)))
    a = plus(a, 1)
  }
  const power = pow(a, exponent)
  const logA = log(a)
  const left = reciprocal(plus(s, -1))
  sum = sub(sum, mul(mul(mul(a, power), left), add(logA, left)))
  sum = sub(sum, times(mul(power, logA), 0.5))
  let [factor, rates] = [div(s, a), reciprocal(s)]
  EULER_MACLAURIN.forEach((c, k) => {
    sum = add(sum, div(mul(mul(power, factor), sub(rates, logA)), like(q, c)))
    const [odd, even] = [plus(s, 2 * k + 1), plus(s, 2 * k + 2)]
    factor = mul(factor, mul(div(odd, a), div(even, a)))
    rates = add(rates, add(reciprocal(odd), reciprocal(even)))
  })
  return sum
}

export const zetaPrimitive: Primitive<NoParams> = elementwise({
  name: 'zeta',
  domain: 'float',
  kernel: (s, q) => zetaNumber(s!, q!),
  derivatives: [(d, [s, q]) => mul(d, zetaSlope(s!, q!)), (d, [s, q]) => mul(d, neg(mul(s!, zeta(plus(s!, 1), q!))))],
  lower: lowerInDouble('zeta', zetaOf),
})
/**
 * Hurwitz's zeta function Σ (q + n)⁻ˢ.
 *
 * @example lax.zeta(np.array([2]), np.array([1])) // [1.644934]
 */
export const zeta = (s: NDArray, q: NDArray): NDArray => apply(zetaPrimitive, s, q)

/**
 * The derivative of order `m` (whole numbers in a float array) of `digamma`.
 *
 * @example lax.polygamma(np.array([1]), np.array([1])) // [1.644934]
 */
export function polygamma(m: NDArray, x: NDArray): NDArray {
  const zero = zerosLike(m)
  const whole = floor(m)
  const isFirst = eq(m, zero)
  const order = select(isFirst, onesLike(m), whole)
  const parity = sub(times(abs(rem(order, like(m, 2))), 2), onesLike(m))
  const first = eq(order, onesLike(m))
  const factor = mul(parity, exp(lgamma(plus(order, 1))))
  const higher = mul(factor, zeta(plus(order, 1), select(first, onesLike(x), x)))
  const value = select(isFirst, digamma(x), select(first, trigamma(x), higher))
  return select(and(ge(m, zero), eq(m, whole)), value, like(x, NaN))
}
