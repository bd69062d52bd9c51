import { devices, legacyRandom, np, type NDArray, valueAndGrad } from '@cotangent/autodiff'
import { DatasetGradientIMNN, type MemoryPolicy } from '@cotangent/imnn'
import { Dense, LeakyRelu, serial, sgd } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import { diagnostics, fisherStatistics, lossOf } from '../../packages/imnn/src/statistics.ts'
import { summarise } from '../../packages/imnn/src/summaries.ts'
import { datasetsOf, simulateGaussians } from './tutorial-data.ts'

const [cpu] = devices('cpu')
const simulations = simulateGaussians(legacyRandom, 3, 120)
const { d, dd } = simulations.training
const model = serial(Dense(8), LeakyRelu, Dense(2))

/** With plain gradient descent of step 1 an iteration changes the weights by the gradient. */
async function gradientByFit(nD: number, lanes: number, memory: MemoryPolicy): Promise<NDArray[]> {
  const imnn = DatasetGradientIMNN({
    nS: 120,
    nD,
    nParams: 2,
    nSummaries: 2,
    inputShape: [10],
    thetaFid: [0, 1],
    model,
    optimizer: sgd({ stepSize: 1 }),
    keyOrState: simulations.modelKey,
    random: legacyRandom,
    host: cpu,
    devices: Array.from({ length: lanes }, () => cpu),
    nPerDevice: 10,
    memory,
    ...datasetsOf(simulations.training, nD, lanes, 10),
  })
  const gradients: NDArray[] = []
  const reached = await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 1, best: false })
  const flat = (w: typeof reached.w): NDArray[] => [w[0][0], w[0][1], w[2][0], w[2][1]]
  const [before, after] = [flat(imnn.w), flat(reached.finalW)]
  before.forEach((x, i) => gradients.push(x.sub(after[i] as NDArray)))
  return gradients
}

/** The gradient of the loss of all simulations in one function, in double precision. */
function unaggregated(nD: number): NDArray[] {
  const wide = (x: NDArray): NDArray => x.astype('float64')
  const [, params] = model[0](simulations.modelKey as never, [10], { random: legacyRandom })
  const w = [params[0][0], params[0][1], params[2][0], params[2][1]].map(wide)
  const apply = ([W1, b1, W2, b2]: readonly NDArray[], x: NDArray): NDArray =>
    model[1]([[W1!, b1!], [], [W2!, b2!]] as never, x)
  const loss = (leaves: readonly NDArray[]): NDArray => {
    const [x, dx] = summarise(apply, leaves, [wide(d).slice([0, nD]), wide(dd).slice([0, nD]).transpose([2, 0, 1])])
    const rest = nD < 120 ? [apply(leaves, wide(d).slice([nD, 120]))] : []
    const statistics = fisherStatistics(np.concatenate([x!, ...rest]), dx!)
    return lossOf(statistics, diagnostics(statistics, { lambda: 10, alpha: 0.9531017980432489 }))
  }
  const [, gradient] = valueAndGrad(loss)(w)
  return [...gradient]
}

const policies: Record<string, MemoryPolicy> = {
  'one group': {},
  'groups of 20, residuals kept': { groupRows: 20 },
  'groups of 30, nothing kept': { groupRows: 30, residualBytes: 0 },
  'groups as small as batches, nothing kept': { groupRows: 1, residualBytes: 0 },
}

describe.each([
  ['n_s = n_d', 120],
  ['n_s > n_d', 40],
])('the aggregated gradient is the whole one, %s', (_, nD) => {
  const expected = unaggregated(nD)
  test.each([1, 2].flatMap((lanes) => Object.keys(policies).map((policy) => [lanes, policy] as const)))(
    '%i lane(s), %s',
    async (lanes, policy) => {
      const gradients = await gradientByFit(nD, lanes, policies[policy]!)
      // The gradient in the last bias is exactly 0: errors are measured by the whole gradient.
      const scale = Math.max(...expected.map((g) => g.abs().max().item()))
      gradients.forEach((gradient, i) => {
        const error = gradient.astype('float64').sub(expected[i]!).abs().max().item()
        expect(error / scale).toBeLessThan(2e-6)
      })
    },
  )
})

test('the gradient is not that of simulations in another order (the original’s order with two devices)', () => {
  const right = unaggregated(40)
  const all = unaggregated(120)
  expect(right[0]!.sub(all[0]!).abs().max().item()).toBeGreaterThan(1e-2)
})
