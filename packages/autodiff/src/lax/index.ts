/**
 * The primitives as functions: operands are arrays of one shape and dtype, and nothing is converted or broadcast. They
 * throw a ShapeError or DTypeError for any others. Names and meanings are those of JAX's `jax.lax`.
 */
// ── element by element ────────────────────────────────────────────────────────
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
  sub,
} from '../primitives/arithmetic.ts'
export { exp2, reciprocal, round, square } from './elementwise.ts'
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
export { clz, populationCount, type RoundOptions, selectN, shiftRightArithmetic } from '../primitives/bits.ts'
export { clamp, nextafter } from '../primitives/bounds.ts'
export { complex, conj, imag, magnitude as abs, real, signOf as sign } from '../primitives/complex.ts'
export {
  acos,
  asin,
  atan,
  atan2,
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
export { acosh, asinh, atanh, cbrt } from '../primitives/inverse-functions.ts'
export { erfc } from '../primitives/error-functions.ts'
export { digamma, lgamma, polygamma, zeta } from '../primitives/gamma.ts'
export { betainc, igamma, igammac, igammaGradA, randomGammaGrad } from '../primitives/incomplete.ts'
export { besselI0e, besselI1e } from '../primitives/bessel.ts'
export { convert as convertElementType } from '../primitives/convert.ts'
export { reducePrecision } from '../primitives/precision.ts'

// ── shapes and places ─────────────────────────────────────────────────────────
export { iota as broadcastedIota } from '../primitives/creation.ts'
export { broadcastInDim, reduceSum } from '../primitives/broadcast.ts'
export { reshape, transpose } from '../primitives/reshape.ts'
export { rev } from '../primitives/rev.ts'
export { concatenate } from '../primitives/concatenate.ts'
export { pad, type PadParams, slice, sliceAxis as sliceInDim, type SliceParams } from '../primitives/slicing.ts'
export {
  dynamicIndexInDim,
  dynamicSlice,
  dynamicSliceInDim,
  dynamicUpdateIndexInDim,
  dynamicUpdateSlice,
  dynamicUpdateSliceInDim,
  indexInDim,
  type Start,
} from './dynamic.ts'
export { take } from '../primitives/gather.ts'
export {
  gather,
  type GatherDimensionNumbers,
  type GatherOptions,
  type OutOfBounds,
  scatter,
  scatterAdd,
  type ScatterDimensionNumbers,
  scatterMax,
  scatterMin,
  scatterMul,
  type ScatterOptions,
} from './windows.ts'

// ── reductions and order ──────────────────────────────────────────────────────
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
export type { Computation, MonoidName } from './monoid.ts'
export { reduce, reduceXor } from './reduce.ts'
export { reduceWindow, type ReduceWindowOptions } from './reduce-window.ts'
export { cumlogsumexp, cummax, cummin, cumprod } from '../primitives/cumulative.ts'
export { associativeScan, type AssociativeScanOptions } from './associative-scan.ts'
export { sort, sortKeyVal, type SortOptions, topK } from './sort.ts'

// ── products, convolutions, transforms ────────────────────────────────────────
export { dot as dotGeneral, type DotParams } from '../primitives/dot.ts'
export {
  conv,
  convGeneralDilated,
  convGeneralDilatedPatches,
  type ConvolutionOptions,
  convTranspose,
  type ConvTransposeOptions,
  convWithGeneralPadding,
} from './convolution.ts'
export { type ConvDimensionNumbers, convDimensionNumbers, type DimensionNumbers } from './dimension-numbers.ts'
export { type Padding, type PaddingPair, padtypeToPads } from './padding.ts'
export { fft, FftType } from '../primitives/fft.ts'
export * as linalg from './linalg.ts'

// ── branches and loops ────────────────────────────────────────────────────────
export { cond, switch } from './conditionals.ts'
export { foriLoop, type ForiOptions, whileLoop } from './loops.ts'
export { map, type MapOptions, scan, type ScanOptions } from './scan.ts'

// ── derivatives and the compiler ──────────────────────────────────────────────
export { stopGradient } from '../transforms/stop-gradient.ts'
export { optimizationBarrier } from '../transforms/optimization-barrier.ts'
