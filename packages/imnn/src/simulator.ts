import type { Device, Key, Tree } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { all, type Checked } from './checks/checks.ts'
import type { Common } from './checks/common.ts'
import { checkDeviceOrDefault } from './checks/devices.ts'
import { checkSimulator } from './checks/simulator.ts'
import { construct, orThrow } from './construct.ts'
import { directionsOf } from './feed/keys.ts'
import type { IMNNValue } from './imnn.ts'
import { joinExact } from './information/join.ts'
import { type KeyGroup, simulate, type Simulator } from './information/simulate.ts'
import type { Leaves } from './information/summaries.ts'
import type { SimulatorOptions } from './options.ts'
import { ofGroups } from './training/make-trainer.ts'
import { MemoryTrainer } from './training/memory-trainer.ts'
import type { Trainer } from './training/trainer.ts'
import { dtypeOf } from './tree.ts'

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
        trainer: (common) => memorySimulatorTrainer(common, device, simulator),
      })),
    ),
  )
}

/** The trainer of simulations that are made in the program. */
function memorySimulatorTrainer(
  { sizes, network, random, thetaFid }: Common<unknown>,
  device: Device,
  simulator: Simulator,
): Trainer {
  const { nS, nD } = sizes
  const directions = directionsOf(thetaFid)
  return new MemoryTrainer({
    device,
    summarise: ofGroups(network),
    join: joinExact,
    optimizer: network.optimizer,
    random,
    simulates: true,
    training: [],
    validation: undefined,
    groups: (_, key) => {
      const keys = random.split(key as Key, nS)
      const made = (group: KeyGroup): Leaves => simulate(simulator, thetaFid, group, dtypeOf(network.w))
      const withDerivatives = made([keys.slice([0, nD]), directions])
      return nS === nD ? [withDerivatives] : [withDerivatives, made([keys.slice([nD, nS])])]
    },
  })
}
