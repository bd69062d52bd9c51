import { range } from '../array/shape.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Primitive } from '../core/primitive.ts'
import {
  expi as expiNumber,
  EXPI_FAR,
  EXPI_TERMS,
  expn as expnNumber,
  EXPN_TERMS,
} from '../interpreter/exponential-integrals.ts'
import { EULER_GAMMA, lgamma as lgammaNumber } from '../interpreter/gamma.ts'
import { add, div, max, min, mul, neg, plus, rem, sub } from './arithmetic.ts'
import { broadcastAxis, broadcastInDim, like, onesLike, reduceSum, zerosLike } from './broadcast.ts'
import { and, eq, ge, gt, lt, select } from './comparison.ts'
import { lowerInDouble } from './double.ts'
import { apply, elementwise, type NoParams } from './elementwise.ts'
import { digamma, lgamma } from './gamma.ts'
import { constants, integral } from './integral.ts'
import { exp, log, log1p } from './transcendental.ts'

/** Eₙ(x) for 0 < x ≤ 1 and n ≥ 1. */
function expnSeries(n: NDArray, x: NDArray): NDArray {
  let [sum, term] = [zerosLike(x), onesLike(x)]
  for (let m = 0; m < EXPN_TERMS; m++) {
    const under = sub(like(n, m + 1), n)
    const singular = eq(under, zerosLike(n))
    sum = select(singular, sum, add(sum, div(term, select(singular, onesLike(n), under))))
    term = mul(term, div(neg(x), like(x, m + 1)))
  }
  const logX = log(x)
  const sign = select(eq(rem(n, like(n, 2)), zerosLike(n)), like(n, -1), onesLike(n))
  const singular = mul(sign, exp(sub(mul(plus(n, -1), logX), lgamma(n))))
  return sub(mul(singular, sub(digamma(n), logX)), sum)
}

function expnOf(n: NDArray, x: NDArray): NDArray {
  const [zero, infinity] = [zerosLike(x), like(x, Infinity)]
  const order = select(gt(n, zero), n, onesLike(n))
  const far = gt(x, onesLike(x))
  const outer = select(and(far, lt(x, infinity)), x, like(x, 2))
  const rate = add(outer, mul(order, like(order, 0.5)))
  const area = integral(rate, (t, spread) => exp(sub(neg(mul(spread(outer), t)), mul(spread(order), log1p(t)))))
  const near = expnSeries(order, select(and(gt(x, zero), ge(onesLike(x), x)), x, onesLike(x)))
  const inside = select(eq(x, infinity), zero, select(far, mul(exp(neg(outer)), area), near))
  const atZero = select(lt(n, like(n, 2)), infinity, div(onesLike(n), plus(n, -1)))
  const value = select(eq(x, zero), atZero, select(eq(n, zero), div(exp(neg(x)), x), inside))
  return select(and(ge(n, zero), ge(x, zero)), value, like(x, NaN))
}

export const expnPrimitive: Primitive<NoParams> = elementwise({
  name: 'expn',
  domain: 'float',
  kernel: (n, x) => expnNumber(n!, x!),
  derivatives: [
    null,
    (d, [n, x], y) => {
      // dEₙ/dx = −Eₙ₋₁, and E₋₁ = (e⁻ˣ + E₀) / x.
      const [zero, before] = [zerosLike(n!), plus(n!, -1)]
      const last = eq(n!, zero)
      const below = select(last, div(add(exp(neg(x!)), y), x!), expn(select(last, zero, before), x!))
      return neg(mul(d, below))
    },
  ],
  lower: lowerInDouble('expn', expnOf),
})
/** The exponential integral Eₙ(x), of whole `n`. */
export const expn = (n: NDArray, x: NDArray): NDArray => apply(expnPrimitive, n, x)

/** Σ xᵏ / (k · k!) for 0 < x ≤ 40, all its terms at once. */
function expiSum(x: NDArray): NDArray {
  const orders = range(EXPI_TERMS).map((k) => k + 1)
  const shape = [...x.shape, EXPI_TERMS]
  const along = (f: (k: number) => number): NDArray =>
    broadcastInDim(constants(orders.map(f), x.dtype), shape, [x.ndim])
  const logs = broadcastAxis(log(x), x.ndim, EXPI_TERMS)
  const exponents = sub(
    mul(
      logs,
      along((k) => k),
    ),
    along((k) => lgammaNumber(k + 1) + Math.log(k)),
  )
  return reduceSum(exp(exponents), [x.ndim])
}

export const expiPrimitive: Primitive<NoParams> = elementwise({
  name: 'expi',
  domain: 'float',
  kernel: (x) => expiNumber(x!),
  derivatives: [(d, [x]) => mul(d, div(exp(x!), x!))],
  lower: lowerInDouble('expi', (x) => {
    const [zero, edge] = [zerosLike(x), like(x, EXPI_FAR)]
    const beyond = max(x, edge)
    let tail = onesLike(x)
    for (let k = EXPI_FAR; k >= 1; k--) tail = plus(mul(div(like(x, k), beyond), tail), 1)
    const inner = min(max(x, like(x, Number.MIN_VALUE)), edge)
    const near = plus(add(log(inner), expiSum(inner)), EULER_GAMMA)
    const right = select(gt(x, edge), mul(div(exp(beyond), beyond), tail), near)
    const left = neg(expnOf(onesLike(x), select(lt(x, zero), neg(x), onesLike(x))))
    return select(eq(x, zero), like(x, -Infinity), select(lt(x, zero), left, right))
  }),
})
/** The exponential integral Ei(x). */
export const expi = (x: NDArray): NDArray => apply(expiPrimitive, x)
