import { showGiven } from '../array/show.ts'
import { checkOptions } from '../array/options.ts'
import { isDifferentiable } from '../array/dtype.ts'
import { TreeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Arrays, Liberal } from '../array/tree-types.ts'
import { treeMap, treeUnflatten } from '../array/tree.ts'
import type { Jaxpr } from '../core/jaxpr.ts'
import { definePrimitive, type Primitive } from '../core/primitive.ts'
import { bind } from '../core/trace.ts'
import { add } from '../primitives/arithmetic.ts'
import { zerosLike } from '../primitives/broadcast.ts'
import { batchOfJaxpr } from './batch.ts'
import {
  callOrStage,
  checkNotClosedOver,
  type CustomCall,
  customCall,
  leavesLike,
  pairOf,
  type RuleArguments,
  type RuleTangents,
  stageCustom,
  stageRule,
} from './custom-rule.ts'
import { evaluateJaxpr, nameOf, type StagedFunction } from './function.ts'
import { inlined, lazy } from './inlined.ts'

interface CustomJvpOptions<N extends readonly number[]> {
  /** Arguments that are no arrays (functions, settings), passed on as they are. @defaultValue none */
  readonly nondiffArgnums?: N
}

/** The derivative of a function, given as one rule for all arguments. */
export interface JvpRule<A extends readonly unknown[], R, N extends readonly number[]> extends CustomJvpOptions<N> {
  /**
   * From the arguments and their tangents, lists as long as the function's arguments, to the result and its tangent.
   * Tangents of integers and booleans are zeros.
   */
  readonly jvp: (primals: RuleArguments<A, N>, tangents: RuleTangents<A, N>) => readonly [output: R, tangent: R]
  readonly jvps?: undefined
}

/** The derivative of a function, given as one rule an argument: their sum is the tangent of the result. */
export interface JvpRules<A extends readonly unknown[], R, N extends readonly number[]> extends CustomJvpOptions<N> {
  /** From the argument's tangent, the result and the arguments to a tangent of the result; `null` where it is zero. */
  readonly jvps: {
    readonly [K in keyof A]: ((tangent: Arrays<A[K]>, output: Arrays<R>, ...primals: RuleArguments<A, N>) => R) | null
  }
  readonly jvp?: undefined
}

type CustomJvpParams = {
  readonly name: string
  readonly jaxpr: Jaxpr
  /** How many of the last inputs the function closes over. */
  readonly captured: number
  /** From all inputs and the tangents of the float arguments to the outputs and the tangents of the float outputs. */
  readonly rule: () => Jaxpr
}

/** A call of a function with a rule for its derivative. */
export const customJvpPrimitive: Primitive<CustomJvpParams> = definePrimitive<CustomJvpParams>({
  ...inlined,
  name: 'custom_jvp_call',
  jvp(primals, tangents, params) {
    const { captured, jaxpr, name, rule } = params
    if (tangents.every((t) => t === null)) {
      return { outputs: bind(customJvpPrimitive, primals, params), tangents: jaxpr.outputs.map(() => null) }
    }
    const own = primals.length - captured
    checkNotClosedOver(name === '' ? 'customJvp' : `customJvp of ${name}`, tangents.slice(own), primals.slice(own))
    const given = primals
      .slice(0, own)
      .flatMap((x, i) => (isDifferentiable(x.dtype) ? [tangents[i] ?? zerosLike(x)] : []))
    const values = evaluateJaxpr(rule(), [...primals, ...given])
    let next = jaxpr.outputs.length
    return {
      outputs: values.slice(0, next),
      tangents: jaxpr.outputs.map(({ aval }) => (isDifferentiable(aval.dtype) ? (values[next++] as NDArray) : null)),
    }
  },
  batch(inputs, dims, params, size) {
    const { captured, jaxpr } = params
    const own = inputs.length - captured
    const tangentDims = dims.slice(0, own).filter((_, i) => isDifferentiable((inputs[i] as NDArray).dtype))
    const rule = lazy(() => {
      const unbatched = params.rule()
      return batchOfJaxpr(
        unbatched,
        [...dims, ...tangentDims],
        size,
        unbatched.outputs.map(() => true),
      ).jaxpr
    })
    const batched = batchOfJaxpr(
      jaxpr,
      dims,
      size,
      jaxpr.outputs.map(() => true),
    )
    return { outputs: bind(customJvpPrimitive, inputs, { ...params, jaxpr: batched.jaxpr, rule }), dims: batched.dims }
  },
})

