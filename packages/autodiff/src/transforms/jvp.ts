import { checkOptions } from '../array/options.ts'
import { isDifferentiable } from '../array/dtype.ts'
import { DTypeError, ShapeError, TreeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { shapesEqual } from '../array/shape.ts'
import type { Arrays, Liberal } from '../array/tree-types.ts'
import { treeUnflatten } from '../array/tree.ts'
import { type Aval, interpret, type Jaxpr, memoize, showAval } from '../core/jaxpr.ts'
import { maskKey, masksOf, pick, spread } from '../core/masks.ts'
import type { Tangent } from '../core/primitive.ts'
import { trace } from '../core/trace.ts'
import { zerosLike } from '../primitives/broadcast.ts'
import {
  flattenArrays,
  nameOf,
  splitAux,
  stageFunction,
  type TreeFunction,
  type WithAux,
  type WithoutAux,
} from './function.ts'

interface Dual {
  readonly primal: NDArray
  readonly tangent: Tangent
}

/** Runs a Jaxpr on primals and tangents together. */
function evaluateJvp(jaxpr: Jaxpr, primals: readonly NDArray[], tangents: readonly Tangent[]): Dual[] {
  return interpret<Dual>(
    jaxpr,
    primals.map((primal, i) => ({ primal, tangent: isDifferentiable(primal.dtype) ? (tangents[i] ?? null) : null })),
    (primal) => ({ primal, tangent: null }),
    ({ primitive, params }, inputs) => {
      const rule = primitive.jvp(
        inputs.map((d) => d.primal),
        inputs.map((d) => d.tangent),
        params,
      )
      return rule.outputs.map((primal, i) => ({
        primal,
        tangent: isDifferentiable(primal.dtype) ? (rule.tangents[i] ?? null) : null,
      }))
    },
  )
}

/** A Jaxpr of primals and tangents; only inputs and outputs whose tangent is not a symbolic zero have one. */
export interface JvpJaxpr {
  readonly jaxpr: Jaxpr
  /** Which outputs have a tangent, in order after the primal outputs. */
  readonly tangents: readonly boolean[]
}

/** The JVP of a Jaxpr whose inputs `nonzero[i]` have tangents; float outputs `wanted[i]` have one in any case. */
export const jvpOfJaxpr: (jaxpr: Jaxpr, nonzero: readonly boolean[], wanted?: readonly boolean[]) => JvpJaxpr = (
  jaxpr,
  nonzero,
  wanted = [],
) => jvpMemo(jaxpr, maskKey(nonzero, wanted))

const jvpMemo = memoize((jaxpr: Jaxpr, key: string): JvpJaxpr => {
  const n = jaxpr.inputs.length
  const [nonzero, wanted] = masksOf(key) as [boolean[], boolean[]]
  const avals = jaxpr.inputs.map((v) => v.aval)
  let mask: boolean[] = []
  const { jaxpr: dual } = trace('jvp', [...avals, ...pick(avals, nonzero)], (...inputs) => {
    const outputs = evaluateJvp(jaxpr, inputs.slice(0, n), spread(inputs.slice(n), nonzero))
    const given = outputs.map(({ primal, tangent }, i) =>
      wanted[i] === true && isDifferentiable(primal.dtype) ? (tangent ?? zerosLike(primal)) : tangent,
    )
    mask = given.map((tangent) => tangent !== null)
    return [...outputs.map((d) => d.primal), ...given.flatMap((tangent) => (tangent === null ? [] : [tangent]))]
  })
  return { jaxpr: dual, tangents: mask }
})

/** Throws unless a tangent (or cotangent) lies beside each primal, with its shape and dtype. */
export function checkTangents(where: string, kind: string, tangents: readonly Aval[], primals: readonly Aval[]): void {
  tangents.forEach((t, i) => {
    const p = primals[i] as Aval
    if (!isDifferentiable(p.dtype)) return
    const both = `${where}: ${kind} ${i + 1} is ${showAval(t)} beside ${showAval(p)}`
    if (!shapesEqual(p.shape, t.shape)) throw new ShapeError(`${both}; they must have the same shape`)
    if (p.dtype !== t.dtype) throw new DTypeError(`${both}; convert it with x.astype("${p.dtype}")`)
  })
}

/**
 * The value of `f` at `primals` and its directional derivative along `tangents` (forward mode).
 *
 * Tangents have the structure, shapes and dtypes of the primals; those of integers and booleans are ignored.
 *
 * @throws TreeError, ShapeError or DTypeError when the tangents are not like the primals.
 * @returns `[output, tangent]`, each of the structure of `f`'s result; with `hasAux`, `[output, tangent, aux]`.
 * @see JAX's `jax.jvp`
 * @example
 * jvp((x) => x.mul(x), [np.array(3)], [np.array(1)]) // [9, 6]
 * jvp((x) => [x.mul(x), { x }], [3], [1], { hasAux: true }) // [9, 6, { x: 3 }]
 */
export function jvp<A extends readonly unknown[], R, X>(
  f: (...args: A) => readonly [R, X],
  primals: Liberal<A>,
  tangents: Liberal<A>,
  options: WithAux,
): [output: Arrays<R>, tangent: Arrays<R>, aux: Arrays<X>]
export function jvp<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  primals: Liberal<A>,
  tangents: Liberal<A>,
  options?: WithoutAux,
): [output: Arrays<R>, tangent: Arrays<R>]
export function jvp(
  f: TreeFunction,
  primals: readonly unknown[],
  tangents: readonly unknown[],
  options: { readonly hasAux?: boolean } = {},
): unknown[] {
  const name = nameOf('jvp', f)
  const { hasAux = false } = checkOptions(name, options, ['hasAux'])
  if (!Array.isArray(primals) || !Array.isArray(tangents))
    throw new TreeError(`${name}: primals and tangents must be lists of arguments: jvp(f, [x], [dx])`)
  const [primalLeaves, def] = flattenArrays(primals, `${name}: primals`)
  const [tangentLeaves, tangentDef] = flattenArrays(tangents, `${name}: tangents`)
  if (def.text !== tangentDef.text) {
    throw new TreeError(`${name}: the tangents ${tangentDef.text} do not have the structure of the primals ${def.text}`)
  }
  checkTangents(name, 'tangent', tangentLeaves, primalLeaves)
  const staged = stageFunction(name, f, def, primalLeaves)
  const { value, aux } = splitAux(name, hasAux, staged.result)
  const duals = evaluateJvp(staged.jaxpr, [...primalLeaves, ...staged.captured], tangentLeaves)
  const outputs = duals.slice(0, value.leaves)
  const results = [
    treeUnflatten(
      value,
      outputs.map((d) => d.primal),
    ),
    treeUnflatten(
      value,
      outputs.map((d) => d.tangent ?? zerosLike(d.primal)),
    ),
  ]
  if (aux === undefined) return results
  return [
    ...results,
    treeUnflatten(
      aux,
      duals.slice(value.leaves).map((d) => d.primal),
    ),
  ]
}
