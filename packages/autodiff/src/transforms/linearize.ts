import { isDifferentiable } from '../array/dtype.ts'
import { TreeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Arrays, Liberal } from '../array/tree-types.ts'
import { treeUnflatten } from '../array/tree.ts'
import { type Atom, Constant, type Equation, type Jaxpr, memoize, prune, Var } from '../core/jaxpr.ts'
import { count, drop, maskKey, masksOf, pick, spread } from '../core/masks.ts'
import type { Tangent } from '../core/primitive.ts'
import { zerosLike } from '../primitives/broadcast.ts'
import {
  evaluateJaxpr,
  flattenArrays,
  nameOf,
  splitAux,
  stageFunction,
  type TreeFunction,
  type WithAux,
  withoutAuxOption,
} from './function.ts'
import { checkTangents, jvpOfJaxpr } from './jvp.ts'

/** A Jaxpr in two: what does not depend on some inputs, and what does. */
export interface SplitJaxpr {
  /** From the other inputs to the independent outputs, and then the residuals. */
  readonly known: Jaxpr
  /** From the residuals, and then the dependent inputs, to the dependent outputs. */
  readonly dependent: Jaxpr
  /** For each output, whether it depends. */
  readonly mask: readonly boolean[]
}

/** A number repeated, or counted up: made again where it is needed, rather than kept as a residual. */
const isRepeatedNumber = ({ primitive, inputs }: Equation): boolean =>
  primitive.jaxprs === undefined && inputs.every((atom) => atom instanceof Constant && atom.value.size === 1)

/** Splits a Jaxpr by dependence on the inputs `marked[i]`; the outputs `forced[i]` are taken to depend. */
export const splitJaxpr: (jaxpr: Jaxpr, marked: readonly boolean[], forced?: readonly boolean[]) => SplitJaxpr = (
  jaxpr,
  marked,
  forced = [],
) => splitMemo(jaxpr, maskKey(marked, forced))

const splitMemo = memoize((jaxpr: Jaxpr, key: string): SplitJaxpr => {
  const [marked, forced] = masksOf(key) as [boolean[], boolean[]]
  const dependent = new Set<Var>(pick(jaxpr.inputs, marked))
  const depends = (atom: Atom): boolean => atom instanceof Var && dependent.has(atom)
  const known: Equation[] = []
  const rest: Equation[] = []
  for (const equation of jaxpr.equations) {
    if (!equation.inputs.some(depends)) {
      known.push(equation)
      if (isRepeatedNumber(equation)) rest.push(equation)
    } else if (equation.primitive.split !== undefined) {
      const parts = equation.primitive.split(equation, dependent)
      known.push(...parts.known)
      rest.push(parts.linear)
      equation.outputs.forEach((v, i) => parts.dependent[i] && dependent.add(v))
    } else {
      rest.push(equation)
      for (const v of equation.outputs) dependent.add(v)
    }
  }
  const mask = jaxpr.outputs.map((atom, i) => depends(atom) || forced[i] === true)
  const inputs = pick(jaxpr.inputs, marked)
  const late = prune({ inputs, equations: rest, outputs: pick(jaxpr.outputs, mask) })
  const made = new Set<Var>([...inputs, ...late.equations.flatMap((e) => e.outputs)])
  const residuals = new Set<Var>()
  const need = (atom: Atom): void => {
    if (atom instanceof Var && !made.has(atom)) residuals.add(atom)
  }
  for (const equation of late.equations) equation.inputs.forEach(need)
  late.outputs.forEach(need)
  const early: Jaxpr = {
    inputs: drop(jaxpr.inputs, marked),
    equations: known,
    outputs: [...drop(jaxpr.outputs, mask), ...residuals],
  }
  return { known: prune(early), dependent: { ...late, inputs: [...residuals, ...inputs] }, mask }
})

/** A Jaxpr linearized at some point: its outputs there, and the linear map from tangents to tangents. */
export interface Linearized {
  readonly outputs: readonly NDArray[]
  readonly residuals: readonly NDArray[]
  /** From the residuals and then the non-zero input tangents to the non-zero output tangents. */
  readonly linear: Jaxpr
  /** Which outputs have a tangent that is not a symbolic zero. */
  readonly mask: readonly boolean[]
}

