import type { DType } from '@cotangent/autodiff/array'
import { arraysOf, type ElementConstraints, shapes } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import { floats, numbers, wideFloats } from '../../../helpers/dtypes.ts'
import type { Samples } from './shared.ts'

const anyShape = fc.oneof({ weight: 9, arbitrary: shapes() }, { weight: 1, arbitrary: shapes({ minLength: 0 }) })

type Restriction = Pick<Samples, 'held' | 'order'>

const elementwise = (
  dtypes: readonly DType[],
  constraints: readonly ElementConstraints[],
  restriction: Restriction = {},
): Samples => ({
  dtypes,
  of: (dtype) =>
    anyShape.map((shape) => ({
      params: {},
      operands: constraints.map((c) => ({ shape, arrays: arraysOf(shape, dtype, c) })),
    })),
  ...restriction,
})
const real = (min: number, max: number, awayFromZero = 0): Samples => elementwise(floats, [{ min, max, awayFromZero }])
const reals = (...ranges: readonly (readonly [number, number])[]): Samples =>
  elementwise(
    floats,
    ranges.map(([min, max]) => ({ min, max })),
  )
const some = (constraints: readonly ElementConstraints[], restriction: Restriction): Samples =>
  elementwise(floats, constraints, restriction)

/** Three operands of which no two meet: −2 … −1, −0.75 … 0.75, 1 … 2; of unsigned integers 0 … 1, 2 … 3, 4 … 5. */
const apart = [
  { min: -2, max: -1 },
  { min: -0.75, max: 0.75 },
  { min: 1, max: 2 },
]
const apartUnsigned = [
  { min: 0, max: 1 },
  { min: 2, max: 3 },
  { min: 4, max: 5 },
]
const bounds: Samples = {
  dtypes: numbers,
  of: (dtype) => elementwise(numbers, dtype.startsWith('uint') ? apartUnsigned : apart).of(dtype),
}

/** Whole orders, which have no derivative. */
const expn: Samples = {
  dtypes: floats,
  held: [0],
  of: (dtype) =>
    anyShape.map((shape) => ({
      params: {},
      operands: [
        { shape, arrays: arraysOf(shape, 'int32', { min: 2, max: 5 }).map((n) => n.astype(dtype)) },
        { shape, arrays: arraysOf(shape, dtype, { min: 0.5, max: 3 }) },
      ],
    })),
}

/** All bits: fewer make steps, which have no differences. */
const precision: Samples = {
  dtypes: floats,
  of: (dtype) =>
    anyShape.map((shape) => ({
      params: { exponentBits: 11, mantissaBits: 52 },
      operands: [{ shape, arrays: arraysOf(shape, dtype, {}) }],
    })),
}

const positive: ElementConstraints = { min: 0.5, max: 4 }

export const specialSamples: Readonly<Record<string, Samples>> = {
  acosh: real(1.5, 4),
  asinh: real(-3, 3),
  atan2: reals([0.5, 3], [-2, 2]),
  atanh: real(-0.75, 0.75),
  bessel_i0e: real(-4, 4, 0.25),
  bessel_i1e: real(-4, 4, 0.25),
  cbrt: real(-3, 3, 0.5),
  clamp: bounds,
  digamma: real(0.5, 4),
  erfc: real(-2, 2),
  erfcx: real(-1, 3),
  expi: real(0.5, 3),
  expn,
  igamma: some([positive, positive], { order: 1 }),
  igammac: some([positive, positive], { order: 1 }),
  lgamma: real(0.5, 4),
  log_ndtr: real(-3, 2),
  logaddexp: reals([-2, 2], [-2, 2]),
  nextafter: elementwise(wideFloats, [{}, {}], { held: [0, 1] }),
  random_gamma_grad: some([positive, positive], { held: [0] }),
  reduce_precision: precision,
  regularized_incomplete_beta: some([positive, positive, { min: 0.125, max: 0.875 }], { held: [0, 1] }),
  xlog1py: reals([-2, 2], [-0.5, 3]),
  xlogx: real(0.5, 4),
  xlogy: reals([-2, 2], [0.5, 4]),
  zeta: reals([1.5, 4], [0.5, 4]),
}
