import { checkOptions } from '../array/options.ts'
import { type DType, isFloat } from '../array/dtype.ts'
import { DTypeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import * as a from '../primitives/arithmetic.ts'
import { full, like, zerosLike } from '../primitives/broadcast.ts'
import { nextafter as nextafterOf } from '../primitives/bounds.ts'
import { convert } from '../primitives/convert.ts'
import * as c from '../primitives/comparison.ts'
import { isNegative } from '../primitives/approximations.ts'
import { cbrt as cbrtOf } from '../primitives/inverse-functions.ts'
import { exp2 as exp2Of } from '../lax/elementwise.ts'
import * as t from '../primitives/transcendental.ts'
import { trunc } from '../primitives/bits.ts'
import { quotientAndRemainder } from './division.ts'
import { power } from './elementwise.ts'
import { asNumber, type Binary, binary, floatBinary, floatFunction, type Unary } from './lifting.ts'
import { asArray, asFloat, unify } from './operands.ts'

/** The real cube root. */
export const cbrt: Unary = floatFunction(cbrtOf)
/** 2ˣ. */
export const exp2: Unary = floatFunction(exp2Of)
/** |x| as a float. */
export const fabs: Unary = floatFunction(a.abs)
/** +x: the numbers as they are. */
export const positive: Unary = (x) => asArray(x)
/** Another name of `power`. */
export const pow: Binary = power
/** `x` to the power `y`, both as floats. */
export const floatPower: Binary = floatBinary('floatPower', t.pow)

/** log₂(2ˣ + 2ʸ), without overflow. */
export const logaddexp2: Binary = floatBinary('logaddexp2', (x, y) => {
  const factor = like(x, Math.LN2)
  return a.div(t.logaddexp(a.mul(x, factor), a.mul(y, factor)), factor)
})

/** `y` where it is the larger one, or `x` is NaN. */
const preferring = (first: (x: NDArray, y: NDArray) => NDArray) => (x: NDArray, y: NDArray) =>
  c.select(isFloat(x.dtype) ? c.or(first(x, y), c.ne(y, y)) : first(x, y), x, y)
/** The larger of two entries; the number beside a NaN. */
export const fmax: Binary = binary('fmax', preferring(c.gt), c.or)
/** The smaller of two entries; the number beside a NaN. */
export const fmin: Binary = binary('fmin', preferring(c.lt), c.and)

/**
 * Whether there is a minus sign, that of −0 too. A NaN has none.
 *
 * @example np.signbit([-1, -0, 0]) // [true, true, false]
 */
export const signbit = (x: Operand): NDArray<'bool'> => {
  const array = asNumber(asArray(x))
  return (isFloat(array.dtype) ? isNegative(array) : c.lt(array, zerosLike(array))) as NDArray<'bool'>
}
/** |x| with the sign of `y`. */
export const copysign: Binary = floatBinary('copysign', (x, y) => c.select(isNegative(y), a.neg(a.abs(x)), a.abs(x)))
/** The next float after `x` on the way to `y`. It has no derivative. */
export const nextafter: Binary = floatBinary('nextafter', nextafterOf)
/**
 * How far it is to the next float away from 0, with the sign of `x`; NaN where it is not finite.
 *
 * @see NumPy's `spacing`
 * @example np.spacing([1]) // [1.1920929e-7]
 */
export const spacing: Unary = floatFunction((x) => {
  const outward = c.select(c.lt(x, zerosLike(x)), like(x, -Infinity), like(x, Infinity))
  return c.select(c.isFinite(x), a.sub(nextafterOf(x, outward), x), like(x, NaN))
})

/**
 * 0 for negative `x`, 1 for positive ones, and `y` at 0.
 *
 * @example np.heaviside([-1, 0, 2], 0.5) // [0, 0.5, 1]
 */
export const heaviside: Binary = floatBinary('heaviside', (x, y) => {
  const zero = zerosLike(x)
  const at = c.select(c.ne(x, x), x, y)
  return c.select(c.lt(x, zero), zero, c.select(c.gt(x, zero), like(x, 1), at))
})

/**
 * The quotient rounded down and the remainder with the sign of the divisor.
 *
 * @example np.divmod(-7, 2) // [-4, 1]
 */
export function divmod(x: Operand, y: Operand): [NDArray, NDArray] {
  const [l, r] = unify('divmod', [x, y]) as [NDArray, NDArray]
  return quotientAndRemainder(asNumber(l), asNumber(r))
}

/**
 * What is after the point, and the whole number before it; both have the sign of `x`.
 *
 * @example np.modf(-1.5) // [-0.5, -1]
 */
export function modf(x: Operand): [NDArray, NDArray] {
  const array = asFloat(x)
  const whole = trunc(array)
  return [a.sub(array, whole), whole]
}

const two = (exponent: NDArray): NDArray => exp2Of(exponent)
const times2 = (x: NDArray): NDArray => a.mul(x, like(x, 2))

/**
 * `x` as m · 2ᵉ with m in [½, 1): [m, e]. 0, ∞ and NaN are their own m.
 *
 * @example np.frexp(6) // [0.75, 3]
 */
export function frexp(x: Operand): [NDArray, NDArray<'int32'>] {
  const array = asFloat(x)
  const special = c.or(c.not(c.isFinite(array)), c.eq(array, zerosLike(array)))
  const safe = c.select(special, like(array, 1), array)
  // The logarithm is off by one beside a power of two. Two factors, for 2ᵉ itself may be too large.
  let exponent = a.plus(a.floor(a.div(t.log(a.abs(safe)), like(array, Math.LN2))), 1)
  const half = a.floor(a.mul(exponent, like(array, 0.5)))
  let mantissa = a.mul(a.mul(safe, two(a.neg(half))), two(a.sub(half, exponent)))
  const [low, high] = [c.lt(a.abs(mantissa), like(array, 0.5)), c.ge(a.abs(mantissa), like(array, 1))]
  mantissa = c.select(low, times2(mantissa), c.select(high, a.mul(mantissa, like(array, 0.5)), mantissa))
  exponent = c.select(low, a.plus(exponent, -1), c.select(high, a.plus(exponent, 1), exponent))
  const whole = convert(c.select(special, zerosLike(array), exponent), 'int32') as NDArray<'int32'>
  return [c.select(special, array, mantissa), whole]
}

/**
 * x · 2ⁿ, without overflow on the way.
 *
 * @throws DTypeError when `n` is not whole by its dtype.
 * @example np.ldexp(0.75, np.array(3, { dtype: 'int32' })) // 6
 */
export function ldexp(x: Operand, n: Operand): NDArray {
  const exponent = typeof n === 'number' && Number.isInteger(n) ? full([], n, 'int32') : asArray(n)
  if (isFloat(exponent.dtype)) {
    throw new DTypeError(
      `ldexp: the exponent is ${exponent.dtype}, it must be whole; convert it with n.astype("int32")`,
    )
  }
  const array = asFloat(x)
  const [l, r] = unify('ldexp', [array, convert(exponent, array.dtype)]) as [NDArray, NDArray]
  const limit = { float16: 45, float64: 2200 }[l.dtype as string] ?? 300
  const held = a.min(a.max(r, like(r, -limit)), like(r, limit))
  const third = trunc(a.div(held, like(r, 3)))
  return a.mul(a.mul(a.mul(l, two(third)), two(third)), two(a.sub(a.sub(held, third), third)))
}

const largest: Partial<Record<string, number>> = {
  float64: Number.MAX_VALUE,
  float16: 65504,
  bfloat16: 2 ** 127 * (2 - 2 ** -7),
}
const maxOf = (dtype: DType): number => largest[dtype] ?? 2 ** 127 * (2 - 2 ** -23)

export interface NanToNumOptions {
  /** What stands for NaN. @defaultValue 0 */
  readonly nan?: number
  /** What stands for ∞. @defaultValue the largest number of the dtype */
  readonly posinf?: number | null
  /** What stands for −∞. @defaultValue the smallest number of the dtype */
  readonly neginf?: number | null
}

/**
 * `x` with numbers in place of NaN and infinities.
 *
 * @example np.nanToNum([NaN, 1, Infinity], { posinf: 9 }) // [0, 1, 9]
 */
export function nanToNum(x: Operand, options: NanToNumOptions = {}): NDArray {
  const { nan = 0, posinf = null, neginf = null } = checkOptions('nanToNum', options, ['nan', 'posinf', 'neginf'])
  const array = asArray(x)
  if (!isFloat(array.dtype)) return array
  const numbers = c.select(c.ne(array, array), like(array, nan), array)
  const below = c.select(c.eq(array, like(array, Infinity)), like(array, posinf ?? maxOf(array.dtype)), numbers)
  return c.select(c.eq(array, like(array, -Infinity)), like(array, neginf ?? -maxOf(array.dtype)), below)
}
