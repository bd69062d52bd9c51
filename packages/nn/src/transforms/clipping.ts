import { type NDArray, np } from '@cotangent/autodiff'
import { checkNotNegative } from '../checks.ts'
import { l2Norm } from '../optimizers/clip.ts'
import { mapAlike } from '../trees.ts'
import { type GradientTransformation, stateless } from './transformation.ts'

/**
 * Each number of the updates held between −maxDelta and maxDelta.
 *
 * @see optax's `clip`
 * @example transforms.clip(1).update(np.array([-3, 0.5]), [])[0] // [-1, 0.5]
 */
export function clip(maxDelta: number): GradientTransformation {
  checkNotNegative('clip', { maxDelta })
  return stateless('clip', (g) => np.clip(g, -maxDelta, maxDelta))
}

/**
 * Another name of `l2Norm`.
 *
 * @see optax's `global_norm`
 * @example globalNorm({ w: np.array([3, 0]), b: np.array(4) }) // 5
 */
export const globalNorm: typeof l2Norm = l2Norm

/**
 * Updates scaled down to the norm `maxNorm`, all of them together, where their norm is larger. Pascanu, Mikolov and
 * Bengio, "On the difficulty of training recurrent neural networks" (ICML 2013).
 *
 * @see optax's `clip_by_global_norm`
 * @example clipByGlobalNorm(1).update({ w: np.array([3, 0]), b: np.array(4) }, [])[0] // { b: 0.8, w: [0.6, 0] }
 */
export function clipByGlobalNorm(maxNorm: number): GradientTransformation {
  checkNotNegative('clipByGlobalNorm', { maxNorm })
  return {
    init: () => [],
    update: (updates, state) => {
      const norm = globalNorm(updates)
      const small = norm.le(maxNorm)
      return [
        mapAlike('clipByGlobalNorm', (g) => np.where(small, g, g.div(norm.astype(g.dtype)).mul(maxNorm)), updates),
        state,
      ]
    },
  }
}

/**
 * The updates of each array scaled down where the root of their mean square is larger than a threshold.
 *
 * @see optax's `clip_by_block_rms`
 * @example clipByBlockRms(1).update(np.array([2, 2]), [])[0] // [1, 1]
 */
export function clipByBlockRms(threshold: number): GradientTransformation {
  checkNotNegative('clipByBlockRms', { threshold })
  return stateless('clipByBlockRms', (g) => g.div(np.maximum(1, np.sqrt(np.mean(np.square(g))).div(threshold))))
}

/**
 * Updates less their mean over all axes but the first. Yong et al., "Gradient centralization" (ECCV 2020).
 *
 * @see optax's `centralize`
 * @example transforms.centralize().update(np.array([[1, 3], [2, 6]]), [])[0] // [[-1, 1], [-2, 2]]
 */
export const centralize = (): GradientTransformation =>
  stateless('centralize', (g) => (g.ndim > 1 ? g.sub(g.mean({ axis: othersThanFirst(g), keepdims: true })) : g))

const othersThanFirst = ({ shape }: NDArray): number[] => shape.slice(1).map((_, i) => i + 1)

/**
 * 0 in place of NaN.
 *
 * @see optax's `zero_nans`
 * @example transforms.zeroNans().update(np.array([NaN, 1]), [])[0] // [0, 1]
 */
export const zeroNans = (): GradientTransformation => stateless('zeroNans', (g) => np.where(np.isnan(g), 0, g))
