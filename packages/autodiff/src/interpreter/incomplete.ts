import { digamma, lgamma, stirlingRest } from './gamma.ts'

/**
 * The incomplete gamma and beta functions in double precision, as integrals over [0, ∞) of what decays like e⁻ˢ. The
 * double exponential formula s = exp(τ − e^(−τ)) of Takahasi and Mori (1974) with these steps gives 13 digits, for
 * every operand alike, so that a device can do the same without a loop.
 */
const STEP = 0.06
const [FIRST, LAST] = [-3.9, 4.5]
const taus = Array.from({ length: Math.round((LAST - FIRST) / STEP) + 1 }, (_, i) => FIRST + i * STEP)
export const NODES: readonly number[] = taus.map((tau) => Math.exp(tau - Math.exp(-tau)))
export const WEIGHTS: readonly number[] = taus.map((tau, i) => STEP * NODES[i]! * (1 + Math.exp(-tau)))

/** From here on Stirling's formula is exact, and loses less. */
export const STIRLING_FROM = 10

/** ln r, where r = 1 + d is near 1 or not. */
const logOf = (r: number, d: number): number => (Math.abs(d) < 0.5 ? Math.log1p(d) : Math.log(r))

/** xᵃ e⁻ˣ / Γ(a). */
function gammaFactor(a: number, x: number): number {
  if (a < STIRLING_FROM) return Math.exp(a * Math.log(x) - x - lgamma(a))
  const d = (x - a) / a
  return Math.exp(a * (logOf(x / a, d) - d) - stirlingRest(a)) * Math.sqrt(a / (2 * Math.PI))
}

/** Whether Q is the smaller one of P and Q = 1 − P, or nearly. */
const isUpper = (a: number, x: number): boolean => x >= 1 && x > a

/** P x⁻ᵃ eˣ Γ(a), or that of Q in the upper tail; `tilt` adds to the rate of decay, `power` is that of t. */
function gammaIntegral(a: number, x: number, upper: boolean, power = 0, tilt = 0): number {
  const rate = upper ? x - a + Math.sqrt(x) : Math.max(a - x, 0) + Math.min(a, Math.sqrt(a))
  let sum = 0
  for (let i = 0; i < NODES.length; i++) {
    const t = NODES[i]! / rate
    const exponent = upper ? a * t - x * Math.expm1(t) : -(a + tilt) * t - x * Math.expm1(-t)
    sum += WEIGHTS[i]! * Math.exp(exponent) * (power === 0 ? 1 : t)
  }
  return sum / rate
}

/** P(a, x) = γ(a, x) / Γ(a). */
export function igamma(a: number, x: number): number {
  if (!(x >= 0) || !(a >= 0) || (a === 0 && x === 0)) return NaN
  if (x === 0) return 0
  if (x === Infinity || a === 0) return 1
  if (a === Infinity) return 0
  const value = gammaFactor(a, x) * gammaIntegral(a, x, isUpper(a, x))
  return isUpper(a, x) ? 1 - value : value
}

/** Q(a, x) = 1 − P(a, x). */
export function igammac(a: number, x: number): number {
  if (!(x >= 0) || !(a >= 0) || (a === 0 && x === 0)) return NaN
  if (x === Infinity || a === 0) return 0
  if (x === 0 || a === Infinity) return 1
  const value = gammaFactor(a, x) * gammaIntegral(a, x, isUpper(a, x))
  return isUpper(a, x) ? value : 1 - value
}

/** −(∂P/∂a) / (∂P/∂x): how a draw x of the gamma distribution moves with its shape a. */
export function randomGammaGrad(a: number, x: number): number {
  if (!(x >= 0) || !(a > 0)) return NaN
  if (x === 0) return 0
  if (isUpper(a, x)) {
    return x * ((Math.log(x) - digamma(a)) * gammaIntegral(a, x, true) + gammaIntegral(a, x, true, 1))
  }
  // By parts, without the two terms in 1/a² that would cancel.
  const rest = (x / a) * gammaIntegral(a, x, false, 1, 1)
  return -x * ((Math.log(x) - digamma(a + 1)) * gammaIntegral(a, x, false) - rest)
}

/** xᵃ (1 − x)ᵇ / B(a, b). */
function betaFactor(a: number, b: number, x: number): number {
  const sum = a + b
  if (a < STIRLING_FROM || b < STIRLING_FROM) {
    return Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b))
  }
  const d = x * sum - a
  const exponent = a * logOf((x * sum) / a, d / a) + b * logOf(((1 - x) * sum) / b, -d / b)
  const rest = stirlingRest(sum) - stirlingRest(a) - stirlingRest(b)
  return Math.exp(exponent + rest) * Math.sqrt(((a / sum) * b) / (2 * Math.PI))
}

/** ln B(a, b), of which one operand is below STIRLING_FROM or both are large. */
function logBeta(a: number, b: number): number {
  const [small, large] = a < b ? [a, b] : [b, a]
  if (large < STIRLING_FROM) return lgamma(small) + lgamma(large) - lgamma(small + large)
  const gap = (large - 0.5) * Math.log1p(small / large) + small * (Math.log(small + large) - 1)
  return lgamma(small) + stirlingRest(large) - stirlingRest(small + large) - gap
}

/** The regularized incomplete beta function Iₓ(a, b). */
export function betainc(a: number, b: number, x: number): number {
  if (!(a >= 0 && b >= 0 && x >= 0 && x <= 1)) return NaN
  const [none, all] = [a === 0 || b === Infinity, b === 0 || a === Infinity]
  if (none && all) return NaN
  if (none) return x === 0 ? 0 : 1
  if (all) return x === 1 ? 1 : 0
  if (x === 0 || x === 1) return x
  // Of I and 1 − I the integral gives the one that is not near 1.
  return x < (a + 1) / (a + b + 2) ? betaPart(a, b, x) : 1 - betaPart(b, a, 1 - x)
}

function betaPart(a: number, b: number, x: number): number {
  const odds = x / (1 - x)
  const slope = Math.max(a - Math.max(b - 1, 0) * odds, 0)
  const rate = slope + Math.min(a, Math.sqrt(a + (b * odds) / (1 - x)))
  let sum = 0
  for (let i = 0; i < NODES.length; i++) {
    const t = NODES[i]! / rate
    sum += WEIGHTS[i]! * Math.exp(-a * t + (b - 1) * Math.log1p(-odds * Math.expm1(-t)))
  }
  return (betaFactor(a, b, x) * sum) / (rate * (1 - x))
}
