import { type Key, linalg, np, type NDArray } from '@cotangent/autodiff'

/** What has Fisher statistics of simulations made from a key: an IMNN with a simulator. */
interface Simulating<Self> {
  readonly nS: number
  readonly nSummaries: number
  readonly F: NDArray
  withStatistics(options: { readonly rng: Key }): Promise<Self>
}

/**
 * The Fisher information from simulations that training has not seen: the mean of the F of one set for each key. The
 * inverse of a covariance of n draws is too large in the mean, by (n − 1) / (n − S − 2): Hartlap's factor, which is
 * taken out. The determinant is taken last, for that of a noisy matrix is not right in the mean.
 */
export async function freshInformation<T extends Simulating<T>>(fitted: T, keys: readonly Key[]) {
  const { nS, nSummaries } = fitted
  const sets: NDArray[] = []
  for (const rng of keys) sets.push((await fitted.withStatistics({ rng })).F)
  const F = np.mean(np.stack(sets), { axis: 0 }).mul((nS - nSummaries - 2) / (nS - 1))
  return { F: (await F.js()) as number[][], detF: (await linalg.det(F).js()) as number }
}
