import { checkOptions } from '../array/options.ts'
import { isFloat } from '../array/dtype.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import * as a from '../primitives/arithmetic.ts'
import * as bits from '../primitives/bits.ts'
import { like } from '../primitives/broadcast.ts'
import { floatFunction, type Unary } from './lifting.ts'
import { asArray } from './operands.ts'

/** Integers and booleans are whole already. */
const keepingIntegers =
  (f: (x: NDArray) => NDArray): Unary =>
  (x) => {
    const array = asArray(x)
    return isFloat(array.dtype) ? f(array) : array
  }

/** Rounded down. */
export const floor: Unary = keepingIntegers(a.floor)
/** Rounded up. */
export const ceil: Unary = keepingIntegers(a.ceil)
/**
 * To the whole number next to 0.
 *
 * @example np.trunc([1.7, -1.7]) // [1, -1]
 */
export const trunc: Unary = keepingIntegers(bits.trunc)
/** To the whole number next to 0; integers become float32. */
export const fix: Unary = floatFunction(bits.trunc)
/** To the nearest whole number, halves to the even one; integers become float32. */
export const rint: Unary = floatFunction(a.round)

/**
 * To the nearest number with so many decimals, halves to the even one.
 *
 * @example np.round([0.5, 1.5, 2.5]) // [0, 2, 2]
 * @example np.round([0.126], { decimals: 2 }) // [0.13]
 */
export function round(x: Operand, options: RoundDecimalsOptions = {}): NDArray {
  const { decimals = 0 } = checkOptions('round', options, ['decimals'])
  if (decimals === 0) return keepingIntegers(a.round)(x)
  return keepingIntegers((array) => {
    const factor = like(array, 10 ** decimals)
    return a.div(a.round(a.mul(array, factor)), factor)
  })(x)
}
export interface RoundDecimalsOptions {
  /** How many digits after the point stay; negative ones stand before it. @defaultValue 0 */
  readonly decimals?: number
}
