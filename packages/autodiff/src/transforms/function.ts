import { array } from '../array/create.ts'
import { TreeError, ValueError } from '../array/errors.ts'
import { NDArray, scalar } from '../array/ndarray.ts'
import { ShapeDtypeStruct, withStructs } from '../array/struct.ts'
import type { Leaf } from '../array/tree-types.ts'
import { type TreeDef, treeFlatten, treeUnflatten } from '../array/tree.ts'
import { type Aval, interpret, type Jaxpr, showAval } from '../core/jaxpr.ts'
import { bind, checkNotLeaked, type Staged, trace } from '../core/trace.ts'

/** A leaf as an array: numbers become float32 scalars, booleans bool ones, typed arrays are copied. */
export function leafToArray(leaf: Leaf): NDArray {
  if (leaf instanceof NDArray) {
    checkNotLeaked(leaf)
    return leaf
  }
  if (typeof leaf === 'number') return scalar(leaf, 'float32')
  if (typeof leaf === 'boolean') return scalar(leaf, 'bool')
  if ((leaf as unknown) instanceof ShapeDtypeStruct) {
    throw new TreeError(
      `a struct (${showAval(leaf as unknown as Aval)}) stands where an array is needed: it has no numbers. Structs go to evalShape, makeJaxpr and jit(f).lower`,
    )
  }
  return array(leaf)
}

/** A tree as its arrays and its structure. */
export function flattenArrays(tree: unknown, where: string): [arrays: NDArray[], def: TreeDef] {
  const [leaves, def] = treeFlatten(tree, where)
  return [leaves.map(leafToArray), def]
}

/** A tree of arrays and of structs as abstract values and its structure. */
export function flattenAvals(tree: unknown, where: string): [avals: Aval[], def: TreeDef] {
  const [leaves, def] = treeFlatten(withStructs(tree, where), where)
  return [
    leaves.map((leaf) =>
      (leaf as unknown) instanceof ShapeDtypeStruct ? (leaf as unknown as Aval) : leafToArray(leaf),
    ),
    def,
  ]
}

/** A user's function as a Jaxpr of the leaves of its arguments (and then of captured values). */
export interface StagedFunction extends Staged {
  readonly result: TreeDef
}

/** Any function of trees of arrays. */
export type TreeFunction<A extends readonly unknown[] = readonly never[], R = unknown> = (...args: A) => R

/** How a function is called in messages: `grad of loss`. Throws a ValueError for what is no function. */
export function nameOf(transformation: string, f: { readonly name: string }): string {
  if (typeof f !== 'function')
    throw new ValueError(`${transformation}: takes a function, not ${f === null ? 'null' : typeof f}`)
  return f.name === '' ? transformation : `${transformation} of ${f.name}`
}

/** Traces `f` for arguments of this structure and these abstract leaves. */
export function stageFunction(
  name: string,
  f: TreeFunction,
  args: TreeDef,
  avals: readonly Aval[],
  aliases?: ReadonlyMap<NDArray, number>,
): StagedFunction {
  let result: TreeDef | undefined
  const staged = trace(
    name,
    avals,
    (...leaves) => {
      const [arrays, def] = flattenArrays(
        f(...(treeUnflatten(args, leaves) as never[])),
        `the result of the function under ${name}`,
      )
      result = def
      return arrays
    },
    aliases,
  )
  return { ...staged, result: result as TreeDef }
}

/** Runs a Jaxpr here: staged inside a trace, at once outside. */
export function evaluateJaxpr(jaxpr: Jaxpr, args: readonly NDArray[]): NDArray[] {
  return interpret<NDArray>(
    jaxpr,
    args,
    (value) => value,
    ({ primitive, params }, inputs) => bind(primitive, inputs, params),
  )
}

/** The function gives its value alone. */
export interface WithoutAux {
  /** @defaultValue false */
  readonly hasAux?: false
}

/** What a function with `hasAux` gives is `[value, aux]`. */
export interface WithAux {
  /** The function gives `[value, aux]`, of which only `value` is differentiated. */
  readonly hasAux: true
}

/** The structures of the value and of what comes beside it. Without `hasAux` all is value. */
export function splitAux(name: string, hasAux: boolean, result: TreeDef): { value: TreeDef; aux: TreeDef | undefined } {
  if (!hasAux) return { value: result, aux: undefined }
  const [value, aux] = result.children
  if (result.kind === 'array' && result.children.length === 2 && value !== undefined) return { value, aux }
  throw new TreeError(`${name}: with hasAux the function gives [value, aux]; it gave ${result.text}`)
}

/** The arguments, and whether `{ hasAux: true }` came after them, where a transformation takes them one by one. */
export function withoutAuxOption(args: readonly unknown[]): [args: readonly unknown[], hasAux: boolean] {
  const last = args.at(-1)
  const isOption = typeof last === 'object' && last !== null && Object.keys(last).join() === 'hasAux'
  if (!isOption || typeof (last as { hasAux: unknown }).hasAux !== 'boolean') return [args, false]
  return [args.slice(0, -1), (last as WithAux).hasAux]
}
