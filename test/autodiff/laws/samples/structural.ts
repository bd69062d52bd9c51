import { type DType, isFloat } from '@cotangent/autodiff/array'
import { type ElementConstraints, shapes } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import { all, numbers, wideFloats, wideNumbers } from '../../../helpers/dtypes.ts'
import { anyShape, operand, type Samples, withAxes, withAxis } from './shared.ts'

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
      // What is rounded to 16 bits has no differences to compare a derivative with.
      .tuple(anyShape, fc.constantFrom(...(wideFloats.includes(from) ? [...wideNumbers, 'bool' as const] : all)))
      .map(([shape, dtype]) => ({ params: { dtype }, operands: [operand(shape, from)] })),
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

/** Shapes, reductions, products. */
export const structuralSamples: Readonly<Record<string, Samples>> = {
  argmax: argReduction,
  argmin: argReduction,
  broadcast_in_dim: broadcast,
  concatenate,
  convert_element_type: convert,
  cumsum,
  dot_general: dot,
  iota,
  pad,
  reduce_and: reduction(['bool'], {}, 0),
  reduce_max: reduction(numbers, { distinct: true }),
  reduce_min: reduction(numbers, { distinct: true }),
  reduce_or: reduction(['bool'], {}, 0),
  reduce_prod: reduction(numbers, { min: -2, max: 2 }, 0),
  reduce_sum: reduction(numbers, {}, 0),
  reshape,
  rev: reduction(all),
  select,
  slice,
  transpose,
}
