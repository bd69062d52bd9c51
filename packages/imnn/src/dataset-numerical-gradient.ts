import type { Tree } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { checkDeltaTheta } from './checks/arrays.ts'
import { all, type Checked, orThrow } from './checks/checks.ts'
import { checkDatasets } from './checks/datasets.ts'
import { checkLayout } from './checks/devices.ts'
import { differenceForm } from './checks/forms.ts'
import { checkMemory } from './checks/memory.ts'
import type { Sizes } from './checks/sizes.ts'
import { construct } from './construct.ts'
import type { IMNNValue } from './imnn.ts'
import { joinDifferences } from './information/join.ts'
import type { DatasetNumericalGradientOptions } from './options.ts'
import { datasetTrainer } from './training/make-trainer.ts'

/** An IMNN trained on simulations and others beside them, read from datasets while it trains. */
export type DatasetNumericalGradientIMNN<P extends Tree = Tree> = IMNNValue<P>

/**
 * An IMNN trained on simulations at and beside the fiducial parameters, read from datasets as `DatasetGradientIMNN`
 * reads them: `fiducial` gives batches [nPerDevice, …inputShape] of the nS simulations at `thetaFid`, `derivative`
 * batches of the 2 nParams nD simulations beside it, those of [nD, 2, nParams] in this order.
 *
 * nS and 2 nParams nD must be multiples of `nPerDevice` times the number of devices.
 *
 * @throws ValidationError listing every problem with the options; what the datasets hold is checked when `fit` begins
 * (or by `check`), before the first update.
 * @example
 * const at = (mean, variance) => random.normal(random.PRNGKey(2), [100, 10]).mul(Math.sqrt(variance)).add(mean)
 * const below = np.stack([at(-0.05, 1), at(0, 0.95)], { axis: 1 })
 * const above = np.stack([at(0.05, 1), at(0, 1.05)], { axis: 1 })
 * const beside = np.stack([below, above], { axis: 1 }).reshape([400, 10])
 * const batches = (x) => [Dataset.fromTensorSlices(x).batch(50).repeat()]
 * const imnn = DatasetNumericalGradientIMNN({
 *   nS: 100, nD: 100, nParams: 2, nSummaries: 2, inputShape: [10], thetaFid: np.array([0, 1]),
 *   model: serial(Dense(128), LeakyRelu, Dense(2)), optimizer: adam({ stepSize: 1e-3 }), keyOrState: random.PRNGKey(0),
 *   host: devices('cpu')[0], devices: devices('cpu'), nPerDevice: 50,
 *   fiducial: batches(at(0, 1)), derivative: batches(beside), deltaTheta: [0.1, 0.1],
 * })
 * const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 10 })
 * fitted.F.shape // [2, 2]
 */
export function DatasetNumericalGradientIMNN<P extends Tree>(
  options: DatasetNumericalGradientOptions<P>,
): DatasetNumericalGradientIMNN<P> {
  return orThrow('DatasetNumericalGradientIMNN', validateDatasetNumericalGradientIMNN(options))
}

/** As `DatasetNumericalGradientIMNN`, with the problems as a value instead of an error. */
export function validateDatasetNumericalGradientIMNN<P extends Tree>(
  options: DatasetNumericalGradientOptions<P>,
): Checked<DatasetNumericalGradientIMNN<P>> {
  return construct('DatasetNumericalGradientIMNN', options, ({ sizes }) => {
    const layout = checkLayout(options)
    const deltaTheta = E.chain(({ nParams }: Sizes) => checkDeltaTheta(options.deltaTheta, nParams))(sizes)
    const { fiducial, derivative, validationFiducial, validationDerivative } = options
    const lists = {
      training: { main: fiducial, remaining: derivative },
      validation: { main: validationFiducial, remaining: validationDerivative },
    }
    const datasets = pipe(
      all({ sizes, layout }),
      E.chain((known) => checkDatasets(lists, differenceForm(known.sizes, known.layout))),
    )
    return pipe(
      all({ layout, datasets, deltaTheta, memory: checkMemory(options.memory) }),
      E.map((checked) => ({
        device: checked.layout.host,
        trainer: (common) => {
          const join = joinDifferences({ ...common.sizes, deltaTheta: checked.deltaTheta })
          return datasetTrainer({ ...common, ...checked }, { ...checked.datasets, join })
        },
      })),
    )
  })
}
