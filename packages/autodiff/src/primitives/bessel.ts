import type { FloatDType } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Primitive } from '../core/primitive.ts'
import { I0_LARGE, I0_SMALL, i0e, I1_LARGE, I1_SMALL, i1e } from '../interpreter/bessel.ts'
import { abs, div, mul, neg, plus, sign, sub, times } from './arithmetic.ts'
import { like, zerosLike } from './broadcast.ts'
import { gt, le, lt, select } from './comparison.ts'
import { lowerInDouble } from './double.ts'
import { apply, elementwise, type NoParams } from './elementwise.ts'
import { exp, sqrt } from './transcendental.ts'

function chebyshev(x: NDArray, coefficients: readonly number[]): NDArray {
  let [b, before] = [zerosLike(x), zerosLike(x)]
  const twice = times(x, 2)
  for (let k = coefficients.length - 1; k > 0; k--)
    [b, before] = [plus(sub(mul(twice, b), before), coefficients[k]!), b]
  return plus(sub(mul(x, b), before), coefficients[0]!)
}

/** The two series of interpreter/bessel.ts in |x|. */
function series(a: NDArray, small: readonly number[], large: readonly number[]): [small: NDArray, large: NDArray] {
  const far = div(chebyshev(plus(div(like(a, 16), a), -1), large), sqrt(a))
  return [chebyshev(plus(times(a, 0.25), -1), small), far]
}

export const besselI0ePrimitive: Primitive<NoParams> = elementwise({
  name: 'bessel_i0e',
  domain: 'float',
  kernel: (x) => i0e(x!),
  derivatives: [(d, [x], y) => mul(d, sub(besselI1e(x!), mul(sign(x!), y)))],
  lower: lowerInDouble('bessel_i0e', (x) => {
    const a = abs(x)
    const [small, large] = series(a, I0_SMALL, I0_LARGE)
    return select(le(a, like(a, 8)), small, large)
  }),
})
/** e^(−|x|) I₀(x). */
export const besselI0e = (x: NDArray): NDArray => apply(besselI0ePrimitive, x)

/** Where 1/x and what it is subtracted from would cancel; the derivative there is ½. */
const TINY: Readonly<Record<FloatDType, number>> = {
  float16: 2 ** -10,
  bfloat16: 2 ** -7,
  float32: 2 ** -23,
  float64: 2 ** -52,
}

export const besselI1ePrimitive: Primitive<NoParams> = elementwise({
  name: 'bessel_i1e',
  domain: 'float',
  kernel: (x) => i1e(x!),
  derivatives: [
    (d, [x], y) => {
      const tiny = like(x!, TINY[x!.dtype as FloatDType])
      const plain = gt(abs(x!), tiny)
      const safe = select(plain, x!, tiny)
      const slope = sub(besselI0e(safe), mul(y, sub(sign(safe), div(like(safe, -1), safe))))
      return mul(d, select(plain, slope, like(x!, 0.5)))
    },
  ],
  lower: lowerInDouble('bessel_i1e', (x) => {
    const a = abs(x)
    const [small, large] = series(a, I1_SMALL, I1_LARGE)
    const far = select(lt(x, zerosLike(x)), neg(large), large)
    return select(le(a, like(a, 8)), mul(x, small), far)
  }),
})
/** e^(−|x|) I₁(x). */
export const besselI1e = (x: NDArray): NDArray => apply(besselI1ePrimitive, x)

/** I₀(x). */
export const besselI0 = (x: NDArray): NDArray => mul(exp(abs(x)), besselI0e(x))
/** I₁(x). */
export const besselI1 = (x: NDArray): NDArray => mul(exp(abs(x)), besselI1e(x))
