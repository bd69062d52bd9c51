import { np } from '@cotangent/autodiff'
import { type DType, isFloat, type Shape } from '@cotangent/autodiff/array'
import { type ElementConstraints, shapes } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import { all, floats, numbers } from '../../../helpers/dtypes.ts'
import { takenShape, type WindowDimensions } from '../../../../packages/autodiff/src/primitives/window-dimensions.ts'
import { type Operand, operand, type Samples } from './shared.ts'

const withAxis = (minLength = 1): fc.Arbitrary<{ shape: number[]; axis: number }> =>
  shapes({ minRank: 1, minLength }).chain((shape) =>
    fc.record({ shape: fc.constant(shape), axis: fc.nat({ max: shape.length - 1 }) }),
  )

interface Windows {
  readonly shape: Shape
  readonly indices: Shape
  readonly taken: Shape
  readonly sizes: Shape
  readonly dimensions: WindowDimensions
  /** The last start at which every window fits. */
  readonly last: number
}

/** Windows of every kind: axes are batching, indexed or neither, windows whole or not, in the result or left out. */
const windows: fc.Arbitrary<Windows> = fc
  .record({
    axes: fc.array(
      fc.record({
        n: fc.integer({ min: 1, max: 3 }),
        kind: fc.constantFrom('batch', 'indexed', 'collapsed', 'whole', 'part'),
        size: fc.nat({ max: 2 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    extra: shapes({ maxRank: 1 }),
    keys: fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
  })
  .map(({ axes, extra, keys }) => {
    const shape = axes.map((a) => a.n)
    const of = (kind: string): number[] => axes.flatMap((a, i) => (a.kind === kind ? [i] : []))
    const batch = of('batch')
    const map = [...of('indexed'), ...of('collapsed')].toSorted((a, b) => keys[a]! - keys[b]!)
    const collapsed = of('collapsed')
    const sizes = axes.map(({ n, kind, size }) =>
      kind === 'batch' || kind === 'collapsed' ? 1 : kind === 'whole' ? n : Math.min(n, size + 1),
    )
    const counting = [...extra, ...batch.map((axis) => shape[axis]!)]
    const inside = axes.length - batch.length - collapsed.length
    const places = counting.length + inside
    const offset = Array.from({ length: places }, (_, i) => i)
      .toSorted((a, b) => keys[a]! - keys[b]!)
      .slice(0, inside)
      .toSorted((a, b) => a - b)
    const dimensions = { offset, collapsed, map, batch, indexBatch: batch.map((_, i) => extra.length + i) }
    const indices = [...counting, map.length]
    return {
      shape,
      indices,
      sizes,
      dimensions,
      taken: takenShape(indices, sizes, dimensions),
      last: Math.min(...map.map((axis) => shape[axis]! - sizes[axis]!), 2),
    }
  })

const gather: Samples = {
  dtypes: all,
  of: (dtype) =>
    fc
      .tuple(windows, fc.constantFrom('clip', 'promiseInBounds'))
      .map(([{ shape, indices, sizes, dimensions, last }, mode]) => ({
        params: { ...dimensions, sizes, mode },
        // What lies outside of the array has a cotangent that is dropped, and no derivative that is right.
        operands: [
          operand(shape, dtype),
          operand(indices, 'int32', mode === 'clip' ? { min: -1, max: 3 } : { min: 0, max: last }),
        ],
      })),
}

/** Updates at any indices; they never equal the array, nor each other. */
const scatter = (dtypes: readonly DType[], constraints: ElementConstraints = {}): Samples => ({
  dtypes,
  of: (dtype) =>
    fc.tuple(windows, fc.constantFrom('clip', 'drop')).map(([{ shape, indices, taken, dimensions }, mode]) => {
      const limits = isFloat(dtype) ? constraints : {}
      const updates = operand(taken, dtype, limits)
      return {
        params: { ...dimensions, mode, unique: false },
        operands: [
          operand(shape, dtype, limits),
          operand(indices, 'int32', { min: -1, max: 3 }),
          isFloat(dtype) && constraints.distinct === true
            ? { shape: taken, arrays: updates.arrays.map((x) => x.add(1 / 128)) }
            : updates,
        ],
      }
    }),
})

/** Rows at indices of which none is twice. */
const scatterUnique: Samples = {
  dtypes: numbers,
  of: (dtype) =>
    fc.tuple(fc.integer({ min: 1, max: 3 }), shapes({ maxRank: 1 }), fc.nat({ max: 3 })).map(([n, row, count]) => {
      const rows = Math.min(n, count)
      const order = fc.shuffledSubarray([...Array(n).keys()], { minLength: rows, maxLength: rows })
      return {
        params: {
          offset: row.map((_, i) => i + 1),
          collapsed: [0],
          map: [0],
          batch: [],
          indexBatch: [],
          mode: 'drop',
          unique: true,
        },
        operands: [
          operand([n, ...row], dtype),
          { shape: [rows, 1], arrays: order.map((list) => np.array(Int32Array.from(list), { shape: [rows, 1] })) },
          operand([rows, ...row], dtype),
        ],
      }
    }),
}

/** An array, the sizes of a slice of it, and starts inside and outside. */
const slices = (dtype: DType): fc.Arbitrary<{ sizes: number[]; x: Operand; starts: Operand[] }> =>
  shapes({ maxRank: 2 }).chain((shape) =>
    fc.tuple(...shape.map((n) => fc.integer({ min: 0, max: n }))).map((sizes) => ({
      sizes,
      x: operand(shape, dtype),
      starts: shape.map(() => operand([], 'int32', { min: -1, max: 3 })),
    })),
  )

const dynamicSlice: Samples = {
  dtypes: all,
  of: (dtype) => slices(dtype).map(({ sizes, x, starts }) => ({ params: { sizes }, operands: [x, ...starts] })),
}

const dynamicUpdateSlice: Samples = {
  dtypes: all,
  of: (dtype) =>
    slices(dtype).map(({ sizes, x, starts }) => ({ params: {}, operands: [x, operand(sizes, dtype), ...starts] })),
}

/** The first operand without ties where it is differentiated. */
const sort: Samples = {
  dtypes: all,
  of: (dtype) =>
    fc.tuple(withAxis(), fc.nat({ max: 2 }), fc.nat({ max: 2 })).map(([{ shape, axis }, more, keys]) => ({
      params: { axis, keys: 1 + Math.min(keys, more) },
      operands: [
        operand(shape, dtype, { distinct: isFloat(dtype) }),
        ...[operand(shape, dtype), operand(shape, 'int32')].slice(0, more),
      ],
    })),
}

const topK: Samples = {
  dtypes: all,
  of: (dtype) =>
    fc.tuple(shapes({ minRank: 1 }), fc.nat({ max: 3 })).map(([shape, k]) => ({
      params: { k: Math.min(k, shape.at(-1)!) },
      operands: [operand(shape, dtype, { distinct: isFloat(dtype) })],
    })),
}

const cumulative = (dtypes: readonly DType[], constraints: ElementConstraints = {}): Samples => ({
  dtypes,
  of: (dtype) =>
    fc
      .tuple(fc.oneof({ weight: 3, arbitrary: withAxis() }, { weight: 1, arbitrary: long }), fc.boolean())
      .map(([{ shape, axis }, reverse]) => ({
        params: { axis, reverse },
        operands: [operand(shape, dtype, isFloat(dtype) ? constraints : {})],
      })),
})
/** Lines of every length up to 7: the scan by pairs has an end of its own for each. */
const long = fc.integer({ min: 1, max: 7 }).map((n) => ({ shape: [n], axis: 0 }))

export const indexingSamples: Readonly<Record<string, Samples>> = {
  cumlogsumexp: cumulative(floats, { min: -2, max: 2 }),
  cummax: cumulative(numbers, { distinct: true }),
  cummin: cumulative(numbers, { distinct: true }),
  cumprod: cumulative(numbers, { min: -2, max: 2 }),
  dynamic_slice: dynamicSlice,
  dynamic_update_slice: dynamicUpdateSlice,
  gather,
  scatter: scatter(all),
  scatter_add: scatter(numbers),
  scatter_max: scatter(numbers, { distinct: true }),
  scatter_min: scatter(numbers, { distinct: true }),
  scatter_mul: scatterUnique,
  sort,
  top_k: topK,
}
