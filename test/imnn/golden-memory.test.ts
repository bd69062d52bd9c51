import { readFileSync } from 'node:fs'
import { devices, legacyRandom, type NDArray, np, treeLeaves } from '@cotangent/autodiff'
import {
  AggregatedGradientIMNN,
  AggregatedNumericalGradientIMNN,
  AggregatedSimulatorIMNN,
  DatasetNumericalGradientIMNN,
  GradientIMNN,
  IMNN,
  NumericalGradientIMNN,
  SimulatorIMNN,
} from '@cotangent/imnn'
import { Dataset } from '@cotangent/data'
import { adam } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'
import { expectHistory, type FitCase } from './golden-history.ts'
import { gaussianSimulator, simulateBeside, simulateGaussians, tutorialModel } from './tutorial-data.ts'

interface Golden {
  readonly first3: readonly { readonly fn: string; readonly args: { seed: number; n_d?: number } }[]
  readonly fits: readonly FitCase[]
}
const file = new URL('../fixtures/imnn/golden-memory.json', import.meta.url)
const { fits } = JSON.parse(readFileSync(file, 'utf8')) as Golden
const fitOf = (fn: string, tag: string): FitCase => fits.find((c) => c.fn === `${fn}.fit` && c.tag === tag)!

const [cpu] = devices('cpu')
const inParts = (lanes = 1) => ({ host: cpu, devices: Array.from({ length: lanes }, () => cpu), nPerDevice: 100 })

const common = (golden: FitCase) => ({
  nS: golden.setup.n_s,
  nD: golden.setup.n_d,
  nParams: 2,
  nSummaries: 2,
  inputShape: [10],
  thetaFid: np.array([0, 1]),
  model: tutorialModel,
  optimizer: adam({ stepSize: 1e-3 }),
  random: legacyRandom,
})

function exact(golden: FitCase) {
  const { modelKey, training, validation } = simulateGaussians(legacyRandom, golden.setup.seed, golden.setup.n_s)
  return {
    ...common(golden),
    keyOrState: modelKey,
    fiducial: training.d,
    derivative: training.dd,
    validationFiducial: validation.d,
    validationDerivative: validation.dd,
  }
}

function numerical(golden: FitCase) {
  const { seed, n_s: n, delta_theta: delta } = golden.setup
  const { keys, modelKey, training, validation } = simulateGaussians(legacyRandom, seed, n)
  const beside = (from: number) =>
    simulateBeside(legacyRandom, keys.slice([from, from + n]), delta as unknown as [number, number])
  return {
    ...common(golden),
    keyOrState: modelKey,
    deltaTheta: delta!,
    fiducial: training.d,
    derivative: beside(0),
    validationFiducial: validation.d,
    validationDerivative: beside(n),
  }
}

function simulating(golden: FitCase) {
  const [, keyOrState, rng] = legacyRandom.split(legacyRandom.PRNGKey(golden.setup.seed), 3).unstack(3)
  return { options: { ...common(golden), keyOrState, simulator: gaussianSimulator(legacyRandom) }, rng }
}

const numbers = (tree: unknown): number[][] => (treeLeaves(tree) as NDArray[]).map((x) => [...x.dataSync()])
const settings = ({ args }: FitCase) => ({ lambda: args.lambda, epsilon: args.eps, patience: args.patience })
const within = (found: number, wanted: number, relative: number): void =>
  expect(Math.abs(found / wanted - 1), `${found}, not ${wanted}`).toBeLessThan(relative)

describe('GradientIMNN', () => {
  test.each(['old_seed10', 'old'])(
    'the first 20 iterations and the largest |F|, %s',
    async (tag) => {
      const golden = fitOf('GradientIMNN', tag)
      const fitted = await GradientIMNN(exact(golden)).fit({ ...settings(golden), maxIterations: 1000 })
      expectHistory(fitted.history, golden)
      within(fitted.maxDetF, golden.max_detF, 0.05)
      expect(fitted.iterations).toBeGreaterThan(111)
      within(np.linalg.det(fitted.F).item(), fitted.maxDetF, 1e-3)
    },
    180_000,
  )

  test.each([1, 2])('in parts on %i device(s)', async (lanes) => {
    const golden = fitOf('GradientIMNN', 'old')
    const imnn = AggregatedGradientIMNN({ ...exact(golden), ...inParts(lanes), cache: lanes === 2 })
    expectHistory((await imnn.fit({ ...settings(golden), maxIterations: 20 })).history, golden)
  })
})

