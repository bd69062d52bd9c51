import { checkOptions } from '../array/options.ts'
import { isDifferentiable } from '../array/dtype.ts'
import { TracerError, TreeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Arrays, Liberal } from '../array/tree-types.ts'
import { treeStructure, treeUnflatten } from '../array/tree.ts'
import { type Aval, avalOf, type Jaxpr } from '../core/jaxpr.ts'
import { definePrimitive, type Primitive } from '../core/primitive.ts'
import { bind, trace } from '../core/trace.ts'
import { known } from '../primitives/linear.ts'
import { full, reduceSum, zerosLike } from '../primitives/broadcast.ts'
import { batchedAt, batchOfJaxpr, evaluateBatched } from './batch.ts'
import {
  callOrStage,
  checkNotClosedOver,
  type CustomCall,
  customCall,
  leavesLike,
  type NondiffArguments,
  pairOf,
  type RuleCotangents,
  stageCustom,
  stageRule,
} from './custom-rule.ts'
import { evaluateJaxpr, flattenArrays, nameOf, type StagedFunction } from './function.ts'
import { inlined, lazy } from './inlined.ts'

/** Reverse mode of a function, given in its two halves. */
export interface VjpRule<A extends readonly unknown[], R, N extends readonly number[], Residuals> {
  /** From the arguments to the result and what `backward` needs: any tree of arrays. JAX's `fwd`. */
  readonly forward: (...args: A) => readonly [output: R, residuals: Residuals]
  /**
   * From the residuals and the cotangent of the result (and the arguments at `nondiffArgnums`) to a list with the
   * cotangent of each argument, or `null` for zero. JAX's `bwd`.
   */
  readonly backward: (
    residuals: Arrays<Residuals>,
    cotangent: Arrays<R>,
    ...nondiff: NondiffArguments<A, N>
  ) => RuleCotangents<A, N>
  /** Arguments that are no arrays (functions, settings), passed on as they are. @defaultValue none */
  readonly nondiffArgnums?: N
}

type Dims = readonly (number | null)[]

type CustomVjpParams = {
  readonly name: string
  readonly jaxpr: Jaxpr
  /** How many of the last inputs the function closes over. */
  readonly captured: number
  /** From all inputs to the outputs, and then the residuals. */
  readonly forward: () => Jaxpr
  /** From the residuals, what is closed over, and cotangents of the float outputs, to those of the float arguments. */
  readonly backward: () => Jaxpr
}

type CustomLinearParams = {
  readonly name: string
  /** How many of the first inputs are residuals; the others are tangents. */
  readonly residuals: number
  /** What the tangents of the outputs are. */
  readonly results: readonly Aval[]
  readonly backward: () => Jaxpr
}

const called = (name: string): string => (name === '' ? 'customVjp' : `customVjp of ${name}`)

const forwardMode = (name: string): TracerError =>
  new TracerError(
    `${called(name)}: forward mode (jvp, jacfwd, linearize) needs a derivative that a rule for reverse mode does not give; use grad, vjp or jacrev, or customJvp, whose rule serves both`,
  )

/** The tangents of a function that has a rule for reverse mode only: they can be transposed, and nothing else. */
const customLinearPrimitive: Primitive<CustomLinearParams> = definePrimitive<CustomLinearParams>({
  name: 'custom_vjp_tangent',
  abstractEval: (_, { results }) => results,
  evaluate(_, __, { name }) {
    throw forwardMode(name)
  },
  execute(_, { name }) {
    throw forwardMode(name)
  },
  jvp(_, __, { name }) {
    throw forwardMode(name)
  },
  transpose(cotangents, operands, { backward, name, residuals, results }) {
    const values = operands.slice(0, residuals).map((x) => known(called(name), x))
    const cts = results.map((aval, i) => cotangents[i] ?? full(aval.shape, 0, aval.dtype))
    return [...values.map(() => null), ...evaluateJaxpr(backward(), [...values, ...cts])]
  },
  batch(inputs, dims, params, size) {
    const { residuals, results } = params
    const tangents = inputs.slice(residuals).map((value, i) => batchedAt({ value, dim: dims[residuals + i]! }, 0, size))
    const backward = lazy(() => {
      const unbatched = params.backward()
      const front = [...dims.slice(0, residuals), ...results.map(() => 0)]
      return batchOfJaxpr(
        unbatched,
        front,
        size,
        unbatched.outputs.map(() => true),
      ).jaxpr
    })
    const batched = results.map((aval) => ({ shape: [size, ...aval.shape], dtype: aval.dtype }))
    return {
      outputs: bind(customLinearPrimitive, [...inputs.slice(0, residuals), ...tangents], {
        ...params,
        backward,
        results: batched,
      }),
      dims: results.map(() => 0),
    }
  },
  lower(_, __, { name }) {
    throw forwardMode(name)
  },
  // It is an equation of its own: never shared, never computed while tracing.
  jaxprs: () => [],
})

