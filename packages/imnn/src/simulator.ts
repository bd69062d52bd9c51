import type { Tree } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { all, type Checked, orThrow } from './checks/checks.ts'
import { checkDeviceOrDefault } from './checks/devices.ts'
import { checkSimulator } from './checks/simulator.ts'
import { construct } from './construct.ts'
import type { IMNNValue } from './imnn.ts'
import type { SimulatorOptions } from './options.ts'
import { madeTrainer } from './training/at-once.ts'

/** An IMNN trained on simulations that are made anew in every iteration. */
export type SimulatorIMNN<P extends Tree = Tree> = IMNNValue<P>

/**
 * An IMNN trained on simulations that are made anew in every iteration, so that it cannot learn them by heart; their
 * derivatives come from the simulator. Simulator, network, update and the rule that ends a fit are one program.
 *
 * `fit` needs a key, `rng`. An iteration splits it in three, and the second of these into nS: one a simulation. The
 * weights in use after a fit are the last ones unless `best` is true, for the largest |F| is a lucky draw. There is no
 * validation set.
 *
 * @throws ValidationError listing every problem with the options.
 * @example
 * const simulator = (key, theta) => {
 *   const [mean, variance] = theta.unstack(2)
 *   return random.normal(key, [10]).mul(np.sqrt(variance)).add(mean)
 * }
 * const imnn = SimulatorIMNN({
 *   nS: 100, nD: 100, nParams: 2, nSummaries: 2, inputShape: [10], thetaFid: np.array([0, 1]),
 *   model: serial(Dense(128), LeakyRelu, Dense(2)), optimizer: adam({ stepSize: 1e-3 }), keyOrState: random.PRNGKey(0),
 *   simulator,
 * })
 * const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 10, rng: random.PRNGKey(1) })
 * fitted.F.shape // [2, 2]
 */
export function SimulatorIMNN<P extends Tree>(options: SimulatorOptions<P>): SimulatorIMNN<P> {
  return orThrow('SimulatorIMNN', validateSimulatorIMNN(options))
}

/** As `SimulatorIMNN`, with the problems as a value instead of an error. */
export function validateSimulatorIMNN<P extends Tree>(options: SimulatorOptions<P>): Checked<SimulatorIMNN<P>> {
  return construct('SimulatorIMNN', options, () =>
    pipe(
      all({ simulator: checkSimulator(options), device: checkDeviceOrDefault(options) }),
      E.map(({ simulator, device }) => ({
        device,
        trainer: (common) => madeTrainer(common, device, simulator),
      })),
    ),
  )
}
