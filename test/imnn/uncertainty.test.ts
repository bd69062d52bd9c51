import { devices, np, random } from '@cotangent/autodiff'
import { importOnnx } from '@cotangent/autodiff/onnx'
import { fisherErrors, fisherStatistics, hartlap, moped, percival, refitAtEstimate } from '@cotangent/imnn'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'
import { smallOf } from './all-classes.ts'

const dtype = 'float64' as const

describe('errors of the Fisher information', () => {
  test('are the scatter of repeated simulations', () => {
    const [nS, nD, trials] = [200, 100, 300]
    const found = Array.from({ length: trials }, (_, i) => {
      const [a, b] = random.split(random.foldIn(random.PRNGKey(3), i)).unstack(2)
      const x = random.normal(a, [nS, 2], { dtype })
      // Derivatives that scatter with the simulations they belong to.
      const own = np.stack([x.slice([0, nD]), x.slice([0, nD]).mul(-1)], { axis: 2 }).mul(0.3)
      const dx = random.normal(b, [nD, 2, 2], { dtype }).mul(0.5).add(own).add([[1, 0.3], [-0.2, 2]]) // biome-ignore format: a matrix
      return fisherErrors(x, dx)
    })
    const spread = (values: readonly number[]): number => {
      const mean = values.reduce((sum, v) => sum + v) / trials
      return Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (trials - 1))
    }
    const typical = (values: readonly number[]): number => values.toSorted((p, q) => p - q)[trials / 2]!
    // Of 300 trials a standard deviation is known to 4 %; the errors are of first order.
    const ratio = typical(found.map((f) => f.errorDetF)) / spread(found.map((f) => f.detF))
    expect(ratio).toBeGreaterThan(0.85)
    expect(ratio).toBeLessThan(1.15)
    for (const [p, q] of [
      [0, 0],
      [0, 1],
      [1, 1],
    ] as const) {
      // biome-ignore format: pairs
      const entry = (name: 'F' | 'errorF') => found.map((f) => Number(f[name].at(p, q).jsSync()))
      expect(typical(entry('errorF')) / spread(entry('F'))).toBeGreaterThan(0.85)
      expect(typical(entry('errorF')) / spread(entry('F'))).toBeLessThan(1.15)
    }
  })

  test('Hartlap’s factor takes the bias of C⁻¹ away', () => {
    const [nS, trials] = [20, 2000]
    const dx = np.ones([1, 1, 3], { dtype })
    const keys = random.split(random.PRNGKey(8), trials)
    const mean =
      Array.from({ length: trials }, (_, i) => {
        const x = random.normal(keys.at(i), [nS, 3], { dtype })
        return Number(fisherStatistics(x, dx).F.jsSync()![0 as never]![0 as never])
      }).reduce((sum, v) => sum + v) / trials
    expect(mean).toBeGreaterThan(3.5)
    expect(mean * hartlap(nS, 3)).toBeCloseTo(3, 1)
    expect(() => percival({ nS: 7, nSummaries: 3, nParams: 1 })).toThrow(
      'percival: 7 simulations are too few for 3 summaries; there must be 8 at least',
    )
    expect(() => hartlap(4, 2)).toThrow('4 simulations are too few for 2 summaries; there must be 5 at least')
  })

  test('what does not fit is refused', () => {
    expect(() => fisherErrors(np.ones([5, 2]), np.ones([6, 2, 1]))).toThrow(
      /derivatives: are those of 6 simulations, and there are summaries of 5; nD is at most nS/,
    )
  })
})

