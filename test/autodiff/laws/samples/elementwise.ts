import { isFloat } from '@cotangent/autodiff/array'
import { arraysOf, type ElementConstraints } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import { all, floats, integers, numbers } from '../../../helpers/dtypes.ts'
import { anyShape, elementwise, moved, type Operand, operand, type Samples } from './shared.ts'

/** The same where floats need other numbers than integers, moved so that no two operands meet. */
const apart = (offset: number): Samples => ({
  dtypes: numbers,
  of: (dtype) =>
    anyShape.map((shape) => {
      const y = operand(shape, dtype)
      return { params: {}, operands: [operand(shape, dtype), isFloat(dtype) ? moved(y, offset) : y] }
    }),
})

const bits = elementwise(['bool', ...integers], {}, {})
const shift: Samples = {
  dtypes: integers,
  of: (dtype) =>
    anyShape.map((shape) => ({
      params: {},
      operands: [operand(shape, dtype, { max: 1e6 }), operand(shape, dtype, { min: 0, max: 34 })],
    })),
}

const integerPow: Samples = {
  dtypes: numbers,
  of: (dtype) =>
    fc.tuple(anyShape, fc.integer({ min: isFloat(dtype) ? -3 : 0, max: 4 })).map(([shape, exponent]) => ({
      params: { exponent },
      operands: [operand(shape, dtype, isFloat(dtype) ? { min: -2, max: 2, awayFromZero: 0.5 } : {})],
    })),
}

/** x = whole + ⅜ and y whole: x / y is never near a whole number. */
const remainder: Samples = {
  dtypes: numbers,
  of: (dtype) =>
    anyShape.map((shape) => {
      if (!isFloat(dtype)) return { params: {}, operands: [operand(shape, dtype), operand(shape, dtype)] }
      const whole = (limit: number, away: number): Operand => ({
        shape,
        arrays: arraysOf(shape, 'int32', { min: -limit, max: limit, awayFromZero: away }).map((x) => x.astype(dtype)),
      })
      return { params: {}, operands: [moved(whole(6, 0), 0.375), whole(3, 2)] }
    }),
}

/** Numbers between the halves and the wholes: no rounding is near. */
const betweenHalves: Samples = {
  dtypes: floats,
  of: (dtype) =>
    anyShape.map((shape) => ({
      params: {},
      operands: [
        {
          shape,
          arrays: arraysOf(shape, 'int32', { min: -6, max: 6 }).map((x) => x.astype(dtype).mul(0.5).add(0.1875)),
        },
      ],
    })),
}

const ofComplex: Samples = {
  dtypes: ['complex64'],
  of: () => anyShape.map((shape) => ({ params: {}, operands: [operand(shape, 'complex64', { awayFromZero: 0.25 })] })),
}
const complexFromParts: Samples = {
  dtypes: ['complex64'],
  of: () => anyShape.map((shape) => ({ params: {}, operands: [operand(shape, 'float32'), operand(shape, 'float32')] })),
}

const real = (min: number, max: number, awayFromZero = 0): Samples => elementwise(floats, { min, max, awayFromZero })
const comparison = elementwise(numbers, {}, {})
const word: ElementConstraints = { max: 4294967295 }

/** Operations element by element, those of complex numbers too. */
export const elementwiseSamples: Readonly<Record<string, Samples>> = {
  abs: elementwise(numbers, { awayFromZero: 0.25 }),
  acos: real(-0.75, 0.75),
  add: elementwise(numbers, {}, {}),
  and: bits,
  asin: real(-0.75, 0.75),
  atan: real(-3, 3),
  ceil: betweenHalves,
  complex: complexFromParts,
  complex_abs: ofComplex,
  complex_sign: ofComplex,
  cos: real(-4, 4),
  cosh: real(-2, 2),
  div: elementwise(numbers, {}, { awayFromZero: 0.5 }),
  eq: elementwise(all, {}, {}),
  erf: real(-2, 2),
  erf_inv: real(-0.75, 0.75),
  exp: real(-2, 2),
  expm1: real(-2, 2),
  floor: betweenHalves,
  ge: comparison,
  gt: comparison,
  imag: ofComplex,
  integer_pow: integerPow,
  is_finite: elementwise(floats, { edges: true }),
  le: comparison,
  log1p: real(-0.5, 4),
  log: real(0.5, 4),
  logistic: real(-4, 4),
  lt: comparison,
  max: apart(1 / 128),
  min: apart(1 / 128),
  mul: elementwise(numbers, {}, {}),
  neg: elementwise(numbers, {}),
  not: elementwise(['bool', ...integers], {}),
  or: bits,
  pow: elementwise(floats, { min: 0.5, max: 2 }, { min: -2, max: 2 }),
  real: ofComplex,
  rem: remainder,
  round: betweenHalves,
  rsqrt: real(0.5, 4),
  shift_left: shift,
  shift_right_logical: shift,
  sign: elementwise(numbers, { awayFromZero: 0.25 }),
  sin: real(-4, 4),
  sinh: real(-2, 2),
  sqrt: real(0.5, 4),
  sub: elementwise(numbers, {}, {}),
  tan: real(-1, 1),
  tanh: real(-1, 1),
  threefry2x32: elementwise(['uint32'], word, word, word, word),
  xor: bits,
}
