/** NumPy's functions on NDArrays, composed of primitives. */
import './methods.ts'

export * as linalg from '../linalg/index.ts'
export {
  arange,
  array,
  asarray,
  diag,
  diagonal,
  eye,
  full,
  fullLike,
  linspace,
  ones,
  onesLike,
  tril,
  triu,
  zeros,
  zerosLike,
} from './creation.ts'
export { conj, conjugate, imag, iscomplexobj, real } from './complex.ts'
export { convolve, correlate } from './convolution.ts'
export * from './elementwise.ts'
export * from './floats.ts'
export * from './integers.ts'
export * from './logic.ts'
export * from './rounding.ts'
export * from './trigonometric.ts'
export { slice, take, unstack } from './indexing.ts'
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
  type CumulativeOptions,
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
  indices,
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
export { dot, matmul, outer, tensordot, trace, vdot } from './products.ts'
export {
  all,
  any,
  argmax,
  argmin,
  type ArgOptions,
  cov,
  type CovarianceOptions,
  cumsum,
  max,
  mean,
  min,
  prod,
  std,
  sum,
  variance as var,
  variance,
  type VarianceOptions,
} from './reductions.ts'
export {
  broadcastArrays,
  broadcastTo,
  concatenate,
  expandDims,
  flip,
  moveaxis,
  ravel,
  repeat,
  reshape,
  split,
  squeeze,
  stack,
  swapaxes,
  tile,
  transpose,
} from './shape.ts'
