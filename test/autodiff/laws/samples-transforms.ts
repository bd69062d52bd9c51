import type { DType } from '@cotangent/autodiff/array'
import { arraysOf, shapes } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import type { Samples } from './samples.ts'

const dtypes: readonly DType[] = ['float32', 'float64', 'int32', 'uint32', 'bool']

/** One to three operands, of which the first pass. */
const barrier: Samples = {
  dtypes,
  of: (dtype) =>
    fc.array(shapes({ minLength: 0 }), { minLength: 1, maxLength: 3 }).chain((drawn) =>
      fc.integer({ min: 1, max: drawn.length }).map((guarded) => ({
        params: { guarded },
        operands: drawn.map((shape) => ({ shape, arrays: arraysOf(shape, dtype) })),
      })),
    ),
}

export const transformSamples: Readonly<Record<string, Samples>> = { optimization_barrier: barrier }
