import { type FloatDType, type NDArray, np, ShapeError, type Tree } from '@cotangent/autodiff'
import { showShape } from '@cotangent/autodiff/array'
import { checkState, mapAlike, type NamedTree } from '../trees.ts'

/** The parts of a state; throws a TreeError for the state of something else. */
export const stateOf = <K extends string>(name: string, state: Tree, parts: readonly K[]): Record<K, Tree> =>
  checkState(name, state as Record<K, Tree>, parts)

/** No updates yet. */
export const zeroCount = (): NDArray => np.array(0, { dtype: 'int32' })
/** The number of updates that a state has seen. */
export function countOf(name: string, state: Tree): NDArray {
  const count = np.asarray(stateOf(name, state, ['count']).count as NDArray)
  if (count.ndim === 0) return count
  throw new ShapeError(`${name}: the count of the state has shape ${showShape(count.shape)}; it must be one number`)
}

/** A tree as a named part of the state. */
export const part = (name: string, tree: Tree): NamedTree => [`${name} of the state`, tree]
/** A tree in a dtype, where one is asked for. */
export const cast = (name: string, tree: Tree, dtype: FloatDType | undefined): Tree =>
  dtype === undefined ? tree : mapAlike(name, (x) => x.astype(dtype), tree)
