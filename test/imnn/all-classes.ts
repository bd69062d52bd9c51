import { type Device, legacyRandom, np } from '@cotangent/autodiff'
import { Dataset } from '@cotangent/data'
import { type IMNN as AnIMNN, IMNN, type IMNNOptions, type Kind } from '@cotangent/imnn'
import { adam, Dense, LeakyRelu, serial } from '@cotangent/nn'
import { datasetsOf, gaussianSimulator, simulateBeside, simulateGaussians } from './tutorial-data.ts'

const delta = [0.1, 0.2] as const

/**
 * Each of the eight on a small problem: 40 simulations, 24 of them with derivatives, with validation where it may be.
 * `more` are options that take the place of these.
 */
export function smallOf(kind: Kind, device: Device, { seed = 3, hidden = 8, more = {} } = {}): AnIMNN {
  const simulations = simulateGaussians(legacyRandom, seed, 40)
  const { training, validation, keys } = simulations
  const common = {
    nS: 40,
    nD: 24,
    nParams: 2,
    nSummaries: 2,
    inputShape: [10],
    thetaFid: np.array([0, 1]),
    model: serial(Dense(hidden), LeakyRelu, Dense(2)),
    optimizer: adam({ stepSize: 0.02 }),
    keyOrState: simulations.modelKey,
    random: legacyRandom,
  }
  const inParts = { host: device, devices: [device], nPerDevice: 8 }
  const exact = {
    fiducial: training.d,
    derivative: training.dd.slice([0, 24]),
    validationFiducial: validation.d,
    validationDerivative: validation.dd.slice([0, 24]),
  }
  const beside = (from: number) => simulateBeside(legacyRandom, keys.slice([from, from + 24]) as never, delta)
  const numerical = {
    fiducial: training.d,
    derivative: beside(0),
    validationFiducial: validation.d,
    validationDerivative: beside(40),
    deltaTheta: delta,
  }
  const [main, other] = [datasetsOf(training, 24, 1, 8), datasetsOf(validation, 24, 1, 8)]
  const rows = (x: typeof training.d) => [Dataset.fromTensorSlices(x).batch(8).repeat()]
  const flat = (from: number) => rows(beside(from).reshape([-1, 10]))
  const own: Record<Kind, object> = {
    SimulatorIMNN: { simulator: gaussianSimulator(legacyRandom), device },
    AggregatedSimulatorIMNN: { simulator: gaussianSimulator(legacyRandom), ...inParts },
    GradientIMNN: { ...exact, device },
    AggregatedGradientIMNN: { ...exact, ...inParts },
    NumericalGradientIMNN: { ...numerical, device },
    AggregatedNumericalGradientIMNN: { ...numerical, ...inParts },
    DatasetGradientIMNN: {
      ...inParts,
      main: main.main,
      remaining: main.remaining,
      validationMain: other.main,
      validationRemaining: other.remaining,
    },
    DatasetNumericalGradientIMNN: {
      ...inParts,
      deltaTheta: delta,
      fiducial: rows(training.d),
      derivative: flat(0),
      validationFiducial: rows(validation.d),
      validationDerivative: flat(40),
    },
  }
  return IMNN({ ...common, ...own[kind], ...more } as unknown as IMNNOptions<never>) as AnIMNN
}

export const kinds: readonly Kind[] = [
  'SimulatorIMNN',
  'AggregatedSimulatorIMNN',
  'GradientIMNN',
  'AggregatedGradientIMNN',
  'NumericalGradientIMNN',
  'AggregatedNumericalGradientIMNN',
  'DatasetGradientIMNN',
  'DatasetNumericalGradientIMNN',
]
