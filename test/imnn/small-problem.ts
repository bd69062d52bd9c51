import { devices, legacyRandom, np, type NDArray } from '@cotangent/autodiff'
import { Dataset } from '@cotangent/data'
import { adam, Dense, LeakyRelu, serial } from '@cotangent/nn'
import { datasetsOf, simulateGaussians } from './tutorial-data.ts'

export const simulations = simulateGaussians(legacyRandom, 3, 40)
export const { d, dd } = simulations.training
export const [js] = devices('js')
export const small = serial(Dense(8), LeakyRelu, Dense(2))

/** What all IMNNs take of a problem small enough for the interpreter: 40 simulations, 24 of them with derivatives. */
export const common = () => ({
  nS: 40,
  nD: 24,
  nParams: 2,
  nSummaries: 2,
  inputShape: [10],
  thetaFid: np.array([0, 1]),
  model: small,
  optimizer: adam({ stepSize: 1e-3 }),
  keyOrState: simulations.modelKey,
  random: legacyRandom,
})

/** Valid options of that problem, from datasets. */
export function smallOptions() {
  const training = datasetsOf(simulations.training, 24, 1, 8)
  const validation = datasetsOf(simulations.validation, 24, 1, 8)
  return {
    ...common(),
    host: js,
    devices: [js],
    nPerDevice: 8,
    main: training.main,
    remaining: training.remaining,
    validationMain: validation.main,
    validationRemaining: validation.remaining,
  }
}

/** Pairs of simulations and derivatives as batches of 8 that go on for ever. */
export const pairs = (x: NDArray, dx: NDArray) => Dataset.fromTensorSlices([x, dx]).batch(8).repeat()

export const settings = { lambda: 10, epsilon: 0.1 }
