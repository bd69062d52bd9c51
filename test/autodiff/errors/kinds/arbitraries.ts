import * as arbitraries from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import { type Call, type Calls, options } from '../../../helpers/wrong-kinds.ts'

/** A few of what an arbitrary makes. */
const sampled =
  (make: unknown): Call =>
  (...args) => {
    fc.sample((make as (...given: unknown[]) => fc.Arbitrary<unknown>)(...args), { numRuns: 3, seed: 1 })
  }
const shape = { minRank: 1, maxRank: 2, minLength: 1, maxLength: 3 }
const elements = { min: -2, max: 2, awayFromZero: 0.5, edges: true, distinct: false }

/** What random cases are drawn with. */
export const arbitrariesCalls: Calls = {
  anyDType: [sampled(arbitraries.anyDType), ['float32', 'int32']],
  arrays: [sampled(arbitraries.arrays), options({ ...shape, ...elements, dtype: 'float32' })],
  arraysOf: [sampled(arbitraries.arraysOf), [2, 3], 'float32', options(elements)],
  'arraysOf, each once': [sampled(arbitraries.arraysOf), [3], 'int32', options({ min: 0, max: 5, distinct: true })],
  broadcastableShapes: [sampled(arbitraries.broadcastableShapes), 2, options(shape)],
  floatDType: [sampled(arbitraries.floatDType)],
  indices: [sampled(arbitraries.indices), 4, [3], options({ outside: true })],
  programs: [sampled(arbitraries.programs), options({ maxOperations: 3, dtype: 'float64', among: ['add', 'mul'] })],
  shapes: [sampled(arbitraries.shapes), options(shape)],
  trees: [sampled(arbitraries.trees), options({ ...shape, ...elements, maxDepth: 1 })],
}
