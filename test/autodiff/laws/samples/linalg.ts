import { type NDArray, np } from '@cotangent/autodiff'
import type { DType, Shape } from '@cotangent/autodiff/array'
import { arraysOf, shapes } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import { wideFloats as floats } from '../../../helpers/dtypes.ts'
import type { Operand, Samples } from './shared.ts'

interface MatrixOptions {
  readonly spread?: boolean
  readonly size?: number
  readonly awayFromZero?: number
}

/** Small numbers beside a diagonal that is heavy, or for `spread` has values far apart. */
const matrices = (
  shape: Shape,
  dtype: DType,
  { spread = false, size = 1, awayFromZero = 0 }: MatrixOptions = {},
): Operand => {
  const [m, n] = shape.slice(-2) as [number, number]
  const diagonal = Float64Array.from({ length: Math.min(m, n) }, (_, i) => (spread ? 1 + 2.5 * i : 4))
  const heavy = np.array(
    Float64Array.from({ length: m * n }, (_, at) =>
      at % (n + 1) === 0 ? (diagonal[Math.floor(at / (n + 1))] ?? 0) : 0,
    ),
    { dtype, shape: [m, n] },
  )
  return {
    shape,
    arrays: arraysOf(shape, dtype, { min: -size / 2, max: size / 2, awayFromZero }).map((x): NDArray => x.add(heavy)),
  }
}

const lead = shapes({ maxRank: 1, maxLength: 2 })
const small = fc.integer({ min: 1, max: 3 })

const squares = (params: fc.Arbitrary<Record<string, unknown>>, options: MatrixOptions = {}): Samples => ({
  dtypes: floats,
  of: (dtype) =>
    fc.tuple(lead, small, params).map(([batch, n, chosen]) => ({
      params: chosen,
      operands: [matrices([...batch, n, n], dtype, options)],
    })),
})

const oblong = (params: fc.Arbitrary<Record<string, unknown>>, options: MatrixOptions = {}): Samples => ({
  dtypes: floats,
  of: (dtype) =>
    fc.tuple(lead, small, small, params).map(([batch, m, n, chosen]) => ({
      params:
        chosen['fullMatrices'] === true && chosen['computeUv'] === true && m !== n
          ? { ...chosen, fullMatrices: false }
          : chosen,
      operands: [matrices([...batch, m, n], dtype, options)],
    })),
})

const sides = (shape: Shape, dtype: DType): Operand => ({ shape, arrays: arraysOf(shape, dtype) })

/** A square matrix and right-hand sides on its left or on its right. */
const solvers = (params: fc.Arbitrary<Record<string, unknown>>): Samples => ({
  dtypes: floats,
  of: (dtype) =>
    fc.tuple(lead, small, small, params).map(([batch, n, k, chosen]) => ({
      params: chosen,
      operands: [
        matrices([...batch, n, n], dtype),
        sides([...batch, ...(chosen['leftSide'] === false ? [k, n] : [n, k])], dtype),
      ],
    })),
})

const none = fc.constant({})
const record = fc.record

export const linalgSamples: Readonly<Record<string, Samples>> = {
  cholesky: squares(fc.constant({ symmetrizeInput: true })),
  determinant: squares(none, { size: 2 }),
  eigh: squares(record({ lower: fc.boolean(), symmetrizeInput: fc.constant(true) }), { spread: true }),
  inverse: squares(none, { size: 2 }),
  lu: oblong(none),
  pinv: oblong(record({ rtol: fc.constant(1e-6), hermitian: fc.constant(false) }), { spread: true }),
  // A column that is zero below the diagonal is not reflected: its sign jumps there.
  qr: oblong(record({ fullMatrices: fc.boolean() }), { awayFromZero: 0.125 }),
  solve: solvers(record({ transposeA: fc.boolean() })),
  svd: oblong(record({ fullMatrices: fc.boolean(), computeUv: fc.boolean() }), { spread: true }),
  triangular_solve: solvers(
    record({ leftSide: fc.boolean(), lower: fc.boolean(), transposeA: fc.boolean(), unitDiagonal: fc.boolean() }),
  ),
}
