import { np, type NDArray, type TreeDef, TreeError, treeFlatten, treeUnflatten } from '@cotangent/autodiff'
import { isFloat } from '@cotangent/autodiff/array'
import type { Leaves } from './information/summaries.ts'

/** A tree of arrays taken apart: `T` is the type it has when it is put together again. */
export interface Structure<T> {
  readonly def: TreeDef
  readonly build: (leaves: Leaves) => T
}

/** The leaves of a tree as arrays, and the way back. */
export function takeApart<T>(tree: T, where: string): [leaves: Leaves, structure: Structure<T>] {
  const [leaves, def] = treeFlatten(tree, where)
  const arrays = leaves.map((leaf): NDArray => np.asarray(leaf))
  return [arrays, { def, build: (list) => treeUnflatten(def, list) as T }]
}

/** The leaves of a tree that must have a given structure. */
export function leavesLike(structure: Structure<unknown>, tree: unknown, where: string): Leaves {
  const [leaves, found] = takeApart(tree, where)
  if (found.def.text !== structure.def.text)
    throw new TreeError(
      `${where} is the tree ${found.def.text} where ${structure.def.text} is expected; give a tree like the one it came from`,
    )
  return leaves
}

/** What networks compute in. */
export type Precision = 'float32' | 'float64'

/** The dtype that a network computes in: that of its first float parameter. */
export const dtypeOf = (leaves: Leaves): Precision =>
  (leaves.map((x) => x.dtype).find(isFloat) ?? 'float32') as Precision
