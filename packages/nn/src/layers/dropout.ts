import { np, ValueError } from '@cotangent/autodiff'
import { showGiven } from '@cotangent/autodiff/array'
import { isNumber } from '../checks.ts'
import { checkInputs, checkShape } from './checks.ts'
import { plainLayer, within } from './describe.ts'
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
  const name = `Dropout(${showGiven(rate)})`
  if (!isNumber(rate) || rate <= 0 || rate > 1) {
    throw new ValueError(`${name}: the share of numbers to keep must be above 0 and at most 1`)
  }
  if (mode !== 'train' && mode !== 'test') {
    throw new ValueError(`${name}: the mode is ${showGiven(mode)}; it must be 'train' or 'test'`)
  }
  return plainLayer(
    name,
    (inputShape) => checkShape(name, inputShape),
    (inputs, { rng, random }) => {
      const x = checkInputs(name, inputs)
      if (mode === 'test') return x
      if (rng === undefined) {
        throw new ValueError(
          `${name}: training needs a key; call apply(params, inputs, { rng: key }) with a new key each time, or make the model with Dropout(${rate}, 'test')`,
        )
      }
      const kept = within(name, () => random.bernoulli(rng, rate, x.shape))
      return np.where(kept, x.div(rate), 0)
    },
  )
}