/** A call of a function with a rule for reverse mode. */
export const customVjpPrimitive: Primitive<CustomVjpParams> = definePrimitive<CustomVjpParams>({
  ...inlined,
  name: 'custom_vjp_call',
  jvp(primals, tangents, params) {
    const { backward, captured, forward, jaxpr, name } = params
    if (tangents.every((t) => t === null)) {
      return { outputs: bind(customVjpPrimitive, primals, params), tangents: jaxpr.outputs.map(() => null) }
    }
    const own = primals.length - captured
    checkNotClosedOver(called(name), tangents.slice(own), primals.slice(own))
    const values = evaluateJaxpr(forward(), primals)
    const outputs = values.slice(0, jaxpr.outputs.length)
    const residuals = [...values.slice(outputs.length), ...primals.slice(own)]
    const given = primals
      .slice(0, own)
      .flatMap((x, i) => (isDifferentiable(x.dtype) ? [tangents[i] ?? zerosLike(x)] : []))
    const results = outputs.filter((y) => isDifferentiable(y.dtype)).map(avalOf)
    const linear = { name, residuals: residuals.length, results, backward }
    const found = bind(customLinearPrimitive, [...residuals, ...given], linear)
    let next = 0
    return { outputs, tangents: outputs.map((y) => (isDifferentiable(y.dtype) ? found[next++]! : null)) }
  },
  batch(inputs, dims, params, size) {
    const { captured, jaxpr } = params
    const count = jaxpr.outputs.length
    const own = inputs.length - captured
    const floats = dims.slice(0, own).filter((_, i) => isDifferentiable(inputs[i]!.dtype))
    const forward = lazy(() => batchOfJaxpr(params.forward(), dims, size, new Array<boolean>(count).fill(true)))
    const backward = lazy(() => {
      const cotangents = jaxpr.outputs.flatMap(({ aval }) => (isDifferentiable(aval.dtype) ? [0] : []))
      const given = [...forward().dims.slice(count), ...dims.slice(own), ...cotangents]
      return batchOfBackward(params.backward(), given, floats, size)
    })
    const batched = batchOfJaxpr(jaxpr, dims, size, new Array<boolean>(count).fill(true))
    const next = { ...params, jaxpr: batched.jaxpr, forward: () => forward().jaxpr, backward }
    return { outputs: bind(customVjpPrimitive, inputs, next), dims: batched.dims }
  },
})

/** The batched backward half: cotangents lie as the primals do, and are summed where a primal is one for all. */
function batchOfBackward(jaxpr: Jaxpr, dims: Dims, primals: Dims, size: number): Jaxpr {
  const avals = jaxpr.inputs.map(({ aval }, i): Aval => {
    const d = dims[i]
    return d == null ? aval : { shape: aval.shape.toSpliced(d, 0, size), dtype: aval.dtype }
  })
  return trace('vmap', avals, (...inputs) =>
    evaluateBatched(jaxpr, inputs, dims, size).map((ct, i) => {
      const at = primals[i]
      return at == null ? reduceSum(batchedAt(ct, 0, size), [0]) : batchedAt(ct, at, size)
    }),
  ).jaxpr
}

/**
 * `f` with reverse mode of your own. Everywhere else it is `f`: evaluated, batched and compiled. The rule's own
 * operations are differentiated for higher derivatives.
 *
 * Beside JAX: `f.defvjp(fwd, bwd)` is `{ forward: fwd, backward: bwd }`; `backward` gives a list with one cotangent an
 * argument (`null` in the places of `nondiffArgnums`), and gets the arguments at `nondiffArgnums` last.
 *
 * @throws TracerError in forward mode, and when the function is differentiated in a value that it closes over;
 * TreeError, ShapeError or DTypeError when the rule gives what is not like the result or the arguments.
 * @see JAX's `jax.custom_vjp`
 * @example
 * const clipGradient = customVjp((x) => x, {
 *   forward: (x) => [x, null],
 *   backward: (_, ct) => [np.clip(ct, -1, 1)],
 * })
 * grad((x) => clipGradient(x).mul(5).sum())(np.ones([2])) // [1, 1]
 */
