import { digamma, EULER_GAMMA, lgamma } from './gamma.ts'
import { NODES, WEIGHTS } from './incomplete.ts'

/** Terms of the series of Eₙ(x) for x ≤ 1. */
export const EXPN_TERMS = 20
/** Terms of the series of Ei(x) up to x = EXPI_FAR, and of the one in 1/x beyond. */
export const EXPI_TERMS = 150
export const EXPI_FAR = 40

/** Eₙ(x) = ∫ e^(−xt) t⁻ⁿ dt from 1 to ∞, for whole n ≥ 0. */
export function expn(n: number, x: number): number {
  if (!(n >= 0) || !(x >= 0)) return NaN
  if (x === 0) return n < 2 ? Infinity : 1 / (n - 1)
  if (n === 0) return Math.exp(-x) / x
  if (x === Infinity) return 0
  if (x > 1) {
    const rate = x + n / 2
    let sum = 0
    for (let i = 0; i < NODES.length; i++) {
      const t = NODES[i]! / rate
      sum += WEIGHTS[i]! * Math.exp(-x * t - n * Math.log1p(t))
    }
    return (Math.exp(-x) * sum) / rate
  }
  let [sum, term] = [0, 1]
  for (let m = 0; m < EXPN_TERMS; m++) {
    if (m !== n - 1) sum += term / (m - n + 1)
    term *= -x / (m + 1)
  }
  const sign = n % 2 === 0 ? -1 : 1
  return sign * Math.exp((n - 1) * Math.log(x) - lgamma(n)) * (digamma(n) - Math.log(x)) - sum
}

/** Ei(x), the principal value of ∫ eᵗ / t dt from −∞ to x. */
export function expi(x: number): number {
  if (x < 0) return -expn(1, -x)
  if (x === 0) return -Infinity
  if (x > EXPI_FAR) {
    let sum = 1
    for (let k = EXPI_FAR; k >= 1; k--) sum = 1 + (k / x) * sum
    return (Math.exp(x) / x) * sum
  }
  let [sum, term] = [0, 1]
  for (let k = 1; k <= EXPI_TERMS; k++) {
    term *= x / k
    sum += term / k
  }
  return EULER_GAMMA + Math.log(x) + sum
}