/** The static half of `linearize`: two Jaxprs that can be compiled apart. */
export interface LinearizedJaxpr {
  /** From the primals to the outputs, and then the residuals. */
  readonly forward: Jaxpr
  readonly linear: Jaxpr
  readonly mask: readonly boolean[]
}

export function linearizeJaxpr(jaxpr: Jaxpr, nonzero: readonly boolean[]): LinearizedJaxpr {
  const dual = jvpOfJaxpr(jaxpr, nonzero)
  const n = jaxpr.inputs.length
  const split = splitJaxpr(
    dual.jaxpr,
    dual.jaxpr.inputs.map((_, i) => i >= n),
  )
  // An output's tangent may turn out not to depend on the input tangents: being linear in them, it is zero.
  const tangentMask = split.mask.slice(jaxpr.outputs.length)
  const mask = spread(tangentMask, dual.tangents).map((depends) => depends === true)
  const dropped = tangentMask.length - count(tangentMask)
  const outputs = jaxpr.outputs.length
  const forward = prune({
    ...split.known,
    outputs: [...split.known.outputs.slice(0, outputs), ...split.known.outputs.slice(outputs + dropped)],
  })
  return { forward, linear: split.dependent, mask }
}

export function evaluateLinearized(jaxpr: Jaxpr, primals: readonly NDArray[], nonzero: readonly boolean[]): Linearized {
  const { forward, linear, mask } = linearizeJaxpr(
    jaxpr,
    nonzero.map((given, i) => given && isDifferentiable((primals[i] as NDArray).dtype)),
  )
  const values = evaluateJaxpr(forward, primals)
  return { outputs: values.slice(0, mask.length), residuals: values.slice(mask.length), linear, mask }
}

/** The output tangents of a linearized Jaxpr for the non-zero input tangents. */
function pushForward({ linear, residuals, mask }: Linearized, tangents: readonly NDArray[]): Tangent[] {
  const values = evaluateJaxpr(linear, [...residuals, ...tangents])
  return spread(values, mask)
}

/**
 * The value of `f` at `primals`, and its derivative there as a linear function of tangents that can be called often
 * without evaluating `f` again.
 *
 * With `{ hasAux: true }` as last argument `f` gives `[value, aux]`, of which only `value` is differentiated.
 *
 * @returns `[output, push]`, or `[output, push, aux]`; `push` takes a tangent for each primal and throws as `jvp` does.
 * @see JAX's `jax.linearize`
 * @example
 * const [y, push] = linearize(np.sin, np.array(0))
 * push(np.array(2)) // 2
 */
export function linearize<A extends readonly unknown[], R, X>(
  f: (...args: A) => readonly [R, X],
  ...primalsAndOptions: [...primals: Liberal<A>, options: WithAux]
): [output: Arrays<R>, push: (...tangents: Liberal<A>) => Arrays<R>, aux: Arrays<X>]
export function linearize<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  ...primals: Liberal<A>
): [output: Arrays<R>, push: (...tangents: Liberal<A>) => Arrays<R>]
export function linearize(f: TreeFunction, ...args: readonly unknown[]): unknown[] {
  const name = nameOf('linearize', f)
  const [primals, hasAux] = withoutAuxOption(args)
  const [leaves, def] = flattenArrays(primals, `${name}: primals`)
  const staged = stageFunction(name, f, def, leaves)
  const { value, aux } = splitAux(name, hasAux, staged.result)
  const float = leaves.map((x) => isDifferentiable(x.dtype))
  const linearized = evaluateLinearized(
    staged.jaxpr,
    [...leaves, ...staged.captured],
    [...float, ...staged.captured.map(() => false)],
  )
  const outputs = linearized.outputs.slice(0, value.leaves)
  const push = (...tangents: readonly unknown[]): unknown => {
    const [tangentLeaves, tangentDef] = flattenArrays(tangents, `${name}: tangents`)
    if (tangentDef.text !== def.text)
      throw new TreeError(`${name}: the tangents ${tangentDef.text} do not have the structure ${def.text}`)
    checkTangents(name, 'tangent', tangentLeaves, leaves)
    const out = pushForward(linearized, pick(tangentLeaves, float))
    return treeUnflatten(
      value,
      outputs.map((y, i) => out[i] ?? zerosLike(y)),
    )
  }
  const results = [treeUnflatten(value, outputs), push]
  return aux === undefined ? results : [...results, treeUnflatten(aux, linearized.outputs.slice(value.leaves))]
}
