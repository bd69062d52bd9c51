import type { Tree } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { checkDifferences } from './checks/arrays.ts'
import { checkBatching } from './checks/batching.ts'
import { all, type Checked, orThrow } from './checks/checks.ts'
import { batchesOf, checkBatches, checkDifferenceBatches, checkLayout } from './checks/devices.ts'
import { checkMemory } from './checks/memory.ts'
import { construct } from './construct.ts'
import type { IMNNValue } from './imnn.ts'
import { joinDifferences, joinExact } from './information/join.ts'
import type { AggregatedNumericalGradientOptions } from './options.ts'
import { differenceRows, exactRows, slicedTrainer } from './training/in-parts.ts'

/** As `NumericalGradientIMNN`, in parts and on several devices. */
export type AggregatedNumericalGradientIMNN<P extends Tree = Tree> = IMNNValue<P>

/**
 * An IMNN trained on simulations at and beside the fiducial parameters, in parts and on one or several devices; see
 * `NumericalGradientIMNN` and `AggregatedGradientIMNN`.
 *
 * nS and 2 nParams nD must be multiples of `nPerDevice` times the number of devices.
 *
 * @throws ValidationError listing every problem with the options.
 * @example
 * const at = (mean, variance) => random.normal(random.PRNGKey(2), [100, 10]).mul(Math.sqrt(variance)).add(mean)
 * const below = np.stack([at(-0.05, 1), at(0, 0.95)], { axis: 1 })
 * const above = np.stack([at(0.05, 1), at(0, 1.05)], { axis: 1 })
 * const imnn = AggregatedNumericalGradientIMNN({
 *   nS: 100, nD: 100, nParams: 2, nSummaries: 2, inputShape: [10], thetaFid: np.array([0, 1]),
 *   model: serial(Dense(128), LeakyRelu, Dense(2)), optimizer: adam({ stepSize: 1e-3 }), keyOrState: random.PRNGKey(0),
 *   host: devices('cpu')[0], devices: devices('cpu'), nPerDevice: 50,
 *   fiducial: at(0, 1), derivative: np.stack([below, above], { axis: 1 }), deltaTheta: [0.1, 0.1],
 * })
 * const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 10 })
 * fitted.F.shape // [2, 2]
 */
export function AggregatedNumericalGradientIMNN<P extends Tree>(
  options: AggregatedNumericalGradientOptions<P>,
): AggregatedNumericalGradientIMNN<P> {
  return orThrow('AggregatedNumericalGradientIMNN', validateAggregatedNumericalGradientIMNN(options))
}

/** As `AggregatedNumericalGradientIMNN`, with the problems as a value instead of an error. */
export function validateAggregatedNumericalGradientIMNN<P extends Tree>(
  options: AggregatedNumericalGradientOptions<P>,
): Checked<AggregatedNumericalGradientIMNN<P>> {
  return construct('AggregatedNumericalGradientIMNN', options, ({ sizes, dtype }) => {
    const layout = checkLayout(options)
    const numbers = checkDifferences(options, dtype)
    // With the derivative of the mean only the simulations at θ_fid are divided, as with exact derivatives.
    const divide = E.isRight(numbers) && numbers.right.arrays.ofMean ? checkBatches : checkDifferenceBatches
    const batches = batchesOf(divide, sizes, layout)
    return pipe(
      all({ layout, numbers, batches, batching: checkBatching(options), memory: checkMemory(options.memory) }),
      E.map(({ numbers: { arrays, deltaTheta }, ...checked }) => ({
        device: checked.layout.host,
        trainer: (common) =>
          arrays.ofMean
            ? slicedTrainer({ ...checked, arrays, common }, exactRows, joinExact)
            : slicedTrainer(
                { ...checked, arrays, common },
                differenceRows,
                joinDifferences({ ...common.sizes, deltaTheta }),
              ),
      })),
    )
  })
}
