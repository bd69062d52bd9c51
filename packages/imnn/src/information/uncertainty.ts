import { type NDArray, np, type Operand } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { checkNumbers, floatsOf } from '../checks/arguments.ts'
import { show } from '../checks/checks.ts'
import { IMNNError, ValidationError } from '../errors.ts'
import { fisherStatistics } from './statistics.ts'

/**
 * How the covariance of estimates, F⁻¹, is corrected for the finite number of simulations that C was computed from: divided
 * by Hartlap's factor, as if C⁻¹ alone were at fault; by that and multiplied by Percival's, for how far estimates scatter
 * in truth; or not at all.
 */
export type Correction = 'hartlap' | 'percival' | 'none'

/**
 * (n − p − 2) / (n − 1): the inverse of a covariance of p summaries from n Gaussian simulations is too large by its
 * inverse, on average.
 *
 * @throws IMNNError where n is less than p + 3: then there is no such average; ValidationError for what is no count.
 * @see J. Hartlap, P. Simon, P. Schneider, “Why your model parameter confidences might be too optimistic” (2007)
 * @example hartlap(1000, 2) // 0.996996996996997
 */
export function hartlap(nS: number, nSummaries: number): number {
  checkNumbers('hartlap', { nS, nSummaries }, 'count')
  const factor = (nS - nSummaries - 2) / (nS - 1)
  if (factor > 0) return factor
  throw new IMNNError(
    `hartlap: ${nS} simulations are too few for ${nSummaries} summaries; there must be ${nSummaries + 3} at least`,
  )
}

/** Sizes that corrections depend on. */
export interface CorrectionSizes {
  readonly nS: number
  readonly nSummaries: number
  readonly nParams: number
}

/**
 * (1 + B (s − p)) / (1 + A + B (p + 1)) with A = 2 / ((n − s − 1)(n − s − 4)) and B = (n − s − 2) / ((n − s − 1)(n − s − 4)), for
 * n simulations, s summaries and p parameters: by how much the covariance of estimates that F says, corrected by Hartlap's
 * factor, has to be multiplied to be that of the estimates. They scatter more than they would with the true C, for its
 * errors are theirs (the numerator, of Dodelson and Schneider); and F⁻¹, unlike F, is hardly biased (the denominator).
 *
 * @throws IMNNError where n is less than s + 5: then there is no such factor; ValidationError for what is no count.
 * @see W. J. Percival et al., “The clustering of galaxies in the SDSS-III BOSS: including covariance matrix errors” (2014),
 * equations 8 and 18; S. Dodelson, M. D. Schneider, “The effect of covariance estimator error on cosmological parameter
 * constraints” (2013)
 * @example Number(percival({ nS: 1000, nSummaries: 20, nParams: 2 }).toFixed(4)) // 1.0153
 */
export function percival(options: CorrectionSizes): number {
  const { nS, nSummaries, nParams } = checkOptions('percival', options, ['nS', 'nSummaries', 'nParams'])
  checkNumbers('percival', { nS, nSummaries, nParams }, 'count')
  const left = nS - nSummaries
  if (left < 5)
    throw new IMNNError(
      `percival: ${nS} simulations are too few for ${nSummaries} summaries; there must be ${nSummaries + 5} at least`,
    )
  const A = 2 / ((left - 1) * (left - 4))
  const B = ((left - 2) * A) / 2
  return (1 + B * (nSummaries - nParams)) / (1 + A + B * (nParams + 1))
}

/** What a correction multiplies the covariance of estimates by. */
export function inflationOf(name: string, correction: Correction, sizes: CorrectionSizes): number {
  const { nS, nSummaries, nParams } = sizes
  if (correction === 'none') return 1
  if (correction === 'hartlap') return 1 / hartlap(nS, nSummaries)
  if (correction === 'percival') return percival({ nS, nSummaries, nParams }) / hartlap(nS, nSummaries)
  const message = `is ${show(correction)}; it must be 'hartlap', 'percival' or 'none'`
  throw new ValidationError(name, [{ where: 'correction', message }])
}

/** The Fisher information of summaries, with what the finite number of simulations does to it. */
export interface FisherErrors {
  /** As it is computed [P, P], in float64. */
  readonly F: NDArray
  /** The standard deviation of each of its entries [P, P] between sets of so many simulations. */
  readonly errorF: NDArray
  readonly detF: number
  /** The standard deviation of |F|. */
  readonly errorDetF: number
  /** Hartlap's factor: F is too large by its inverse, on average. */
  readonly hartlap: number
  /** F times that factor [P, P]. */
  readonly correctedF: NDArray
  /** |F| of that. */
  readonly correctedDetF: number
}

/**
 * Errors by the influence of each simulation on F (the infinitesimal jackknife): with G = C⁻¹ dμ, u = Gᵀ (x_i − μ) and
 * v = dx_i − dμ, simulation i moves F by (vᵀG + Gᵀv) / n_d − (u uᵀ n_s / (n_s − 1) − F) / n_s, and the squares of these
 * add up. The summaries need not be Gaussian for this; for Hartlap's factor they should be.
 *
 * @param summaries [n_s, S]
 * @param derivatives of the first n_d of them [n_d, S, P]
 * @throws ValidationError when the shapes do not fit; IMNNError for fewer than S + 3 simulations.
 * @see B. Efron, “The jackknife, the bootstrap and other resampling plans” (1982), chapter 6
 * @example fisherErrors([[1], [0], [-1], [2], [-2]], np.ones([5, 1, 1])).detF // 0.4
 */
export function fisherErrors(summaries: Operand, derivatives: Operand): FisherErrors {
  const given = floatsOf('fisherErrors', {
    summaries: [summaries, ['nS', 'nSummaries']],
    derivatives: [derivatives, ['nD', 'nSummaries', 'nParams']],
  })
  const [x, dx] = [given.summaries.astype('float64'), given.derivatives.astype('float64')]
  const [nS, nSummaries] = x.shape as [number, number]
  const [nD] = dx.shape as [number]
  if (nD > nS) {
    const message = `are those of ${nD} simulations, and there are summaries of ${nS}; nD is at most nS`
    throw new ValidationError('fisherErrors', [{ where: 'derivatives', message }])
  }
  const factor = hartlap(nS, nSummaries)
  const { F, invC, mu, dmu } = fisherStatistics(x, dx.transpose([2, 0, 1]))
  const G = invC.matmul(dmu)
  const u = x.sub(mu).matmul(G)
  const ofC = np
    .einsum('ip,iq->ipq', u, u)
    .mul(nS / (nS - 1))
    .sub(F)
    .div(-nS)
  const half = np.einsum('isp,sq->ipq', dx.sub(dmu), G).div(nD)
  const ofMean = half.add(half.transpose([0, 2, 1]))
  const influence = ofC.add(np.pad(ofMean, [[0, nS - nD], [0, 0], [0, 0]])) // biome-ignore format: pairs
  const ofLog = np.einsum('ipq,qp->i', influence, np.linalg.inv(F))
  const [detF, scatter] = [np.linalg.det(F), np.sqrt(ofLog.square().sum())].map((a) => Number(a.jsSync()))
  return {
    F,
    errorF: np.sqrt(influence.square().sum(0)),
    detF: detF!,
    errorDetF: Math.abs(detF!) * scatter!,
    hartlap: factor,
    correctedF: F.mul(factor),
    correctedDetF: detF! * factor ** (F.shape[0] as number),
  }
}
