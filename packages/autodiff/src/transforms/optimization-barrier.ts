import type { Arrays } from '../array/tree-types.ts'
import { treeUnflatten } from '../array/tree.ts'
import { barrier } from '../primitives/barrier.ts'
import { flattenArrays } from './function.ts'

/**
 * The same tree, as values that no compiler may compute from or merge with what lies before: all leaves are there
 * before any of them is used. Derivatives and batches pass through.
 *
 * @throws TreeError for what is no tree of arrays.
 * @see JAX's `jax.lax.optimization_barrier`
 * @example lax.optimizationBarrier([np.array([1, 2]), 3]) // [[1, 2], 3]
 */
export function optimizationBarrier<const T>(tree: T): Arrays<T> {
  const [leaves, def] = flattenArrays(tree, 'optimizationBarrier: the argument')
  return treeUnflatten(def, barrier(leaves, [])) as Arrays<T>
}
