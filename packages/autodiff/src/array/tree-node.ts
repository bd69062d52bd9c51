import { TreeError, ValueError } from './errors.ts'
import { identities, isPlainObject } from './objects.ts'

/** How a class becomes a node of trees. */
export interface TreeNodeRules<T, Children extends readonly unknown[], Aux> {
  /** The children, trees themselves, and what else the value is made of: plain data that is compared, never traced. */
  readonly flatten: (value: T) => readonly [children: Children, aux: Aux]
  /**
   * The value again. Children may be anything that stands for a leaf: traced values, numbers, other trees; so it should
   * only put them together, and check nothing.
   */
  readonly unflatten: (aux: Aux, children: Children) => T
  /** How the class is called in messages. @defaultValue its own name */
  readonly name?: string
  /** Names of the children, for paths such as `params.scale`. @defaultValue their positions */
  readonly keys?: readonly string[]
}

/** A registered class. */
export interface NodeType {
  /** Its name, which no other registered class has. */
  readonly label: string
  readonly keys: readonly string[] | undefined
  flatten(value: unknown, where: string): readonly [children: readonly unknown[], aux: unknown]
  unflatten(aux: unknown, children: readonly unknown[]): unknown
}

const types = new Map<unknown, NodeType>()
const labels = new Map<string, number>()

/**
 * Makes the instances of a class nodes of trees, everywhere trees are taken: arguments and results of transformed
 * functions, `treeMap`, `inAxes`. Subclasses are classes of their own.
 *
 * Two nodes have the same structure when class, children and `aux` are the same; `aux` is compared by its contents where
 * it is plain data, by identity where it is not.
 *
 * @throws ValueError when the class is registered already, or is no class.
 * @see JAX's `jax.tree_util.register_pytree_node`
 * @example
 * class Line { constructor(slope, offset) { Object.assign(this, { slope, offset }) } }
 * registerTreeNode(Line, {
 *   flatten: (line) => [[line.slope, line.offset], null],
 *   unflatten: (_, [slope, offset]) => new Line(slope, offset),
 * })
 * grad((line) => line.slope.mul(3).add(line.offset))(new Line(2, 1)).slope // 3
 */
export function registerTreeNode<T extends object, Children extends readonly unknown[] | [], Aux>(
  type: abstract new (...args: never) => T,
  rules: TreeNodeRules<T, Children, Aux>,
): void {
  if (typeof type !== 'function' || typeof rules?.flatten !== 'function' || typeof rules.unflatten !== 'function')
    throw new ValueError('registerTreeNode: takes a class and 2 functions, { flatten, unflatten }')
  const name = rules.name ?? type.name
  if (types.has(type))
    throw new ValueError(`registerTreeNode: the class "${name}" is registered already; register each class once`)
  const namesakes = labels.get(name) ?? 0
  labels.set(name, namesakes + 1)
  const { keys } = rules
  types.set(type, {
    label: namesakes === 0 ? name : `${name}#${namesakes + 1}`,
    keys,
    flatten(value, where) {
      const parts: unknown = rules.flatten(value as T)
      if (!Array.isArray(parts) || parts.length !== 2 || !Array.isArray(parts[0]))
        throw new TreeError(`${where}: flatten of ${name} must give [children, aux], children a list`)
      const [children, aux] = parts as [unknown[], unknown]
      if (keys !== undefined && keys.length !== children.length)
        throw new TreeError(`${where}: ${name} has ${children.length} children and keys for ${keys.length}`)
      return [children, aux]
    },
    unflatten: (aux, children) => rules.unflatten(aux as Aux, children as Children),
  })
}

/** The registered class that a value is an instance of. */
export const nodeTypeOf = (value: unknown): NodeType | undefined =>
  typeof value === 'object' && value !== null
    ? types.get((Object.getPrototypeOf(value) as { constructor?: unknown } | null)?.constructor)
    : undefined

const identityOf = identities()

/** `aux` as a text that is the same for the same aux. */
export const showAux = (aux: unknown): string => (aux === undefined || aux === null ? '' : `<${canonical(aux)}>`)

function canonical(value: unknown): string {
  if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) return `[${value.map(canonical).join(', ')}]`
    if (isPlainObject(value)) {
      const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
      return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}: ${canonical(inner)}`).join(', ')}}`
    }
  } else if (typeof value !== 'function') {
    if (typeof value === 'string') return JSON.stringify(value)
    return Object.is(value, -0) ? '-0' : `${String(value)}${typeof value === 'bigint' ? 'n' : ''}`
  }
  const label = typeof value === 'function' ? value.name : ((value as object).constructor?.name ?? 'object')
  return `${label}#${identityOf(value as object)}`
}
