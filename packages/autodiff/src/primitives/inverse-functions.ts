import type { NDArray } from '../array/ndarray.ts'
import type { Primitive } from '../core/primitive.ts'
import { withSignOf } from './approximations.ts'
import { abs, add, div, integerPow, mul, plus, sub, times } from './arithmetic.ts'
import { like } from './broadcast.ts'
import { eq, gt, lt, select } from './comparison.ts'
import { apply, elementwise, lowerAs, type NoParams } from './elementwise.ts'
import { log, log1p, oneMinusSquare, pow, rsqrt, sqrt } from './transcendental.ts'

const half = (x: NDArray): NDArray => times(x, 0.5)

/** Above this ln 2x is asinh and acosh of x in every dtype, and x² may overflow. */
const LARGE = 1e9

export const asinhPrimitive: Primitive<NoParams> = elementwise({
  name: 'asinh',
  domain: 'float',
  kernel: (x) => Math.asinh(x!),
  derivatives: [(d, [x]) => mul(d, rsqrt(plus(mul(x!, x!), 1)))],
  // The runtime's Asinh loses all digits near 0.
  lower: lowerAs('asinh', (x) => {
    const a = abs(x)
    const square = mul(a, a)
    const small = log1p(add(a, div(square, plus(sqrt(plus(square, 1)), 1))))
    return withSignOf(x, select(gt(a, like(x, LARGE)), plus(log(a), Math.LN2), small))
  }),
})
/** The inverse of sinh. */
export const asinh = (x: NDArray): NDArray => apply(asinhPrimitive, x)

export const acoshPrimitive: Primitive<NoParams> = elementwise({
  name: 'acosh',
  domain: 'float',
  kernel: (x) => Math.acosh(x!),
  derivatives: [(d, [x]) => mul(d, rsqrt(mul(plus(x!, -1), plus(x!, 1))))],
  lower: lowerAs('acosh', (x) => {
    const t = plus(x, -1)
    const small = log1p(add(t, sqrt(mul(t, plus(t, 2)))))
    const inside = select(gt(x, like(x, LARGE)), plus(log(x), Math.LN2), small)
    return select(lt(x, like(x, 1)), like(x, NaN), inside)
  }),
})
/** The inverse of cosh, NaN below 1. */
export const acosh = (x: NDArray): NDArray => apply(acoshPrimitive, x)

export const atanhPrimitive: Primitive<NoParams> = elementwise({
  name: 'atanh',
  domain: 'float',
  kernel: (x) => Math.atanh(x!),
  derivatives: [(d, [x]) => div(d, oneMinusSquare(x!))],
  lower: lowerAs('atanh', (x) => {
    const a = abs(x)
    return withSignOf(x, half(log1p(div(times(a, 2), sub(like(x, 1), a)))))
  }),
})
/** The inverse of tanh, ±∞ at ±1 and NaN outside. */
export const atanh = (x: NDArray): NDArray => apply(atanhPrimitive, x)

export const cbrtPrimitive: Primitive<NoParams> = elementwise({
  name: 'cbrt',
  domain: 'float',
  kernel: (x) => Math.cbrt(x!),
  derivatives: [(d, [x], y) => mul(d, mul(like(x!, 1 / 3), integerPow(y, -2)))],
  lower: lowerAs('cbrt', (x) => {
    const a = abs(x)
    // ⅓ is rounded, and its error grows with ln x: one step of Newton's method takes it away.
    const root = pow(a, like(x, 1 / 3))
    const better = sub(root, div(sub(root, div(a, mul(root, root))), like(x, 3)))
    return withSignOf(x, select(eq(a, like(x, Infinity)), a, better))
  }),
})
/** The real cube root. */
export const cbrt = (x: NDArray): NDArray => apply(cbrtPrimitive, x)
