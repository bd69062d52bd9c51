import { type FloatDType, type Key, type NDArray, np, random as defaultRandom, type Random } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { checkNotNegative, checkNumbers, randomFrom } from '../checks.ts'
import { flatTree, mapAlike } from '../trees.ts'
import { countOf, stateOf, zeroCount } from './state.ts'
import { type GradientTransformation } from './transformation.ts'

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
  checkNotNegative('addNoise', { eta })
  checkNumbers('addNoise', { gamma })
  const { split, normal } = randomFrom('addNoise', random)
  return {
    init: () => ({ count: zeroCount(), key }),
    update: (updates, state) => {
      const count = countOf('addNoise', state).add(1)
      const [next, drawKey] = split(stateOf('addNoise', state, ['key']).key as Key).unstack(2)
      const { arrays } = flatTree('addNoise', 'the updates', updates)
      const keys = (arrays.length === 0 ? [] : split(drawKey, arrays.length).unstack(arrays.length)).values()
      const deviation = np.sqrt(np.divide(eta, np.power(count.astype('float32'), gamma)))
      const noisy = (g: NDArray): NDArray => {
        const noise = normal(keys.next().value!, g.shape, { dtype: g.dtype as FloatDType })
        return g.add(noise.mul(deviation.astype(g.dtype)))
      }
      return [mapAlike('addNoise', noisy, updates), { count, key: next }]
    },
  }
}
