/** NumPy's functions on NDArrays, composed of primitives. */
import './methods.ts'

export * as fft from '../fft/index.ts'
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
export { slice, take, unstack } from './indexing.ts'
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
