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

type Unary = (x: Operand) => NDArray
type Binary = (x: Operand, y: Operand) => NDArray
type Ternary = (x: Operand, y: Operand, z: Operand) => NDArray

/** x + y. */
export const add: Binary = lifted(arithmetic.add)
/** The next whole number above. */
export const ceil: Unary = lifted(arithmetic.ceil)
/** x / y; of integers truncated towards 0. */
export const div: Binary = lifted(arithmetic.div)
/** The next whole number below. */
export const floor: Unary = lifted(arithmetic.floor)
/** The larger of two numbers; NaN where either is. */
export const max: Binary = lifted(arithmetic.max)
/** The smaller of two numbers; NaN where either is. */
export const min: Binary = lifted(arithmetic.min)
/** x · y. */
export const mul: Binary = lifted(arithmetic.mul)
/** −x. */
export const neg: Unary = lifted(arithmetic.neg)
/** The remainder of x / y truncated towards 0; it has the sign of x. */
export const rem: Binary = lifted(arithmetic.rem)
/** x − y. */
export const sub: Binary = lifted(arithmetic.sub)
/** Bits that both have; of bools, and. */
export const bitwiseAnd: Binary = lifted(comparison.and)
/** Whether x = y. */
export const eq: Binary = lifted(comparison.eq)
/** Whether x ≥ y. */
export const ge: Binary = lifted(comparison.ge)
/** Whether x > y. */
export const gt: Binary = lifted(comparison.gt)
/** Whether a number is neither infinite nor NaN. */
export const isFinite: Unary = lifted(comparison.isFinite)
/** Whether x ≤ y. */
export const le: Binary = lifted(comparison.le)
/** Whether x < y. */
export const lt: Binary = lifted(comparison.lt)
/** Whether x ≠ y. */
export const ne: Binary = lifted(comparison.ne)
/** Every bit flipped; of bools, not. */
export const bitwiseNot: Unary = lifted(comparison.not)
/** Bits that one has; of bools, or. */
export const bitwiseOr: Binary = lifted(comparison.or)
/** The bits of x moved `y` places up; 0 when none is left. */
export const shiftLeft: Binary = lifted(comparison.shiftLeft)
/** The bits of x moved `y` places down, zeros in their place. */
export const shiftRightLogical: Binary = lifted(comparison.shiftRightLogical)
/** Bits that just one has; of bools, whether they differ. */
export const bitwiseXor: Binary = lifted(comparison.xor)
/** x + iy of two floats. */
export const complex: Binary = lifted(parts.complex)
/** x − iy. */
export const conj: Unary = lifted(parts.conj)
/** The imaginary part. */
export const imag: Unary = lifted(parts.imag)
/** |x|; of a complex number a float. */
export const abs: Unary = lifted(parts.magnitude)
/** The real part. */
export const real: Unary = lifted(parts.real)
/** −1, 0 or 1; x / |x| of a complex number. */
export const sign: Unary = lifted(parts.signOf)
/** The angle in [0, π] whose cosine is x; NaN outside [−1, 1]. */
export const acos: Unary = lifted(transcendental.acos)
/** The angle in [−π/2, π/2] whose sine is x; NaN outside [−1, 1]. */
export const asin: Unary = lifted(transcendental.asin)
/** The angle in (−π/2, π/2) whose tangent is x. */
export const atan: Unary = lifted(transcendental.atan)
/** Cosine, of radians. */
export const cos: Unary = lifted(transcendental.cos)
/** (eˣ + e⁻ˣ) / 2. */
export const cosh: Unary = lifted(transcendental.cosh)
/** 2/√π ∫₀ˣ e^(−t²) dt. */
export const erf: Unary = lifted(transcendental.erf)
/** The inverse of `erf`: ±∞ at ±1, NaN outside. */
export const erfInv: Unary = lifted(transcendental.erfInv)
/** eˣ. */
export const exp: Unary = lifted(transcendental.exp)
/** eˣ − 1, exact near 0. */
export const expm1: Unary = lifted(transcendental.expm1)
/** The natural logarithm; NaN below 0. */
export const log: Unary = lifted(transcendental.log)
/** ln (1 + x), exact near 0. */
export const log1p: Unary = lifted(transcendental.log1p)
/** 1 / (1 + e⁻ˣ). */
export const logistic: Unary = lifted(transcendental.logistic)
/** x to the power y. */
export const pow: Binary = lifted(transcendental.pow)
/** 1 / √x. */
export const rsqrt: Unary = lifted(transcendental.rsqrt)
/** Sine, of radians. */
export const sin: Unary = lifted(transcendental.sin)
/** (eˣ − e⁻ˣ) / 2. */
export const sinh: Unary = lifted(transcendental.sinh)
/** √x; NaN below 0. */
export const sqrt: Unary = lifted(transcendental.sqrt)
/** Tangent, of radians. */
export const tan: Unary = lifted(transcendental.tan)
/** sinh x / cosh x. */
export const tanh: Unary = lifted(transcendental.tanh)
/** The inverse of `cosh`; NaN below 1. */
export const acosh: Unary = lifted(inverse.acosh)
/** The inverse of `sinh`. */
export const asinh: Unary = lifted(inverse.asinh)
/** The angle of the point (y, x), in [−π, π]; its first argument is y. */
export const atan2: Binary = lifted(transcendental.atan2)
/** The inverse of `tanh`; NaN outside [−1, 1]. */
export const atanh: Unary = lifted(inverse.atanh)
/** ∛x. */
export const cbrt: Unary = lifted(inverse.cbrt)
/** The next number after x on the way to y that the dtype has. */
export const nextafter: Binary = lifted(bounds.nextafter)
/** Leading zero bits of an integer. */
export const clz: Unary = lifted(bits.clz)
/** Bits of an integer that are 1. */
export const populationCount: Unary = lifted(bits.populationCount)
/** The bits of x moved `y` places down, copies of the sign in their place. */
export const shiftRightArithmetic: Binary = lifted(bits.shiftRightArithmetic)
/** Γ′(x) / Γ(x). */
export const digamma: Unary = lifted(gamma.digamma)
/** ln |Γ(x)|. */
export const lgamma: Unary = lifted(gamma.lgamma)
/** The derivative of order m of `digamma`; its first argument is m. */
export const polygamma: Binary = lifted(gamma.polygamma)
/** Hurwitz’s ζ(x, q) = Σ (k + q)⁻ˣ. */
export const zeta: Binary = lifted(gamma.zeta)
/** The regularized incomplete beta function Iₓ(a, b); its arguments are a, b, x. */
export const betainc: Ternary = lifted(incomplete.betainc)
/** The regularized lower incomplete gamma function P(a, x). */
export const igamma: Binary = lifted(incomplete.igamma)
/** The regularized upper incomplete gamma function Q(a, x) = 1 − P(a, x). */
export const igammac: Binary = lifted(incomplete.igammac)
/** ∂P(a, x) / ∂a. */
export const igammaGradA: Binary = lifted(incomplete.igammaGradA)
/** The derivative of a sample of Gamma(a) in a: −(∂P/∂a) / (∂P/∂x). */
export const randomGammaGrad: Binary = lifted(incomplete.randomGammaGrad)
/** e^(−|x|) I₀(x). */
export const besselI0e: Unary = lifted(bessel.besselI0e)
/** e^(−|x|) I₁(x). */
export const besselI1e: Unary = lifted(bessel.besselI1e)
/** 1 − erf x, exact where erf is near 1. */
export const erfc: Unary = lifted(errors.erfc)
/** 2ˣ. */
export const exp2: Unary = lifted(more.exp2)
/** 1 / x. */
export const reciprocal: Unary = lifted(more.reciprocal)
/** x². */
export const square: Unary = lifted(more.square)

/** `onTrue` where the condition holds, else `onFalse`; the condition may be a scalar. */
export const select = (which: Operand, onTrue: Operand, onFalse: Operand): NDArray => {
  const [x, y] = operandsOf([onTrue, onFalse]) as [NDArray, NDArray]
  const condition = asArray(which)
  return comparison.select(condition.ndim === 0 ? broadcastTo(condition, x.shape) : condition, x, y)
}
/** `x` held between `low` and `high`, each of them a scalar or of its shape. */
export const clamp: Ternary = (low, x, high) => {
  const [operand, least, most] = operandsOf([x, low, high]) as [NDArray, NDArray, NDArray]
  return bounds.clamp(least, operand, most)
}
/** x to the power of a whole number. */
export const integerPow = (x: Operand, y: number): NDArray => arithmetic.integerPow(asArray(x), y)
