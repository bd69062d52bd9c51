import { devices, grad, type Key, legacyRandom, np, type NDArray, treeLeaves, vjp } from '@cotangent/autodiff'
import { AggregatedGradientIMNN, DatasetGradientIMNN, GradientIMNN, type MemoryPolicy } from '@cotangent/imnn'
import { Dense, LeakyRelu, serial, sgd } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'
import { diagnostics, fisherStatistics, lossOf } from '../../packages/imnn/src/information/statistics.ts'
import { summarise } from '../../packages/imnn/src/information/summaries.ts'
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

const wide = (x: NDArray): NDArray => x.astype('float64')

function network(): { w: NDArray[]; apply: (w: readonly NDArray[], x: NDArray) => NDArray } {
  const [, params] = model[0](simulations.modelKey as Key, [10], { random: legacyRandom })
  return {
    w: [params[0][0], params[0][1], params[2][0], params[2][1]].map(wide),
    apply: ([W1, b1, W2, b2], x) => model[1]([[W1!, b1!], [], [W2!, b2!]], x),
  }
}

function summaries(w: readonly NDArray[], nD: number): [x: NDArray, dx: NDArray] {
  const { apply } = network()
  const [x, dx] = summarise(apply, w, [wide(d).slice([0, nD]), wide(dd).slice([0, nD]).transpose([2, 0, 1])])
  const rest = nD < 120 ? [apply(w, wide(d).slice([nD, 120]))] : []
  return [np.concatenate([x!, ...rest]), dx!]
}

const lossOfSummaries = (x: NDArray, dx: NDArray): NDArray => {
  const statistics = fisherStatistics(x, dx)
  return lossOf(statistics, diagnostics(statistics, { lambda: 10, alpha: 0.9531017980432489 }))
}

/** The gradient of the loss of all simulations in one function, in double precision. */
const unaggregated = (nD: number): NDArray[] =>
  grad((w: readonly NDArray[]) => lossOfSummaries(...summaries(w, nD)))(network().w) as NDArray[]

/** The chain rule with the loss's gradient in summary `order[i]` given to simulation i, and that in dx as it is. */
function contracted(nD: number, order: readonly number[]): NDArray[] {
  const { w } = network()
  const [x, dx] = summaries(w, nD)
  const inDeviceOrder = np.take(x, np.array(order, { dtype: 'int32' }), { axis: 0 })
  const [gX, gdX] = grad(lossOfSummaries, { argnums: [0, 1] })(inDeviceOrder, dx)
  const [, pullback] = vjp((leaves: readonly NDArray[]) => summaries(leaves, nD), w)
  return [...pullback([gX, gdX])[0]]
}

const policies: Record<string, MemoryPolicy> = {
  'one group': {},
  'groups of 20, residuals kept': { groupRows: 20, residualBytes: 2 ** 29 },
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

test('the original’s order for two devices gives another gradient (bug 2)', () => {
  // There the summaries come device by device, but their cotangents go out as if all with derivatives came first.
  const nD = 40
  const inOrder = Array.from({ length: 120 }, (_, i) => i)
  const byDevice = [0, 1].flatMap((k) => [
    ...inOrder.slice(20 * k, 20 * k + 20),
    ...inOrder.slice(nD + 40 * k, nD + 40 * k + 40),
  ])
  const right = unaggregated(nD)
  const [same, wrong] = [contracted(nD, inOrder), contracted(nD, byDevice)]
  const distance = (a: NDArray[], b: NDArray[]): number => a[2]!.sub(b[2]!).abs().max().item()
  const scale = right[2]!.abs().max().item()
  expect(distance(same, right) / scale).toBeLessThan(1e-9)
  expect(distance(wrong, right) / scale).toBeGreaterThan(1e-2)
})

test('a set with fewer batches with derivatives than a group is planned for has the gradient of one program', async () => {
  const { fiducial, derivative } = { fiducial: d.slice([0, 12]), derivative: dd.slice([0, 8]) }
  const options = {
    nS: 12,
    nD: 8,
    nParams: 2,
    nSummaries: 2,
    inputShape: [10],
    thetaFid: [0, 1],
    model,
    optimizer: sgd({ stepSize: 1 }),
    keyOrState: simulations.modelKey,
    random: legacyRandom,
    fiducial,
    derivative,
  }
  const fit = { lambda: 10, epsilon: 0.1, maxIterations: 1, best: false }
  const parts = { host: cpu, devices: [cpu], nPerDevice: 4, memory: { groupRows: 4 } }
  const whole = (await GradientIMNN(options).fit(fit)).finalW
  const inParts = (await AggregatedGradientIMNN({ ...options, ...parts }).fit(fit)).finalW
  treeLeaves(inParts).forEach((x, i) =>
    expect(x, `array ${i}`).toBeAllclose(treeLeaves(whole)[i]!, { rtol: 1e-3, atol: 1e-4 }),
  )
})