export function customVjp<
  A extends readonly unknown[],
  R,
  const Residuals,
  const N extends readonly number[] = readonly [],
>(f: (...args: A) => R, rule: VjpRule<A, NoInfer<R>, N, Residuals>): (...args: Liberal<A>) => Arrays<R> {
  const name = nameOf('customVjp', f)
  if (typeof rule?.forward !== 'function' || typeof rule.backward !== 'function')
    throw new TreeError(
      `${name}: takes { forward: (...args) => [output, residuals], backward: (residuals, cotangent) => [cotangents] }`,
    )
  checkOptions(name, rule, ['forward', 'backward', 'nondiffArgnums'])
  const g = (...args: Liberal<A>): Arrays<R> => {
    const call = customCall(name, args, rule.nondiffArgnums)
    return callOrStage(f, call, () => {
      const staged = stageCustom(f, call)
      const forward = lazy(() => stageForward(call, staged, rule.forward))
      const params = {
        name: f.name,
        jaxpr: staged.jaxpr,
        captured: staged.captured.length,
        forward: () => forward().jaxpr,
        backward: lazy(() => stageBackward(call, staged, forward(), rule.backward)),
      }
      return treeUnflatten(staged.result, bind(customVjpPrimitive, [...call.leaves, ...staged.captured], params))
    }) as Arrays<R>
  }
  Object.defineProperty(g, 'name', { value: f.name })
  return g
}

interface Forward {
  readonly jaxpr: Jaxpr
  /** The structure of the residuals. */
  readonly residuals: ReturnType<typeof treeStructure>
}

type Rule = (...args: never[]) => unknown

function stageForward(call: CustomCall, staged: StagedFunction, forward: Rule): Forward {
  const where = `forward of ${call.name}`
  const results = staged.jaxpr.outputs.map((atom) => atom.aval)
  let structure = treeStructure(null)
  const jaxpr = stageRule(where, staged, call.leaves, [], (primals) => {
    const pair = pairOf(where, forward(...(call.arguments(primals) as never[])), '[output, residuals]')
    const outputs = leavesLike(where, pair[0], staged.result, results, 'output', false)
    const [residuals, def] = flattenArrays(pair[1], `${where}: residuals`)
    structure = def
    return [...outputs, ...residuals]
  })
  return { jaxpr, residuals: structure }
}

function stageBackward(call: CustomCall, staged: StagedFunction, forward: Forward, backward: Rule): Jaxpr {
  const where = `backward of ${call.name}`
  const results = staged.jaxpr.outputs.map((atom) => atom.aval)
  const residuals = forward.jaxpr.outputs.slice(results.length).map((atom) => atom.aval)
  const floats = results.filter((aval) => isDifferentiable(aval.dtype))
  return stageRule(where, staged, residuals, floats, (known, given) => {
    let next = 0
    const cts = results.map((aval) => (isDifferentiable(aval.dtype) ? given[next++]! : full(aval.shape, 0, aval.dtype)))
    const trees = [treeUnflatten(forward.residuals, known), treeUnflatten(staged.result, cts), ...call.nondiff]
    return cotangentsLike(where, call, backward(...(trees as never[])))
  })
}

/** The cotangents of the float arguments out of what `backward` gave. */
function cotangentsLike(where: string, call: CustomCall, given: unknown): NDArray[] {
  const { children } = call.def
  if (!Array.isArray(given) || given.length !== children.length) {
    const structure = flattenArrays(given, where)[1].text
    throw new TreeError(
      `${where} must give a list of ${children.length} cotangents, one an argument (null for zero); it gave ${structure}`,
    )
  }
  let offset = 0
  return children.flatMap((def, i) => {
    const avals = call.leaves.slice(offset, (offset += def.leaves))
    const zeros = (x: Aval): NDArray => full(x.shape, 0, x.dtype)
    const tree: unknown = given[i]
    const leaves = tree == null ? avals.map(zeros) : leavesLike(where, tree, def, avals, `cotangents[${i}]`)
    return leaves.filter((x) => isDifferentiable(x.dtype))
  })
}
