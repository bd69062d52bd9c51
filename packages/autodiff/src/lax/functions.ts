import * as arithmetic from '../primitives/arithmetic.ts'
import * as comparison from '../primitives/comparison.ts'
import * as parts from '../primitives/complex.ts'
import * as transcendental from '../primitives/transcendental.ts'
import * as inverse from '../primitives/inverse-functions.ts'
import * as bounds from '../primitives/bounds.ts'
import * as bits from '../primitives/bits.ts'
import * as gamma from '../primitives/gamma.ts'
import * as incomplete from '../primitives/incomplete.ts'
import * as bessel from '../primitives/bessel.ts'
import * as errors from '../primitives/error-functions.ts'
import * as more from './elementwise.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { broadcastTo } from '../primitives/broadcast.ts'
import { asArray } from '../numpy/operands.ts'
import { lifted, operandsOf } from './operands.ts'

/** The elementwise functions of `lax`. */

type Unary = (x: Operand) => NDArray
type Binary = (x: Operand, y: Operand) => NDArray
type Ternary = (x: Operand, y: Operand, z: Operand) => NDArray

export const add: Binary = lifted(arithmetic.add)
export const ceil: Unary = lifted(arithmetic.ceil)
export const div: Binary = lifted(arithmetic.div)
export const floor: Unary = lifted(arithmetic.floor)
export const max: Binary = lifted(arithmetic.max)
export const min: Binary = lifted(arithmetic.min)
export const mul: Binary = lifted(arithmetic.mul)
export const neg: Unary = lifted(arithmetic.neg)
export const rem: Binary = lifted(arithmetic.rem)
export const sub: Binary = lifted(arithmetic.sub)
export const bitwiseAnd: Binary = lifted(comparison.and)
export const eq: Binary = lifted(comparison.eq)
export const ge: Binary = lifted(comparison.ge)
export const gt: Binary = lifted(comparison.gt)
export const isFinite: Unary = lifted(comparison.isFinite)
export const le: Binary = lifted(comparison.le)
export const lt: Binary = lifted(comparison.lt)
export const ne: Binary = lifted(comparison.ne)
export const bitwiseNot: Unary = lifted(comparison.not)
export const bitwiseOr: Binary = lifted(comparison.or)
export const shiftLeft: Binary = lifted(comparison.shiftLeft)
export const shiftRightLogical: Binary = lifted(comparison.shiftRightLogical)
export const bitwiseXor: Binary = lifted(comparison.xor)
export const complex: Binary = lifted(parts.complex)
export const conj: Unary = lifted(parts.conj)
export const imag: Unary = lifted(parts.imag)
export const abs: Unary = lifted(parts.magnitude)
export const real: Unary = lifted(parts.real)
export const sign: Unary = lifted(parts.signOf)
export const acos: Unary = lifted(transcendental.acos)
export const asin: Unary = lifted(transcendental.asin)
export const atan: Unary = lifted(transcendental.atan)
export const cos: Unary = lifted(transcendental.cos)
export const cosh: Unary = lifted(transcendental.cosh)
export const erf: Unary = lifted(transcendental.erf)
export const erfInv: Unary = lifted(transcendental.erfInv)
export const exp: Unary = lifted(transcendental.exp)
export const expm1: Unary = lifted(transcendental.expm1)
export const log: Unary = lifted(transcendental.log)
export const log1p: Unary = lifted(transcendental.log1p)
export const logistic: Unary = lifted(transcendental.logistic)
export const pow: Binary = lifted(transcendental.pow)
export const rsqrt: Unary = lifted(transcendental.rsqrt)
export const sin: Unary = lifted(transcendental.sin)
export const sinh: Unary = lifted(transcendental.sinh)
export const sqrt: Unary = lifted(transcendental.sqrt)
export const tan: Unary = lifted(transcendental.tan)
export const tanh: Unary = lifted(transcendental.tanh)
export const acosh: Unary = lifted(inverse.acosh)
export const asinh: Unary = lifted(inverse.asinh)
export const atan2: Binary = lifted(inverse.atan2)
export const atanh: Unary = lifted(inverse.atanh)
export const cbrt: Unary = lifted(inverse.cbrt)
export const nextafter: Binary = lifted(bounds.nextafter)
export const clz: Unary = lifted(bits.clz)
export const populationCount: Unary = lifted(bits.populationCount)
export const shiftRightArithmetic: Binary = lifted(bits.shiftRightArithmetic)
export const digamma: Unary = lifted(gamma.digamma)
export const lgamma: Unary = lifted(gamma.lgamma)
export const polygamma: Binary = lifted(gamma.polygamma)
export const zeta: Binary = lifted(gamma.zeta)
export const betainc: Ternary = lifted(incomplete.betainc)
export const igamma: Binary = lifted(incomplete.igamma)
export const igammac: Binary = lifted(incomplete.igammac)
export const igammaGradA: Binary = lifted(incomplete.igammaGradA)
export const randomGammaGrad: Binary = lifted(incomplete.randomGammaGrad)
export const besselI0e: Unary = lifted(bessel.besselI0e)
export const besselI1e: Unary = lifted(bessel.besselI1e)
export const erfc: Unary = lifted(errors.erfc)
export const exp2: Unary = lifted(more.exp2)
export const reciprocal: Unary = lifted(more.reciprocal)
export const square: Unary = lifted(more.square)

/** `onTrue` where the condition holds, else `onFalse`; the condition may be a scalar. */
export const select = (which: Operand, onTrue: Operand, onFalse: Operand): NDArray => {
  const [x, y] = operandsOf([onTrue, onFalse]) as [NDArray, NDArray]
  const condition = asArray(which)
  return comparison.select(condition.ndim === 0 ? broadcastTo(condition, x.shape) : condition, x, y)
}
/** `x` held between `low` and `high`, each of them a scalar or of its shape. */
export const clamp: Ternary = (low, x, high) => {
  const [l, y, h] = operandsOf([x, low, high]) as [NDArray, NDArray, NDArray]
  return bounds.clamp(y, l, h)
}
/** x to the power of a whole number. */
export const integerPow = (x: Operand, y: number): NDArray => arithmetic.integerPow(asArray(x), y)
