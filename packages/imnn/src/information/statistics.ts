import { type NDArray, np, type Operand } from '@cotangent/autodiff'
import { checkRecord, checkScalars, floatsOf } from '../checks/arguments.ts'

/** What the summaries of the simulations tell: all differentiable. S summaries, P parameters. */
export interface FisherStatistics {
  /** The Fisher information [P, P]: dμᵀ C⁻¹ dμ. */
  readonly F: NDArray
  /** The covariance of the summaries [S, S], over n_s − 1. */
  readonly C: NDArray
  readonly invC: NDArray
  /** The mean of the summaries [S]. */
  readonly mu: NDArray
  /** The mean of the summaries' derivatives [S, P]. */
  readonly dmu: NDArray
}

/** The numbers of one iteration, all scalars. */
export interface Diagnostics<T = NDArray> {
  readonly detF: T
  readonly detC: T
  readonly detInvC: T
  /** ‖C − 1‖ + ‖C⁻¹ − 1‖, Frobenius norms: how far the summaries are from unit covariance. */
  readonly lambda2: T
  /** The strength of the regularisation, between 0 and λ. */
  readonly r: T
}

/** Strength λ of the regularisation and its rate α; see `alpha`. */
export interface Regularisation {
  readonly lambda: Operand
  readonly alpha: Operand
}

/**
 * Mean, covariance and Fisher information of summaries.
 *
 * @param summaries x [n_s, S]
 * @param derivatives those of n_d of them, parameter first: [P, n_d, S]
 * @throws ValidationError when they are no such arrays.
 * @example fisherStatistics([[1], [0], [-1]], np.ones([1, 3, 1])).F // [[1]]
 */
export function fisherStatistics(summaries: Operand, derivatives: Operand): FisherStatistics {
  const { summaries: x, derivatives: dx } = floatsOf('fisherStatistics', {
    summaries: [summaries, ['nS', 'nSummaries']],
    derivatives: [derivatives, ['nParams', 'nD', 'nSummaries']],
  })
  const nS = x.shape[0] as number
  const mu = x.mean(0)
  const centred = x.sub(mu)
  const C = centred.T.matmul(centred).div(nS - 1)
  const invC = np.linalg.inv(C)
  const dmuT = dx.mean(1)
  const dmu = dmuT.T
  const F = dmuT.matmul(invC).matmul(dmu)
  return { F, C, invC, mu, dmu }
}

const statisticsForm = 'what fisherStatistics gives'

/**
 * Determinants, and how far the covariance is from one.
 *
 * @throws ValidationError when the statistics have no matrices F, C and invC, or λ and α are no numbers.
 * @example
 * const one = { F: np.eye(2), C: np.eye(2), invC: np.eye(2), mu: np.zeros([2]), dmu: np.eye(2) }
 * diagnostics(one, { lambda: 10, alpha: alpha(10, 0.1) }).lambda2 // 0
 */
export function diagnostics(statistics: FisherStatistics, regularisation: Regularisation): Diagnostics {
  checkRecord('diagnostics', 'statistics', statistics, statisticsForm)
  checkRecord('diagnostics', 'regularisation', regularisation, '{ lambda, alpha }')
  const { lambda, alpha } = regularisation
  const { F, C, invC } = floatsOf('diagnostics', {
    F: [statistics.F, ['nParams', 'nParams']],
    C: [statistics.C, ['nSummaries', 'nSummaries']],
    invC: [statistics.invC, ['nSummaries', 'nSummaries']],
  })
  checkScalars('diagnostics', { lambda, alpha })
  const one = np.eye(C.shape[0] as number, { dtype: C.dtype })
  const lambda2 = np.linalg.norm(C.sub(one)).add(np.linalg.norm(invC.sub(one)))
  // r = λΛ₂ / (Λ₂ + exp(−αΛ₂)), with a plus: the sign in the original's documentation is a misprint.
  const r = lambda2.mul(lambda).div(lambda2.add(np.exp(lambda2.mul(alpha).neg())))
  return { detF: np.linalg.det(F), detC: np.linalg.det(C), detInvC: np.linalg.det(invC), lambda2, r }
}

/**
 * What training minimises: −sign(det F) ln |det F| + r Λ₂. The gradient flows through r and through C⁻¹.
 *
 * @throws ValidationError when there is no matrix F, or Λ₂ and r are no scalars.
 */
export function lossOf(
  statistics: Pick<FisherStatistics, 'F'>,
  numbers: Pick<Diagnostics<Operand>, 'lambda2' | 'r'>,
): NDArray {
  checkRecord('lossOf', 'statistics', statistics, statisticsForm)
  checkRecord('lossOf', 'diagnostics', numbers, 'what diagnostics gives')
  const { F, lambda2, r } = floatsOf('lossOf', {
    F: [statistics.F, ['nParams', 'nParams']],
    lambda2: [numbers.lambda2, []],
    r: [numbers.r, []],
  })
  const [sign, logDet] = np.linalg.slogdet(F)
  return r.mul(lambda2).sub(sign.mul(logDet))
}

/** The order of the numbers in a packed row. */
const diagnosticNames = ['detF', 'detC', 'detInvC', 'lambda2', 'r'] as const

/** The diagnostics as one array [5], so that one transfer brings them to the host. */
export const packDiagnostics = (d: Diagnostics): NDArray => np.stack(diagnosticNames.map((name) => d[name]))

/** The diagnostics out of a row of numbers; nobody who is told them can change them. */
export function unpackDiagnostics(row: ArrayLike<number>): Diagnostics<number> {
  const [detF, detC, detInvC, lambda2, r] = Array.from(row) as [number, number, number, number, number]
  return Object.freeze({ detF, detC, detInvC, lambda2, r })
}

/** The statistics with the inverse of F, and what turns summaries into estimates. */
export interface FisherEstimator extends FisherStatistics {
  readonly invF: NDArray
}

/**
 * The quasi-maximum-likelihood estimates θ̂ = θ_fid + F⁻¹ dμᵀ C⁻¹ (x − μ).
 *
 * @param summaries x [N, S], or [S] of one simulation
 * @returns estimates [N, P], or [P]
 * @throws ValidationError when shapes do not fit.
 */
export function estimates(
  thetaFid: Operand,
  statistics: Pick<FisherEstimator, 'invF' | 'dmu' | 'invC' | 'mu'>,
  summaries: Operand,
): NDArray {
  checkRecord('estimates', 'statistics', statistics, 'the Fisher statistics, with invF, the inverse of F')
  const given = floatsOf('estimates', {
    thetaFid: [thetaFid, ['nParams']],
    invF: [statistics.invF, ['nParams', 'nParams']],
    dmu: [statistics.dmu, ['nSummaries', 'nParams']],
    invC: [statistics.invC, ['nSummaries', 'nSummaries']],
    mu: [statistics.mu, ['nSummaries']],
    summaries: [summaries, ['…', 'nSummaries']],
  })
  const { invF, dmu, invC, mu } = given
  const perSummary = invF.matmul(dmu.T).matmul(invC)
  return given.summaries.sub(mu).matmul(perSummary.T).add(given.thetaFid)
}
