import type { TypedArray } from '../array/dtype.ts'
import type { Shape } from '../array/shape.ts'
import type { Attributes, GraphDType } from '../core/lowering.ts'

/** One operation of an ONNX graph. */
export interface GraphNode {
  readonly op: string
  /** Names of values; '' for an optional input left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Attributes
}

/** What is known of a value by its name. */
export interface ValueInfo {
  readonly name: string
  readonly dtype: GraphDType
  readonly shape: Shape
}

/** A constant of the graph. */
export interface Initializer extends ValueInfo {
  readonly data: TypedArray | BigInt64Array
}

/** An ONNX graph before it becomes bytes. */
export interface Graph {
  readonly inputs: readonly ValueInfo[]
  readonly outputs: readonly ValueInfo[]
  readonly nodes: readonly GraphNode[]
  readonly initializers: readonly Initializer[]
  /** The shapes of all values, for the rewrites. */
  readonly shapes: ReadonlyMap<string, Shape>
}

/** How many nodes read each value; outputs of the graph count as read. */
export function countUses(graph: Pick<Graph, 'nodes' | 'outputs'>): Map<string, number> {
  const uses = new Map<string, number>()
  const use = (name: string): void => void uses.set(name, (uses.get(name) ?? 0) + 1)
  for (const node of graph.nodes) node.inputs.forEach(use)
  for (const { name } of graph.outputs) use(name)
  return uses
}
