// As consumer.ts, with fast-check installed: the law checkers for users' own property tests.
import { np, type NDArray } from '@cotangent/autodiff'
import { checkGrads, LawError } from '@cotangent/autodiff/testing'
import { shapes } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'

const square = (x: NDArray): NDArray => x.mul(x).sum()

await fc.assert(
  fc.asyncProperty(shapes(), async (shape) => {
    await checkGrads(square, [np.ones(shape, { dtype: 'float64' })])
  }),
  { numRuns: 5 },
)
if (!(new LawError('') instanceof Error)) throw new Error('LawError is no Error')
