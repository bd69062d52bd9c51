import type { Tree } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { all, type Checked, orThrow } from './checks/checks.ts'
import { batchesOf, checkBatches, checkLayout } from './checks/devices.ts'
import { checkMemory } from './checks/memory.ts'
import { checkSimulator } from './checks/simulator.ts'
import { construct } from './construct.ts'
import type { IMNNValue } from './imnn.ts'
import type { AggregatedSimulatorOptions } from './options.ts'
import { simulatorTrainer } from './training/make-trainer.ts'

/** As `SimulatorIMNN`, in parts and on several devices. */
export type AggregatedSimulatorIMNN<P extends Tree = Tree> = IMNNValue<P>

/**
 * An IMNN trained on simulations that are made anew in every iteration, in parts and on one or several devices: for
 * simulations or networks that are too large for one program. Only keys and summaries are kept: the second pass of an
 * iteration makes the same simulations again. Keys, and what `fit` gives, are as with `SimulatorIMNN`.
 *
 * nD and nS − nD must be multiples of `nPerDevice` times the number of devices.
 *
 * @throws ValidationError listing every problem with the options.
 * @example
 * const simulator = (key, theta) => {
 *   const [mean, variance] = theta.unstack(2)
 *   return random.normal(key, [10]).mul(np.sqrt(variance)).add(mean)
 * }
 * const imnn = AggregatedSimulatorIMNN({
 *   nS: 100, nD: 100, nParams: 2, nSummaries: 2, inputShape: [10], thetaFid: np.array([0, 1]),
 *   model: serial(Dense(128), LeakyRelu, Dense(2)), optimizer: adam({ stepSize: 1e-3 }), keyOrState: random.PRNGKey(0),
 *   host: devices('cpu')[0], devices: devices('cpu'), nPerDevice: 50,
 *   simulator,
 * })
 * const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 10, rng: random.PRNGKey(1) })
 * fitted.F.shape // [2, 2]
 */
export function AggregatedSimulatorIMNN<P extends Tree>(
  options: AggregatedSimulatorOptions<P>,
): AggregatedSimulatorIMNN<P> {
  return orThrow('AggregatedSimulatorIMNN', validateAggregatedSimulatorIMNN(options))
}

/** As `AggregatedSimulatorIMNN`, with the problems as a value instead of an error. */
export function validateAggregatedSimulatorIMNN<P extends Tree>(
  options: AggregatedSimulatorOptions<P>,
): Checked<AggregatedSimulatorIMNN<P>> {
  return construct('AggregatedSimulatorIMNN', options, ({ sizes }) => {
    const layout = checkLayout(options)
    const batches = batchesOf(checkBatches, sizes, layout)
    return pipe(
      all({ layout, batches, simulator: checkSimulator(options), memory: checkMemory(options.memory) }),
      E.map((checked) => ({
        device: checked.layout.host,
        trainer: (common) => simulatorTrainer({ ...common, ...checked }, checked.batches, checked.simulator),
      })),
    )
  })
}
