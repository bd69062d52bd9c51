import { ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Primitive } from '../core/primitive.ts'
import {
  betainc as betaincNumber,
  igamma as igammaNumber,
  igammac as igammacNumber,
  randomGammaGrad as randomGammaGradNumber,
  STIRLING_FROM,
} from '../interpreter/incomplete.ts'
import { abs, add, div, max, min, mul, neg, plus, sub, times } from './arithmetic.ts'
import { like, onesLike, zerosLike } from './broadcast.ts'
import { and, eq, ge, gt, lt, not, or, select } from './comparison.ts'
import { lowerInDouble } from './double.ts'
import { apply, type Derivative, elementwise, type NoParams } from './elementwise.ts'
import { digamma, lgamma, stirlingRest } from './gamma.ts'
import { integral } from './integral.ts'
import { exp, expm1, log, log1p, sqrt } from './transcendental.ts'

const positivePart = (x: NDArray): NDArray => max(x, zerosLike(x))

// ── the incomplete gamma function ──────────────────────────────────────────

const isUpper = (a: NDArray, x: NDArray): NDArray => and(ge(x, onesLike(x)), gt(x, a))

/** ln r, where r = 1 + d is near 1 or not. */
const logOf = (r: NDArray, d: NDArray): NDArray => select(lt(abs(d), like(d, 0.5)), log1p(d), log(r))

/** xᵃ e⁻ˣ / Γ(a). */
function gammaFactor(a: NDArray, x: NDArray): NDArray {
  const isLarge = ge(a, like(a, STIRLING_FROM))
  const large = select(isLarge, a, like(a, STIRLING_FROM))
  const d = div(sub(x, large), large)
  const exponent = sub(mul(large, sub(logOf(div(x, large), d), d)), stirlingRest(large))
  const byStirling = mul(exp(exponent), sqrt(times(large, 1 / (2 * Math.PI))))
  return select(isLarge, byStirling, exp(sub(sub(mul(a, log(x)), x), lgamma(a))))
}

function gammaIntegral(a: NDArray, x: NDArray, power = 0, tilt = 0): NDArray {
  const upper = isUpper(a, x)
  const below = add(positivePart(sub(a, x)), min(a, sqrt(a)))
  return integral(select(upper, add(sub(x, a), sqrt(x)), below), (t, spread) => {
    const [shape, bound, up] = [spread(a), spread(x), spread(upper)]
    const signed = select(up, t, neg(t))
    const weight = select(up, shape, plus(shape, tilt))
    const value = exp(sub(mul(weight, signed), mul(bound, expm1(signed))))
    return power === 0 ? value : mul(t, value)
  })
}

/** P where `complement` is false, Q where it is true. */
function gammaPart(a: NDArray, x: NDArray, complement: boolean): NDArray {
  const [zero, infinity] = [zerosLike(x), like(x, Infinity)]
  const regular = and(and(gt(a, zero), lt(a, infinity)), and(gt(x, zero), lt(x, infinity)))
  const [safeA, safeX] = [select(regular, a, onesLike(a)), select(regular, x, onesLike(x))]
  const part = mul(gammaFactor(safeA, safeX), gammaIntegral(safeA, safeX))
  const upper = isUpper(safeA, safeX)
  const value = select(complement ? upper : not(upper), part, sub(onesLike(part), part))
  const none = or(eq(x, zero), eq(a, infinity))
  const edge = select(and(none, lt(x, infinity)), like(x, complement ? 1 : 0), like(x, complement ? 0 : 1))
  const inside = and(and(ge(a, zero), ge(x, zero)), not(and(eq(a, zero), eq(x, zero))))
  return select(inside, select(regular, value, edge), like(x, NaN))
}

/** The density of the gamma distribution: ∂P/∂x. */
const density = (a: NDArray, x: NDArray): NDArray => exp(sub(sub(mul(plus(a, -1), log(x)), x), lgamma(a)))

