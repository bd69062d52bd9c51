import {
  DTypeError,
  NDArray,
  np,
  ShapeError,
  type TreeDef,
  treeFlatten,
  TreeError,
  treePaths,
  treeUnflatten,
} from '@cotangent/autodiff'
import { isFloat, shapesEqual, showGiven, showShape } from '@cotangent/autodiff/array'

/** A tree taken apart, under the name that messages call it by, as `the gradients`. */
export interface FlatTree {
  readonly what: string
  readonly tree: unknown
  readonly arrays: readonly NDArray[]
  readonly def: TreeDef
}

/** A tree taken apart; throws a TreeError for what is none. */
export function flatTree(name: string, what: string, tree: unknown): FlatTree {
  const [leaves, def] = treeFlatten(tree, `${name}: ${rootOf(what)}`)
  return { what, tree, arrays: leaves.map((leaf) => np.asarray(leaf)), def }
}

const rootOf = (what: string): string => what.replace(/^the /, '')
/** Where an array of a tree is, as `gradients.w`. */
const placeOf = ({ what, tree }: FlatTree, i: number): string => treePaths(tree, rootOf(what))[i]!

/** That two trees have the same structure and arrays of the same shapes; throws a TreeError or ShapeError. */
export function checkAlike(name: string, one: FlatTree, other: FlatTree): void {
  if (one.def.text !== other.def.text) {
    throw new TreeError(`${name}: ${one.what} are ${one.def.text}, ${other.what} ${other.def.text}; they must be alike`)
  }
  one.arrays.forEach(({ shape }, i) => {
    const expected = other.arrays[i]!.shape
    if (shapesEqual(shape, expected)) return
    throw new ShapeError(
      `${name}: ${placeOf(one, i)} is ${showShape(shape)}, in ${other.what} it is ${showShape(expected)}`,
    )
  })
}

/** A tree under the name that messages call it by. */
export type NamedTree = readonly [what: string, tree: unknown]

/** `f` of every array of updates and of those in its place in other trees, which must be like them. */
export function mapAlike<P>(
  name: string,
  f: (updates: NDArray, ...others: NDArray[]) => NDArray,
  updates: P,
  ...others: readonly NamedTree[]
): P {
  const flat = flatTree(name, 'the updates', updates)
  const beside = others.map(([what, tree]) => {
    const other = flatTree(name, what, tree)
    checkAlike(name, flat, other)
    return other.arrays
  })
  const mapped = flat.arrays.map((x, i) => f(x, ...beside.map((arrays) => arrays[i]!)))
  return treeUnflatten(flat.def, mapped) as P
}

/** That all arrays of a tree are floats; throws a DTypeError. */
export function checkFloats(name: string, params: FlatTree): void {
  const odd = params.arrays.findIndex(({ dtype }) => !isFloat(dtype))
  if (odd < 0) return
  throw new DTypeError(
    `${name}: ${placeOf(params, odd)} is ${params.arrays[odd]!.dtype}; only floats can be trained, convert it with x.astype("float32")`,
  )
}

/** The arrays of gradients, which must be like the parameters in their dtypes too. */
export function gradientsLike(name: string, gradients: unknown, params: FlatTree): readonly NDArray[] {
  const flat = flatTree(name, 'the gradients', gradients)
  checkAlike(name, flat, params)
  flat.arrays.forEach(({ dtype }, i) => {
    const expected = params.arrays[i]!.dtype
    if (dtype === expected) return
    throw new DTypeError(
      `${name}: ${placeOf(flat, i)} is ${dtype}, its parameters are ${expected}; convert one with x.astype(…)`,
    )
  })
  return flat.arrays
}

/** That a state has these parts; throws a TreeError for anything else. */
export function checkState<S>(name: string, state: S, parts: readonly (keyof S & string)[]): S {
  const isObject = typeof state === 'object' && state !== null && !(state instanceof NDArray)
  if (isObject && parts.every((part) => state[part] !== undefined)) return state
  throw new TreeError(
    `${name}: the state has no ${parts.join(', ')}${isObject ? '' : `: it is ${showGiven(state)}`}; use the one that its own init or update gave`,
  )
}
