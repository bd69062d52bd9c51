import type { Tree } from '@cotangent/autodiff'
import { AggregatedGradientIMNN } from './aggregated-gradient.ts'
import { AggregatedNumericalGradientIMNN } from './aggregated-numerical-gradient.ts'
import { AggregatedSimulatorIMNN } from './aggregated-simulator.ts'
import { chooseKind, type Kind } from './checks/kind.ts'
import { orThrow } from './construct.ts'
import { DatasetGradientIMNN } from './dataset-gradient.ts'
import { DatasetNumericalGradientIMNN } from './dataset-numerical-gradient.ts'
import { GradientIMNN } from './gradient.ts'
import type { IMNNValue } from './imnn.ts'
import { NumericalGradientIMNN } from './numerical-gradient.ts'
import type {
  AggregatedGradientOptions,
  AggregatedNumericalGradientOptions,
  AggregatedSimulatorOptions,
  DatasetGradientOptions,
  DatasetNumericalGradientOptions,
  GradientOptions,
  NumericalGradientOptions,
  SimulatorOptions,
} from './options.ts'
import { SimulatorIMNN } from './simulator.ts'

/** An information maximising neural network, of whichever kind. */
export type IMNN<P extends Tree = Tree> = IMNNValue<P>

/** The options of any of the eight. */
export type IMNNOptions<P extends Tree> = (
  | SimulatorOptions<P>
  | AggregatedSimulatorOptions<P>
  | GradientOptions<P>
  | AggregatedGradientOptions<P>
  | NumericalGradientOptions<P>
  | AggregatedNumericalGradientOptions<P>
  | DatasetGradientOptions<P>
  | DatasetNumericalGradientOptions<P>
) & {
  /** Whether to print which IMNN it is. @defaultValue false: `kind` tells */
  readonly verbose?: boolean
}

const makers = {
  SimulatorIMNN,
  AggregatedSimulatorIMNN,
  GradientIMNN,
  AggregatedGradientIMNN,
  NumericalGradientIMNN,
  AggregatedNumericalGradientIMNN,
  DatasetGradientIMNN,
  DatasetNumericalGradientIMNN,
} satisfies Record<Kind, unknown>

/**
 * The IMNN that the options ask for:
 *
 * | given | on one device | with `host`, `devices` and `nPerDevice` |
 * |---|---|---|
 * | `simulator` | `SimulatorIMNN` | `AggregatedSimulatorIMNN` |
 * | arrays `fiducial`, `derivative` | `GradientIMNN` | `AggregatedGradientIMNN` |
 * | the same and `deltaTheta` | `NumericalGradientIMNN` | `AggregatedNumericalGradientIMNN` |
 * | datasets `main`, `remaining` | | `DatasetGradientIMNN` |
 * | datasets `fiducial`, `derivative`, and `deltaTheta` | | `DatasetNumericalGradientIMNN` |
 *
 * @throws ValidationError for options that do not go together, or that the IMNN cannot use.
 * @example
 * const imnn = IMNN({
 *   nS: 100, nD: 100, nParams: 2, nSummaries: 2, inputShape: [10], thetaFid: np.array([0, 1]),
 *   model: serial(Dense(128), LeakyRelu, Dense(2)), optimizer: adam({ stepSize: 1e-3 }), keyOrState: random.PRNGKey(0),
 *   fiducial: simulations, derivative: derivatives,
 * })
 * imnn.kind // GradientIMNN
 */
export function IMNN<P extends Tree>(options: IMNNOptions<P>): IMNN<P> {
  const { verbose, ...rest } = (options ?? {}) as IMNNOptions<P>
  const kind = orThrow('IMNN', chooseKind(rest))
  const imnn = (makers[kind] as (given: typeof rest) => IMNN<P>)(rest)
  if (verbose === true) console.log(`IMNN: ${kind}`)
  return imnn
}
