/**
 * The primitives as functions: arrays have one shape and dtype, and nothing is converted. A scalar beside arrays is
 * broadcast, a bare number has their dtype. They throw a ShapeError or DTypeError for any others. Names and meanings are
 * those of JAX's `jax.lax`.
 */
// ── element by element ────────────────────────────────────────────────────────
export * from './functions.ts'
export { round } from './elementwise.ts'
export { type RoundOptions, selectN } from '../primitives/bits.ts'
export { convert as convertElementType } from '../primitives/convert.ts'

// ── shapes and places ─────────────────────────────────────────────────────────
export * from './shapes.ts'
export * from './structure.ts'
export { reshape, transpose } from '../primitives/reshape.ts'
export { rev } from '../primitives/rev.ts'
export { concatenate } from '../primitives/concatenate.ts'
export type { PadParams, SliceParams } from '../primitives/slicing.ts'
export { type GatherPlace, take } from '../primitives/gather.ts'
export {
  gather,
  type GatherDimensionNumbers,
  type GatherOptions,
  type IndexHints,
  type OutOfBounds,
  scatter,
  scatterAdd,
  type ScatterDimensionNumbers,
  scatterMax,
  scatterMin,
  scatterMul,
  type ScatterOptions,
} from './windows.ts'
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

// ── reductions and order ──────────────────────────────────────────────────────
export { reduceSum } from '../primitives/broadcast.ts'
export { reduceAnd, reduceMax, reduceMin, reduceOr, reduceProd } from '../primitives/reductions.ts'
export type { Computation, MonoidName } from './monoid.ts'
export { reduce, reduceXor } from './reduce.ts'
export { reduceWindow, type ReduceWindowOptions } from './reduce-window.ts'
export { associativeScan, type AssociativeScanOptions } from './associative-scan.ts'
export { sort, sortKeyVal, type SortOptions, topK } from './sort.ts'

// ── products, convolutions, transforms ────────────────────────────────────────
export type { DotParams } from '../primitives/dot.ts'
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
