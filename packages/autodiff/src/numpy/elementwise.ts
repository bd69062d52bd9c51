import { type DType, isComplex, isDifferentiable, isFloat } from '../array/dtype.ts'
import { DTypeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { broadcastShapes } from '../array/shape.ts'
import * as a from '../primitives/arithmetic.ts'
import * as c from '../primitives/comparison.ts'
import { imag, magnitude, real, signOf } from '../primitives/complex.ts'
import { convert } from '../primitives/convert.ts'
import { broadcastTo, full, zerosLike } from '../primitives/broadcast.ts'
import * as t from '../primitives/transcendental.ts'
import { asArray, asFloat, unify, unifyDTypes } from './operands.ts'

type Unary = (x: Operand) => NDArray
type Binary = (x: Operand, y: Operand) => NDArray
type Comparison = (x: Operand, y: Operand) => NDArray<'bool'>

const floatFunction =
  (f: (x: NDArray) => NDArray): Unary =>
  (x) =>
    f(asFloat(x))

/** Booleans count as 0 and 1. */
const asNumber = (x: NDArray): NDArray => (x.dtype === 'bool' ? convert(x, 'int32') : x)

const binary =
  (name: string, f: (x: NDArray, y: NDArray) => NDArray): Binary =>
  (x, y) => {
    const [l, r] = unify(name, [x, y]) as [NDArray, NDArray]
    return f(asNumber(l), asNumber(r))
  }

/** A float operand: integers are converted before they meet others, bare numbers stay weak. */
const floatOrWeak = (x: Operand): Operand => (typeof x === 'number' ? x : asFloat(x))

const comparison =
  (name: string, f: (x: NDArray, y: NDArray) => NDArray): Comparison =>
  (x, y) => {
    const [l, r] = unify(name, [x, y]) as [NDArray, NDArray]
    return (name === 'equal' || name === 'notEqual' ? f(l, r) : f(asNumber(l), asNumber(r))) as NDArray<'bool'>
  }

// ── arithmetic ─────────────────────────────────────────────────────────────

export const add: Binary = binary('add', a.add)
export const subtract: Binary = binary('subtract', a.sub)
export const multiply: Binary = binary('multiply', a.mul)
/**
 * True division: integers give float32.
 *
 * @example np.divide(np.array(Int32Array.of(3)), 2) // [1.5]
 */
export const divide: Binary = (x, y) => {
  const [l, r] = unify('divide', [floatOrWeak(x), floatOrWeak(y)]) as [NDArray, NDArray]
  return a.div(l, r)
}
export const trueDivide: Binary = divide
export const negative: Unary = (x) => a.neg(asNumber(asArray(x)))
/** |x|; its derivative at 0 is 1, as JAX's (0 for complex numbers, of which it is float32). */
export const abs: Unary = (x) => magnitude(asNumber(asArray(x)))
export const absolute: Unary = abs
/** −1, 0 or 1; NaN for NaN. Of a complex number z / |z|, and 0 for 0. */
export const sign: Unary = (x) => signOf(asNumber(asArray(x)))
export const square: Unary = (x) => {
  const array = asNumber(asArray(x))
  return a.mul(array, array)
}
/** 1 / x; integers give float32. */
export const reciprocal: Unary = floatFunction((x) => a.div(full(x.shape, 1, x.dtype), x))
/** The larger of two entries; NaN if one is. The derivative at equals is half to each. */
export const maximum: Binary = binary('maximum', a.max)
/** The smaller of two entries; NaN if one is. The derivative at equals is half to each. */
export const minimum: Binary = binary('minimum', a.min)

/**
 * `x` to the power `y`. A whole JavaScript number as the exponent multiplies, and keeps integers.
 *
 * @throws DTypeError when the exponent is an array of integers, and so is `x`.
 * @example np.power(np.array(Int32Array.of(-3)), 2) // [9]
 */
export const power: Binary = (x, y) => {
  if (typeof y === 'number' && Number.isInteger(y) && Math.abs(y) <= 2 ** 20) {
    const base = asNumber(asArray(x))
    return a.integerPow(y < 0 ? asFloat(base) : base, y)
  }
  const [l, r] = unify('power', [x, y]) as [NDArray, NDArray]
  if (!isDifferentiable(l.dtype)) {
    throw new DTypeError(
      'power: integer arrays as exponents are not supported; convert an operand with x.astype("float32")',
    )
  }
  return t.pow(l, r)
}

/** Where a remainder is not 0 and has not the sign of the divisor: the quotient was rounded up. */
const hasOtherSign = (remainder: NDArray, divisor: NDArray): NDArray => {
  const zero = zerosLike(divisor)
  return c.and(c.ne(remainder, zero), c.ne(c.lt(remainder, zero), c.lt(divisor, zero)))
}

/**
 * The remainder with the sign of the divisor.
 *
 * @example np.mod(-7, 3) // 2
 */
export const mod: Binary = binary('mod', (x, y) => {
  const r = a.rem(x, y)
  return c.select(hasOtherSign(r, y), a.add(r, y), r)
})
export const remainder: Binary = mod
/**
 * The remainder with the sign of the dividend, as C's.
 *
 * @example np.fmod(-7, 3) // -1
 */
export const fmod: Binary = binary('fmod', a.rem)
/**
 * The quotient rounded down: `x` is `y` times it, and `mod(x, y)`.
 *
 * @example np.floorDivide(-7, 2) // -4
 */
export const floorDivide: Binary = binary('floorDivide', (x, y) => {
  const r = a.rem(x, y)
  // Without its remainder x divides evenly, so that no rounding takes the quotient past a whole number.
  const q = isFloat(x.dtype) ? a.round(a.div(a.sub(x, r), y)) : a.div(x, y)
  const down = c.select(hasOtherSign(r, y), a.sub(q, full(q.shape, 1, q.dtype)), q)
  return isFloat(x.dtype) ? c.select(c.eq(y, zerosLike(y)), a.floor(a.div(x, y)), down) : down
})
/**
 * `x` held between `low` and `high`; `null` leaves an end open.
 *
 * @example np.clip([-1, 0.5, 2], 0, null) // [0, 0.5, 2]
 */
export const clip = (x: Operand, low: Operand | null, high: Operand | null): NDArray => {
  const above = low === null ? asArray(x) : maximum(x, low)
  return high === null ? above : minimum(above, high)
}

// ── functions of a real number ─────────────────────────────────────────────

export const exp: Unary = floatFunction(t.exp)
export const expm1: Unary = floatFunction(t.expm1)
export const log: Unary = floatFunction(t.log)
export const log1p: Unary = floatFunction(t.log1p)
export const log2: Unary = (x) => divide(log(x), Math.LN2)
export const log10: Unary = (x) => divide(log(x), Math.LN10)
export const sqrt: Unary = floatFunction(t.sqrt)
export const sin: Unary = floatFunction(t.sin)
export const cos: Unary = floatFunction(t.cos)
export const tan: Unary = floatFunction(t.tan)
export const arcsin: Unary = floatFunction(t.asin)
export const arccos: Unary = floatFunction(t.acos)
export const arctan: Unary = floatFunction(t.atan)
export const sinh: Unary = floatFunction(t.sinh)
export const cosh: Unary = floatFunction(t.cosh)
export const tanh: Unary = floatFunction(t.tanh)
export const floor: Unary = floatFunction(a.floor)
export const ceil: Unary = floatFunction(a.ceil)
/**
 * To the nearest whole number, halves to the even one.
 *
 * @example np.round([0.5, 1.5, 2.5]) // [0, 2, 2]
 */
export const round: Unary = floatFunction(a.round)
/** ln(eˣ + eʸ), without overflow. */
export const logaddexp: Binary = (x, y) => {
  const [l, r] = unify('logaddexp', [floatOrWeak(x), floatOrWeak(y)]) as [NDArray, NDArray]
  return t.logaddexp(l, r)
}

// ── comparison and logic ───────────────────────────────────────────────────

export const equal: Comparison = comparison('equal', c.eq)
export const notEqual: Comparison = comparison('notEqual', c.ne)
export const less: Comparison = comparison('less', c.lt)
export const lessEqual: Comparison = comparison('lessEqual', c.le)
export const greater: Comparison = comparison('greater', c.gt)
export const greaterEqual: Comparison = comparison('greaterEqual', c.ge)

const asBool = (x: Operand): NDArray => convert(asArray(x), 'bool')
const logical =
  (name: string, f: (x: NDArray, y: NDArray) => NDArray): Comparison =>
  (x, y) =>
    f(...(unify(name, [asBool(x), asBool(y)]) as [NDArray, NDArray])) as NDArray<'bool'>
export const logicalAnd: Comparison = logical('logicalAnd', c.and)
export const logicalOr: Comparison = logical('logicalOr', c.or)
export const logicalXor: Comparison = logical('logicalXor', c.xor)
export const logicalNot = (x: Operand): NDArray<'bool'> => c.not(asBool(x)) as NDArray<'bool'>

const bits =
  (name: string, f: (x: NDArray, y: NDArray) => NDArray): Binary =>
  (x, y) =>
    f(...(unify(name, [x, y]) as [NDArray, NDArray]))
export const bitwiseAnd: Binary = bits('bitwiseAnd', c.and)
export const bitwiseOr: Binary = bits('bitwiseOr', c.or)
export const bitwiseXor: Binary = bits('bitwiseXor', c.xor)
export const bitwiseNot: Unary = (x) => c.not(asArray(x))
/** The bits of `x` moved up by `y`; 0 from 32 on. */
export const leftShift: Binary = bits('leftShift', c.shiftLeft)

const test =
  (f: (x: NDArray) => NDArray): ((x: Operand) => NDArray<'bool'>) =>
  (x) =>
    f(asFloat(x)) as NDArray<'bool'>
const infinite = (x: NDArray): NDArray => c.eq(a.abs(x), full(x.shape, Infinity, x.dtype))
export const isnan: (x: Operand) => NDArray<'bool'> = test((x) => c.ne(x, x))
export const isfinite: (x: Operand) => NDArray<'bool'> = test(c.isFinite)
export const isinf: (x: Operand) => NDArray<'bool'> = test((x) =>
  isComplex(x.dtype) ? c.or(infinite(real(x)), infinite(imag(x))) : infinite(x),
)

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
