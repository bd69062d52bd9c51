import { np, random, ValueError } from '@cotangent/autodiff'
import type { Layer } from './layer.ts'

/**
 * Keeps each number with the probability `rate` and divides it by that; the others become 0. With the mode 'test' it
 * keeps all as they are.
 *
 * @throws ValueError in training without `apply(params, inputs, { rng: key })`, and for a `rate` outside (0, 1].
 * @see JAX's `stax.Dropout`, where `rate` is the share that is kept, too
 * @example
 * const [, apply] = Dropout(0.5)
 * apply([], np.ones([4]), { rng: random.PRNGKey(0) }) // [0, 0, 2, 2]
 */
export function Dropout(rate: number, mode: 'train' | 'test' = 'train'): Layer<readonly []> {
  if (!(rate > 0 && rate <= 1)) {
    throw new ValueError(`Dropout(${rate}): the share of numbers to keep must be above 0 and at most 1`)
  }
  return [
    (_, inputShape) => [inputShape, []],
    (_, inputs, { rng, random: r = random } = {}) => {
      if (mode === 'test') return inputs
      if (rng === undefined) {
        throw new ValueError(
          `Dropout(${rate}): training needs a key; call apply(params, inputs, { rng: key }) with a new key each time, or make the model with Dropout(${rate}, 'test')`,
        )
      }
      return np.where(r.bernoulli(rng, rate, inputs.shape), inputs.div(rate), 0)
    },
  ]
}
