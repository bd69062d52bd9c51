/** Linear algebra over the last one or two axes; the axes before are a batch. */
export { vecdot } from '../numpy/vectors.ts'
export { blockDiag, toeplitz } from './build.ts'
export {
  cholesky,
  type CholeskyOptions,
  eigh,
  type EighOptions,
  eigvalsh,
  lu,
  qr,
  type QrOptions,
  type Svd,
  svd,
  type SvdOptions,
  svdvals,
} from './decompositions.ts'
export { det, inv, slogdet } from './determinant.ts'
export { expm, type ExpmOptions } from './exponential.ts'
export { matrixNorm, norm, type NormOptions, type Order, vectorNorm, type VectorNormOptions } from './norm.ts'
export {
  cross,
  diagonal,
  matmul,
  matrixPower,
  matrixTranspose,
  multiDot,
  type OffsetOption,
  outer,
  tensordot,
  tensorinv,
  tensorsolve,
  type TensorsolveOptions,
  trace,
} from './products.ts'
export {
  cond,
  type Lstsq,
  lstsq,
  matrixRank,
  type MatrixRankOptions,
  pinv,
  type PinvOptions,
} from './pseudo-inverse.ts'
export {
  choFactor,
  type ChoFactor,
  choSolve,
  luFactor,
  luSolve,
  solve,
  solveTriangular,
  type SolveTriangularOptions,
  type Trans,
} from './solve.ts'
