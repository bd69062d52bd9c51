import type { NDArray } from '../array/ndarray.ts'
import type { Primitive } from '../core/primitive.ts'
import { div, mul, plus } from './arithmetic.ts'
import { zerosLike } from './broadcast.ts'
import { and, eq, select } from './comparison.ts'
import { apply, elementwise, lowerAs, type NoParams } from './elementwise.ts'
import { log, log1p } from './transcendental.ts'

/** x f(y), 0 where x is 0 unless y is NaN; the derivatives are those of x f(y) everywhere. */
const weighted = (
  name: string,
  number: (y: number) => number,
  f: (y: NDArray) => NDArray,
  slope: (x: NDArray, y: NDArray) => NDArray,
): Primitive<NoParams> =>
  elementwise({
    name,
    domain: 'float',
    kernel: (x, y) => (x === 0 && y === y ? 0 : x! * number(y!)),
    derivatives: [(d, [, y]) => mul(d, f(y!)), (d, [x, y]) => mul(d, slope(x!, y!))],
    lower: lowerAs(name, (x, y) => select(and(eq(x, zerosLike(x)), eq(y, y)), zerosLike(x), mul(x, f(y)))),
  })

export const xlogyPrimitive: Primitive<NoParams> = weighted('xlogy', Math.log, log, div)
/** x ln y, and 0 where x is 0. */
export const xlogy = (x: NDArray, y: NDArray): NDArray => apply(xlogyPrimitive, x, y)

export const xlog1pyPrimitive: Primitive<NoParams> = weighted('xlog1py', Math.log1p, log1p, (x, y) =>
  div(x, plus(y, 1)),
)
/** x ln(1 + y), and 0 where x is 0. */
export const xlog1py = (x: NDArray, y: NDArray): NDArray => apply(xlog1pyPrimitive, x, y)

export const xlogxPrimitive: Primitive<NoParams> = elementwise({
  name: 'xlogx',
  domain: 'float',
  kernel: (x) => (x === 0 ? 0 : x! * Math.log(x!)),
  derivatives: [(d, [x]) => mul(d, plus(log(x!), 1))],
  lower: lowerAs('xlogx', (x) => select(eq(x, zerosLike(x)), zerosLike(x), mul(x, log(x)))),
})
/** x ln x, and 0 where x is 0. */
export const xlogx = (x: NDArray): NDArray => apply(xlogxPrimitive, x)
