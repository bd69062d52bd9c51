/** The gamma function's logarithm and its derivatives in double precision. */

/** ζ(k) − 1 for k = 2, 3, … */
export const ZETA_MINUS_ONE: readonly number[] = [
  0.6449340668482264, 0.2020569031595943, 0.08232323371113819, 0.03692775514336993, 0.01734306198444914,
  0.008349277381922827, 0.00407735619794434, 0.0020083928260822143, 0.0009945751278180853, 0.0004941886041194645,
  0.0002460865533080483, 0.00012271334757848915, 6.124813505870483e-5, 3.058823630702049e-5, 1.528225940865187e-5,
  7.637197637899763e-6, 3.81729326499984e-6, 1.908212716553939e-6, 9.539620338727962e-7, 4.769329867878064e-7,
  2.38450502727733e-7, 1.1921992596531106e-7, 5.960818905125948e-8, 2.980350351465228e-8, 1.4901554828365043e-8,
  7.45071178983543e-9, 3.725334024788457e-9, 1.862659723513049e-9, 9.313274324196682e-10, 4.656629065033784e-10,
  2.3283118336765053e-10, 1.164155017270052e-10,
]
export const EULER_GAMMA = 0.5772156649015329

/** B₂ₖ / (2k (2k − 1)): Stirling's series of ln Γ in 1/x. */
export const STIRLING: readonly number[] = [
  1 / 12,
  -1 / 360,
  1 / 1260,
  -1 / 1680,
  1 / 1188,
  -691 / 360360,
  1 / 156,
  -3617 / 122400,
  43867 / 244188,
]
/** B₂ₖ / 2k: the series of ln x − ψ(x) − 1/2x in 1/x². */
export const DIGAMMA_SERIES: readonly number[] = [
  1 / 12,
  -1 / 120,
  1 / 252,
  -1 / 240,
  1 / 132,
  -691 / 32760,
  1 / 12,
  -3617 / 8160,
]
export const HALF_LOG_2_PI = 0.9189385332046728

/** ln Γ(2 + z) for |z| ≤ ½: (1 − γ) z + Σ (ζ(k) − 1) (−z)ᵏ / k. */
function nearTwo(z: number): number {
  let sum = 0
  for (let k = ZETA_MINUS_ONE.length + 1; k >= 2; k--) sum = -z * (ZETA_MINUS_ONE[k - 2]! / k + sum)
  return z * (1 - EULER_GAMMA) - z * sum
}

/** What Stirling's formula for ln Γ(x) leaves out, for x from 10. */
export function stirlingRest(x: number): number {
  const t = 1 / (x * x)
  return STIRLING.reduceRight((sum, c) => sum * t + c, 0) / x
}

/** sin πx, exact at whole and half numbers. */
function sinPi(x: number): number {
  const r = x - 2 * Math.round(x / 2)
  return Math.abs(r) <= 0.25 ? Math.sin(Math.PI * r) : Math.sign(r) * Math.cos(Math.PI * (Math.abs(r) - 0.5))
}

/** ln |Γ(x)|; ∞ at the poles and at ±∞. */
export function lgamma(x: number): number {
  if (Number.isNaN(x)) return NaN
  if (!Number.isFinite(x) || (x <= 0 && Number.isInteger(x))) return Infinity
  if (x < -0.5) return Math.log(Math.PI / Math.abs(x * sinPi(x))) - lgamma(-x)
  if (x < 0.5) return nearTwo(x) - Math.log1p(x) - Math.log(Math.abs(x))
  if (x < 1.5) return nearTwo(x - 1) - Math.log1p(x - 1)
  if (x >= 10) return (x - 0.5) * Math.log(x) - x + HALF_LOG_2_PI + stirlingRest(x)
  let [y, product] = [x, 1]
  while (y > 2.5) product *= --y
  return nearTwo(y - 2) + Math.log(product)
}

/** (ln Γ)′; NaN at the poles, as in JAX. */
export function digamma(x: number): number {
  if (x <= 0) return Number.isInteger(x) || x === -Infinity ? NaN : digamma(1 - x) - Math.PI * cotPi(x)
  let [y, sum] = [x, 0]
  for (; y < 10; y++) sum += 1 / y
  const t = 1 / (y * y)
  return Math.log(y) - 0.5 / y - t * DIGAMMA_SERIES.reduceRight((rest, c) => rest * t + c, 0) - sum
}

const cotPi = (x: number): number => {
  const s = sinPi(x)
  return sinPi(x + 0.5) / s
}

/** (2k)! / B₂ₖ: the Euler–Maclaurin series of ζ. */
export const EULER_MACLAURIN: readonly number[] = [
  12, -720, 30240, -1209600, 47900160, -1892437580.3183791606367, 74724249600, -2950130727918.164224,
  1.1646782814350067249e14, -4.5979787224074726105e15, 1.8152105401943546773e17, -7.1661652561756670113e18,
]
/** Terms of ζ that are summed before the series. */
export const ZETA_TERMS = 10
/** Of a negative operand as many more, up to this. */
const MOST_TERMS = 1e5

/** Hurwitz's ζ(s, q) = Σ (q + n)⁻ˢ; NaN for s < 1, and for q < 0 unless s is whole. */
export function zeta(s: number, q: number): number {
  if (s === 1) return Infinity
  if (Number.isNaN(s) || Number.isNaN(q) || s < 1) return NaN
  if (q <= 0) {
    if (Number.isInteger(q)) return s % 2 === 0 ? Infinity : NaN
    if (!Number.isInteger(s)) return NaN
  }
  // As in JAX there is no limit.
  if (q === Infinity || s === Infinity) return NaN
  let [sum, a] = [0, q]
  for (let n = 0; n < ZETA_TERMS || (a < ZETA_TERMS && n < MOST_TERMS); n++, a++) sum += a ** -s
  const power = a ** -s
  sum += (a * power) / (s - 1) + power / 2
  let [factor, term] = [s / a, 0]
  for (let k = 0; k < EULER_MACLAURIN.length; k++) {
    term = factor / EULER_MACLAURIN[k]!
    sum += power * term
    factor *= ((s + 2 * k + 1) / a) * ((s + 2 * k + 2) / a)
  }
  return sum
}
