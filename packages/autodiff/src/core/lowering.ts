import type { DType, TypedArray } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Shape } from '../array/shape.ts'
import type { Aval, Equation, Jaxpr } from './jaxpr.ts'

/**
 * A value of the graph under construction. `shape` is what the node really gives and may have ones (or lack leading
 * axes) where the abstract value is broadcast: elementwise nodes broadcast by themselves, others `materialize` first.
 */
export interface GraphValue {
  readonly name: string
  /** The shape in the graph; it broadcasts to `aval.shape`. */
  readonly shape: Shape
  readonly dtype: DType
  /** The value it stands for. */
  readonly aval: Aval
}

/** The element types of a graph. */
export type GraphDType = DType

export type Attribute =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly type: GraphDType }
  | { readonly body: GraphBody }
export type Attributes = Readonly<Record<string, Attribute>>

/** One operation of a graph. */
export interface GraphNode {
  readonly op: string
  /** Names of values; '' for an optional input left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Attributes
  /** The equation it computes, or a part of it. */
  readonly equation?: Equation | undefined
}

/** What is known of a value by its name. */
export interface ValueInfo {
  readonly name: string
  readonly dtype: GraphDType
  readonly shape: Shape
}

/** A graph inside a node: a branch, or the body of a loop. It reads values of the graphs around it by name. */
export interface GraphBody {
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  readonly nodes: readonly GraphNode[]
}

/** What lowering rules write to. An interface, so that the core never imports ONNX. */
export interface GraphBuilder {
  /** The execution provider the graph is for. */
  readonly target: string

  /** A node of one output, elementwise: operands broadcast, the result may stay smaller than `aval`. */
  elementwise(op: string, inputs: readonly GraphValue[], aval: Aval, attributes?: Attributes): GraphValue

  /** A node of one output of exactly this shape. Inputs are values, or names from `indices`. */
  node(op: string, inputs: readonly (GraphValue | string)[], aval: Aval, attributes?: Attributes): GraphValue

  /** A node of several outputs. */
  nodes(
    op: string,
    inputs: readonly (GraphValue | string)[],
    avals: readonly Aval[],
    attributes?: Attributes,
  ): GraphValue[]

  /** The name of an output of int64, as ArgMax and TopK give it. */
  indexNode(op: string, inputs: readonly (GraphValue | string)[], attributes?: Attributes): string

  /** The value with its full shape. */
  materialize(value: GraphValue): GraphValue

  /** `value` with another shape of as many elements. */
  reshape(value: GraphValue, shape: Shape): GraphValue

  /** An initializer. */
  constant(data: TypedArray, aval: Aval): GraphValue
  scalar(value: number, dtype: DType): GraphValue
  array(value: NDArray): GraphValue
  /** The number of a value that `scalar` made. */
  scalarOf(value: GraphValue): number | undefined
  /** The numbers of a value that is a constant of the graph. */
  constantOf(value: GraphValue): TypedArray | undefined
  /** The name of an int64 initializer: axes, starts, shapes. */
  indices(values: readonly number[]): string

  /** A name as a value of a given type. */
  value(name: string, aval: Aval): GraphValue

  cast(value: GraphValue, dtype: DType): GraphValue

  /**
   * A graph for an attribute of a node `op`: what `build` makes of the values of its inputs, each of its full shape.
   * The inputs of a Loop are the condition and the carry; the number of the iteration comes before by itself.
   */
  body(
    op: 'If' | 'Loop' | 'Scan',
    inputs: readonly Aval[],
    build: (inputs: readonly GraphValue[]) => readonly GraphValue[],
  ): { readonly body: GraphBody }

  /** The nodes of a Jaxpr in place. */
  inline(jaxpr: Jaxpr, inputs: readonly GraphValue[]): GraphValue[]
}
