import { polynomial } from '../primitives/approximations.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { div, mul, neg, plus, sub } from '../primitives/arithmetic.ts'
import { like, zerosLike } from '../primitives/broadcast.ts'
import { eq, gt, lt, or, select } from '../primitives/comparison.ts'
import * as e from '../primitives/exponential-integrals.ts'
import { log } from '../primitives/transcendental.ts'
import { floatFunction, type Unary, unifyFloats } from '../numpy/lifting.ts'

/**
 * The exponential integral Eₙ(x) = ∫ e^(−xt) t⁻ⁿ dt from 1 to ∞, of whole `n`.
 *
 * @example special.expn(2, 1) // 0.14849551
 */
export function expn(n: Operand, x: Operand): NDArray {
  const [order, array] = unifyFloats('expn', [n, x]) as [NDArray, NDArray]
  return e.expn(order, array)
}
/** E₁(x). */
export const exp1: Unary = floatFunction((x) => e.expn(like(x, 1), x))
/** The principal value Ei(x) of ∫ eᵗ / t dt from −∞ to x. */
export const expi: Unary = floatFunction(e.expi)

/** S. Moshier, "Methods and Programs for Mathematical Functions" (1989): −spence(1 + w) / w. */
const OVER = [
  4.65128586073990045278e-5, 7.31589045238094711071e-3, 1.3384763957830901865e-1, 8.79691311754530315341e-1,
  2.7114985119655346992, 4.25697156008121755724, 3.29771340985225106936, 1,
]
const UNDER = [
  6.90990488912553276999e-4, 2.54043763932544379113e-2, 2.82974860602568089943e-1, 1.41172597751831069617,
  3.63800533345137075418, 5.0327888014331699039, 3.54771340985225096217, 1,
]

/**
 * Spence's function ∫ ln t / (1 − t) dt from 1 to x, the dilogarithm of 1 − x.
 *
 * @example special.spence([0, 1, 2]) // [1.644934, 0, -0.82246685]
 */
export const spence: Unary = floatFunction((x) => {
  const [zero, one] = [zerosLike(x), like(x, 1)]
  // Where another form holds, each sees 1.
  const special = or(lt(x, zero), or(eq(x, zero), eq(x, like(x, Infinity))))
  const inside = select(special, one, x)
  const inverted = gt(inside, like(x, 2))
  const y = select(inverted, div(one, inside), inside)
  const [high, low] = [gt(y, like(x, 1.5)), lt(y, like(x, 0.5))]
  const w = select(high, plus(div(one, y), -1), select(low, neg(y), plus(y, -1)))
  const direct = sub(zero, mul(w, div(polynomial(w, OVER), polynomial(w, UNDER))))
  const safe = select(low, y, like(y, 0.25))
  const reflected = sub(plus(neg(mul(log(safe), log(sub(one, safe)))), Math.PI ** 2 / 6), direct)
  const value = select(low, reflected, direct)
  const logY = log(y)
  const swapped = sub(mul(mul(logY, logY), like(x, -0.5)), value)
  const result = select(or(inverted, high), swapped, value)
  const edge = select(eq(x, zero), like(x, Math.PI ** 2 / 6), select(lt(x, zero), like(x, NaN), like(x, -Infinity)))
  return select(special, edge, result)
})
