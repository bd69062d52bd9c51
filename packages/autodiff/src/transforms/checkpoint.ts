import { checkOptions } from '../array/options.ts'
import type { Arrays, Liberal } from '../array/tree-types.ts'
import { treeUnflatten } from '../array/tree.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { type Atom, type Equation, fresh, type Jaxpr, memoize, prune, Var } from '../core/jaxpr.ts'
import { count, drop, marksOf, maskKey, masksOf, pick, spread } from '../core/masks.ts'
import { definePrimitive, type Params, type Primitive, type SplitResult } from '../core/primitive.ts'
import { bind, isTracing, trace } from '../core/trace.ts'
import { barrier } from '../primitives/barrier.ts'
import { isLinear } from '../primitives/linear.ts'
import { batchOfJaxpr } from './batch.ts'
import { evaluateJaxpr, flattenArrays, nameOf, stageFunction, type TreeFunction } from './function.ts'
import { inlined, jvpOfCall, transposeOfCall } from './inlined.ts'
import { splitJaxpr } from './linearize.ts'
import { evaluateTransposed, type TransposedJaxpr } from './transpose.ts'

/** Whether the results of a primitive, by its name and params, are kept for the backward pass. */
export type CheckpointPolicy = (primitive: string, params: Params) => boolean

const products: ReadonlySet<string> = new Set(['dot_general', 'conv_general_dilated'])

/**
 * What a checkpointed function keeps for its backward pass.
 *
 * @see JAX's `jax.checkpoint_policies`
 */
export const checkpointPolicies: {
  /** Everything, as without a checkpoint. */
  readonly everythingSaveable: CheckpointPolicy
  /** Nothing but the arguments. */
  readonly nothingSaveable: CheckpointPolicy
  /** Products of matrices and convolutions: what is expensive to compute again. */
  readonly dotsSaveable: CheckpointPolicy
  /** Products without batch axes: those with weights, but not those of attention. */
  readonly dotsWithNoBatchDimsSaveable: CheckpointPolicy
} = {
  everythingSaveable: () => true,
  nothingSaveable: () => false,
  dotsSaveable: (primitive) => products.has(primitive),
  dotsWithNoBatchDimsSaveable: (primitive, params) =>
    primitive === 'dot_general' && (params['batch'] as readonly (readonly number[])[])[0]?.length === 0,
}

export interface CheckpointOptions {
  /** What is kept beside the arguments. @defaultValue checkpointPolicies.nothingSaveable */
  readonly policy?: CheckpointPolicy
  /**
   * Keeps compilers from merging the second computation with the first one, which would undo the saving.
   * @defaultValue true
   */
  readonly preventCse?: boolean
}

type CheckpointParams = {
  readonly name: string
  readonly jaxpr: Jaxpr
  readonly policy: CheckpointPolicy
  readonly preventCse: boolean
}

/** A call of a function whose intermediate results are computed again in the backward pass. */
export const checkpointPrimitive: Primitive<CheckpointParams> = definePrimitive<CheckpointParams>({
  ...inlined,
  name: 'checkpoint',
  jvp: (primals, tangents, params) => jvpOfCall(primals, tangents, params.jaxpr, callWith(params)),
  transpose(cotangents, operands, params) {
    const key = maskKey(
      operands.map(isLinear),
      cotangents.map((ct) => ct !== null),
      [params.preventCse],
    )
    return transposeOfCall(cotangents, operands, transposeMemo(params.jaxpr, key), callWith(params))
  },
  batch(inputs, dims, params, size) {
    const batched = batchOfJaxpr(params.jaxpr, dims, size)
    return { outputs: callWith(params)(inputs, batched.jaxpr), dims: batched.dims }
  },
  split: (equation, dependent) => splitCheckpoint(equation, equation.params as CheckpointParams, dependent),
})

const callWith =
  (params: CheckpointParams) =>
  (inputs: readonly NDArray[], jaxpr: Jaxpr): readonly NDArray[] =>
    bind(checkpointPrimitive, inputs, { ...params, jaxpr })

/**
 * The known half gives the outputs that do not depend on tangents, and what the policy keeps; the linear half takes
 * the equation's own inputs, and computes the rest of its residuals again.
 */
