import type { DType } from '@cotangent/autodiff/array'
import { arraysOf, shapes } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import type { Samples } from './shared.ts'

const floats: readonly DType[] = ['float32', 'float64']
const draws = fc.record({ layout: fc.constantFrom('partitionable', 'legacy'), log: fc.boolean() })

/** A draw moves with its parameter as its quantile does, not as the numbers it is made of: no difference shows that. */
const randomGamma: Samples = {
  dtypes: floats,
  held: [0, 1, 2],
  of: (dtype) =>
    fc.tuple(shapes({ minLength: 0 }), draws).map(([shape, params]) => ({
      params,
      operands: [
        { shape, arrays: arraysOf(shape, 'uint32', { min: 0, max: 2 ** 31 }) },
        { shape, arrays: arraysOf(shape, 'uint32', { min: 0, max: 2 ** 31 }) },
        { shape, arrays: arraysOf(shape, dtype, { min: 0.1, max: 9 }) },
      ],
    })),
}

export const randomSamples: Readonly<Record<string, Samples>> = { random_gamma: randomGamma }
