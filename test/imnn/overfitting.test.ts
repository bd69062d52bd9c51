import { devices, np, random } from '@cotangent/autodiff'
import { type FitWarning, fisherStatistics, type History, logDetFScatter, overfitting } from '@cotangent/imnn'
import { expect, test } from 'vitest'
import { smallOf } from './all-classes.ts'

const historyOf = (detF: readonly number[], valDetF: readonly number[]): History => ({
  detF,
  valDetF,
  detC: [],
  detInvC: [],
  lambda2: [],
  r: [],
  valDetC: [],
  valDetInvC: [],
  valLambda2: [],
  valR: [],
})
const times = (x: number): number[] => Array.from({ length: 10 }, () => x)

test('the scatter of ln |F| is that of repeated simulation, and of SciPy', () => {
  // scipy.special.polygamma(1, 36 / 2), (… 35 / 2), (… 34 / 2): ν = 40 − 1 − 5 + 3 = 37, √(Σ ψ′((37 − i) / 2))
  expect(logDetFScatter({ nS: 40, nParams: 3, nSummaries: 5 })).toBeCloseTo(0.4140956361275746, 10)
  const dx = np.array([[[1, 0.3]], [[-0.2, 2]]], { dtype: 'float64' })
  const keys = random.split(random.PRNGKey(5), 1500)
  const logs = Array.from({ length: 1500 }, (_, i): number => {
    const x = random.normal(keys.at(i), [30, 2], { dtype: 'float64' })
    return Math.log(Number(np.linalg.det(fisherStatistics(x, dx).F).dataSync()[0]))
  })
  const mean = logs.reduce((a, b) => a + b) / logs.length
  const scatter = Math.sqrt(logs.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (logs.length - 1))
  // Of 1500 draws the standard deviation itself is known to 1 / √3000, 1.8 %.
  expect(scatter / logDetFScatter({ nS: 30, nParams: 2 })).toBeGreaterThan(0.93)
  expect(scatter / logDetFScatter({ nS: 30, nParams: 2 })).toBeLessThan(1.07)
})

test('training and validation part when they differ by more than chance', () => {
  const sizes = { nS: 1000, nParams: 2 }
  expect(overfitting(historyOf(times(50), times(35)), sizes)).toBeUndefined()
  expect(overfitting(historyOf(times(35), times(60)), sizes)).toBeUndefined()
  const warning = overfitting(historyOf(times(70), times(35)), sizes) as FitWarning
  expect(warning.training).toBeCloseTo(70, 8)
  expect(warning.validation).toBeCloseTo(35, 8)
  expect(warning.sigmas).toBeCloseTo(Math.log(2) / (Math.SQRT2 * logDetFScatter(sizes)), 8)
  expect(warning.message).toMatch(/at iteration 10 \|F\| of the training set is 70 and that of the validation set 35/)
  expect(() => overfitting(historyOf([], []), { nS: 0, nParams: 2 })).toThrow(
    /overfitting: nS: must be a whole number from 1, not 0/,
  )
})

test('a fit tells once that it learns its simulations by heart', async () => {
  const warnings: FitWarning[] = []
  const fitted = await smallOf('GradientIMNN', devices('cpu')[0], { hidden: 64 }).fit({
    lambda: 10,
    epsilon: 0.1,
    maxIterations: 300,
    patience: 1000,
    onWarning: (warning) => warnings.push(warning),
  })
  expect(warnings).toHaveLength(1)
  const { iteration } = warnings[0]!
  const { detF, valDetF } = fitted.history
  const until = historyOf(detF.slice(0, iteration), valDetF.slice(0, iteration))
  const again = overfitting(until, { nS: 40, nParams: 2, nSummaries: 2 })
  expect(again!.message).toBe(warnings[0]!.message)
})
