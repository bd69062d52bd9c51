/**
 * The primitives as functions: operands are arrays of one shape and dtype, and nothing is converted or broadcast. They
 * throw a ShapeError or DTypeError for any others. Names and meanings are those of JAX's `jax.lax`.
 */
export {
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
  round,
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
export { complex, conj, imag, magnitude as abs, real, signOf as sign } from '../primitives/complex.ts'
export { convert as convertElementType } from '../primitives/convert.ts'
export { iota as broadcastedIota } from '../primitives/creation.ts'
export { dot as dotGeneral, type DotParams } from '../primitives/dot.ts'
export { fft, FftType } from '../primitives/fft.ts'
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
