import { type NDArray, np, type Operand } from '@cotangent/autodiff'

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
 * @param x summaries [n_s, S]
 * @param dx derivatives of n_d of them, parameter first: [P, n_d, S]
 * @example fisherStatistics(np.array([[1], [0], [-1]]), np.ones([1, 3, 1])).F // [[1]]
 */
export function fisherStatistics(x: NDArray, dx: NDArray): FisherStatistics {
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

/**
 * Determinants, and how far the covariance is from one.
 *
 * @example
 * const one = { F: np.eye(2), C: np.eye(2), invC: np.eye(2), mu: np.zeros([2]), dmu: np.eye(2) }
 * diagnostics(one, { lambda: 10, alpha: alpha(10, 0.1) }).lambda2 // 0
 */
export function diagnostics({ F, C, invC }: FisherStatistics, { lambda, alpha }: Regularisation): Diagnostics {
  const one = np.eye(C.shape[0] as number, { dtype: C.dtype })
  const lambda2 = np.linalg.norm(C.sub(one)).add(np.linalg.norm(invC.sub(one)))
  // r = λΛ₂ / (Λ₂ + exp(−αΛ₂)), with a plus: the sign in the original's documentation is a misprint.
  const r = lambda2.mul(lambda).div(lambda2.add(np.exp(lambda2.mul(alpha).neg())))
  return { detF: np.linalg.det(F), detC: np.linalg.det(C), detInvC: np.linalg.det(invC), lambda2, r }
}

/**
 * What training minimises: −sign(det F) ln |det F| + r Λ₂. The gradient flows through r and through C⁻¹.
 */
export function lossOf({ F }: FisherStatistics, { lambda2, r }: Diagnostics): NDArray {
  const [sign, logDet] = np.linalg.slogdet(F)
  return r.mul(lambda2).sub(sign.mul(logDet))
}

/** The order of the numbers in a packed row. */
export const diagnosticNames = ['detF', 'detC', 'detInvC', 'lambda2', 'r'] as const

/** The diagnostics as one array [5], so that one transfer brings them to the host. */
export const packDiagnostics = (d: Diagnostics): NDArray => np.stack(diagnosticNames.map((name) => d[name]))

/** The diagnostics out of a row of numbers. */
export function unpackDiagnostics(row: ArrayLike<number>): Diagnostics<number> {
  const [detF, detC, detInvC, lambda2, r] = Array.from(row) as [number, number, number, number, number]
  return { detF, detC, detInvC, lambda2, r }
}

/** The statistics with the inverse of F, and what turns summaries into estimates. */
export interface FisherEstimator extends FisherStatistics {
  readonly invF: NDArray
}

/**
 * The quasi-maximum-likelihood estimates θ̂ = θ_fid + F⁻¹ dμᵀ C⁻¹ (x − μ).
 *
 * @param x summaries [N, S]
 * @returns estimates [N, P]
 */
export function estimates(thetaFid: NDArray, { invF, dmu, invC, mu }: FisherEstimator, x: NDArray): NDArray {
  const perSummary = invF.matmul(dmu.T).matmul(invC)
  return x.sub(mu).matmul(perSummary.T).add(thetaFid)
}