/**
 * `f` with a derivative of your own. Everywhere else it is `f`: evaluated, batched and compiled. The rule is used by
 * forward and reverse mode alike (reverse mode transposes it, so the tangent must be linear in the tangents), is
 * differentiated again for higher derivatives, and may call the function itself.
 *
 * Beside JAX: `f.defjvp(rule)` is `{ jvp: rule }`, `f.defjvps(…)` is `{ jvps: […] }`. `primals` and `tangents` are as
 * long as the arguments; in the places of `nondiffArgnums` stand the argument itself, and `null`. A rule that calls the
 * function needs its type written: `const f: (x: NDArray) => NDArray = customJvp(…)`.
 *
 * @throws TreeError, ShapeError or DTypeError when the rule gives what is not like the result; TracerError when the
 * function is differentiated in a value that it closes over.
 * @see JAX's `jax.custom_jvp`
 * @example
 * const log1pexp = customJvp((x) => np.log1p(np.exp(x)), {
 *   jvp: ([x], [dx]) => [log1pexp(x), dx.mul(np.subtract(1, np.divide(1, np.exp(x).add(1))))],
 * })
 * grad(log1pexp)(100) // 1
 */
export function customJvp<A extends readonly unknown[], R, const N extends readonly number[] = readonly []>(
  f: (...args: A) => R,
  rule: JvpRule<A, NoInfer<R>, N> | JvpRules<A, NoInfer<R>, N>,
): (...args: Liberal<A>) => Arrays<R> {
  const name = nameOf('customJvp', f)
  const derivative = ruleOf(name, rule, (primals) => g(...(primals as Liberal<A>)))
  const g = (...args: Liberal<A>): Arrays<R> => {
    const call = customCall(name, args, rule.nondiffArgnums)
    return callOrStage(f, call, () => {
      const staged = stageCustom(f, call)
      const params = {
        name: f.name,
        jaxpr: staged.jaxpr,
        captured: staged.captured.length,
        rule: lazy(() => stageDerivative(call, staged, derivative)),
      }
      return treeUnflatten(staged.result, bind(customJvpPrimitive, [...call.leaves, ...staged.captured], params))
    }) as Arrays<R>
  }
  Object.defineProperty(g, 'name', { value: f.name })
  return g
}

type Derivative = (primals: readonly unknown[], tangents: readonly unknown[]) => unknown

/** Either form of rule as one that gives the result and its tangent. `g` is the function with the rule. */
function ruleOf(
  name: string,
  rule: { readonly jvp?: unknown; readonly jvps?: unknown; readonly nondiffArgnums?: unknown },
  g: (primals: readonly unknown[]) => unknown,
): Derivative {
  const { jvp, jvps } = checkOptions(name, rule, ['jvp', 'jvps', 'nondiffArgnums'])
  if (typeof jvp === 'function') return jvp as Derivative
  if (!Array.isArray(jvps)) {
    throw new TreeError(
      `${name}: takes { jvp: (primals, tangents) => [output, tangent] } or { jvps: [one rule an argument] }`,
    )
  }
  const rules = jvps as readonly (((...args: unknown[]) => unknown) | null)[]
  if (!rules.every((one) => one === null || typeof one === 'function'))
    throw new TreeError(`${name}: jvps are functions, or null for a derivative of zero; not ${showGiven(jvps)}`)
  return (primals, tangents) => {
    if (rules.length !== primals.length) {
      throw new TreeError(
        `${name}: jvps has ${rules.length} rules for ${primals.length} arguments; null stands for a derivative of zero`,
      )
    }
    const output = g(primals)
    const terms = rules.flatMap((rule, i) =>
      rule === null || tangents[i] === null ? [] : [rule(tangents[i], output, ...primals)],
    )
    const sum = (a: NDArray, b: NDArray): NDArray => add(a, b)
    return [
      output,
      terms.length === 0
        ? treeMap((y: NDArray) => zerosLike(y), output)
        : terms.reduce((total, term) => treeMap(sum, total, term)),
    ]
  }
}

function stageDerivative(call: CustomCall, staged: StagedFunction, derivative: Derivative): Jaxpr {
  const where = `the jvp rule of ${call.name}`
  const floats = call.leaves.filter((x) => isDifferentiable(x.dtype))
  const results = staged.jaxpr.outputs.map((atom) => atom.aval)
  return stageRule(where, staged, call.leaves, floats, (primals, given) => {
    let next = 0
    const all = primals.map((x) => (isDifferentiable(x.dtype) ? (given[next++] as NDArray) : zerosLike(x)))
    const pair = derivative(call.arguments(primals), treeUnflatten(call.def, all) as unknown[])
    const [output, tangent] = pairOf(where, pair, '[output, tangent]')
    const outputs = leavesLike(where, output, staged.result, results, 'output', false)
    const tangents = leavesLike(where, tangent, staged.result, results, 'tangent')
    return [...outputs, ...tangents.filter((t) => isDifferentiable(t.dtype))]
  })
}
