import { type Tree, TreeError, ValueError } from '@cotangent/autodiff'
import { checkTransformation, type GradientTransformation } from './transformation.ts'

/** Which parameters are meant: `true` and `false` in a tree like theirs, each for all below it; or a function that gives it. */
export type Mask = unknown

/** A tree like `tree` down to where the mask has booleans. */
function along(
  name: string,
  mask: Mask,
  tree: unknown,
  at: (chosen: boolean, part: unknown) => unknown,
  path = '',
): unknown {
  if (typeof mask === 'boolean') return at(mask, tree)
  if (Array.isArray(mask) && Array.isArray(tree) && mask.length === tree.length) {
    return tree.map((part, i) => along(name, mask[i], part, at, `${path}[${i}]`))
  }
  if (isObject(mask) && isObject(tree) && Object.keys(mask).sort().join() === Object.keys(tree).sort().join()) {
    return Object.fromEntries(
      Object.entries(tree).map(([key, part]) => [key, along(name, mask[key], part, at, `${path}.${key}`)]),
    )
  }
  throw new TreeError(
    `${name}: the mask does not fit the parameters at params${path}; it has true or false for each array there, or one for all of them`,
  )
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype

const maskFor = (mask: Mask, tree: unknown): Mask =>
  typeof mask === 'function' ? (mask as (tree: unknown) => unknown)(tree) : mask

/**
 * A transformation of some of the parameters; the updates of the others stay as they are, and it keeps no state for them.
 *
 * @param mask `true` and `false` in a tree like the parameters, or down to where one holds for all below; or a function
 * of the parameters that gives it.
 * @throws TreeError when the mask does not fit.
 * @see optax's `masked`
 * @example
 * const onMatrices = masked(addDecayedWeights(0.5), (params) => treeMap((x) => x.ndim > 1, params))
 * const params = { w: np.ones([1, 2]), b: np.ones([2]) }
 * onMatrices.update(params, onMatrices.init(params), params)[0] // { b: [1, 1], w: [[1.5, 1.5]] }
 */
export function masked(inner: GradientTransformation, mask: Mask): GradientTransformation {
  checkTransformation('masked', inner)
  const pick = <P>(tree: P, chosen: Mask): P => along('masked', chosen, tree, (keep, part) => (keep ? part : null)) as P
  return {
    init: (params) => ({ inner: inner.init(pick(params, maskFor(mask, params))) }),
    update: (updates, state, params) => {
      const chosen = maskFor(mask, updates)
      const held = (state as { readonly inner?: Tree } | null)?.inner
      if (held === undefined) throw new TreeError('masked: the state has no inner; use the one that its own init gave')
      const [next, nextState] = inner.update(
        pick(updates, chosen),
        held,
        params === undefined ? undefined : pick(params, chosen),
      )
      return [merge(chosen, next, updates), { inner: nextState }]
    },
  }
}

/** The new updates where the mask says so, the old ones elsewhere. */
function merge<P>(mask: Mask, next: unknown, old: P): P {
  if (typeof mask === 'boolean') return (mask ? next : old) as P
  if (Array.isArray(mask)) return mask.map((m, i) => merge(m, (next as unknown[])[i], (old as unknown[])[i])) as P
  return Object.fromEntries(
    Object.entries(mask as Record<string, unknown>).map(([key, m]) => [
      key,
      merge(m, (next as Record<string, unknown>)[key], (old as Record<string, unknown>)[key]),
    ]),
  ) as P
}

/**
 * A transformation for each label, and a label for each of the parameters.
 *
 * @param labels A tree like the parameters with a label for each, or for all below; or a function that gives it.
 * @throws ValueError for a label without a transformation; TreeError when the labels do not fit.
 * @see optax's `partition`
 * @example
 * const { sgd, setToZero } = transforms
 * const half = partition({ train: sgd({ learningRate: 1 }), keep: setToZero() }, { w: 'train', b: 'keep' })
 * const params = { w: np.ones([2]), b: np.ones([2]) }
 * half.update(params, half.init(params), params)[0] // { w: [-1, -1], b: [0, 0] }
 */
export function partition(
  parts: Readonly<Record<string, GradientTransformation>>,
  labels: unknown,
): GradientTransformation {
  if (!isObject(parts)) throw new TreeError('partition: it takes transformations by label, as { train: …, keep: … }')
  const names = Object.keys(parts)
  for (const part of Object.values(parts)) checkTransformation('partition', part)
  const maskOf = (label: string) => (params: unknown) => {
    const compare = (node: unknown): unknown => {
      if (typeof node !== 'string') {
        if (Array.isArray(node)) return node.map(compare)
        if (isObject(node)) return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, compare(child)]))
        throw new TreeError(`partition: a label is ${String(node)}; labels are strings`)
      }
      if (names.includes(node)) return node === label
      throw new ValueError(
        `partition: there is no transformation for the label '${node}', only for ${names.join(', ')}`,
      )
    }
    return compare(maskFor(labels, params))
  }
  const each = names.map((name) => [name, masked(parts[name]!, maskOf(name))] as const)
  return {
    init: (params) => Object.fromEntries(each.map(([name, { init }]) => [name, init(params)])),
    update: (updates, state, params) => {
      const states: Record<string, Tree> = {}
      const last = each.reduce((current, [name, { update }]) => {
        const [next, nextState] = update(current, (state as Record<string, Tree>)[name]!, params)
        states[name] = nextState
        return next
      }, updates)
      return [last, states]
    },
  }
}
