import {
  type Device,
  type Key,
  legacyRandom,
  NDArray,
  np,
  type Random,
  vmap,
  valueAndJacfwd,
} from '@cotangent/autodiff'
import { Dataset } from '@cotangent/data'

import { adam, Dense, LeakyRelu, serial } from '@cotangent/nn'

/** Ten Gaussian numbers of unknown mean and variance, as in the original's tutorials. */
export const gaussianSimulator =
  (random: Random) =>
  (key: Key, theta: NDArray): NDArray => {
    const [mu, sigma] = theta.unstack(2)
    return random.normal(key, [10]).mul(np.sqrt(sigma)).add(mu)
  }

/** Simulations beside (0, 1), half of `delta` below and above in one parameter: [n, 2, 2, 10]. */
export function simulateBeside(random: Random, keys: Key, [mean, variance]: readonly [number, number]): NDArray {
  const simulate = vmap(gaussianSimulator(random), { inAxes: [0, null] })
  const side = (sign: number): NDArray =>
    np.stack(
      [
        [(sign * mean) / 2, 1],
        [0, 1 + (sign * variance) / 2],
      ].map((theta) => simulate(keys, np.array(theta))),
      { axis: 1 },
    )
  return np.stack([side(-1), side(1)], { axis: 1 })
}

/** Simulations with their derivatives, and others to validate with. */
export function simulateGaussians(random: Random, seed: number, n: number) {
  const simulator = gaussianSimulator(random)
  const [rng, modelKey] = random.split(random.PRNGKey(seed), 3).unstack(3)
  const keys = random.split(rng, 2 * n)
  const simulate = vmap(valueAndJacfwd(simulator, { argnums: 1 }), { inAxes: [0, null] })
  const at = (from: number, to: number) => {
    const [d, dd] = simulate(keys.slice([from, to]), np.array([0, 1])) as [NDArray, NDArray]
    return { d, dd }
  }
  return { modelKey, keys, training: at(0, n), validation: at(n, 2 * n) }
}

export type Simulations = ReturnType<typeof simulateGaussians>

/** The datasets of each lane, device-major: the first `nD` simulations with derivatives, the others without. */
export function datasetsOf({ d, dd }: { d: NDArray; dd: NDArray }, nD: number, lanes: number, batch: number) {
  const n = d.shape[0] as number
  const block = (x: NDArray, from: number, to: number, k: number): NDArray => {
    const size = (to - from) / lanes
    return x.slice([from + k * size, from + (k + 1) * size])
  }
  const each = <T>(f: (k: number) => T): T[] => Array.from({ length: lanes }, (_, k) => f(k))
  return {
    main: each((k) =>
      Dataset.fromTensorSlices([block(d, 0, nD, k), block(dd, 0, nD, k)])
        .batch(batch)
        .repeat(),
    ),
    remaining:
      nD === n
        ? []
        : each((k) =>
            Dataset.fromTensorSlices(block(d, nD, n, k))
              .batch(batch)
              .repeat(),
          ),
  }
}

export const tutorialModel = serial(Dense(128), LeakyRelu, Dense(128), LeakyRelu, Dense(128), LeakyRelu, Dense(2))

/** The options of the tutorial "Using the DatasetGradientIMNN". */
export function tutorialOptions(
  simulations: Simulations,
  devices: readonly Device[],
  { nD = 1000, nPerDevice = 100, validation = true } = {},
) {
  const nS = simulations.training.d.shape[0] as number
  const training = datasetsOf(simulations.training, nD, devices.length, nPerDevice)
  const other = datasetsOf(simulations.validation, nD, devices.length, nPerDevice)
  return {
    nS,
    nD,
    nParams: 2,
    nSummaries: 2,
    inputShape: [10],
    thetaFid: np.array([0, 1]),
    model: tutorialModel,
    optimizer: adam({ stepSize: 1e-3 }),
    keyOrState: simulations.modelKey,
    random: legacyRandom,
    host: devices[0] as Device,
    devices,
    nPerDevice,
    main: training.main,
    ...(nD < nS && { remaining: training.remaining }),
    ...(validation && { validationMain: other.main }),
    ...(validation && nD < nS && { validationRemaining: other.remaining }),
  }
}
