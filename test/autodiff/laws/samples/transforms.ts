import { arraysOf, shapes } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import { all } from '../../../helpers/dtypes.ts'
import type { Samples } from './shared.ts'

/** One to three operands, of which the first pass. */
const barrier: Samples = {
  dtypes: all,
  of: (dtype) =>
    fc.array(shapes({ minLength: 0 }), { minLength: 1, maxLength: 3 }).chain((drawn) =>
      fc.integer({ min: 1, max: drawn.length }).map((guarded) => ({
        params: { guarded },
        operands: drawn.map((shape) => ({ shape, arrays: arraysOf(shape, dtype) })),
      })),
    ),
}

export const transformSamples: Readonly<Record<string, Samples>> = { optimization_barrier: barrier }
