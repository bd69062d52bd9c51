import type { Tree } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { checkMeanDerivative } from './checks/arrays.ts'
import { all, type Checked, orThrow } from './checks/checks.ts'
import { checkDatasets } from './checks/datasets.ts'
import { checkLayout } from './checks/devices.ts'
import { exactForm } from './checks/forms.ts'
import { checkMemory } from './checks/memory.ts'
import type { Sizes } from './checks/sizes.ts'
import { construct } from './construct.ts'
import type { IMNNValue } from './imnn.ts'
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
  return construct('DatasetGradientIMNN', options, ({ sizes, dtype }) => {
    const layout = checkLayout(options)
    const mean = E.chain((known: Sizes) => checkMeanDerivative(options.meanDerivative, known, dtype))(sizes)
    const { main, remaining, validationMain, validationRemaining } = options
    const lists = {
      training: { main, remaining },
      validation: { main: validationMain, remaining: validationRemaining },
    }
    const datasets = pipe(
      all({ sizes, layout, mean }),
      E.chain((known) => checkDatasets(lists, exactForm(known.sizes, known.layout, known.mean))),
    )
    return pipe(
      all({ layout, datasets, memory: checkMemory(options.memory) }),
      E.map((checked) => ({
        device: checked.layout.host,
        trainer: (common) => datasetTrainer({ ...common, ...checked }, { ...checked.datasets, join: joinExact }),
      })),
    )
  })
}
