import { type Key, type NDArray, np, type Random } from '@cotangent/autodiff'
import type { Feed, OpenFeed } from './form.ts'
import type { Plan } from './plan.ts'
import { sliced } from './slices.ts'

/** The simulations that an iteration makes. */
export interface KeyFeedForm {
  readonly random: Random
  readonly nS: number
  readonly nD: number
  readonly lanes: number
  /** The number of simulations in a batch. */
  readonly rows: number
  /** The unit vectors [P, P] of the parameters, as the tangents of simulations with derivatives. */
  readonly directions: NDArray
}

/**
 * Groups of keys instead of simulations: those of an epoch are split from its key, so that both passes of an iteration
 * make the same simulations. Each lane has its own part of those with derivatives, and of the others.
 */
export function openKeyFeed({ random, nS, nD, lanes, rows, directions }: KeyFeedForm, plan: Plan): OpenFeed {
  const epoch = (key: NDArray | undefined): Feed => {
    const keys = random.split(key as Key, nS)
    const [main, remaining] = [
      { count: nD, between: (from: number, to: number) => [keys.slice([from, to]), directions] },
      { count: nS - nD, between: (from: number, to: number) => [keys.slice([nD + from, nD + to])] },
    ]
    return {
      main: sliced(main, lanes, plan.main, rows),
      remaining: sliced(remaining, lanes, plan.remaining, rows),
    }
  }
  return { peeks: [], epoch, close: async () => undefined }
}

/** The unit vectors of P parameters. */
export const directionsOf = (theta: NDArray): NDArray =>
  np.eye(theta.size, { dtype: theta.dtype === 'float64' ? 'float64' : 'float32' })