export const igammaPrimitive: Primitive<NoParams> = elementwise({
  name: 'igamma',
  domain: 'float',
  kernel: (a, x) => igammaNumber(a!, x!),
  derivatives: [(d, [a, x]) => mul(d, igammaGradA(a!, x!)), (d, [a, x]) => mul(d, density(a!, x!))],
  lower: lowerInDouble('igamma', (a, x) => gammaPart(a, x, false)),
})
/**
 * The regularized lower incomplete gamma function P(a, x).
 *
 * @example lax.igamma(np.array([1]), np.array([0.5])) // [0.39346933]
 */
export const igamma = (a: NDArray, x: NDArray): NDArray => apply(igammaPrimitive, a, x)

export const igammacPrimitive: Primitive<NoParams> = elementwise({
  name: 'igammac',
  domain: 'float',
  kernel: (a, x) => igammacNumber(a!, x!),
  derivatives: [(d, [a, x]) => neg(mul(d, igammaGradA(a!, x!))), (d, [a, x]) => neg(mul(d, density(a!, x!)))],
  lower: lowerInDouble('igammac', (a, x) => gammaPart(a, x, true)),
})
/** The regularized upper incomplete gamma function Q(a, x) = 1 − P(a, x). */
export const igammac = (a: NDArray, x: NDArray): NDArray => apply(igammacPrimitive, a, x)

const noDerivative =
  (what: string): Derivative =>
  () => {
    throw new ValueError(
      `${what}: as in JAX it has no derivative in its shape parameters, the arguments before the last; hold them with stopGradient`,
    )
  }

export const randomGammaGradPrimitive: Primitive<NoParams> = elementwise({
  name: 'random_gamma_grad',
  domain: 'float',
  kernel: (a, x) => randomGammaGradNumber(a!, x!),
  derivatives: [
    noDerivative('igammaGradA (a derivative already)'),
    // R = −Pₐ / p, so that R′ = ψ(a) − ln x − R p′ / p.
    (d, [a, x], out) => mul(d, sub(sub(digamma(a!), log(x!)), mul(out, sub(div(plus(a!, -1), x!), onesLike(x!))))),
  ],
  lower: lowerInDouble('random_gamma_grad', (a, x) => {
    const [zero, nan] = [zerosLike(x), like(x, NaN)]
    const upper = isUpper(a, x)
    const slope = sub(log(x), digamma(select(upper, a, plus(a, 1))))
    const whole = mul(slope, gammaIntegral(a, x))
    const above = add(whole, gammaIntegral(a, x, 1))
    const below = sub(mul(div(x, a), gammaIntegral(a, x, 1, 1)), whole)
    const value = mul(x, select(upper, above, below))
    return select(and(ge(x, zero), gt(a, zero)), select(eq(x, zero), zero, value), nan)
  }),
})
/** How a draw `x` of the gamma distribution moves with its shape `a`: −(∂P/∂a) / (∂P/∂x). */
export const randomGammaGrad = (a: NDArray, x: NDArray): NDArray => apply(randomGammaGradPrimitive, a, x)

/** ∂P(a, x)/∂a. */
export const igammaGradA = (a: NDArray, x: NDArray): NDArray => {
  const regular = not(eq(x, zerosLike(x)))
  const safe = select(regular, x, onesLike(x))
  return select(regular, neg(mul(randomGammaGrad(a, safe), density(a, safe))), mul(zerosLike(x), a))
}

// ── the incomplete beta function ───────────────────────────────────────────

