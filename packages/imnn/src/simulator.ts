import type { Key, Tree } from '@cotangent/autodiff'
import { sequenceS } from 'fp-ts/lib/Apply.js'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { type Checked, together } from './checks/checks.ts'
import { checkCommon } from './checks/common.ts'
import type { IMNNValue } from './imnn.ts'
import { checkPoint } from './checks/sizes.ts'
import { checkSimulator } from './checks/simulator.ts'
import { checkDevice, fromTrainer, named, noOptions, orThrow } from './construct.ts'
import { directionsOf } from './feed/keys.ts'
import { joinExact } from './information/join.ts'
import { type KeyGroup, simulate } from './information/simulate.ts'
import type { Leaves } from './information/summaries.ts'
import type { SimulatorOptions } from './options.ts'
import { ofGroups } from './training/make-trainer.ts'
import { MemoryTrainer } from './training/memory-trainer.ts'
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
  const refused = noOptions(options)
  if (refused !== undefined) return refused
  const all = sequenceS(together)
  const common = checkCommon(options)
  const simulator = pipe(
    checkPoint(options),
    E.chain(({ sizes, thetaFid }) => checkSimulator(options.simulator, sizes, thetaFid)),
  )
  return pipe(
    all({ common, simulator, device: checkDevice(options.device) }),
    E.map((checked) => {
      const { sizes, network, random, thetaFid } = checked.common
      const { nS, nD } = sizes
      const directions = directionsOf(thetaFid)
      const trainer = new MemoryTrainer({
        device: checked.device,
        summarise: ofGroups(network),
        join: joinExact,
        optimizer: network.optimizer,
        random,
        simulates: true,
        training: [],
        validation: undefined,
        groups: (_, key) => {
          const keys = random.split(key as Key, nS)
          const made = (group: KeyGroup): Leaves => simulate(checked.simulator, thetaFid, group, dtypeOf(network.w))
          const withDerivatives = made([keys.slice([0, nD]), directions])
          return nS === nD ? [withDerivatives] : [withDerivatives, made([keys.slice([nD, nS])])]
        },
      })
      return fromTrainer('SimulatorIMNN', checked.common, checked.device, trainer)
    }),
    named('SimulatorIMNN', options),
  )
}
