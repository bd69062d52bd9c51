import type { Tree } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { validateAggregatedGradientIMNN } from './aggregated-gradient.ts'
import { validateAggregatedNumericalGradientIMNN } from './aggregated-numerical-gradient.ts'
import { validateAggregatedSimulatorIMNN } from './aggregated-simulator.ts'
import { pipe } from 'fp-ts/lib/function.js'
import { type Checked, checkFlag, unless, orThrow } from './checks/checks.ts'
import { chooseKind, type Kind } from './checks/kind.ts'
import { noOptions } from './construct.ts'
import { validateDatasetGradientIMNN } from './dataset-gradient.ts'
import { validateDatasetNumericalGradientIMNN } from './dataset-numerical-gradient.ts'
import { validateGradientIMNN } from './gradient.ts'
import type { IMNNValue } from './imnn.ts'
import { validateNumericalGradientIMNN } from './numerical-gradient.ts'
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
import { validateSimulatorIMNN } from './simulator.ts'

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

const validators = {
  SimulatorIMNN: validateSimulatorIMNN,
  AggregatedSimulatorIMNN: validateAggregatedSimulatorIMNN,
  GradientIMNN: validateGradientIMNN,
  AggregatedGradientIMNN: validateAggregatedGradientIMNN,
  NumericalGradientIMNN: validateNumericalGradientIMNN,
  AggregatedNumericalGradientIMNN: validateAggregatedNumericalGradientIMNN,
  DatasetGradientIMNN: validateDatasetGradientIMNN,
  DatasetNumericalGradientIMNN: validateDatasetNumericalGradientIMNN,
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
  const { verbose, ...rest } = orThrow('IMNN', checkVerbose(options))
  const kind = orThrow('IMNN', chooseKind(rest))
  const imnn = orThrow(kind, validatorOf<P>(kind)(rest))
  if (verbose === true) console.log(`IMNN: ${kind}`)
  return imnn
}

/** As `IMNN`, with the problems as a value instead of an error. */
export function validateIMNN<P extends Tree>(options: IMNNOptions<P>): Checked<IMNN<P>> {
  return pipe(
    checkVerbose(options),
    E.chain(({ verbose: _, ...rest }) =>
      pipe(
        chooseKind(rest),
        E.chain((kind) => validatorOf<P>(kind)(rest)),
      ),
    ),
  )
}

/** Options by name, of which `verbose` is a flag. */
const checkVerbose = <P extends Tree>(options: IMNNOptions<P>): Checked<IMNNOptions<P>> =>
  noOptions(options) ?? unless(checkFlag('verbose', options.verbose ?? undefined), () => options)

const validatorOf = <P extends Tree>(kind: Kind): ((options: object) => Checked<IMNN<P>>) =>
  validators[kind] as (options: object) => Checked<IMNN<P>>
