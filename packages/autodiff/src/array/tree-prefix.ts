import { isPlainObject } from './objects.ts'
import { TreeError } from './errors.ts'
import { showGiven } from './show.ts'
import { nodeTypeOf } from './tree-node.ts'
import type { TreeDef } from './tree.ts'

/**
 * The leaves of `prefix` spread over `def`: a leaf of the prefix stands for every leaf below it. This is how `inAxes`
 * and `outAxes` are given. Here `null` is a value of its own, not an empty tree.
 */
export function broadcastPrefix<P>(
  prefix: unknown,
  def: TreeDef,
  isPrefixLeaf: (v: unknown) => v is P,
  where: string,
): P[] {
  if (isPrefixLeaf(prefix)) return new Array<P>(def.leaves).fill(prefix)
  if (def.kind === 'array' && Array.isArray(prefix) && prefix.length === def.children.length) {
    return def.children.flatMap((child, i) => broadcastPrefix(prefix[i], child, isPrefixLeaf, `${where}[${i}]`))
  }
  if (def.kind === 'object' && isPlainObject(prefix) && Object.keys(prefix).sort().join() === def.keys.join()) {
    return def.children.flatMap((child, i) => {
      const key = def.keys[i] as string
      return broadcastPrefix(prefix[key], child, isPrefixLeaf, `${where}.${key}`)
    })
  }
  if (def.node !== undefined && nodeTypeOf(prefix) === def.node.type) {
    const [children] = def.node.type.flatten(prefix, where)
    if (children.length === def.children.length) {
      return def.children.flatMap((child, i) => broadcastPrefix(children[i], child, isPrefixLeaf, `${where}[${i}]`))
    }
  }
  throw new TreeError(`${where}: ${showGiven(prefix)} does not fit the tree ${def.text}`)
}
