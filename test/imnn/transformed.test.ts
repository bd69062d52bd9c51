import { DatasetGradientIMNN } from '@cotangent/imnn'
import { adam, adamw, chain, clipByGlobalNorm, optimizer, schedules, sm3, transforms } from '@cotangent/nn'
import { expect, test } from 'vitest'
import '../helpers/matchers.ts'
import { settings, smallOptions } from './small-problem.ts'

const fitted = async (own: object) => {
  const imnn = DatasetGradientIMNN({ ...smallOptions(), ...own })
  return imnn.fit({ ...settings, patience: 3, maxIterations: 3 })
}

test('an IMNN is trained by a gradient transformation as by the optimizer of the same numbers', async () => {
  const [one, other] = [
    await fitted({ optimizer: adam({ stepSize: 1e-2 }) }),
    await fitted({ optimizer: optimizer(transforms.adam({ learningRate: 1e-2 })) }),
  ]
  // The last biases have no gradient but rounding, so the information is compared, not the weights.
  expect(one.history.detF).toBeAllclose([...other.history.detF], { rtol: 1e-4 })
})

test.each([
  ['a chain', optimizer(chain(clipByGlobalNorm(1), transforms.adamw({ learningRate: schedules.constant(1e-2) })))],
  ['adamw', adamw({ stepSize: 1e-2 })],
  ['sm3', sm3({ stepSize: 1e-2 })],
])('%s trains an IMNN', async (_, own) => {
  const { history } = await fitted({ optimizer: own })
  expect(history.detF).toHaveLength(3)
  expect(history.detF.every(Number.isFinite)).toBe(true)
})
