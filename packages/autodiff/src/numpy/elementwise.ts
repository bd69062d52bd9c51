import { type DType, isComplex, isFloat, isInteger } from '../array/dtype.ts'
import { NDArray, type Operand } from '../array/ndarray.ts'
import { broadcastShapes } from '../array/shape.ts'
import * as a from '../primitives/arithmetic.ts'
import * as c from '../primitives/comparison.ts'
import { magnitude, signOf } from '../primitives/complex.ts'
import { convert } from '../primitives/convert.ts'
import { broadcastTo, full, zerosLike } from '../primitives/broadcast.ts'
import * as t from '../primitives/transcendental.ts'
import { modulo, nonzero, quotientAndRemainder, wholePower } from './division.ts'
import { asNumber, type Binary, binary, type Comparison, floatBinary, floatFunction, type Unary } from './lifting.ts'
import { asArray, asFloat, unify, unifyDTypes } from './operands.ts'

const comparison =
  (name: string, f: (x: NDArray, y: NDArray) => NDArray): Comparison =>
  (x, y) => {
    const [l, r] = unify(name, [x, y]) as [NDArray, NDArray]
    return (name === 'equal' || name === 'notEqual' ? f(l, r) : f(asNumber(l), asNumber(r))) as NDArray<'bool'>
  }

// ── arithmetic ─────────────────────────────────────────────────────────────

/** x + y. */
export const add: Binary = binary('add', a.add, c.or)
/** x − y. */
export const subtract: Binary = binary('subtract', a.sub)
/** x · y. */
export const multiply: Binary = binary('multiply', a.mul, c.and)
/**
 * True division: integers give float32.
 *
 * @example np.divide(np.array(Int32Array.of(3)), 2) // [1.5]
 */
export const divide: Binary = floatBinary('divide', a.div)
/** Another name of `divide`. */
export const trueDivide: Binary = divide
/** −x. */
export const negative: Unary = (x) => a.neg(asNumber(asArray(x)))
/** |x|; its derivative at 0 is 1, as JAX's (0 for complex numbers, of which it is float32). */
export const abs: Unary = (x) => magnitude(asNumber(asArray(x)))
/** Another name of `abs`. */
export const absolute: Unary = abs
/** −1, 0 or 1; NaN for NaN. Of a complex number z / |z|, and 0 for 0. */
export const sign: Unary = (x) => signOf(asNumber(asArray(x)))
/** x². */
export const square: Unary = (x) => {
  const array = asNumber(asArray(x))
  return a.mul(array, array)
}
/** 1 / x; integers give float32. */
export const reciprocal: Unary = floatFunction((x) => a.div(full(x.shape, 1, x.dtype), x))
/** The larger of two entries; NaN if one is. The derivative at equals is half to each. */
export const maximum: Binary = binary('maximum', a.max, c.or)
/** The smaller of two entries; NaN if one is. The derivative at equals is half to each. */
export const minimum: Binary = binary('minimum', a.min, c.and)

/**
 * `x` to the power `y`. A whole JavaScript number as the exponent multiplies, and keeps integers; so do integers to
 * the power of integers, which wrap around (of negative exponents nothing sensible comes, as in JAX).
 *
 * @example np.power(np.array(Int32Array.of(-3)), 2) // [9]
 */
export const power: Binary = (x, y) => {
  if (typeof y === 'number' && Number.isInteger(y) && Math.abs(y) <= 2 ** 20) {
    const base = asNumber(asArray(x))
    return a.integerPow(y < 0 ? asFloat(base) : base, y)
  }
  const exponent = typeof y === 'number' ? y : asArray(y)
  const [l, r] = unify('power', [x, Array.isArray(y) ? y : exponent]) as [NDArray, NDArray]
  if (isComplex(l.dtype)) return t.pow(l, r)
  if (!isFloat(l.dtype)) return wholePower(asNumber(l), asNumber(r))
  if (!(exponent instanceof NDArray) || isFloat(exponent.dtype)) return t.pow(l, r)
  // Of a whole exponent 0 the derivative is 0, also at 0.
  const none = c.eq(r, zerosLike(r))
  const one = full(r.shape, 1, r.dtype)
  return c.select(none, one, t.pow(l, c.select(none, one, r)))
}

/**
 * The remainder with the sign of the divisor; of integers divided by 0 it is 0.
 *
 * @example np.mod(-7, 3) // 2
 */
export const mod: Binary = binary('mod', modulo)
/** The remainder of x / y, with the sign of `y`; another name is `mod`. */
export const remainder: Binary = mod
/**
 * The remainder with the sign of the dividend, as C's.
 *
 * @example np.fmod(-7, 3) // -1
 */
export const fmod: Binary = binary('fmod', (x, y) => a.rem(x, isInteger(y.dtype) ? nonzero(y) : y))
/**
 * The quotient rounded down: `x` is `y` times it, and `mod(x, y)`.
 *
 * @example np.floorDivide(-7, 2) // -4
 */
export const floorDivide: Binary = binary('floorDivide', (x, y) => quotientAndRemainder(x, y)[0])
export interface ClipOptions {
  /** The lower bound. @defaultValue none */
  readonly min?: Operand | null
  /** The upper bound. @defaultValue none */
  readonly max?: Operand | null
}

const isBounds = (value: Operand | null | ClipOptions): value is ClipOptions =>
  value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype

/**
 * `x` held between `low` and `high`, or between the options `min` and `max`; `null` leaves an end open.
 *
 * @example np.clip([-1, 0.5, 2], 0, null) // [0, 0.5, 2]
 * @example np.clip([-1, 0.5, 2], { max: 1 }) // [-1, 0.5, 1]
 */
