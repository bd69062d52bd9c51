import { showGiven } from '../array/show.ts'
import { checkOptions } from '../array/options.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { add, div, mul, sub } from '../primitives/arithmetic.ts'
import * as b from '../primitives/bessel.ts'
import { like, zerosLike } from '../primitives/broadcast.ts'
import { convert } from '../primitives/convert.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { reshape } from '../primitives/reshape.ts'
import { floatFunction, type Unary } from '../numpy/lifting.ts'
import { asFloat } from '../numpy/operands.ts'

/** The modified Bessel function I₀(x). */
export const i0: Unary = floatFunction(b.besselI0)
/** e^(−|x|) I₀(x). */
export const i0e: Unary = floatFunction(b.besselI0e)
/** The modified Bessel function I₁(x). */
export const i1: Unary = floatFunction(b.besselI1)
/** e^(−|x|) I₁(x). */
export const i1e: Unary = floatFunction(b.besselI1e)

export interface BesselJnOptions {
  /** The highest order. */
  readonly v: number
  /** Where Miller's recurrence starts; it must be well above `v` and |z|. @defaultValue 50 */
  readonly nIter?: number
}

/** Each is an operation of its own in the program. */
const MOST_STEPS = 10_000

/**
 * The Bessel functions J₀(z) … Jᵥ(z) along a new first axis, by Miller's backward recurrence; NaN at 0, as in JAX.
 *
 * @throws ValueError unless the orders are whole numbers.
 * @example special.besselJn([1], { v: 1 }) // [[0.7651977], [0.44005057]]
 */
export function besselJn(z: Operand, options: BesselJnOptions): NDArray {
  const { v, nIter = 50 } = checkOptions('besselJn', options, ['v', 'nIter'])
  if (![v, nIter].every((n) => Number.isInteger(n) && n >= 0 && n <= MOST_STEPS) || v > nIter) {
    throw new ValueError(
      `besselJn: the orders up to ${showGiven(v)} do not come from ${showGiven(nIter)} steps; give whole numbers v ≤ nIter ≤ ${MOST_STEPS}`,
    )
  }
  const { dtype } = asFloat(z)
  // The numbers on the way leave the range of float32.
  const x = convert(asFloat(z), 'float64')
  let [last, current, sum] = [zerosLike(x), like(x, 1e-16), zerosLike(x)]
  const found: NDArray[] = []
  for (let k = nIter; k >= 0; k--) {
    const next = sub(div(mul(like(x, 2 * (k + 1)), current), x), last)
    ;[last, current] = [current, next]
    if (k % 2 === 0) sum = add(sum, mul(like(x, 2), next))
    if (k <= v) found.unshift(next)
  }
  // J₀ + 2 J₂ + 2 J₄ + … = 1
  const whole = sub(sum, current)
  const rows = found.map((f) => reshape(div(f, whole), [1, ...x.shape]))
  return convert(concatenate(rows, 0), dtype)
}
