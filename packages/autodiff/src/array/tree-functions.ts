import { TreeError } from './errors.ts'
import { hostData, NDArray } from './ndarray.ts'
import type { Leaf, MapLeaves } from './tree-types.ts'
import { checkMapping, checkTreeDef, type TreeDef, treeFlatten, treeLeaves, treePaths, treeUnflatten } from './tree.ts'

/**
 * Combines the leaves from first to last.
 *
 * @throws TreeError when there are no leaves and no `initial`.
 * @see JAX's `jax.tree.reduce`
 * @example treeReduce((sum, x) => sum + x.size, { w: np.ones([2, 3]), b: np.ones([3]) }, 0) // 9
 */
export function treeReduce<U, L = NDArray>(f: (total: U, leaf: L) => U, tree: unknown, initial?: U): U {
  checkMapping('treeReduce', f)
  const leaves = treeLeaves(tree) as unknown[]
  if (arguments.length > 2) return leaves.reduce<U>((total, leaf) => f(total, leaf as L), initial as U)
  if (leaves.length === 0) throw new TreeError('treeReduce: the tree has no leaves; give an initial value')
  return leaves.slice(1).reduce<U>((total, leaf) => f(total, leaf as L), leaves[0] as U)
}

/**
 * Whether every leaf is true: every number in it is not zero. Reads the numbers, so it is for values that are here.
 *
 * @throws PendingError while numbers are on their way, TracerError for traced values.
 * @see JAX's `jax.tree.all`
 * @example treeAll(treeMap((x) => x.shape.length === 1, { a: np.ones([3]), b: np.ones([4]) })) // true
 */
export const treeAll = (tree: unknown): boolean => treeLeaves(tree).every(isTrue)

const isTrue = (leaf: Leaf): boolean =>
  leaf instanceof NDArray
    ? hostData(leaf).every((x) => Boolean(x))
    : typeof leaf === 'object'
      ? leaf.every((x: number | bigint) => Boolean(x))
      : Boolean(leaf)

/**
 * `treeMap` with the place of each leaf, as `w[0]`, for the first argument of `f`.
 *
 * @throws TreeError when the structures differ.
 * @see JAX's `jax.tree.map_with_path`
 * @example treeMapWithPath((path, x) => `${path} has ${x.size}`, { w: [np.ones([2])] }) // { w: ['.w[0] has 2'] }
 */
export function treeMapWithPath<T, U, L = NDArray>(
  f: (path: string, leaf: L, ...others: L[]) => U,
  tree: T,
  ...rest: readonly T[]
): MapLeaves<T, U> {
  checkMapping('treeMapWithPath', f)
  const [leaves, def] = treeFlatten(tree)
  const paths = treePaths(tree, '')
  const others = rest.map((other, i) => sameStructure(`treeMapWithPath: tree ${i + 2}`, def, other))
  const mapped = leaves.map((leaf, i) => f(paths[i] as string, leaf as L, ...others.map((o) => o[i] as L)))
  return treeUnflatten(def, mapped) as MapLeaves<T, U>
}

function sameStructure(where: string, def: TreeDef, tree: unknown): Leaf[] {
  const [leaves, found] = treeFlatten(tree, where)
  if (found.text !== def.text) throw new TreeError(`${where} is ${found.text}, not ${def.text}`)
  return leaves
}

/**
 * Turns a tree of structure `outer` of trees of structure `inner` inside out: a list of gradients becomes a gradient of
 * lists.
 *
 * @throws TreeError when the tree is not of the structure `outer` of `inner`.
 * @see JAX's `jax.tree.transpose`
 * @example treeTranspose(treeStructure([0, 0]), treeStructure({ a: 0 }), [{ a: 1 }, { a: 2 }]) // { a: [1, 2] }
 */
export function treeTranspose(outer: TreeDef, inner: TreeDef, tree: unknown): unknown {
  for (const def of [outer, inner]) checkTreeDef('treeTranspose', def)
  const expected = treeUnflatten(
    outer,
    Array.from({ length: outer.leaves }, () => treeUnflatten(inner, new Array<number>(inner.leaves).fill(0))),
  )
  const leaves = sameStructure('treeTranspose: the tree', treeFlatten(expected)[1], tree)
  const columns = Array.from({ length: inner.leaves }, (_, i) =>
    treeUnflatten(
      outer,
      Array.from({ length: outer.leaves }, (__, o) => leaves[o * inner.leaves + i]),
    ),
  )
  return treeUnflatten(inner, columns)
}
