/** NumPy's functions on NDArrays, composed of primitives. */
import './methods.ts'

export * as fft from '../fft/index.ts'
export * as linalg from '../linalg/index.ts'
export {
  ediff1d,
  diff,
  type DiffOptions,
  type Ediff1dOptions,
  gradient,
  type GradientOptions,
  trapezoid,
  type TrapezoidOptions,
  unwrap,
  type UnwrapOptions,
} from './calculus.ts'
export { arrayEqual, arrayEquiv } from './comparing.ts'
export { convolve, type ConvolutionMode, type ConvolutionModeOptions, correlate } from './convolution.ts'
export { e, eulerGamma, inf, nan, pi } from './constants.ts'
export {
  arange,
  array,
  asarray,
  copy,
  type DTypeOption,
  empty,
  emptyLike,
  eye,
  type EyeOptions,
  full,
  fullLike,
  type KOption,
  type LikeOptions,
  linspace,
  type LinspaceOptions,
  ones,
  onesLike,
  tril,
  triu,
  zeros,
  zerosLike,
} from './creation.ts'
export {
  canCast,
  type Casting,
  type DTypeKind,
  finfo,
  type FloatInfo,
  iinfo,
  type IntegerInfo,
  isdtype,
  isscalar,
  promoteTypes,
  resultType,
} from './dtypes.ts'
export {
  einsum,
  type EinsumArguments,
  type EinsumOperands,
  type EinsumOptions,
  einsumPath,
  type EinsumPathInfo,
} from './einsum.ts'
export type { ContractionPath, Optimize } from './einsum-path.ts'
export { diag, diagflat, diagonal, type DiagonalOptions } from './diagonals.ts'
export {
  angle,
  type AngleOptions,
  conj,
  conjugate,
  imag,
  iscomplex,
  iscomplexobj,
  isreal,
  isrealobj,
  real,
} from './complex.ts'
export * from './elementwise.ts'
export * from './floats.ts'
export * from './integers.ts'
export * from './logic.ts'
export * from './rounding.ts'
export { round as around } from './rounding.ts'
export { i0 } from '../special/bessel.ts'
export { poly, polyfit, type PolyfitOptions } from './fitting.ts'
export { maskIndices, place, put, type PutOptions } from './placing.ts'
export {
  intersect1d,
  type IntersectOptions,
  isin,
  type IsinOptions,
  setdiff1d,
  type SetOptions,
  setxor1d,
  union1d,
  uniqueAll,
  uniqueCounts,
  uniqueInverse,
  uniqueValues,
} from './sets.ts'
export * from './trigonometric.ts'
export { newaxis } from '../array/operations.ts'
export {
  type AlongOptions,
  choose,
  type ChooseOptions,
  compress,
  type CompressOptions,
  extract,
  putAlongAxis,
  select,
  takeAlongAxis,
} from './along.ts'
export {
  cumprod,
  type CumulativeInitialOptions,
  cumulativeProd,
  cumulativeSum,
  nancumprod,
  nancumsum,
} from './cumulative.ts'
export {
  bincount,
  type BincountOptions,
  histogram,
  histogram2d,
  type Histogram2dOptions,
  histogramBinEdges,
  histogramdd,
  type HistogramddOptions,
  type HistogramOptions,
  type Range,
} from './histograms.ts'
export {
  diagIndices,
  diagIndicesFrom,
  ix,
  ravelMultiIndex,
  type RavelOptions,
  type TriangleOptions,
  trilIndices,
  trilIndicesFrom,
  triuIndices,
  triuIndicesFrom,
  unravelIndex,
} from './index-arrays.ts'
export { argwhere, flatnonzero, nonzero, type NonzeroOptions, where } from './nonzero.ts'
export {
  append,
  type AxisOption,
  delete,
  fillDiagonal,
  insert,
  roll,
  rollaxis,
  type RollOptions,
} from './rearranging.ts'
export {
  argpartition,
  argsort,
  digitize,
  type DigitizeOptions,
  lexsort,
  partition,
  type SearchOptions,
  searchsorted,
  sort,
  type SortOptions,
} from './sorting.ts'
export { unique, type UniqueOptions } from './unique.ts'
export { slice, take, type TakeOptions, unstack } from './indexing.ts'
export { fliplr, flipud, permuteDims, rot90, type Rot90Options } from './flipping.ts'
export { interp, type InterpOptions } from './interp.ts'
export {
  applyAlongAxis,
  applyOverAxes,
  fromfunction,
  type Piece,
  piecewise,
  vectorize,
  type VectorizeOptions,
} from './functions.ts'
export {
  broadcastShapesOf as broadcastShapes,
  geomspace,
  type GridRange,
  identity,
  indices,
  logspace,
  type LogspaceOptions,
  meshgrid,
  type MeshgridOptions,
  mgrid,
  ogrid,
  tri,
  type TriOptions,
  vander,
  type VanderOptions,
} from './grids.ts'
export { nanargmax, nanargmin, nanmax, nanmean, nanmin, nanprod, nanstd, nansum, nanvar } from './nan.ts'
export { pad, type PadFunction, type PadMode, type PadOptions, type PadWidth } from './padding.ts'
export { polyadd, polyder, polydiv, polyint, type PolyintOptions, polymul, polysub, polyval } from './polynomials.ts'
export { dot, matmul, outer, tensordot, trace, type TraceOptions, vdot } from './products.ts'
export {
  median,
  type MedianOptions,
  nanmedian,
  nanpercentile,
  nanquantile,
  percentile,
  quantile,
  type QuantileMethod,
  type QuantileOptions,
} from './quantiles.ts'
export {
  all,
  any,
  argmax,
  argmin,
  type ArgOptions,
  countNonzero,
  type CumulativeOptions,
  cumsum,
  type ExtremeOptions,
  max,
  max as amax,
  mean,
  type MeanOptions,
  min,
  min as amin,
  prod,
  ptp,
  std,
  sum,
  type SumOptions,
  type TestOptions,
  variance as var,
  variance,
  type VarianceOptions,
} from './reductions.ts'
export { repeat, type RepeatOptions, resize } from './repeating.ts'
export {
  broadcastArrays,
  broadcastTo,
  concatenate,
  concatenate as concat,
  type ConcatenateOptions,
  expandDims,
  flip,
  moveaxis,
  ndim,
  type OrderOptions,
  ravel,
  reshape,
  shape,
  size,
  split,
  squeeze,
  stack,
  type StackOptions,
  swapaxes,
  tile,
  transpose,
} from './shape.ts'
export {
  arraySplit,
  atleast1d,
  atleast2d,
  atleast3d,
  block,
  type Blocks,
  columnStack,
  dsplit,
  dstack,
  hsplit,
  hstack,
  rowStack,
  type StackingOptions,
  vsplit,
  vstack,
} from './stacking.ts'
export {
  average,
  type AverageOptions,
  type CorrelationOptions,
  corrcoef,
  cov,
  type CovarianceOptions,
  type ReturnedOptions,
} from './statistics.ts'
export { cross, type CrossOptions, inner, kron, matrixTranspose, matvec, vecdot, vecmat } from './vectors.ts'
export { bartlett, blackman, hamming, hanning, kaiser } from './windows.ts'
