import { isDifferentiable } from '../array/dtype.ts'
import { TreeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Arrays, Liberal } from '../array/tree-types.ts'
import { type TreeDef, treeFlatten, treeUnflatten } from '../array/tree.ts'
import { pick, spread } from '../core/masks.ts'
import type { Tangent } from '../core/primitive.ts'
import { zerosLike } from '../primitives/broadcast.ts'
import {
  flattenArrays,
  nameOf,
  splitAux,
  type StagedFunction,
  stageFunction,
  type TreeFunction,
  type WithAux,
  withoutAuxOption,
} from './function.ts'
import { checkTangents } from './jvp.ts'
import { evaluateLinearized, type Linearized } from './linearize.ts'
import { evaluateTransposed } from './transpose.ts'

/** From output tangents back to input tangents, at the residuals of a linearized Jaxpr. */
export function pullBack({ linear, residuals, mask }: Linearized, cotangents: readonly Tangent[]): Tangent[] {
  const tangents = linear.inputs.length - residuals.length
  const args = [...residuals, ...new Array<null>(tangents).fill(null)]
  return evaluateTransposed(linear, args, pick(cotangents, mask)).slice(residuals.length)
}

/** A function linearized in some of the leaves of its arguments. */
export interface LinearizedCall {
  readonly staged: StagedFunction
  readonly def: TreeDef
  readonly leaves: readonly NDArray[]
  readonly linearized: Linearized
  /** The leaves it is linearized in. */
  readonly active: readonly boolean[]
}

/** Stages `f` and linearizes it in the float leaves for which `wanted` is true. */
export function linearizeCall(
  name: string,
  f: TreeFunction,
  args: readonly unknown[],
  wanted: (leaf: number) => boolean = () => true,
): LinearizedCall {
  const [leaves, def] = flattenArrays(args, `${name}: arguments`)
  const staged = stageFunction(name, f, def, leaves)
  const active = leaves.map((x, i) => isDifferentiable(x.dtype) && wanted(i))
  const primals = [...leaves, ...staged.captured]
  const linearized = evaluateLinearized(
    staged.jaxpr,
    primals,
    primals.map((_, i) => active[i] ?? false),
  )
  return { staged, def, leaves, linearized, active }
}

/** The cotangents of all leaves; those of leaves that are not active are zeros. */
export function leafCotangents(
  { linearized, leaves, active }: LinearizedCall,
  cotangents: readonly Tangent[],
): NDArray[] {
  const given = pullBack(linearized, cotangents)
  return spread(given, active).map((ct, i) => ct ?? zerosLike(leaves[i] as NDArray))
}

/**
 * The value of `f` at `primals`, and its pullback: the linear function from a cotangent of the result to the
 * cotangents of the arguments (reverse mode). Integers and booleans get zeros.
 *
 * With `{ hasAux: true }` as last argument `f` gives `[value, aux]`, of which only `value` is differentiated.
 *
 * @returns `[output, pullback]`, or `[output, pullback, aux]`; the pullback gives one tree an argument. It throws a
 * TreeError, ShapeError or DTypeError when the cotangent is not like the output.
 * @see JAX's `jax.vjp`
 * @example
 * const [y, pullback] = vjp((x, z) => x.mul(z), np.array(3), np.array(5))
 * pullback(np.array(1)) // [5, 3]
 * vjp((x) => [x.mul(x), { x }], 3, { hasAux: true })[2] // { x: 3 }
 */
export function vjp<A extends readonly unknown[], R, X>(
  f: (...args: A) => readonly [R, X],
  ...primalsAndOptions: [...primals: Liberal<A>, options: WithAux]
): [output: Arrays<R>, pullback: (cotangent: Liberal<Arrays<R>>) => Arrays<A>, aux: Arrays<X>]
export function vjp<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...primals: Liberal<A>
): [output: Arrays<R>, pullback: (cotangent: Liberal<Arrays<R>>) => Arrays<A>]
export function vjp(f: TreeFunction, ...args: readonly unknown[]): unknown[] {
  const name = nameOf('vjp', f)
  const [primals, hasAux] = withoutAuxOption(args)
  const call = linearizeCall(name, f, primals)
  const { value, aux } = splitAux(name, hasAux, call.staged.result)
  const { outputs } = call.linearized
  const pullback = (cotangent: unknown): unknown => {
    const [cts, def] = flattenArrays(cotangent, `${name}: cotangent`)
    if (def.text !== value.text) {
      throw new TreeError(`${name}: the cotangent ${def.text} does not have the structure of the result ${value.text}`)
    }
    checkTangents(name, 'cotangent', cts, outputs)
    return treeUnflatten(call.def, leafCotangents(call, [...cts, ...outputs.slice(value.leaves).map(() => null)]))
  }
  const results = [treeUnflatten(value, outputs.slice(0, value.leaves)), pullback]
  return aux === undefined ? results : [...results, treeUnflatten(aux, outputs.slice(value.leaves))]
}

/** The leaves of the arguments at `argnums`. */
export function leavesOf(
  name: string,
  args: readonly unknown[],
  argnums: readonly number[],
): (leaf: number) => boolean {
  const owners = args.flatMap((arg, i) =>
    new Array<number>(treeFlatten(arg, `${name}: arguments[${i}]`)[0].length).fill(i),
  )
  const chosen = new Set(argnums)
  return (leaf) => chosen.has(owners[leaf] as number)
}