function splitCheckpoint(equation: Equation, params: CheckpointParams, dependent: ReadonlySet<Var>): SplitResult {
  const marked = marksOf(equation.inputs, dependent)
  const { known, dependent: late, mask } = splitJaxpr(params.jaxpr, marked)
  const independent = known.outputs.slice(0, mask.length - count(mask))
  const needed = new Set<Atom>(late.inputs.slice(0, late.inputs.length - count(marked)))
  const saved: Var[] = []
  const again: Equation[] = []
  for (const inner of known.equations.toReversed()) {
    const wanted = inner.outputs.filter((v) => needed.has(v))
    if (wanted.length === 0) continue
    if (params.policy(inner.primitive.name, inner.params)) saved.push(...wanted)
    else {
      again.push(inner)
      for (const atom of inner.inputs) needed.add(atom)
    }
  }
  const outside = drop(equation.inputs, marked)
  const used = known.inputs.map((v) => needed.has(v))
  const kept = fresh(saved)
  const twice = new Set(again)
  const linear: Jaxpr = {
    inputs: [...pick(known.inputs, used), ...saved, ...pick(params.jaxpr.inputs, marked)],
    equations: [...again.reverse(), ...late.equations.filter((e) => !twice.has(e))],
    outputs: late.outputs,
  }
  return {
    known: [
      {
        ...equation,
        inputs: outside,
        outputs: [...drop(equation.outputs, mask), ...kept],
        params: { ...params, jaxpr: prune({ ...known, outputs: [...independent, ...saved] }) },
      },
    ],
    linear: {
      ...equation,
      inputs: [...pick(outside, used), ...kept, ...pick(equation.inputs, marked)],
      outputs: pick(equation.outputs, mask),
      params: { ...params, jaxpr: linear },
    },
    dependent: mask,
  }
}

/** From the known inputs and the cotangents: what does not depend on the linear inputs is computed again, then transposed. */
const transposeMemo = memoize((jaxpr: Jaxpr, key: string): TransposedJaxpr => {
  const [linear, nonzero, [prevent]] = masksOf(key) as [boolean[], boolean[], [boolean]]
  const { known, dependent, mask: depends } = splitJaxpr(jaxpr, linear)
  const avals = [...known.inputs, ...pick(jaxpr.outputs, nonzero)].map((atom) => atom.aval)
  let mask: boolean[] = []
  const { jaxpr: transposed } = trace('transpose', avals, (...inputs) => {
    const given = inputs.slice(known.inputs.length)
    const values = inputs.slice(0, known.inputs.length)
    const again = evaluateJaxpr(known, prevent ? barrier(values, given) : values)
    const residuals = again.slice(depends.length - count(depends))
    const cotangents = pick(spread(given, nonzero), depends)
    const args = [...residuals, ...new Array<null>(count(linear)).fill(null)]
    const found = evaluateTransposed(dependent, args, cotangents).slice(residuals.length)
    mask = found.map((ct) => ct !== null)
    return found.flatMap((ct) => (ct === null ? [] : [ct]))
  })
  return { jaxpr: transposed, mask }
})

/**
 * `f` with less memory in reverse mode: of its intermediate results only those that `policy` names are kept for the
 * backward pass, and the others are computed again from the arguments. Values and derivatives are those of `f`.
 *
 * @throws ValueError when `policy` is no function.
 * @see JAX's `jax.checkpoint`
 * @example
 * const block = (x, w) => np.sin(np.sin(x.matmul(w)))
 * const { forward } = splitVjp(checkpoint(block), [np.ones([5, 3]), np.ones([3, 3])])
 * forward(np.ones([5, 3]), np.ones([3, 3]))[1].map((x) => x.size) // [15, 9]
 */
export function checkpoint<A extends readonly unknown[], R>(
  f: (...args: A) => R,
  options: CheckpointOptions = {},
): (...args: Liberal<A>) => Arrays<R> {
  const name = nameOf('checkpoint', f)
  const { policy = checkpointPolicies.nothingSaveable, preventCse = true } = checkOptions(name, options, [
    'policy',
    'preventCse',
  ])
  if (typeof policy !== 'function')
    throw new ValueError(
      `${name}: policy must be a function of a primitive’s name, as checkpointPolicies.dotsSaveable, not ${typeof policy}`,
    )
  const g = (...args: Liberal<A>): Arrays<R> => {
    const [leaves, def] = flattenArrays(args, `${name}: arguments`)
    if (!isTracing()) {
      const [results, structure] = flattenArrays(f(...(treeUnflatten(def, leaves) as A)), `the result of ${name}`)
      return treeUnflatten(structure, results) as Arrays<R>
    }
    const staged = stageFunction(name, f as TreeFunction, def, leaves)
    const params = { name: f.name, jaxpr: staged.jaxpr, policy, preventCse }
    return treeUnflatten(staged.result, bind(checkpointPrimitive, [...leaves, ...staged.captured], params)) as Arrays<R>
  }
  Object.defineProperty(g, 'name', { value: f.name })
  return g
}
