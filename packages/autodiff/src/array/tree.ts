import { isPlainObject } from './objects.ts'
import { checkList } from './options.ts'
import { TracerError, TreeError, ValueError } from './errors.ts'
import { NDArray } from './ndarray.ts'
import { ShapeDtypeStruct } from './struct.ts'
import { showGiven } from './show.ts'
import { type NodeType, nodeTypeOf, showAux } from './tree-node.ts'
import type { Leaf, MapLeaves } from './tree-types.ts'

/** The structure of a tree without its leaves. Two structures are the same when their `text` is. */
export interface TreeDef {
  readonly kind: 'leaf' | 'none' | 'array' | 'object' | 'node'
  readonly keys: readonly string[]
  readonly children: readonly TreeDef[]
  readonly leaves: number
  /** Readable and canonical, as `{a: *, b: [*, *]}`. */
  readonly text: string
  /** The class of a registered node, and what it has beside its children. */
  readonly node?: { readonly type: NodeType; readonly aux: unknown }
}

/** The structure of a leaf. */
export const leafDef: TreeDef = { kind: 'leaf', keys: [], children: [], leaves: 1, text: '*' }
const noneDef: TreeDef = { kind: 'none', keys: [], children: [], leaves: 0, text: 'null' }

/** Whether a value is a leaf: an array, a number, a BigInt, a boolean or a typed array. */
export const isLeaf = (value: unknown): value is Leaf =>
  value instanceof NDArray ||
  typeof value === 'number' ||
  typeof value === 'bigint' ||
  typeof value === 'boolean' ||
  (ArrayBuffer.isView(value) && !(value instanceof DataView))

/**
 * The leaves of `tree` in order (object keys sorted, as in JAX) and its structure.
 *
 * @throws TreeError for anything that is neither a leaf nor a plain array or object.
 * @see JAX's `jax.tree.flatten`
 * @example treeFlatten({ b: [1, 2], a: 3 })[0] // [3, 1, 2]
 */
export function treeFlatten(tree: unknown, where = 'treeFlatten: tree'): [leaves: Leaf[], def: TreeDef] {
  const leaves: Leaf[] = []
  return [leaves, walk(tree, where, (leaf) => leaves.push(leaf))]
}

/** The leaves of `tree`, in the order of `treeFlatten`; throws what it throws. */
export const treeLeaves = (tree: unknown, where = 'treeLeaves: tree'): Leaf[] => treeFlatten(tree, where)[0]
/**
 * The structure of `tree`; throws what `treeFlatten` throws.
 *
 * @example treeStructure({ a: 1, b: [2, 3] }).text // {a: *, b: [*, *]}
 */
export const treeStructure = (tree: unknown, where = 'treeStructure: tree'): TreeDef => treeFlatten(tree, where)[1]

/** Deeper is what holds itself, and would be walked until the stack is full. */
export const DEEPEST = 1000

function walk(value: unknown, path: string, visit: (leaf: Leaf, path: string) => void, depth = 0): TreeDef {
  if (depth > DEEPEST)
    throw new TreeError(`${path.slice(0, 60)}… is nested more than ${DEEPEST} times, or holds itself: trees are finite`)
  if (isLeaf(value) || value instanceof ShapeDtypeStruct) {
    visit(value as Leaf, path)
    return leafDef
  }
  if (value === null || value === undefined) return noneDef
  if (Array.isArray(value)) return arrayDef(value.map((child, i) => walk(child, `${path}[${i}]`, visit, depth + 1)))
  if (isPlainObject(value)) {
    const keys = Object.keys(value).sort()
    return objectDef(
      keys,
      keys.map((key) => walk(value[key], `${path}.${key}`, visit, depth + 1)),
    )
  }
  const type = nodeTypeOf(value)
  if (type === undefined) throw notATree(value, path)
  const [children, aux] = type.flatten(value, path)
  const pathOf = (i: number): string => (type.keys === undefined ? `${path}[${i}]` : `${path}.${type.keys[i]}`)
  const defs = children.map((child, i) => walk(child, pathOf(i), visit, depth + 1))
  return nodeDef(type, aux, defs)
}

const countLeaves = (children: readonly TreeDef[]): number => children.reduce((sum, c) => sum + c.leaves, 0)
/** The structure of a list of trees. */
export const arrayDef = (children: readonly TreeDef[]): TreeDef => ({
  kind: 'array',
  keys: [],
  children,
  leaves: countLeaves(children),
  text: `[${children.map((c) => c.text).join(', ')}]`,
})
const objectDef = (keys: readonly string[], children: readonly TreeDef[]): TreeDef => ({
  kind: 'object',
  keys,
  children,
  leaves: countLeaves(children),
  text: `{${keys.map((k, i) => `${/^[\w$]+$/.test(k) ? k : JSON.stringify(k)}: ${children[i]?.text}`).join(', ')}}`,
})