describe('compression without a network', () => {
  const key = random.PRNGKey(1)
  const matrix = np.array([[1, 0.5, 2], [0, 1, -1]], { dtype }) // biome-ignore format: a matrix
  const noise = random.normal(key, [4000, 3], { dtype })
  const derivative = np.broadcastTo(matrix.T, [10, 3, 2])

  test('keeps all information about the mean of Gaussian data, and finds the parameters', () => {
    const found = moped({ thetaFid: np.zeros([2], { dtype }), fiducial: noise, derivative })
    // F = ∂μᵀ 1 ∂μ
    expect(found.F).toBeAllclose(matrix.matmul(matrix.T), { rtol: 0.1, atol: 0.1 })
    const theta = np.array([0.7, -1.2], { dtype })
    expect(found.getEstimate(theta.matmul(matrix))).toBeAllclose(theta, { rtol: 0.1, atol: 0.1 })
    expect(found.getSummaries(noise).shape).toEqual([4000, 2])
    // The covariance of the score is F.
    expect(np.cov(found.getSummaries(noise), { rowvar: false })).toBeAllclose(found.F, { rtol: 1e-9 })
  })

  test('what does not fit is refused', () => {
    const thetaFid = [0, 0]
    expect(() => moped({ thetaFid, fiducial: noise, derivative: np.ones([10, 3]) })).toThrow(
      /derivative.* must be \[10, 3, 2\]/,
    )
    expect(() => moped({ thetaFid, fiducial: np.ones([4, 3]), derivative })).toThrow(/4 simulations of 3 numbers/)
    expect(() => moped({ thetaFid, fiducial: noise } as never)).toThrow(/derivative/)
  })
})

describe('a fitted IMNN', async () => {
  const imnn = await smallOf('GradientIMNN', devices('js')[0]).fit({
    lambda: 10,
    epsilon: 0.1,
    minIterations: 3,
    maxIterations: 5,
  })

  test('says how far its information can be trusted, of the set its statistics are of', async () => {
    const { F, errorDetF, detF, correctedDetF } = await imnn.getFisherErrors()
    expect(F).toBeAllclose(imnn.F.astype('float64'), { rtol: 1e-3 })
    expect(errorDetF).toBeGreaterThan(0)
    expect(correctedDetF / detF).toBeCloseTo(hartlap(imnn.nS, imnn.nSummaries) ** imnn.nParams, 10)
  })

  test('gives estimates with their covariance', () => {
    const data = np.zeros([3, ...imnn.inputShape])
    const { estimate, covariance } = imnn.getEstimateWithCovariance(data)
    expect(estimate.shape).toEqual([3, imnn.nParams])
    expect(covariance).toBeAllclose(imnn.invF.div(hartlap(imnn.nS, imnn.nSummaries)))
    expect(imnn.getEstimateWithCovariance(data, { correction: 'none' }).covariance).toBeAllclose(imnn.invF)
    // With as many summaries as parameters F⁻¹ is nearly unbiased as it is.
    const { covariance: percivals } = imnn.getEstimateWithCovariance(data, { correction: 'percival' })
    expect(percivals).toBeAllclose(imnn.invF, { rtol: 0.01 })
    expect(percivals).toBeAllclose(
      covariance.mul(percival({ nS: imnn.nS, nSummaries: imnn.nSummaries, nParams: imnn.nParams })),
    )
    expect(() => imnn.getEstimateWithCovariance(data, { correction: 'some' as never })).toThrow(
      /is "some"; it must be 'hartlap', 'percival' or 'none'/,
    )
  })

  test('exports θ_fid, F, C and μ beside the estimator', () => {
    const { metadata } = importOnnx(imnn.exportOnnx())
    for (const [name, x] of Object.entries({
      theta_fid: imnn.thetaFid,
      F: imnn.F,
      C: imnn.C,
      mu: imnn.mu,
      dmu: imnn.dmu,
    }))
      expect(np.array(JSON.parse(metadata[name]!))).toBeAllclose(x)
  })

  test('is refitted at the estimate until that settles', async () => {
    const data = np.zeros(imnn.inputShape)
    const seen: unknown[] = []
    const fitAt = async (thetaFid: { js(): Promise<unknown> }) => {
      seen.push(await thetaFid.js())
      return imnn
    }
    const { rounds, settled } = await refitAtEstimate({ data, thetaFid: imnn.thetaFid, fitAt, maxRounds: 3 })
    const estimate = imnn.getEstimate(data)
    // The same IMNN gives the same estimate, so that the second round does not move.
    expect(rounds).toHaveLength(2)
    expect(settled).toBe(true)
    expect(rounds[1]).toMatchObject({ shift: 0 })
    expect(seen).toEqual([await imnn.thetaFid.js(), await estimate.js()])
    await expect(refitAtEstimate({ data, thetaFid: [0, 1], fitAt, tolerance: 0 })).rejects.toThrow(/tolerance/)
    await expect(refitAtEstimate({ data, thetaFid: [0, 1, 2], fitAt })).rejects.toThrow(
      'thetaFid: has 3 parameters, and the IMNN that fitAt gave has 2',
    )
  })
})
