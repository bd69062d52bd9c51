import type { Tree } from '@cotangent/autodiff'
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { type Checked, together } from './checks/checks.ts'
import { checkMeanDerivative } from './checks/arrays.ts'
import { checkCommon, floatOf } from './checks/common.ts'
import { checkLayout } from './checks/devices.ts'
import type { IMNNValue } from './imnn.ts'
import { fromTrainer, named, noOptions, orThrow } from './construct.ts'
import { checkDatasets } from './checks/datasets.ts'
import { exactForm } from './checks/forms.ts'
import { checkSizes } from './checks/sizes.ts'
import { joinExact } from './information/join.ts'
import type { DatasetGradientOptions } from './options.ts'
import { datasetTrainer } from './training/make-trainer.ts'

/** An IMNN trained on simulations and their derivatives, read from datasets while it trains. */
export type DatasetGradientIMNN<P extends Tree = Tree> = IMNNValue<P>

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
  return orThrow('DatasetGradientIMNN', validateDatasetGradientIMNN(options))
}

/** As `DatasetGradientIMNN`, with the problems as a value instead of an error. */
export function validateDatasetGradientIMNN<P extends Tree>(
  options: DatasetGradientOptions<P>,
): Checked<DatasetGradientIMNN<P>> {
  const refused = noOptions(options)
  if (refused !== undefined) return refused
  const all = sequenceS(together)
  const common = checkCommon(options)
  const layout = checkLayout(options)
  const sizes = checkSizes(options)
  const mean = pipe(
    sizes,
    E.chain((known) => checkMeanDerivative(options.meanDerivative, known, floatOf(common))),
  )
  const datasets = pipe(
    all({ sizes, layout, mean }),
    E.chain((needed) => {
      const form = exactForm(needed.sizes, needed.layout, needed.mean)
      const { main, remaining, validationMain, validationRemaining } = options
      const lists = {
        training: { main, remaining },
        validation: { main: validationMain, remaining: validationRemaining },
      }
      return pipe(
        checkDatasets(lists, form),
        E.map((checked) => ({ ...form, ...checked })),
      )
    }),
  )
  return pipe(
    all({ common, layout, datasets }),
    E.map((checked) => {
      const setup = { ...checked.common, layout: checked.layout, memory: options.memory }
      const trainer = datasetTrainer(setup, { ...checked.datasets, join: joinExact })
      return fromTrainer('DatasetGradientIMNN', checked.common, checked.layout.host, trainer)
    }),
    named('DatasetGradientIMNN', options),
  )
}