/** xᵃ (1 − x)ᵇ / B(a, b). */
function betaFactor(a: NDArray, b: NDArray, x: NDArray): NDArray {
  const [small, large] = [min(a, b), max(a, b)]
  const edge = like(a, STIRLING_FROM)
  // Each form sees operands that it is made for.
  const [bothLarge, oneLarge] = [ge(small, edge), ge(large, edge)]
  const [p, q] = [select(bothLarge, a, edge), select(bothLarge, b, edge)]
  const sum = add(p, q)
  const d = sub(mul(x, sum), p)
  const odds = add(
    mul(p, logOf(div(mul(x, sum), p), div(d, p))),
    mul(q, logOf(div(mul(sub(onesLike(x), x), sum), q), neg(div(d, q)))),
  )
  const rest = sub(sub(stirlingRest(sum), stirlingRest(p)), stirlingRest(q))
  const both = mul(exp(add(odds, rest)), sqrt(times(mul(div(p, sum), q), 1 / (2 * Math.PI))))

  const far = select(oneLarge, large, edge)
  const together = add(small, far)
  const gap = add(mul(plus(far, -0.5), log1p(div(small, far))), mul(small, plus(log(together), -1)))
  const tail = sub(sub(stirlingRest(far), stirlingRest(together)), gap)
  const near = sub(lgamma(large), lgamma(add(small, large)))
  const logBeta = add(lgamma(small), select(oneLarge, tail, near))
  const single = exp(sub(add(mul(a, log(x)), mul(b, log1p(neg(x)))), logBeta))
  return select(bothLarge, both, single)
}

function betaPart(a: NDArray, b: NDArray, x: NDArray): NDArray {
  const rest = sub(onesLike(x), x)
  const odds = div(x, rest)
  const slope = positivePart(sub(a, mul(positivePart(plus(b, -1)), odds)))
  const rate = add(slope, min(a, sqrt(add(a, div(mul(b, odds), rest)))))
  const value = integral(rate, (t, spread) => {
    const inner = log1p(neg(mul(spread(odds), expm1(neg(t)))))
    return exp(sub(mul(spread(plus(b, -1)), inner), mul(spread(a), t)))
  })
  return div(mul(betaFactor(a, b, x), value), rest)
}

function betaincOf(a: NDArray, b: NDArray, x: NDArray): NDArray {
  const [zero, infinity, unit] = [zerosLike(x), like(x, Infinity), onesLike(x)]
  const none = or(eq(a, zero), eq(b, infinity))
  const all = or(eq(b, zero), eq(a, infinity))
  const within = and(and(ge(a, zero), ge(b, zero)), and(ge(x, zero), not(gt(x, unit))))
  const valid = and(and(within, eq(x, x)), not(and(none, all)))
  const regular = and(and(valid, not(or(none, all))), and(gt(x, zero), lt(x, unit)))
  const [p, q, y] = [select(regular, a, unit), select(regular, b, unit), select(regular, x, like(x, 0.5))]
  const left = lt(y, div(plus(p, 1), plus(add(p, q), 2)))
  const part = betaPart(select(left, p, q), select(left, q, p), select(left, y, sub(unit, y)))
  const value = select(left, part, sub(unit, part))
  const step = select(none, select(eq(x, zero), zero, unit), select(eq(x, unit), unit, zero))
  const edge = select(or(none, all), step, x)
  return select(valid, select(regular, value, edge), like(x, NaN))
}

export const betaincPrimitive: Primitive<NoParams> = elementwise({
  name: 'regularized_incomplete_beta',
  domain: 'float',
  kernel: (a, b, x) => betaincNumber(a!, b!, x!),
  derivatives: [
    noDerivative('betainc'),
    noDerivative('betainc'),
    (d, [a, b, x]) => {
      const logBeta = sub(add(lgamma(a!), lgamma(b!)), lgamma(add(a!, b!)))
      const linear = add(mul(plus(b!, -1), log1p(neg(x!))), mul(plus(a!, -1), log(x!)))
      return mul(d, exp(sub(linear, logBeta)))
    },
  ],
  lower: lowerInDouble('regularized_incomplete_beta', betaincOf),
})
/** The regularized incomplete beta function Iₓ(a, b). */
export const betainc = (a: NDArray, b: NDArray, x: NDArray): NDArray => apply(betaincPrimitive, a, b, x)
