import { isFloat, isSigned } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { add, div, mul, plus, rem, round, sign, sub } from '../primitives/arithmetic.ts'
import { like, zerosLike } from '../primitives/broadcast.ts'
import { and, eq, lt, ne, select, shiftRightLogical } from '../primitives/comparison.ts'

/** Division that rounds down, of arrays of one shape and dtype. */

/** Where a remainder is not 0 and has not the sign of the divisor: the quotient was rounded up. */
const hasOtherSign = (remainder: NDArray, divisor: NDArray): NDArray => {
  const zero = zerosLike(divisor)
  return and(ne(remainder, zero), ne(lt(remainder, zero), lt(divisor, zero)))
}

/** Integers with 1 in place of 0. */
export const nonzero = (y: NDArray): NDArray => select(eq(y, zerosLike(y)), like(y, 1), y)

/** The remainder with the sign of the divisor. */
export function modulo(x: NDArray, y: NDArray): NDArray {
  const divisor = isFloat(y.dtype) ? y : nonzero(y)
  const r = rem(x, divisor)
  return select(hasOtherSign(r, divisor), add(r, divisor), r)
}

/** The quotient rounded down, and the remainder. */
export function quotientAndRemainder(x: NDArray, y: NDArray): [NDArray, NDArray] {
  if (!isFloat(x.dtype)) {
    const q = div(x, y)
    if (!isSigned(x.dtype)) return [q, modulo(x, y)]
    // As in JAX 0 has a sign of its own: what is not 0, divided by it, is one less than the −1 of the quotient.
    const down = and(ne(rem(x, y), zerosLike(x)), ne(sign(x), sign(y)))
    return [select(down, plus(q, -1), q), modulo(x, y)]
  }
  const r = rem(x, y)
  // Without its remainder x divides evenly, so that no rounding takes the quotient past a whole number.
  const q = div(select(eq(y, zerosLike(y)), x, sub(x, r)), y)
  const up = and(ne(r, zerosLike(r)), ne(sign(y), sign(r)))
  return [round(select(up, plus(q, -1), q)), select(up, add(r, y), r)]
}

/** Integers to the power of integers by repeated squaring of 6 bits, as JAX has it. */
export function wholePower(x: NDArray, y: NDArray): NDArray {
  const [zero, one] = [zerosLike(y), like(y, 1)]
  let [base, rest] = [x, y]
  let product = select(and(eq(x, zero), ne(y, zero)), zero, one)
  for (let bit = 0; bit < 6; bit++) {
    product = select(eq(and(rest, one), one), mul(product, base), product)
    base = mul(base, base)
    rest = shiftRightLogical(rest, one)
  }
  return product
}
