import { isPlainObject } from './objects.ts'
import { NDArray } from './ndarray.ts'
import type { Shape } from './shape.ts'
import { ShapeDtypeStruct } from './struct.ts'
import { nodeTypeOf, showAux } from './tree-node.ts'
import { DEEPEST, isLeaf } from './tree.ts'
import type { Leaf } from './tree-types.ts'

/** Shapes of arrays are frozen, and arrays of one program share them. */
const shapeTexts = new WeakMap<Shape, string>()

function textOf(shape: Shape): string {
  let text = shapeTexts.get(shape)
  if (text === undefined) shapeTexts.set(shape, (text = shape.join()))
  return text
}

/**
 * Adds the leaves of `tree` to `leaves` and gives a text that is the same for trees of the same structure, shapes and
 * dtypes: what `treeFlatten` tells, cheap enough for every call of a compiled function. `undefined` for what is no tree.
 */
export function signature(tree: unknown, leaves: Leaf[], depth = 0): string | undefined {
  if (depth > DEEPEST) return undefined
  if (isLeaf(tree) || tree instanceof ShapeDtypeStruct) {
    leaves.push(tree as Leaf)
    if (tree instanceof NDArray) return tree.dtype + textOf(tree.shape)
    if (tree instanceof ShapeDtypeStruct) return tree.dtype + tree.shape.join()
    return typeof tree === 'object' ? `${tree.constructor.name}${tree.length}` : typeof tree
  }
  if (tree === null || tree === undefined) return 'null'
  const isList = Array.isArray(tree)
  if (!isList && !isPlainObject(tree)) {
    const type = nodeTypeOf(tree)
    if (type === undefined) return undefined
    const [children, aux] = type.flatten(tree, 'tree')
    const inner = signature(children, leaves, depth + 1)
    return inner === undefined ? undefined : `${type.label}${showAux(aux)}${inner}`
  }
  let text = isList ? '[' : '{'
  for (const key of isList ? tree.keys() : Object.keys(tree).sort()) {
    const inner = signature((tree as Record<string | number, unknown>)[key], leaves, depth + 1)
    if (inner === undefined) return undefined
    text += isList ? `${inner};` : `${(key as string).length}${key}:${inner};`
  }
  return text + (isList ? ']' : '}')
}
