import { type NDArray, np } from '@cotangent/autodiff'
import { type DType, isFloat, type Shape } from '@cotangent/autodiff/array'
import { arraysOf, type ElementConstraints, shapes } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import { specialSamples } from './samples-special.ts'
import { indexingSamples } from './samples-indexing.ts'
import { linalgSamples } from './samples-linalg.ts'
import { randomSamples } from './samples-random.ts'
import { windowSamples } from './samples-windows.ts'
import { controlSamples } from './samples-control.ts'
import { transformSamples } from './samples-transforms.ts'

/** An operand to be drawn: several draws differ in their numbers alone. */
export interface Operand {
  readonly shape: Shape
  readonly arrays: fc.Arbitrary<NDArray>
}

/** Parameters of a primitive and operands that fit them. */
export interface Sample {
  readonly params: Readonly<Record<string, unknown>>
  readonly operands: readonly Operand[]
}

/** How to draw operands for a primitive, of numbers away from where it has no derivative. */
export interface Samples {
  readonly dtypes: readonly DType[]
  readonly of: (dtype: DType) => fc.Arbitrary<Sample>
  /** Operands in which it has no derivative. */
  readonly held?: readonly number[]
  /** The highest order of its derivatives; 2 by default. */
  readonly order?: 1 | 2
  /** False where there is no reverse mode. @defaultValue true */
  readonly reverse?: boolean
}

const floats: readonly DType[] = ['float32', 'float64']
const integers: readonly DType[] = ['int32', 'uint32', 'int8', 'int16', 'int64', 'uint8', 'uint16', 'uint64']
const numbers: readonly DType[] = [...floats, ...integers]
const all: readonly DType[] = [...numbers, 'bool', 'float16', 'bfloat16']

const operand = (shape: Shape, dtype: DType, constraints: ElementConstraints = {}): Operand => ({
  shape,
  arrays: arraysOf(shape, dtype, constraints),
})

/** The operand's numbers moved by `by`, in its dtype. */
const moved = ({ shape, arrays }: Operand, by: number): Operand => ({ shape, arrays: arrays.map((x) => x.add(by)) })

/** Mostly arrays with elements, sometimes without. */
const anyShape = fc.oneof({ weight: 9, arbitrary: shapes() }, { weight: 1, arbitrary: shapes({ minLength: 0 }) })

/** An elementwise operation of as many operands as there are constraints. */
const elementwise = (dtypes: readonly DType[], ...constraints: ElementConstraints[]): Samples => ({
  dtypes,
  of: (dtype) => anyShape.map((shape) => ({ params: {}, operands: constraints.map((c) => operand(shape, dtype, c)) })),
})

/** The same where floats need other numbers than integers, moved so that no two operands meet. */
const apart = (offset: number): Samples => ({
  dtypes: numbers,
  of: (dtype) =>
    anyShape.map((shape) => {
      const y = operand(shape, dtype)
      return { params: {}, operands: [operand(shape, dtype), isFloat(dtype) ? moved(y, offset) : y] }
    }),
})

const withAxes = (minRank: number, minLength = 1): fc.Arbitrary<{ shape: number[]; axes: number[] }> =>
  shapes({ minRank, minLength }).chain((shape) =>
    fc.record({ shape: fc.constant(shape), axes: fc.subarray(shape.map((_, i) => i)) }),
  )

const withAxis = shapes({ minRank: 1 }).chain((shape) =>
  fc.record({ shape: fc.constant(shape), axis: fc.integer({ min: 0, max: shape.length - 1 }) }),
)

const reduction = (dtypes: readonly DType[], constraints: ElementConstraints = {}, minLength = 1): Samples => ({
  dtypes,
  of: (dtype) =>
    withAxes(0, minLength).map(({ shape, axes }) => ({
      params: { axes },
      operands: [operand(shape, dtype, isFloat(dtype) ? constraints : {})],
    })),
})

const argReduction: Samples = {
  dtypes: numbers,
  of: (dtype) => withAxis.map(({ shape, axis }) => ({ params: { axis }, operands: [operand(shape, dtype)] })),
}

const bits = elementwise(['bool', ...integers], {}, {})
const shift: Samples = {
  dtypes: integers,
  of: (dtype) =>
    anyShape.map((shape) => ({
      params: {},
      operands: [operand(shape, dtype, { max: 1e6 }), operand(shape, dtype, { min: 0, max: 34 })],
    })),
}

