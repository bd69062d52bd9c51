import type { Arrays } from '../array/tree-types.ts'
import { treeUnflatten } from '../array/tree.ts'
import { stop } from '../primitives/stop-gradient.ts'
import { flattenArrays } from './function.ts'

/**
 * The same tree, whose derivative is zero: what is computed from it counts as a constant. Under every other
 * transformation it is the identity.
 *
 * @throws TreeError for what is no tree of arrays.
 * @see JAX's `jax.lax.stop_gradient`
 * @example grad((x) => x.mul(stopGradient(x)))(3) // 3
 */
export function stopGradient<const T>(tree: T): Arrays<T> {
  const [leaves, def] = flattenArrays(tree, 'stopGradient: the argument')
  return treeUnflatten(def, leaves.map(stop)) as Arrays<T>
}
