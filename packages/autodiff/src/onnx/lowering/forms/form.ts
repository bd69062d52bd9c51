import type { DType, TypedArray } from '../../../array/dtype.ts'
import type { NDArray } from '../../../array/ndarray.ts'
import type { Aval } from '../../../core/jaxpr.ts'
import type { Attributes, GraphBuilder, GraphValue } from '../../../core/lowering.ts'
import { trace } from '../../../core/trace.ts'

/** What a form writes to: a graph builder in which it can also ask for the node itself. */
export interface FormGraph extends GraphBuilder {
  /** An elementwise node as it is, whatever forms there are. */
  native(op: string, inputs: readonly GraphValue[], output: Aval, attributes?: Attributes): GraphValue
  /** A node of one output of exactly this shape, as it is. */
  nativeNode(op: string, inputs: readonly (GraphValue | string)[], output: Aval, attributes?: Attributes): GraphValue
  /** What the provider holds the numbers of a dtype in. */
  held(dtype: DType): DType
  /** The numbers that `indices` made a name for. */
  numbersOf(name: GraphValue | string): readonly number[] | undefined
  /** A constant that is in the graph once, under a key. */
  table(key: string, make: () => TypedArray, aval: Aval): GraphValue
}

/** An operator that is called while a graph is built. */
export interface OperatorCall {
  readonly op: string
  readonly inputs: readonly (GraphValue | string)[]
  readonly outputs: readonly Aval[]
  readonly attributes: Attributes
}

/**
 * What stands for an operator on a provider that has no kernel for it, or whose kernel is wrong. `undefined`: the node
 * itself will do.
 */
export type Form = (graph: FormGraph, call: OperatorCall) => readonly GraphValue[] | undefined

/** The forms of a provider, by the operator. */
export type Forms = Readonly<Record<string, Form>>

/** The operand as a value; operators take names only of what `indices` makes. */
export const operand = ({ inputs }: OperatorCall, i: number): GraphValue => inputs[i] as GraphValue
export const operands = ({ inputs }: OperatorCall): readonly GraphValue[] => inputs as readonly GraphValue[]

/** An elementwise form written with operations on arrays. */
export const composed =
  (f: (...xs: NDArray[]) => NDArray): Form =>
  (graph, call) => {
    const inputs = operands(call)
    const { jaxpr } = trace(
      call.op,
      inputs.map((x) => x.aval),
      (...xs) => [f(...xs)],
    )
    return [{ ...graph.inline(jaxpr, inputs)[0]!, aval: call.outputs[0]! }]
  }

/** A form for some dtypes of the first operand only. */
export const where =
  (takes: (dtype: GraphValue['dtype']) => boolean, form: Form): Form =>
  (graph, call) =>
    takes(operand(call, 0).dtype) ? form(graph, call) : undefined

/** The first form that has something to say. */
export const firstOf =
  (...forms: readonly Form[]): Form =>
  (graph, call) => {
    for (const form of forms) {
      const values = form(graph, call)
      if (values !== undefined) return values
    }
    return undefined
  }
