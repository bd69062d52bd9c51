import type { Tree } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { exactTrainer } from './training/at-once.ts'
import { checkExactArrays } from './checks/arrays.ts'
import { all, type Checked, orThrow } from './checks/checks.ts'
import { checkDeviceOrDefault } from './checks/devices.ts'
import type { Sizes } from './checks/sizes.ts'
import { construct } from './construct.ts'
import type { IMNNValue } from './imnn.ts'
import type { GradientOptions } from './options.ts'

/** An IMNN trained on simulations and their derivatives in memory. */
export type GradientIMNN<P extends Tree = Tree> = IMNNValue<P>

/**
 * An IMNN trained on simulations and the derivatives of nD of them in the parameters, all in memory. Network, gradient,
 * update, validation and the rule that ends a fit are one program, which makes several iterations a call.
 *
 * @throws ValidationError listing every problem with the options.
 * @example
 * const imnn = GradientIMNN({
 *   nS: 100, nD: 100, nParams: 2, nSummaries: 2, inputShape: [10], thetaFid: np.array([0, 1]),
 *   model: serial(Dense(128), LeakyRelu, Dense(2)), optimizer: adam({ stepSize: 1e-3 }), keyOrState: random.PRNGKey(0),
 *   fiducial: simulations, derivative: derivatives,
 * })
 * const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 10 })
 * fitted.F.shape // [2, 2]
 */
export function GradientIMNN<P extends Tree>(options: GradientOptions<P>): GradientIMNN<P> {
  return orThrow('GradientIMNN', validateGradientIMNN(options))
}

/** As `GradientIMNN`, with the problems as a value instead of an error. */
export function validateGradientIMNN<P extends Tree>(options: GradientOptions<P>): Checked<GradientIMNN<P>> {
  return construct('GradientIMNN', options, ({ sizes, dtype }) => {
    const arrays = E.chain((known: Sizes) => checkExactArrays(options, known, dtype))(sizes)
    return pipe(
      all({ arrays, device: checkDeviceOrDefault(options) }),
      E.map((checked) => ({
        device: checked.device,
        trainer: (common) => exactTrainer(common, checked.device, checked.arrays),
      })),
    )
  })
}
