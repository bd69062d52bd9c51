import { checkNumbers } from '../array/options.ts'
import { isDifferentiable } from '../array/dtype.ts'
import { DTypeError, ShapeError, TracerError, TreeError, ValueError } from '../array/errors.ts'
import { type NDArray, scalar } from '../array/ndarray.ts'
import { shapesEqual } from '../array/shape.ts'
import type { Arrays } from '../array/tree-types.ts'
import { type TreeDef, treeFlatten, treePaths, treeUnflatten } from '../array/tree.ts'
import { type Aval, type Jaxpr, showAval } from '../core/jaxpr.ts'
import { isTracing, trace } from '../core/trace.ts'
import { full } from '../primitives/broadcast.ts'
import { flattenArrays, leafToArray, type StagedFunction, stageFunction, type TreeFunction } from './function.ts'

/** Whether argument `K` is one of `N`. */
type IsNondiff<K, N extends readonly number[]> = K extends `${N[number]}` ? true : false

/** The arguments as a rule sees them: arrays for leaves, and the arguments at `N` as they were passed. */
export type RuleArguments<A extends readonly unknown[], N extends readonly number[]> = {
  readonly [K in keyof A]: IsNondiff<K, N> extends true ? A[K] : Arrays<A[K]>
}

/** Tangents of the arguments; `null` in the places of `N`. */
export type RuleTangents<A extends readonly unknown[], N extends readonly number[]> = {
  readonly [K in keyof A]: IsNondiff<K, N> extends true ? null : Arrays<A[K]>
}

/** Cotangents of the arguments; `null` is zero, and stands in the places of `N`. */
export type RuleCotangents<A extends readonly unknown[], N extends readonly number[]> = {
  readonly [K in keyof A]: IsNondiff<K, N> extends true ? null : Arrays<A[K]> | null
}

/** The arguments at `N`. */
export type NondiffArguments<A extends readonly unknown[], N extends readonly number[]> = {
  -readonly [K in keyof N]: N[K] extends number ? A[N[K]] : never
}

/** One call of a function with a custom rule. */
export interface CustomCall {
  readonly name: string
  /** The structure of the arguments, those that are not differentiated left out. */
  readonly def: TreeDef
  readonly leaves: readonly NDArray[]
  /** Where each leaf is, for messages. */
  readonly paths: readonly string[]
  readonly nondiff: readonly unknown[]
  /** The arguments for the user's functions, from their trees or leaves. */
  fill(trees: readonly unknown[]): unknown[]
  arguments(leaves: readonly NDArray[]): unknown[]
}

export function customCall(
  name: string,
  args: readonly unknown[],
  nondiffArgnums: readonly number[] | undefined,
): CustomCall {
  const positions = checkNumbers(name, 'nondiffArgnums', nondiffArgnums ?? []).map((n) => {
    if (Number.isInteger(n) && n < args.length && n >= -args.length) return n < 0 ? n + args.length : n
    throw new ValueError(`${name}: nondiffArgnums ${n} names no argument; the function was called with ${args.length}`)
  })
  const differentiated = args.map((arg, i) => (positions.includes(i) ? null : arg))
  const [leaves, def] = flattenArrays(differentiated, `${name}: arguments`)
  const fill = (trees: readonly unknown[]): unknown[] =>
    trees.map((tree, i) => (positions.includes(i) ? args[i] : tree))
  return {
    name,
    def,
    leaves,
    paths: treePaths(differentiated, 'arguments'),
    nondiff: positions.map((i) => args[i]),
    fill,
    arguments: (values) => fill(treeUnflatten(def, values) as unknown[]),
  }
}

/** Outside any trace the function is called as it is, its results made arrays. */
function callDirectly(f: TreeFunction, call: CustomCall): unknown {
  const result = f(...(call.arguments(call.leaves) as never[]))
  const [arrays, def] = flattenArrays(result, `the result of ${call.name}`)
  return treeUnflatten(def, arrays)
}

/** Runs `stage` for a call inside a trace; outside, the function itself. */
export const callOrStage = (f: TreeFunction, call: CustomCall, stage: () => unknown): unknown =>
  isTracing() ? stage() : callDirectly(f, call)

export const stageCustom = (f: TreeFunction, call: CustomCall): StagedFunction =>
  stageFunction(call.name, (...trees) => f(...(call.fill(trees) as never[])), call.def, call.leaves)

/**
 * Stages a rule. What the function captured from enclosing traces follows the inputs `before`; the rule may use the
 * same values, and no others.
 */
export function stageRule(
  where: string,
  { origins, captured }: Pick<StagedFunction, 'origins' | 'captured'>,
  before: readonly Aval[],
  after: readonly Aval[],
  rule: (before: readonly NDArray[], after: readonly NDArray[]) => readonly NDArray[],
): Jaxpr {
  const n = before.length
  const aliases = new Map([...origins].map(([x, i]) => [x, n + i]))
  const staged = trace(
    where,
    [...before, ...captured, ...after],
    (...inputs) => rule(inputs.slice(0, n), inputs.slice(n + captured.length)),
    aliases,
  )
  const [foreign] = staged.captured
  if (foreign !== undefined) {
    throw new TracerError(
      `${where} uses a traced value (${showAval(foreign)}) of an enclosing function that the function itself does not use; pass it as an argument`,
    )
  }
  return staged.jaxpr
}

/** Throws for a derivative in a value that the function closes over: its rule does not say what that is. */
export function checkNotClosedOver(where: string, tangents: readonly unknown[], values: readonly Aval[]): void {
  const i = tangents.findIndex((t) => t !== null)
  if (i < 0) return
  throw new TracerError(
    `${where}: it is differentiated in a value (${showAval(values[i] as Aval)}) that it closes over, and its rule is for its arguments alone. Pass the value as an argument, or close over stopGradient of it`,
  )
}

/** The two things a rule gives. */
export function pairOf(where: string, value: unknown, what: string): readonly [unknown, unknown] {
  if (Array.isArray(value) && value.length === 2) return value as unknown as [unknown, unknown]
  const structure = flattenArrays(value, where)[1].text
  throw new TreeError(`${where} must give ${what}; it gave ${structure}`)
}

/** The leaves of what a rule gave for something of structure `def`, each of the shape and dtype it must have. */
export function leavesLike(
  where: string,
  tree: unknown,
  def: TreeDef,
  avals: readonly Aval[],
  root: string,
  isTangent = true,
): NDArray[] {
  const [leaves, found] = treeFlatten(tree, `${where}: ${root}`)
  if (found.text !== def.text) throw new TreeError(`${where}: ${root} is ${found.text} and must be ${def.text}`)
  const paths = treePaths(tree, root)
  return leaves.map((leaf, i) => {
    const aval = avals[i] as Aval
    // A tangent of an integer says nothing, whatever it is.
    if (isTangent && !isDifferentiable(aval.dtype)) return full(aval.shape, 0, aval.dtype)
    const x = typeof leaf === 'number' && isDifferentiable(aval.dtype) ? scalar(leaf, aval.dtype) : leafToArray(leaf)
    const both = `${where}: ${paths[i]} is ${showAval(x)} and must be ${showAval(aval)}`
    if (!shapesEqual(x.shape, aval.shape)) throw new ShapeError(both)
    if (x.dtype !== aval.dtype) throw new DTypeError(`${both}; convert it with x.astype("${aval.dtype}")`)
    return x
  })
}
