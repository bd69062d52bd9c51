import { isDifferentiable } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { evaluateEagerly } from '../core/host/evaluate.ts'
import { hostProgram } from '../core/host/program.ts'
import { interpret, type Jaxpr } from '../core/jaxpr.ts'
import { pick, spread } from '../core/masks.ts'
import type { JvpResult, LinearOperand, Params, Primitive, Tangent } from '../core/primitive.ts'
import { isLinear } from '../primitives/linear.ts'
import { jvpOfJaxpr } from './jvp.ts'
import { evaluateTransposed, type TransposedJaxpr } from './transpose.ts'

/** Params of an equation that stands for a Jaxpr. */
export interface HoldsJaxpr extends Params {
  readonly jaxpr: Jaxpr
}

/** Runs a Jaxpr at once, whatever is being traced. */
const runEagerly = (jaxpr: Jaxpr, inputs: readonly NDArray[]): NDArray[] =>
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

/** Runs a Jaxpr in the place of the one that an equation holds. */
type Call = (inputs: readonly NDArray[], jaxpr: Jaxpr) => readonly NDArray[]

/** The jvp of a call is a call. */
export function jvpOfCall(
  primals: readonly NDArray[],
  tangents: readonly Tangent[],
  jaxpr: Jaxpr,
  call: Call,
): JvpResult {
  const nonzero = tangents.map((t, i) => t !== null && isDifferentiable(primals[i]!.dtype))
  const dual = jvpOfJaxpr(jaxpr, nonzero)
  const values = call([...primals, ...pick(tangents, nonzero)] as NDArray[], dual.jaxpr)
  const outputs = values.slice(0, jaxpr.outputs.length)
  return { outputs, tangents: spread(values.slice(outputs.length), dual.tangents) }
}

/** The transpose of a call is a call, of the Jaxpr transposed in the operands that are `Linear`. */
export function transposeOfCall(
  cotangents: readonly Tangent[],
  operands: readonly LinearOperand[],
  transposed: TransposedJaxpr,
  call: Call,
): readonly Tangent[] {
  const known = operands.filter((operand) => !isLinear(operand)) as NDArray[]
  const values = call([...known, ...cotangents.filter((ct) => ct !== null)], transposed.jaxpr)
  let value = 0
  let input = 0
  return operands.map((operand) => (isLinear(operand) && transposed.mask[input++] ? values[value++]! : null))
}

/** A value made when it is first asked for, and then kept. */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
