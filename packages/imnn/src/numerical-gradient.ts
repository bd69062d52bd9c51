import type { Tree } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { differenceTrainer, exactTrainer } from './training/at-once.ts'
import { checkDifferences } from './checks/arrays.ts'
import { all, type Checked, orThrow } from './checks/checks.ts'
import { checkDeviceOrDefault } from './checks/devices.ts'
import { construct } from './construct.ts'
import type { IMNNValue } from './imnn.ts'
import { joinDifferences } from './information/join.ts'
import type { NumericalGradientOptions } from './options.ts'

/** An IMNN trained on simulations and others beside them, in memory. */
export type NumericalGradientIMNN<P extends Tree = Tree> = IMNNValue<P>

/**
 * An IMNN trained on simulations, and on others below and above the fiducial parameters instead of derivatives: those
 * of the summaries are differences, (x⁺ − x⁻) / δθ. For simulators that have no derivatives. Everything is in memory,
 * and a fit one program, as with `GradientIMNN`.
 *
 * @throws ValidationError listing every problem with the options.
 * @example
 * const deltaTheta = np.array([0.1, 0.1])
 * const at = (mean, variance) => random.normal(random.PRNGKey(2), [100, 10]).mul(Math.sqrt(variance)).add(mean)
 * const below = np.stack([at(-0.05, 1), at(0, 0.95)], { axis: 1 })
 * const above = np.stack([at(0.05, 1), at(0, 1.05)], { axis: 1 })
 * const imnn = NumericalGradientIMNN({
 *   nS: 100, nD: 100, nParams: 2, nSummaries: 2, inputShape: [10], thetaFid: np.array([0, 1]),
 *   model: serial(Dense(128), LeakyRelu, Dense(2)), optimizer: adam({ stepSize: 1e-3 }), keyOrState: random.PRNGKey(0),
 *   fiducial: at(0, 1), derivative: np.stack([below, above], { axis: 1 }), deltaTheta,
 * })
 * const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, maxIterations: 10 })
 * fitted.F.shape // [2, 2]
 */
export function NumericalGradientIMNN<P extends Tree>(options: NumericalGradientOptions<P>): NumericalGradientIMNN<P> {
  return orThrow('NumericalGradientIMNN', validateNumericalGradientIMNN(options))
}

/** As `NumericalGradientIMNN`, with the problems as a value instead of an error. */
export function validateNumericalGradientIMNN<P extends Tree>(
  options: NumericalGradientOptions<P>,
): Checked<NumericalGradientIMNN<P>> {
  return construct('NumericalGradientIMNN', options, ({ dtype }) =>
    pipe(
      all({ numbers: checkDifferences(options, dtype), device: checkDeviceOrDefault(options) }),
      E.map(({ numbers: { arrays, deltaTheta }, device }) => ({
        device,
        // A derivative of the mean is as good as an exact one from here on.
        trainer: (common) =>
          arrays.ofMean
            ? exactTrainer(common, device, arrays)
            : differenceTrainer(common, device, arrays, joinDifferences({ ...common.sizes, deltaTheta })),
      })),
    ),
  )
}