describe('NumericalGradientIMNN', () => {
  const golden = fitOf('NumericalGradientIMNN', 'old')

  test('the first 20 iterations and the largest |F|', async () => {
    const fitted = await NumericalGradientIMNN(numerical(golden)).fit({ ...settings(golden), maxIterations: 1000 })
    expectHistory(fitted.history, golden)
    within(fitted.maxDetF, golden.max_detF, 0.05)
  }, 180_000)

  test.each([1, 2])('in parts on %i device(s)', async (lanes) => {
    const imnn = AggregatedNumericalGradientIMNN({ ...numerical(golden), ...inParts(lanes) })
    expectHistory((await imnn.fit({ ...settings(golden), maxIterations: 20 })).history, golden)
  })

  test.each([1, 2])('from datasets, on %i device(s)', async (lanes) => {
    const { fiducial, derivative, validationFiducial, validationDerivative, ...rest } = numerical(golden)
    const split = (x: NDArray) => {
      const rows = x.reshape([-1, 10])
      const share = (rows.shape[0] as number) / lanes
      return Array.from({ length: lanes }, (_, k) =>
        Dataset.fromTensorSlices(rows.slice([k * share, (k + 1) * share]))
          .batch(100)
          .repeat(),
      )
    }
    const imnn = DatasetNumericalGradientIMNN({
      ...rest,
      ...inParts(lanes),
      fiducial: split(fiducial),
      derivative: split(derivative),
      validationFiducial: split(validationFiducial),
      validationDerivative: split(validationDerivative),
    })
    expectHistory((await imnn.fit({ ...settings(golden), maxIterations: 20 })).history, golden)
  })
})

describe('SimulatorIMNN', () => {
  test('the first 20 iterations, the largest |F| of as many iterations as recorded, and the statistics (bugs 8, 17)', async () => {
    const golden = fitOf('SimulatorIMNN', 'old_p100')
    const { options, rng } = simulating(golden)
    const fitted = await SimulatorIMNN(options).fit({
      ...settings(golden),
      rng,
      patience: 10_000,
      maxIterations: golden.iterations,
    })
    expectHistory(fitted.history, golden)
    expect(fitted.iterations).toBe(golden.iterations)
    within(fitted.maxDetF, golden.max_detF, 0.05)
    expect(numbers(fitted.w)).toEqual(numbers(fitted.finalW))
    expect(numbers(fitted.w)).not.toEqual(numbers(fitted.bestW))
  }, 180_000)

  test('statistics after a fit are of simulations from the key that it was given, in every class', async () => {
    const golden = fitOf('SimulatorIMNN', 'old')
    const { options, rng } = simulating(golden)
    const rule = { ...settings(golden), rng, maxIterations: 20 }
    const fitted = await SimulatorIMNN(options).fit(rule)
    const inPieces = await AggregatedSimulatorIMNN({ ...options, ...inParts(2) }).fit(rule)
    expectHistory(fitted.history, golden)
    expectHistory(inPieces.history, golden)
    expect(inPieces.F).toBeAllclose(fitted.F, { rtol: 1e-3 })
    const again = await fitted.withStatistics({ rng })
    expect(again.F).toBeAllclose(fitted.F, { rtol: 1e-6 })
    // The original's aggregated class took the key after the last iteration instead.
    let last = rng
    for (let i = 0; i < 20; i++) [last] = legacyRandom.split(last, 3).unstack(3)
    expect((await fitted.withStatistics({ rng: last })).F).not.toBeAllclose(fitted.F, { rtol: 1e-2 })
    const { summaries } = await fitted.getSetSummaries({ rng })
    expect(await summaries.mean(0).ready()).toBeAllclose(fitted.mu, { rtol: 1e-4 })
  })

  test('with fewer derivatives than simulations, in one program and in parts', async () => {
    const golden = fitOf('SimulatorIMNN', 'old')
    const { options, rng } = simulating(golden)
    const rule = { ...settings(golden), rng, maxIterations: 10 }
    const one = await SimulatorIMNN({ ...options, nD: 200 }).fit(rule)
    const parts = { ...inParts(2), nPerDevice: 50, memory: { groupRows: 100 } }
    const two = await AggregatedSimulatorIMNN({ ...options, nD: 200, ...parts }).fit(rule)
    // The covariance is that of the same simulations as with all derivatives, the Fisher information is not.
    golden.history['detC']!.slice(0, 3).forEach((wanted, i) => within(one.history.detC[i]!, wanted, 1e-3))
    one.history.detF.forEach((wanted, i) => within(two.history.detF[i]!, wanted, 2e-3))
    expect(Math.abs(one.history.detF[0]! / golden.history['detF']![0]! - 1)).toBeGreaterThan(0.01)
  })
})

test('IMNN(…) trains as the class that it chooses', async () => {
  const golden = fitOf('GradientIMNN', 'old')
  const imnn = IMNN(exact(golden))
  expect(imnn.kind).toBe('GradientIMNN')
  const fitted = await imnn.fit({ ...settings(golden), maxIterations: 20 })
  expectHistory(fitted.history, golden)
  const leaves = treeLeaves(fitted.w) as NDArray[]
  expect(leaves.map((x) => x.shape)).toEqual(golden.best_w_sums.map(([shape]) => shape))
})