const dot: Samples = {
  dtypes: numbers,
  of: (dtype) =>
    fc
      .record({
        batch: shapes({ maxRank: 2 }),
        contract: shapes({ maxRank: 2 }),
        left: shapes({ maxRank: 2 }),
        right: shapes({ maxRank: 1 }),
      })
      .chain(({ batch, contract, left, right }) => {
        const side = (free: number[]): fc.Arbitrary<{ shape: number[]; batch: number[]; contract: number[] }> => {
          const sizes = [...batch, ...contract, ...free]
          const order = sizes.map((_, i) => i)
          return fc
            .shuffledSubarray(order, { minLength: sizes.length, maxLength: sizes.length })
            .map((permutation) => ({
              shape: permutation.map((i) => sizes[i]!),
              batch: batch.map((_, i) => permutation.indexOf(i)),
              contract: contract.map((_, i) => permutation.indexOf(batch.length + i)),
            }))
        }
        return fc.tuple(side(left), side(right)).map(([x, y]) => ({
          params: { contract: [x.contract, y.contract], batch: [x.batch, y.batch] },
          operands: [operand(x.shape, dtype), operand(y.shape, dtype)],
        }))
      }),
}

const slice: Samples = {
  dtypes: all,
  of: (dtype) =>
    shapes({ maxLength: 5 }).chain((shape) =>
      fc
        .tuple(...shape.map((n) => fc.tuple(fc.nat({ max: n }), fc.nat({ max: n }), fc.integer({ min: 1, max: 3 }))))
        .map((axes) => ({
          params: {
            starts: axes.map(([a, b]) => Math.min(a, b)),
            limits: axes.map(([a, b]) => Math.max(a, b)),
            strides: axes.map(([, , stride]) => stride),
          },
          operands: [operand(shape, dtype)],
        })),
    ),
}

const pad: Samples = {
  dtypes: all,
  of: (dtype) =>
    shapes({ maxRank: 2, minLength: 0 }).chain((shape) =>
      fc
        .tuple(
          ...shape.map((n) =>
            fc
              .record({
                low: fc.integer({ min: -2, max: 2 }),
                high: fc.integer({ min: -2, max: 2 }),
                interior: fc.nat({ max: 2 }),
              })
              .filter(({ low, high, interior }) => low + high + n + Math.max(0, n - 1) * interior >= 0),
          ),
        )
        .map((axes) => ({
          params: {
            low: axes.map((a) => a.low),
            high: axes.map((a) => a.high),
            interior: axes.map((a) => a.interior),
          },
          operands: [operand(shape, dtype), operand([], dtype)],
        })),
    ),
}

const concatenate: Samples = {
  dtypes: all,
  of: (dtype) =>
    withAxis.chain(({ shape, axis }) =>
      fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 3 }).map((lengths) => ({
        params: { axis },
        operands: lengths.map((n) =>
          operand(
            shape.map((m, i) => (i === axis ? n : m)),
            dtype,
          ),
        ),
      })),
    ),
}

const reshape: Samples = {
  dtypes: all,
  of: (dtype) =>
    anyShape.chain((shape) => {
      const size = shape.reduce((a, b) => a * b, 1)
      const targets = [[size], shape.toReversed(), [1, ...shape], [...shape, 1], [1, size, 1]]
      return fc.constantFrom(...targets).map((target) => ({
        params: { shape: target },
        operands: [operand(shape, dtype)],
      }))
    }),
}

const transpose: Samples = {
  dtypes: all,
  of: (dtype) =>
    anyShape.chain((shape) =>
      fc
        .shuffledSubarray(
          shape.map((_, i) => i),
          { minLength: shape.length },
        )
        .map((permutation) => ({ params: { permutation }, operands: [operand(shape, dtype)] })),
    ),
}

const broadcast: Samples = {
  dtypes: all,
  of: (dtype) =>
    withAxes(0, 0).map(({ shape, axes }) => ({
      params: { shape, dims: axes },
      operands: [
        operand(
          axes.map((axis) => shape[axis]!),
          dtype,
        ),
      ],
    })),
}

