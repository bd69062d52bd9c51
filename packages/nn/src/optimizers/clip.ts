import { type Arrays, type NDArray, np, treeLeaves, treeMap } from '@cotangent/autodiff'
import { isComplex, isFloat } from '@cotangent/autodiff/array'
import { checkNotNegative } from '../checks.ts'

/**
 * The root of the sum of the squares of all numbers in a tree; 0 for a tree without arrays.
 *
 * @see JAX's `optimizers.l2_norm`
 * @example l2Norm({ w: np.array([3, 0]), b: np.array(4) }) // 5
 */
export function l2Norm(tree: unknown): NDArray {
  const [first = np.zeros([]), ...rest] = treeLeaves(tree, 'l2Norm: tree').map((leaf) => squares(np.asarray(leaf)))
  return np.sqrt(rest.reduce((sum, square) => sum.add(square), first))
}

const squares = (x: NDArray): NDArray => np.sum(np.square(isComplex(x.dtype) ? np.abs(x) : x))

/**
 * The tree scaled down to the norm `maxNorm` where its norm is larger.
 *
 * @throws ValueError for a `maxNorm` below 0.
 * @see JAX's `optimizers.clip_grads`
 * @example clipGrads({ w: np.array([3, 0]), b: np.array(4) }, 1) // { b: 0.8, w: [0.6, 0] }
 */
export function clipGrads<P>(gradients: P, maxNorm: number): Arrays<P> {
  checkNotNegative('clipGrads', { maxNorm })
  const norm = l2Norm(gradients)
  const scale = np.where(norm.le(maxNorm), 1, np.divide(maxNorm, norm))
  const scaled = (leaf: NDArray): NDArray => {
    const g = np.asarray(leaf)
    return g.mul(isFloat(g.dtype) ? scale.astype(g.dtype) : scale)
  }
  return treeMap(scaled, gradients) as Arrays<P>
}
