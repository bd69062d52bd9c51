import { np } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { checkNumbers } from '../checks.ts'
import { mapAlike } from '../trees.ts'
import { type Mask, masked } from './masking.ts'
import { type GradientTransformation, needed } from './transformation.ts'

export interface DecayedWeightsOptions {
  /** Which parameters decay, as `masked` takes it. @defaultValue all */
  readonly mask?: Mask
}

/**
 * Adds `weightDecay` times the parameters to the updates.
 *
 * @throws TreeError without parameters, or when the mask does not fit.
 * @see optax's `add_decayed_weights`
 * @example
 * const { init, update } = addDecayedWeights(0.5)
 * const params = np.array([2, 4])
 * update(np.zeros([2]), init(params), params)[0] // [1, 2]
 */
export function addDecayedWeights(weightDecay: number, options: DecayedWeightsOptions = {}): GradientTransformation {
  const { mask } = checkOptions('addDecayedWeights', options, ['mask'])
  const name = 'addDecayedWeights'
  checkNumbers(name, { weightDecay })
  const all: GradientTransformation = {
    init: () => [],
    update: (updates, state, params) => [
      mapAlike(name, (g, x) => g.add(x.mul(weightDecay)), updates, ['the parameters', needed(name, params)]),
      state,
    ],
  }
  return mask === undefined ? all : masked(all, mask)
}

/**
 * The parameters with the updates added, in their own dtypes.
 *
 * @throws TreeError or ShapeError when the updates are not like the parameters.
 * @see optax's `apply_updates`
 * @example applyUpdates({ w: np.array([1, 2]) }, { w: np.array([0.5, -1]) }) // { w: [1.5, 1] }
 */
export const applyUpdates = <P>(params: P, updates: P): P =>
  mapAlike('applyUpdates', (u, x) => np.add(x, u).astype(x.dtype), updates, ['the parameters', params])