function nodeDef(type: NodeType, aux: unknown, children: readonly TreeDef[]): TreeDef {
  const inner = children.map((c, i) => (type.keys === undefined ? c.text : `${type.keys[i]}: ${c.text}`))
  return {
    kind: 'node',
    keys: type.keys ?? [],
    children,
    leaves: countLeaves(children),
    text: `${type.label}${showAux(aux)}(${inner.join(', ')})`,
    node: { type, aux },
  }
}

function notATree(value: unknown, path: string): TreeError | TracerError {
  if (typeof (value as { then?: unknown } | null)?.then === 'function') {
    // It is refused here; what it rejects with later must not end the process.
    Promise.resolve(value).catch(() => undefined)
    return new TracerError(
      `${path} is a Promise: a traced function must be synchronous. Await what it needs before the transformation and pass it as an argument`,
    )
  }
  // A generator's constructor has no name.
  const nameOf = (x: object): string => x.constructor?.name || Object.prototype.toString.call(x).slice(8, -1)
  const kind = typeof value === 'object' && value !== null ? nameOf(value) : typeof value
  return new TreeError(
    `${path} is a ${kind}: trees are nested arrays and plain objects of NDArrays, numbers, booleans and typed arrays; other classes are made known with registerTreeNode`,
  )
}

/** @internal Throws a TreeError for what is no structure of a tree. */
export function checkTreeDef(name: string, def: TreeDef): void {
  if (typeof def === 'object' && def !== null && typeof def.text === 'string' && Array.isArray(def.children)) return
  throw new TreeError(`${name}: takes a structure, as treeStructure(tree) gives, not ${showGiven(def)}`)
}

/** @internal Throws a ValueError for what is no function of leaves. */
export function checkMapping(name: string, f: unknown): void {
  if (typeof f !== 'function') throw new ValueError(`${name}: takes a function of leaves, not ${showGiven(f)}`)
}

/**
 * The tree of structure `def` with these leaves.
 *
 * @throws TreeError when the number of leaves is another.
 * @example treeUnflatten(treeStructure({ a: 0, b: 0 }), [1, 2]) // { a: 1, b: 2 }
 */
export function treeUnflatten<L = NDArray>(def: TreeDef, leaves: readonly L[]): unknown {
  checkTreeDef('treeUnflatten', def)
  if (checkList('treeUnflatten', 'leaves', leaves).length !== def.leaves) {
    throw new TreeError(
      `treeUnflatten: the structure ${def.text} has ${def.leaves} leaves, ${leaves.length} were given`,
    )
  }
  let next = 0
  const build = (d: TreeDef): unknown => {
    switch (d.kind) {
      case 'leaf':
        return leaves[next++]
      case 'none':
        return null
      case 'array':
        return d.children.map(build)
      case 'object':
        return Object.fromEntries(d.keys.map((key, i) => [key, build(d.children[i] as TreeDef)]))
      case 'node': {
        const { type, aux } = d.node as NonNullable<TreeDef['node']>
        return type.unflatten(aux, d.children.map(build))
      }
    }
  }
  return build(def)
}

/**
 * Applies `f` to the leaves of trees of one structure.
 *
 * @throws TreeError when the structures differ.
 * @see JAX's `jax.tree.map`
 * @example treeMap((p, g) => p.sub(g), { w: np.array([1, 2]) }, { w: np.array([1, 1]) }) // { w: [0, 1] }
 */
export function treeMap<T, U, L = NDArray>(
  f: (leaf: L, ...others: L[]) => U,
  tree: T,
  ...rest: readonly T[]
): MapLeaves<T, U> {
  checkMapping('treeMap', f)
  const [leaves, def] = treeFlatten(tree, 'treeMap: tree')
  const others = rest.map((other, i) => {
    const [otherLeaves, otherDef] = treeFlatten(other, 'treeMap: tree')
    if (otherDef.text !== def.text) {
      throw new TreeError(
        `treeMap: tree ${i + 2} is ${otherDef.text}, the first is ${def.text}; all trees must have one structure`,
      )
    }
    return otherLeaves
  })
  const mapped = leaves.map((leaf, i) => f(leaf as L, ...others.map((o) => o[i] as L)))
  return treeUnflatten(def, mapped) as MapLeaves<T, U>
}

/**
 * Where each leaf is, as `params[0].w`, in the order of `treeFlatten`.
 *
 * @example treePaths({ w: [1, 2], b: 3 }, 'params') // ['params.b', 'params.w[0]', 'params.w[1]']
 */
export function treePaths(tree: unknown, root: string): string[] {
  if (typeof root !== 'string')
    throw new ValueError(`treePaths: the root is ${showGiven(root)}; it must be text, as 'params'`)
  const paths: string[] = []
  walk(tree, root, (_, path) => paths.push(path))
  return paths
}