const convert: Samples = {
  dtypes: all,
  of: (from) =>
    fc
      .tuple(anyShape, fc.constantFrom(...all))
      .map(([shape, dtype]) => ({ params: { dtype }, operands: [operand(shape, from)] })),
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

const select: Samples = {
  dtypes: all,
  of: (dtype) =>
    anyShape.map((shape) => ({
      params: {},
      operands: [operand(shape, 'bool'), operand(shape, dtype), operand(shape, dtype)],
    })),
}

const iota: Samples = {
  dtypes: numbers,
  of: (dtype) => fc.nat({ max: 4 }).map((length) => ({ params: { length, dtype }, operands: [] })),
}

const cumsum: Samples = {
  dtypes: numbers,
  of: (dtype) =>
    fc
      .tuple(withAxis, fc.boolean())
      .map(([{ shape, axis }, reverse]) => ({ params: { axis, reverse }, operands: [operand(shape, dtype)] })),
}

/** Matrices with a heavy diagonal, far from singular. */
const squares: Samples = {
  dtypes: floats,
  of: (dtype) =>
    fc.tuple(shapes({ maxRank: 1 }), fc.integer({ min: 1, max: 3 })).map(([lead, n]) => ({
      params: {},
      operands: [
        {
          shape: [...lead, n, n],
          arrays: arraysOf([...lead, n, n], dtype, { min: -1, max: 1 }).map((x) => x.add(np.eye(n, { dtype }).mul(4))),
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

/** One entry a primitive: laws.test.ts fails for a primitive without. */
export const samples: Readonly<Record<string, Samples>> = {
  ...linalgSamples,
  ...windowSamples,
  ...controlSamples,
  ...transformSamples,
  abs: elementwise(numbers, { awayFromZero: 0.25 }),
  acos: real(-0.75, 0.75),
  add: elementwise(numbers, {}, {}),
  and: bits,
  argmax: argReduction,
  argmin: argReduction,
  asin: real(-0.75, 0.75),
  atan: real(-3, 3),
  broadcast_in_dim: broadcast,
  ceil: betweenHalves,
  concatenate,
  convert_element_type: convert,
  cos: real(-4, 4),
  cosh: real(-2, 2),
  cumsum,
  ...indexingSamples,
  determinant: squares,
  div: elementwise(numbers, {}, { awayFromZero: 0.5 }),
  dot_general: dot,
  eq: elementwise(all, {}, {}),
  erf: real(-2, 2),
  erf_inv: real(-0.75, 0.75),
  exp: real(-2, 2),
  expm1: real(-2, 2),
  floor: betweenHalves,
  ge: comparison,
  gt: comparison,
  integer_pow: integerPow,
  iota,
  is_finite: elementwise(floats, { edges: true }),
  le: comparison,
  log: real(0.5, 4),
  log1p: real(-0.5, 4),
  logistic: real(-4, 4),
  lt: comparison,
  max: apart(1 / 128),
  min: apart(1 / 128),
  mul: elementwise(numbers, {}, {}),
  neg: elementwise(numbers, {}),
  not: elementwise(['bool', ...integers], {}),
  or: bits,
  pad,
  pow: elementwise(floats, { min: 0.5, max: 2 }, { min: -2, max: 2 }),
  reduce_and: reduction(['bool'], {}, 0),
  reduce_max: reduction(numbers, { distinct: true }),
  reduce_min: reduction(numbers, { distinct: true }),
  reduce_or: reduction(['bool'], {}, 0),
  reduce_prod: reduction(numbers, { min: -2, max: 2 }, 0),
  reduce_sum: reduction(numbers, {}, 0),
  rem: remainder,
  reshape,
  rev: reduction(all),
  round: betweenHalves,
  rsqrt: real(0.5, 4),
  select,
  shift_left: shift,
  shift_right_logical: shift,
  sign: elementwise(numbers, { awayFromZero: 0.25 }),
  sin: real(-4, 4),
  sinh: real(-2, 2),
  slice,
  sqrt: real(0.5, 4),
  sub: elementwise(numbers, {}, {}),
  tan: real(-1, 1),
  tanh: real(-2, 2),
  threefry2x32: elementwise(['uint32'], word, word, word, word),
  transpose,
  xor: bits,
  complex: complexFromParts,
  complex_abs: ofComplex,
  imag: ofComplex,
  real: ofComplex,
  ...specialSamples,
  ...randomSamples,
}
