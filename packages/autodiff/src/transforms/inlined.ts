import type { NDArray } from '../array/ndarray.ts'
import { evaluateEagerly } from '../core/evaluate.ts'
import { hostProgram } from '../core/host.ts'
import { interpret, type Jaxpr } from '../core/jaxpr.ts'
import type { LinearOperand, Params, Primitive, Tangent } from '../core/primitive.ts'
import { isLinear } from '../primitives/linear.ts'
import { evaluateTransposed } from './transpose.ts'

/** Params of an equation that stands for a Jaxpr. */
export interface HoldsJaxpr extends Params {
  readonly jaxpr: Jaxpr
}

/** Runs a Jaxpr at once, whatever is being traced. */
export const runEagerly = (jaxpr: Jaxpr, inputs: readonly NDArray[]): NDArray[] =>
  interpret<NDArray>(
    jaxpr,
    inputs,
    (value) => value,
    ({ primitive, params }, operands) => evaluateEagerly(primitive, operands, params),
  )

type InlinedRule = 'abstractEval' | 'evaluate' | 'lower' | 'transpose'
type InlinedRules = Pick<Primitive<HoldsJaxpr>, InlinedRule> &
  Required<Pick<Primitive<HoldsJaxpr>, 'execute' | 'jaxprs'>>

/** The rules of an equation that is what its Jaxpr is, wherever no rule of its own applies. */
export const inlined: InlinedRules = {
  abstractEval: (_: unknown, { jaxpr }: HoldsJaxpr) => jaxpr.outputs.map((atom) => atom.aval),
  // Inside a loop that the interpreter runs; elsewhere by `execute`.
  evaluate: (inputs, _, { jaxpr }) => hostProgram(jaxpr).run(inputs),
  execute: (inputs: readonly NDArray[], { jaxpr }: HoldsJaxpr): NDArray[] => runEagerly(jaxpr, inputs),
  transpose: (
    cotangents: readonly Tangent[],
    operands: readonly LinearOperand[],
    { jaxpr }: HoldsJaxpr,
  ): readonly Tangent[] =>
    evaluateTransposed(
      jaxpr,
      operands.map((x) => (isLinear(x) ? null : x)),
      cotangents,
    ),
  lower: (graph, inputs, { jaxpr }) => graph.inline(jaxpr, inputs),
  jaxprs: ({ jaxpr }: HoldsJaxpr) => [jaxpr],
}

/** A value made when it is first asked for, and then kept. */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
