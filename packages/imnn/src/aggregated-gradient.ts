import type { Tree } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { checkExactArrays } from './checks/arrays.ts'
import { checkBatching } from './checks/batching.ts'
import { all, type Checked, orThrow } from './checks/checks.ts'
import { batchesOf, checkBatches, checkLayout } from './checks/devices.ts'
import { checkMemory } from './checks/memory.ts'
import type { Sizes } from './checks/sizes.ts'
import { construct } from './construct.ts'
import type { IMNNValue } from './imnn.ts'
import { joinExact } from './information/join.ts'
import type { AggregatedGradientOptions } from './options.ts'
import { exactRows, slicedTrainer } from './training/in-parts.ts'

/** As `GradientIMNN`, in parts and on several devices. */
export type AggregatedGradientIMNN<P extends Tree = Tree> = IMNNValue<P>

/**
 * An IMNN trained on simulations and derivatives in memory, in parts and on one or several devices: for networks whose
 * intermediate results do not fit in memory for all simulations together. The gradient is exact, that of the loss of all
 * nS simulations together.
 *
 * nD and nS − nD must be multiples of `nPerDevice` times the number of devices; each device has its own part of the
 * simulations with derivatives, and of the others.
 *
 * @throws ValidationError listing every problem with the options.
 * @example
 * const imnn = AggregatedGradientIMNN({
 *   nS: 100, nD: 100, nParams: 2, nSummaries: 2, inputShape: [10], thetaFid: np.array([0, 1]),
 *   model: serial(Dense(128), LeakyRelu, Dense(2)), optimizer: adam({ stepSize: 1e-3 }), keyOrState: random.PRNGKey(0),
 *   host: devices('cpu')[0], devices: devices('cpu'), nPerDevice: 50,
 *   fiducial: simulations, derivative: derivatives,
 * })
 * const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 10 })
 * fitted.F.shape // [2, 2]
 */
export function AggregatedGradientIMNN<P extends Tree>(
  options: AggregatedGradientOptions<P>,
): AggregatedGradientIMNN<P> {
  return orThrow('AggregatedGradientIMNN', validateAggregatedGradientIMNN(options))
}

/** As `AggregatedGradientIMNN`, with the problems as a value instead of an error. */
export function validateAggregatedGradientIMNN<P extends Tree>(
  options: AggregatedGradientOptions<P>,
): Checked<AggregatedGradientIMNN<P>> {
  return construct('AggregatedGradientIMNN', options, ({ sizes, dtype }) => {
    const layout = checkLayout(options)
    const arrays = E.chain((known: Sizes) => checkExactArrays(options, known, dtype))(sizes)
    const batches = batchesOf(checkBatches, sizes, layout)
    return pipe(
      all({ layout, arrays, batches, batching: checkBatching(options), memory: checkMemory(options.memory) }),
      E.map((checked) => ({
        device: checked.layout.host,
        trainer: (common) => slicedTrainer({ ...checked, common }, exactRows, joinExact),
      })),
    )
  })
}
