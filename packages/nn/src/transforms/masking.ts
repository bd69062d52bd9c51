import { type Tree, TreeError, ValueError } from '@cotangent/autodiff'
import { showGiven } from '@cotangent/autodiff/array'
import { stateOf } from './state.ts'
import { checkTransformation, type GradientTransformation, updatesOf } from './transformation.ts'

/** Which parameters are meant: `true` and `false` in a tree like theirs, each for all below it; or a function that gives it. */
export type Mask = unknown

/** Trees of one structure as one, down to where the mask has booleans. */
function along(
  name: string,
  mask: Mask,
  trees: readonly unknown[],
  at: (chosen: boolean, ...parts: readonly unknown[]) => unknown,
  path = '',
): unknown {
  if (typeof mask === 'boolean') return at(mask, ...trees)
  const inside = (key: string | number, place: string): unknown =>
    along(
      name,
      partOf(mask, key),
      trees.map((tree) => partOf(tree, key)),
      at,
      `${path}${place}`,
    )
  if (Array.isArray(mask) && trees.every((tree) => Array.isArray(tree) && tree.length === mask.length)) {
    return mask.map((_, i) => inside(i, `[${i}]`))
  }
  if (isObject(mask) && trees.every((tree) => isObject(tree) && keysOf(tree) === keysOf(mask))) {
    return Object.fromEntries(Object.keys(mask).map((key) => [key, inside(key, `.${key}`)]))
  }
  throw new TreeError(
    `${name}: the mask does not fit the parameters at params${path}; it has true or false for each array there, or one for all of them`,
  )
}

const partOf = (tree: unknown, key: string | number): unknown => (tree as Record<string | number, unknown>)[key]
const keysOf = (tree: object): string => JSON.stringify(Object.keys(tree).sort())
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
  const pick = <P>(tree: P, chosen: Mask): P =>
    along('masked', chosen, [tree], (keep, part) => (keep ? part : null)) as P
  return {
    init: (params) => ({ inner: inner.init(pick(params, maskFor(mask, params))) }),
    update: <P>(updates: P, state: Tree, params?: P) => {
      const chosen = maskFor(mask, updates)
      const picked = params === undefined ? undefined : pick(params, chosen)
      const { inner: held } = stateOf('masked', state, ['inner'])
      const [next, nextState] = updatesOf('masked', inner, pick(updates, chosen), held, picked)
      const merged = along('masked', chosen, [next, updates], (keep, own, old) => (keep ? own : old)) as P
      return [merged, { inner: nextState }]
    },
  }
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
        throw new TreeError(`partition: a label is ${showGiven(node)}; labels are strings`)
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
    init: (params) => Object.fromEntries(each.map(([name, part]) => [name, part.init(params)])),
    update: (updates, state, params) => {
      const held = stateOf('partition', state, names)
      const states: Record<string, Tree> = {}
      const last = each.reduce((current, [name, part]) => {
        const [next, nextState] = part.update(current, held[name]!, params)
        states[name] = nextState
        return next
      }, updates)
      return [last, states]
    },
  }
}
