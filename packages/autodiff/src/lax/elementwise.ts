import { checkOptions } from '../array/options.ts'
import type { NDArray } from '../array/ndarray.ts'
import { ValueError } from '../array/errors.ts'
import { showGiven } from '../array/show.ts'
import { integerPow, mul, round as roundToEven } from '../primitives/arithmetic.ts'
import { roundAwayFromZero, type RoundOptions } from '../primitives/bits.ts'
import { like } from '../primitives/broadcast.ts'
import { pow } from '../primitives/transcendental.ts'

/** 2ˣ. */
export const exp2 = (x: NDArray): NDArray => pow(like(x, 2), x)
/** x². */
export const square = (x: NDArray): NDArray => mul(x, x)
/** 1 / x. */
export const reciprocal = (x: NDArray): NDArray => integerPow(x, -1)

/**
 * To the nearest whole number. Halves go away from 0, as in JAX's `lax.round`; `np.round` takes the even neighbour.
 *
 * @example lax.round(np.array([0.5, 2.5, -0.4])) // [1, 3, -0]
 */
export function round(x: NDArray, options: RoundOptions = {}): NDArray {
  const { roundingMethod = 'awayFromZero' } = checkOptions('lax.round', options, ['roundingMethod'])
  if (roundingMethod === 'awayFromZero') return roundAwayFromZero(x)
  if (roundingMethod === 'toNearestEven') return roundToEven(x)
  throw new ValueError(
    `round: there is no rounding method ${showGiven(roundingMethod)}; use 'awayFromZero' or 'toNearestEven'`,
  )
}
