import type { NDArray } from '../array/ndarray.ts'
import type { Primitive } from '../core/primitive.ts'
import {
  erfc as erfcNumber,
  erfcx as erfcxNumber,
  logNdtr as logNdtrNumber,
  TWO_OVER_ROOT_PI,
} from '../interpreter/special.ts'
import { erfcOf, erfcxOf } from './approximations.ts'
import { add, div, mul, neg, plus, times } from './arithmetic.ts'
import { like } from './broadcast.ts'
import { lt, select } from './comparison.ts'
import { lowerInDouble } from './double.ts'
import { apply, elementwise, type NoParams } from './elementwise.ts'
import { exp, log, log1p } from './transcendental.ts'

export const erfcPrimitive: Primitive<NoParams> = elementwise({
  name: 'erfc',
  domain: 'float',
  kernel: (x) => erfcNumber(x!),
  derivatives: [(d, [x]) => mul(d, times(exp(neg(mul(x!, x!))), -TWO_OVER_ROOT_PI))],
  // The runtime's 1 − Erf has no digits in the tail.
  lower: lowerInDouble('erfc', (x) => erfcOf(x, exp)),
})
/** 1 − erf(x), with all its digits where it is small. */
export const erfc = (x: NDArray): NDArray => apply(erfcPrimitive, x)

export const erfcxPrimitive: Primitive<NoParams> = elementwise({
  name: 'erfcx',
  domain: 'float',
  kernel: (x) => erfcxNumber(x!),
  derivatives: [(d, [x], y) => mul(d, plus(times(mul(x!, y), 2), -TWO_OVER_ROOT_PI))],
  lower: lowerInDouble('erfcx', (x) => erfcxOf(x, exp)),
})
/** e^(x²) erfc(x). */
export const erfcx = (x: NDArray): NDArray => apply(erfcxPrimitive, x)

export const logNdtrPrimitive: Primitive<NoParams> = elementwise({
  name: 'log_ndtr',
  domain: 'float',
  kernel: (x) => logNdtrNumber(x!),
  // φ / Φ, where both may be 0.
  derivatives: [(d, [x]) => div(times(d, Math.sqrt(2 / Math.PI)), erfcx(times(x!, -Math.SQRT1_2)))],
  lower: lowerInDouble('log_ndtr', (x) => {
    const left = lt(x, like(x, -1))
    const w = times(x, Math.SQRT1_2)
    const tail = add(neg(times(mul(x, x), 0.5)), log(times(erfcxOf(neg(select(left, w, like(w, -1))), exp), 0.5)))
    return select(left, tail, log1p(neg(times(erfcOf(w, exp), 0.5))))
  }),
})
/** The logarithm of the normal distribution function. */
export const logNdtr = (x: NDArray): NDArray => apply(logNdtrPrimitive, x)

/** The normal distribution function. */
export const ndtr = (x: NDArray): NDArray => times(erfc(times(x, -Math.SQRT1_2)), 0.5)
