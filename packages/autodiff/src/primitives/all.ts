import type { Primitive } from '../core/primitive.ts'
import * as arithmetic from './arithmetic.ts'
import * as barrier from './barrier.ts'
import * as bessel from './bessel.ts'
import * as bounds from './bounds.ts'
import * as broadcast from './broadcast.ts'
import * as cholesky from './cholesky.ts'
import * as comparison from './comparison.ts'
import * as complex from './complex.ts'
import * as concatenate from './concatenate.ts'
import * as conditionals from '../control/cond.ts'
import * as convert from './convert.ts'
import * as convolution from './convolution.ts'
import * as creation from './creation.ts'
import * as cumulative from './cumulative.ts'
import * as determinant from './determinant.ts'
import * as dot from './dot.ts'
import * as dynamicSlice from './dynamic-slice.ts'
import * as eigh from './eigh.ts'
import * as entropy from './entropy.ts'
import * as errorFunctions from './error-functions.ts'
import * as exponentialIntegrals from './exponential-integrals.ts'
import * as gamma from './gamma.ts'
import * as gather from './gather.ts'
import * as incomplete from './incomplete.ts'
import * as fft from './fft.ts'
import * as inverse from './inverse.ts'
import * as inverseFunctions from './inverse-functions.ts'
import * as lu from './lu.ts'
import * as pinv from './pinv.ts'
import * as qr from './qr.ts'
import * as randomGamma from '../random/random-gamma.ts'
import * as reductions from './reductions.ts'
import * as reshape from './reshape.ts'
import * as rev from './rev.ts'
import * as scans from '../control/scan.ts'
import * as scatter from './scatter.ts'
import * as slicing from './slicing.ts'
import * as solve from './solve.ts'
import * as sort from './sort.ts'
import * as svd from './svd.ts'
import * as threefry from './threefry.ts'
import * as transcendental from './transcendental.ts'
import * as triangularSolve from './triangular-solve.ts'
import * as whiles from '../control/while.ts'
import * as windows from './windows.ts'
import * as precision from './precision.ts'

const families = [
  arithmetic,
  barrier,
  bessel,
  bounds,
  broadcast,
  cholesky,
  comparison,
  complex,
  concatenate,
  conditionals,
  convert,
  convolution,
  creation,
  cumulative,
  determinant,
  dot,
  dynamicSlice,
  eigh,
  entropy,
  errorFunctions,
  exponentialIntegrals,
  gamma,
  gather,
  incomplete,
  fft,
  inverse,
  inverseFunctions,
  lu,
  pinv,
  qr,
  randomGamma,
  reductions,
  reshape,
  rev,
  scans,
  scatter,
  slicing,
  solve,
  sort,
  svd,
  threefry,
  transcendental,
  triangularSolve,
  whiles,
  windows,
  precision,
]

/** Every primitive by name: what is exported from a family's file with a name that ends in `Primitive`. */
export const allPrimitives: ReadonlyMap<string, Primitive> = new Map(
  families.flatMap((family) =>
    Object.entries(family)
      .filter(([name]) => name.endsWith('Primitive'))
      .map(([, value]) => [(value as unknown as Primitive).name, value as unknown as Primitive] as const),
  ),
)
