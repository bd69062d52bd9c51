import type { NDArray } from '../../../array/ndarray.ts'
import { abs, div, floor, mul, neg, sub, times } from '../../../primitives/arithmetic.ts'
import { like, zerosLike } from '../../../primitives/broadcast.ts'
import { and, eq, ge, lt, select } from '../../../primitives/comparison.ts'

/** How many bits of the quotient are found in a step: their product with half of a divisor's digits is exact. */
const BITS = 11
/** Quotients of float32 have up to 2²⁷⁷. */
const STEPS = 26

/**
 * x − y · trunc(x / y) of float32, exactly, with the sign of x: long division in steps of 11 bits, each of whose
 * products and differences is exact.
 */
export function remainder(x: NDArray, y: NDArray): NDArray {
  const divisor = abs(y)
  const [high, low] = halves(divisor)
  let rest = abs(x)
  for (let step = STEPS - 1; step >= 0; step--) {
    const scaled = (part: NDArray): NDArray => shifted(part, step * BITS)
    rest = reduced(rest, scaled(divisor), scaled(high), scaled(low))
  }
  const signed = select(lt(x, zerosLike(x)), neg(rest), rest)
  const kept = select(eq(rest, zerosLike(rest)), times(x, 0), signed)
  const whole = select(lt(divisor, like(y, Infinity)), kept, x)
  const valid = and(eq(sub(x, x), zerosLike(x)), lt(zerosLike(y), divisor))
  return select(valid, whole, like(x, NaN))
}

/** The first half of the digits, and the others (Veltkamp's splitting, on numbers that do not overflow on the way). */
function halves(x: NDArray): [high: NDArray, low: NDArray] {
  const large = ge(x, like(x, 2 ** 100))
  const held = select(large, times(x, 2 ** -32), x)
  const c = times(held, 2 ** 12 + 1)
  const first = sub(c, sub(c, held))
  const high = select(large, times(first, 2 ** 32), first)
  return [high, sub(x, high)]
}

/** Takes `scaled` off as often as it fits; a divisor that is too large is not taken. */
function reduced(rest: NDArray, scaled: NDArray, high: NDArray, low: NDArray): NDArray {
  const quotient = floor(div(rest, scaled))
  const less = sub(sub(rest, mul(quotient, high)), mul(quotient, low))
  // The quotient may be off by one, as its rounding has it.
  const back = select(lt(less, zerosLike(less)), less.add(scaled), less)
  const held = select(ge(back, scaled), sub(back, scaled), back)
  return select(ge(rest, scaled), held, rest)
}

/** Times a power of two, in factors that are float32. */
function shifted(x: NDArray, by: number): NDArray {
  let value = x
  for (let left = by; left > 0; left -= 120) value = times(value, 2 ** Math.min(left, 120))
  return value
}
