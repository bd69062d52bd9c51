import type { Tree } from '@cotangent/autodiff'
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { checkDatasets } from './checks/datasets.ts'
import { checkLayout } from './checks/devices.ts'
import { checkFunctions, checkNetwork } from './checks/network.ts'
import { checkSizes, checkTheta } from './checks/sizes.ts'
import { type Checked, distinct, together } from './checks/checks.ts'
import { type Problem, ValidationError } from './errors.ts'
import { compileCompressor } from './information/compressor.ts'
import { type IMNN, newIMNN } from './imnn.ts'
import { makeTrainer } from './training/make-trainer.ts'
import type { DatasetGradientOptions } from './options.ts'

/** An IMNN trained on simulations and their derivatives, read from datasets while it trains. */
export type DatasetGradientIMNN<P extends Tree = Tree> = IMNN<P>

/**
 * An IMNN trained on simulations and the derivatives of nD of them in the parameters, read from datasets: as many as
 * the disk holds, on one or several devices. The gradient is exact, that of the loss of all nS simulations together.
 *
 * Datasets are endless, each epoch the same batches in the same order, and every simulation is read once an epoch. An
 * iteration reads one epoch; two, when intermediate results do not fit in memory (see `memory`); and one more of the
 * validation set. Reading overlaps computing. Generators and other iterators that can be read only once are read on by
 * the next fit; anything else is read anew.
 *
 * @throws ValidationError listing every problem with the options; what the datasets hold is checked when `fit` begins
 * (or by `check`), before the first update.
 * @example
 * const batches = Dataset.fromTensorSlices([simulations, derivatives]).batch(100).repeat()
 * const imnn = DatasetGradientIMNN({
 *   nS: 100, nD: 100, nParams: 2, nSummaries: 2, inputShape: [10], thetaFid: np.array([0, 1]),
 *   model: serial(Dense(128), LeakyRelu, Dense(2)), optimizer: adam({ stepSize: 1e-3 }), keyOrState: random.PRNGKey(0),
 *   host: devices('cpu')[0], devices: devices('cpu'), nPerDevice: 100, main: [batches],
 * })
 * const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 10 })
 * fitted.F.shape // [2, 2]
 */
export function DatasetGradientIMNN<P extends Tree>(options: DatasetGradientOptions<P>): DatasetGradientIMNN<P> {
  return E.getOrElseW((problems: readonly Problem[]): never => {
    throw new ValidationError('DatasetGradientIMNN', problems)
  })(validateDatasetGradientIMNN(options))
}

/** As `DatasetGradientIMNN`, with the problems as a value instead of an error. */
export function validateDatasetGradientIMNN<P extends Tree>(
  options: DatasetGradientOptions<P>,
): Checked<DatasetGradientIMNN<P>> {
  return pipe(validate(options), E.mapLeft(distinct))
}

function validate<P extends Tree>(options: DatasetGradientOptions<P>): Checked<IMNN<P>> {
  const all = sequenceS(together)
  const sizes = checkSizes(options)
  const layout = checkLayout(options)
  const datasets = pipe(
    all({ sizes, layout }),
    E.chain((needed) => checkDatasets(options, needed.sizes, needed.layout)),
  )
  const network = pipe(
    all({ sizes, functions: checkFunctions(options) }),
    E.chain((needed) => checkNetwork(needed.functions, needed.sizes)),
  )
  const thetaFid = checkTheta(options.thetaFid, options.nParams)
  return pipe(
    all({ sizes, layout, datasets, network, thetaFid }),
    E.map((checked) => {
      const trainer = makeTrainer({ ...checked, memory: options.memory })
      const compressor = compileCompressor(checked.layout.host, checked.network.apply)
      return newIMNN({ ...checked, trainer, compressor })
    }),
  )
}
