import { checkNumbers } from '../schedules/schedule.ts'
import { type Arrays, type NDArray, np, treeLeaves, treeMap } from '@cotangent/autodiff'

/**
 * The root of the sum of all squares in a tree.
 *
 * @example l2Norm({ w: np.array([3, 0]), b: np.array(4) }) // 5
 */
export function l2Norm(tree: unknown): NDArray {
  const squares = treeLeaves(tree).map((leaf) => np.vdot(leaf, leaf))
  return np.sqrt(squares.reduce((sum, square) => sum.add(square), np.zeros([])))
}

/**
 * The tree scaled down to the norm `maxNorm` where its norm is larger.
 *
 * @see JAX's `optimizers.clip_grads`
 * @example clipGrads({ w: np.array([3, 0]), b: np.array(4) }, 1) // { b: 0.8, w: [0.6, 0] }
 */
export function clipGrads<P>(gradients: P, maxNorm: number): Arrays<P> {
  checkNumbers('clipGrads', { maxNorm })
  const norm = l2Norm(gradients)
  const scale = np.where(norm.lt(maxNorm), 1, np.divide(maxNorm, norm))
  return treeMap((g: NDArray) => np.multiply(g, scale.astype(g.dtype)), gradients) as Arrays<P>
}
