import { type FloatDType, type NDArray, np, type Tree } from '@cotangent/autodiff'
import { mapLike, type NamedTree, stateOf } from './transformation.ts'

/** No updates yet. */
export const zeroCount = (): NDArray => np.array(0, { dtype: 'int32' })
/** The number of updates that a state has seen. */
export const countOf = (name: string, state: Tree): NDArray =>
  np.asarray(stateOf(name, state, ['count']).count as NDArray)

/** decay · past + (1 − decay) · g. */
export const mixed =
  (decay: number) =>
  (g: NDArray, past: NDArray): NDArray =>
    g.mul(1 - decay).add(past.mul(decay))

/** What the mean of `count` numbers that began at 0 is divided by: 1 − decay^count, computed in float32 or wider. */
export function correction(decay: number, count: NDArray, dtype: NDArray['dtype']): NDArray {
  const wide = dtype === 'float64' ? 'float64' : 'float32'
  return np.subtract(1, np.power(np.full([], decay, { dtype: wide }), count.astype(wide))).astype(dtype)
}

/** A tree as a named part of the state. */
export const part = (name: string, tree: Tree): NamedTree => [`${name} of the state`, tree]
/** A tree in a dtype, where one is asked for. */
export const cast = (name: string, tree: Tree, dtype: FloatDType | undefined): Tree =>
  dtype === undefined ? tree : mapLike(name, (x) => x.astype(dtype), tree)
