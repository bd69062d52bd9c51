import type { NDArray } from '@cotangent/autodiff'
import type { DType, Shape } from '@cotangent/autodiff/array'
import { arraysOf, type ElementConstraints, shapes } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'

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

export const operand = (shape: Shape, dtype: DType, constraints: ElementConstraints = {}): Operand => ({
  shape,
  arrays: arraysOf(shape, dtype, constraints),
})

/** The operand's numbers moved by `by`, in its dtype. */
export const moved = ({ shape, arrays }: Operand, by: number): Operand => ({
  shape,
  arrays: arrays.map((x) => x.add(by)),
})

/** Mostly arrays with elements, sometimes without. */
export const anyShape = fc.oneof({ weight: 9, arbitrary: shapes() }, { weight: 1, arbitrary: shapes({ minLength: 0 }) })

/** An elementwise operation of as many operands as there are constraints. */
export const elementwise = (dtypes: readonly DType[], ...constraints: ElementConstraints[]): Samples => ({
  dtypes,
  of: (dtype) => anyShape.map((shape) => ({ params: {}, operands: constraints.map((c) => operand(shape, dtype, c)) })),
})

export const withAxes = (minRank: number, minLength = 1): fc.Arbitrary<{ shape: number[]; axes: number[] }> =>
  shapes({ minRank, minLength }).chain((shape) =>
    fc.record({ shape: fc.constant(shape), axes: fc.subarray(shape.map((_, i) => i)) }),
  )

export const withAxis = shapes({ minRank: 1 }).chain((shape) =>
  fc.record({ shape: fc.constant(shape), axis: fc.integer({ min: 0, max: shape.length - 1 }) }),
)
