import { readFileSync } from 'node:fs'
import { devices, legacyRandom, type NDArray, np, treeLeaves } from '@cotangent/autodiff'
import { alpha, DatasetGradientIMNN } from '@cotangent/imnn'
import { beforeAll, describe, expect, test } from 'vitest'
import { expectGolden, type GoldenArray, type GoldenTree } from '../helpers/golden.ts'
import { expectHistory, type FitCase } from './golden-history.ts'
import { simulateGaussians, type Simulations, tutorialOptions } from './tutorial-data.ts'

interface First3 {
  readonly initial_w: GoldenTree
  readonly initial_outputs_first5: GoldenArray
  readonly iterations: readonly { readonly detF: GoldenArray }[]
}
interface Golden {
  readonly simulations: Readonly<Record<string, GoldenArray>>
  readonly alpha: readonly { readonly lambda: number; readonly eps: number; readonly out: number }[]
  readonly first3: First3
  readonly fit: FitCase
  readonly nd100: FitCase
  readonly noval: FitCase
}
const golden = JSON.parse(readFileSync(new URL('../fixtures/imnn/golden.json', import.meta.url), 'utf8')) as Golden

describe('the tutorial with the published keys', () => {
  let simulations: Simulations
  beforeAll(() => {
    simulations = simulateGaussians(legacyRandom, 10, 1000)
  })

  test('keys and simulations', () => {
    const {
      model_key,
      keys5,
      fiducial5,
      derivative5,
      fiducial,
      derivative,
      validation_fiducial,
      validation_derivative,
    } = golden.simulations
    expectGolden(simulations.modelKey, model_key!)
    expectGolden(simulations.keys.slice([0, 5]), keys5!)
    const close = { rtol: 2e-6, atol: 1e-6 }
    expectGolden(simulations.training.d.slice([0, 5]), fiducial5!, close)
    expectGolden(simulations.training.dd.slice([0, 5]), derivative5!, close)
    expectGolden(simulations.training.d, fiducial!, close)
    expectGolden(simulations.training.dd, derivative!, close)
    expectGolden(simulations.validation.d, validation_fiducial!, close)
    expectGolden(simulations.validation.dd, validation_derivative!, close)
  })

  test('initial weights and outputs', async () => {
    const imnn = DatasetGradientIMNN(tutorialOptions(simulations, devices('cpu')))
    expectGolden(imnn.initialW, golden.first3.initial_w, { rtol: 2e-6, atol: 1e-7 })
    const outputs = await imnn.getSummaries(simulations.training.d.slice([0, 5])).ready()
    expectGolden(outputs, golden.first3.initial_outputs_first5, { rtol: 1e-4, atol: 1e-6 })
  })

  test('the first 20 iterations', async () => {
    const imnn = DatasetGradientIMNN(tutorialOptions(simulations, devices('cpu')))
    const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, patience: 10, maxIterations: 20 })
    expectHistory(fitted.history, golden.fit)
    expect(fitted.iterations).toBe(20)
  })

  test.each([
    ['one lane in groups of 300', 1, { groupRows: 300, residualBytes: 2 ** 29 }],
    ['two lanes, nothing kept', 2, { groupRows: 300, residualBytes: 0 }],
  ])('the first 20 iterations, %s', async (_, lanes, memory) => {
    const [cpu] = devices('cpu')
    const options = tutorialOptions(
      simulations,
      Array.from({ length: lanes }, () => cpu),
    )
    const fitted = await DatasetGradientIMNN({ ...options, memory }).fit({
      lambda: 10,
      epsilon: 0.1,
      maxIterations: 20,
    })
    expectHistory(fitted.history, golden.fit)
  })
})

describe('other shapes of the same problem, keys from seed 1', () => {
  let simulations: Simulations
  beforeAll(() => {
    simulations = simulateGaussians(legacyRandom, 1, 1000)
  })

  test('n_d = 100 of n_s = 1000', async () => {
    const imnn = DatasetGradientIMNN(tutorialOptions(simulations, devices('cpu'), { nD: 100 }))
    const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 20 })
    expectHistory(fitted.history, golden.nd100)
  })

  test('no validation set; with the rule of the original for the best weights also these and their statistics', async () => {
    const imnn = DatasetGradientIMNN(tutorialOptions(simulations, devices('cpu'), { validation: false }))
    const options = { lambda: 10, epsilon: 0.1, patience: 10, maxIterations: 20 }
    const fitted = await imnn.fit({ ...options, compatibility: 'imnn-0.3.2' })
    expectHistory(fitted.history, golden.noval)
    expect(fitted.maxDetF).toBeCloseTo(golden.noval.max_detF, 4)
    const leaves = treeLeaves(fitted.bestW) as NDArray[]
    golden.noval.best_w_sums.forEach(([shape, sum, sumsq], i) => {
      expect(leaves[i]!.shape).toEqual(shape)
      // Adam's first step is ±1e-3 whatever the gradient; that of the last bias is 0 but for rounding.
      expect(leaves[i]!.sum().item()).toBeAllclose(sum, { rtol: 1e-4, atol: 5e-3 })
      expect(leaves[i]!.square().sum().item()).toBeAllclose(sumsq, { rtol: 1e-4, atol: 1e-4 })
    })
    expect(fitted.F).toBeAllclose(golden.noval.F, { rtol: 1e-3 })
    expect(fitted.mu).toBeAllclose(golden.noval.mu, { rtol: 1e-3, atol: 3e-3 })
    expect(fitted.dmu).toBeAllclose(golden.noval.dmu, { rtol: 1e-3 })
    const estimates = await fitted.getEstimate(np.array(golden.noval.target)).ready()
    expect(estimates).toBeAllclose(golden.noval.estimates, { rtol: 2e-3, atol: 2e-3 })
  })
})

test.each(golden.alpha)('α($lambda, $eps)', ({ lambda, eps, out }) => {
  expect(alpha(lambda, eps)).toBeCloseTo(out, 12)
})
