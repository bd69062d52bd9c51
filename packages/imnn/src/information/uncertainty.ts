import { type NDArray, np, type Operand } from '@cotangent/autodiff'
import { checkNumbers, floatsOf } from '../checks/arguments.ts'
import { show } from '../checks/checks.ts'
import { IMNNError, ValidationError } from '../errors.ts'
import { fisherStatistics } from './statistics.ts'

/**
 * What F is multiplied by for the finite number of simulations that C was computed from: Hartlap's factor, or nothing.
 */
export type Correction = 'hartlap' | 'none'

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

/** The factor of a correction. */
export function correctionOf(name: string, correction: Correction, nS: number, nSummaries: number): number {
  if (correction === 'none') return 1
  if (correction === 'hartlap') return hartlap(nS, nSummaries)
  const message = `is ${show(correction)}; it must be 'hartlap' or 'none'`
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