export const clip = (x: Operand, low: Operand | null | ClipOptions = null, high: Operand | null = null): NDArray => {
  const { min = null, max = null } = isBounds(low) ? low : { min: low, max: high }
  const above = min === null ? asArray(x) : maximum(x, min)
  return max === null ? above : minimum(above, max)
}

// ── functions of a real number ─────────────────────────────────────────────

/** eˣ. */
export const exp: Unary = floatFunction(t.exp)
/** eˣ − 1, exact near 0. */
export const expm1: Unary = floatFunction(t.expm1)
/** The natural logarithm: −∞ at 0, NaN below. */
export const log: Unary = floatFunction(t.log)
/** ln(1 + x), exact near 0. */
export const log1p: Unary = floatFunction(t.log1p)
/** The logarithm to base 2. */
export const log2: Unary = (x) => divide(log(x), Math.LN2)
/** The logarithm to base 10. */
export const log10: Unary = (x) => divide(log(x), Math.LN10)
/** The square root; NaN below 0. */
export const sqrt: Unary = floatFunction(t.sqrt)
/** The sine. */
export const sin: Unary = floatFunction(t.sin)
/** The cosine. */
export const cos: Unary = floatFunction(t.cos)
/** The tangent. */
export const tan: Unary = floatFunction(t.tan)
/** The inverse of sin, in [−π/2, π/2]; NaN outside [−1, 1]. */
export const arcsin: Unary = floatFunction(t.asin)
/** The inverse of cos, in [0, π]; NaN outside [−1, 1]. */
export const arccos: Unary = floatFunction(t.acos)
/** The inverse of tan, in (−π/2, π/2). */
export const arctan: Unary = floatFunction(t.atan)
/** (eˣ − e⁻ˣ) / 2. */
export const sinh: Unary = floatFunction(t.sinh)
/** (eˣ + e⁻ˣ) / 2. */
export const cosh: Unary = floatFunction(t.cosh)
/** The hyperbolic tangent, sinh x / cosh x. */
export const tanh: Unary = floatFunction(t.tanh)
/** ln(eˣ + eʸ), without overflow. */
export const logaddexp: Binary = floatBinary('logaddexp', t.logaddexp)

// ── comparison and logic ───────────────────────────────────────────────────

/** Whether x = y; false for NaN. */
export const equal: Comparison = comparison('equal', c.eq)
/** Whether x ≠ y; true for NaN. */
export const notEqual: Comparison = comparison('notEqual', c.ne)
/** Whether x < y; false for NaN. */
export const less: Comparison = comparison('less', c.lt)
/** Whether x ≤ y; false for NaN. */
export const lessEqual: Comparison = comparison('lessEqual', c.le)
/** Whether x > y; false for NaN. */
export const greater: Comparison = comparison('greater', c.gt)
/** Whether x ≥ y; false for NaN. */
export const greaterEqual: Comparison = comparison('greaterEqual', c.ge)

const asBool = (x: Operand): NDArray => convert(asArray(x), 'bool')
const logical =
  (name: string, f: (x: NDArray, y: NDArray) => NDArray): Comparison =>
  (x, y) =>
    f(...(unify(name, [asBool(x), asBool(y)]) as [NDArray, NDArray])) as NDArray<'bool'>
/** Whether both are true; all numbers but 0 count as true. */
export const logicalAnd: Comparison = logical('logicalAnd', c.and)
/** Whether either is true; all numbers but 0 count as true. */
export const logicalOr: Comparison = logical('logicalOr', c.or)
/** Whether just one is true; all numbers but 0 count as true. */
export const logicalXor: Comparison = logical('logicalXor', c.xor)
/** Whether it is false, or 0. */
export const logicalNot = (x: Operand): NDArray<'bool'> => c.not(asBool(x)) as NDArray<'bool'>

const bits =
  (name: string, f: (x: NDArray, y: NDArray) => NDArray): Binary =>
  (x, y) =>
    f(...(unify(name, [x, y]) as [NDArray, NDArray]))
/** And, bit by bit, of integers or booleans. */
export const bitwiseAnd: Binary = bits('bitwiseAnd', c.and)
/** Or, bit by bit, of integers or booleans. */
export const bitwiseOr: Binary = bits('bitwiseOr', c.or)
/** Exclusive or, bit by bit, of integers or booleans. */
export const bitwiseXor: Binary = bits('bitwiseXor', c.xor)
/** All bits flipped, of integers or booleans. */
export const bitwiseNot: Unary = (x) => c.not(asArray(x))
/** The bits of `x` moved up by `y`; 0 from 32 on. */
export const leftShift: Binary = bits('leftShift', c.shiftLeft)

/**
 * `x` where the condition is true, `y` elsewhere. Both are computed everywhere: a NaN on the side not taken still
 * makes the gradient NaN (see docs/sharp-edges.md).
 *
 * @example np.where(np.array([1, -1]).gt(0), 1, 0) // [1, 0]
 */
export const where = (condition: Operand, x: Operand, y: Operand): NDArray => {
  const which = asBool(condition)
  const branches = unifyDTypes([x, y])
  const shape = broadcastShapes([which.shape, ...branches.map((b) => b.shape)], 'where')
  const [onTrue, onFalse] = branches.map((b) => broadcastTo(b, shape)) as [NDArray, NDArray]
  return c.select(broadcastTo(which, shape), onTrue, onFalse)
}

/**
 * `x` in another dtype: floats are cut to integers towards 0, held in their range, NaN as 0; between integers bits are
 * kept.
 */
export const astype = (x: Operand, dtype: DType): NDArray => convert(asArray(x), dtype)
