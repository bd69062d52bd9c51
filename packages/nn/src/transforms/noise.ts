import {
  type Key,
  type NDArray,
  np,
  random as defaultRandom,
  type Random,
  treeFlatten,
  treeUnflatten,
} from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { checkNumbers } from '../schedules/schedule.ts'
import { countOf, zeroCount } from './state.ts'
import { type GradientTransformation, mapLike, stateOf } from './transformation.ts'

export interface AddNoiseOptions {
  /** The variance of the noise of the first update. */
  readonly eta: number
  /** The variance at update t is eta / t^gamma. */
  readonly gamma: number
  /** The key of the noise, which is part of the state. */
  readonly key: Key
  /** Where random numbers come from. @defaultValue random */
  readonly random?: Random
}

/**
 * Adds normally distributed noise that fades. Neelakantan et al., "Adding gradient noise improves learning for very deep
 * networks" (2015).
 *
 * @see optax's `add_noise`
 * @example addNoise({ eta: 0.01, gamma: 0.55, key: random.PRNGKey(0) })
 */
export function addNoise(options: AddNoiseOptions): GradientTransformation {
  const {
    eta,
    gamma,
    key,
    random = defaultRandom,
  } = checkOptions('addNoise', options, ['eta', 'gamma', 'key', 'random'])
  checkNumbers('addNoise', { eta, gamma })
  return {
    init: () => ({ count: zeroCount(), key }),
    update: (updates, state) => {
      const count = countOf('addNoise', state).add(1)
      const [next, drawKey] = random.split(stateOf('addNoise', state, ['key']).key as Key).unstack(2)
      const [leaves, def] = treeFlatten(updates, 'addNoise: updates')
      const keys = leaves.length === 0 ? [] : random.split(drawKey, leaves.length).unstack(leaves.length)
      const noise = treeUnflatten(
        def,
        (leaves as NDArray[]).map((x, i) => random.normal(keys[i]!, x.shape, { dtype: x.dtype as 'float32' })),
      )
      const deviation = np.sqrt(np.divide(eta, np.power(count.astype('float32'), gamma)))
      const noisy = mapLike('addNoise', (g, z) => g.add(z.mul(deviation.astype(g.dtype))), updates, [
        'the noise',
        noise,
      ])
      return [noisy, { count, key: next }]
    },
  }
}
