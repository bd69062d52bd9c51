/**
 * The primitives as functions: operands are arrays of one shape and dtype, and nothing is converted or broadcast. They
 * throw a ShapeError or DTypeError for any others. Names and meanings are those of JAX's `jax.lax`.
 */
export {
  abs,
  add,
  ceil,
  div,
  floor,
  integerPow,
  max,
  min,
  mul,
  neg,
  rem,
  sign,
  sub,
} from '../primitives/arithmetic.ts'
export {
  and as bitwiseAnd,
  eq,
  ge,
  gt,
  isFinite,
  le,
  lt,
  ne,
  not as bitwiseNot,
  or as bitwiseOr,
  select,
  shiftLeft,
  shiftRightLogical,
  xor as bitwiseXor,
} from '../primitives/comparison.ts'
export { convert as convertElementType } from '../primitives/convert.ts'
export { iota as broadcastedIota } from '../primitives/creation.ts'
export { dot as dotGeneral, type DotParams } from '../primitives/dot.ts'
export { scatterAdd, take } from '../primitives/indexing.ts'
export {
  argmax,
  argmin,
  cumsum,
  reduceAnd,
  reduceMax,
  reduceMin,
  reduceOr,
  reduceProd,
} from '../primitives/reductions.ts'
export { concatenate } from '../primitives/concatenate.ts'
export { rev } from '../primitives/rev.ts'
export { pad, type PadParams, slice, sliceAxis as sliceInDim, type SliceParams } from '../primitives/slicing.ts'
export { broadcastInDim, reduceSum } from '../primitives/broadcast.ts'
export { reshape, transpose } from '../primitives/reshape.ts'
export {
  acos,
  asin,
  atan,
  cos,
  cosh,
  erf,
  erfInv,
  exp,
  expm1,
  log,
  log1p,
  logistic,
  pow,
  rsqrt,
  sin,
  sinh,
  sqrt,
  tan,
  tanh,
} from '../primitives/transcendental.ts'
export { acosh, asinh, atan2, atanh, cbrt } from '../primitives/inverse-functions.ts'
export { clamp, nextafter } from '../primitives/bounds.ts'
export { clz, populationCount, type RoundOptions, selectN, shiftRightArithmetic } from '../primitives/bits.ts'
export { digamma, lgamma, polygamma, zeta } from '../primitives/gamma.ts'
export { betainc, igamma, igammac, igammaGradA, randomGammaGrad } from '../primitives/incomplete.ts'
export { besselI0e, besselI1e } from '../primitives/bessel.ts'
export { erfc } from '../primitives/error-functions.ts'
export { exp2, reciprocal, round, square } from './elementwise.ts'
export { reducePrecision } from '../primitives/precision.ts'
