import type { NDArray } from '../array/ndarray.ts'
import { add, div, mul, neg, sub } from '../primitives/arithmetic.ts'
import { like, zerosLike } from '../primitives/broadcast.ts'
import { and, eq, ge, gt, lt, select } from '../primitives/comparison.ts'
import * as e from '../primitives/entropy.ts'
import { expm1, log, log1p } from '../primitives/transcendental.ts'
import { type Binary, floatBinary, floatFunction, type Unary } from '../numpy/lifting.ts'

/**
 * x ln y, and 0 where x is 0.
 *
 * @example special.xlogy([0, 2], [0, 1]) // [0, 0]
 */
export const xlogy: Binary = floatBinary('xlogy', e.xlogy)
/** x ln(1 + y), and 0 where x is 0. */
export const xlog1py: Binary = floatBinary('xlog1py', e.xlog1py)
/** −x ln x, 0 at 0 and −∞ left of it. */
export const entr: Unary = floatFunction((x) => select(lt(x, zerosLike(x)), like(x, -Infinity), neg(e.xlogx(x))))

function relEntrOf(p: NDArray, q: NDArray): NDArray {
  const zero = zerosLike(p)
  const both = and(gt(p, zero), gt(q, zero))
  const [safeP, safeQ] = [select(both, p, like(p, 1)), select(both, q, like(q, 1))]
  const value = sub(e.xlogx(safeP), e.xlogy(safeP, safeQ))
  return select(both, value, select(and(eq(p, zero), ge(q, zero)), zero, like(p, Infinity)))
}
/** p ln(p / q), 0 where p is 0, ∞ outside. */
export const relEntr: Binary = floatBinary('relEntr', relEntrOf)
/** p ln(p / q) − p + q. */
export const klDiv: Binary = floatBinary('klDiv', (p, q) => add(sub(relEntrOf(p, q), p), q))

const boxcoxOf = (logX: NDArray, lambda: NDArray): NDArray => {
  const none = eq(lambda, zerosLike(lambda))
  const safe = select(none, like(lambda, 1), lambda)
  return select(none, logX, div(expm1(mul(safe, logX)), safe))
}
/** The transformation of Box and Cox: (x^λ − 1) / λ, and ln x for λ = 0. */
export const boxcox: Binary = floatBinary('boxcox', (x, lambda) => boxcoxOf(log(x), lambda))
/** `boxcox` of 1 + x. */
export const boxcox1p: Binary = floatBinary('boxcox1p', (x, lambda) => boxcoxOf(log1p(x), lambda))
