import type { DType, TypedArray } from '../../array/dtype.ts'
import type { Shape } from '../../array/shape.ts'
import type { GraphBody, GraphNode, ValueInfo } from '../../core/lowering.ts'

export type { GraphBody, GraphNode, ValueInfo }

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

type Bodies = readonly (readonly [attribute: string, body: GraphBody])[]

const holdBodies: ReadonlySet<string> = new Set(['If', 'Loop', 'Scan'])
const noBodies: Bodies = []

/** The bodies in a node's attributes, by the attributes' names. */
export function bodiesOf(node: GraphNode): Bodies {
  if (!holdBodies.has(node.op)) return noBodies
  return Object.entries(node.attributes).flatMap(([attribute, value]) =>
    typeof value === 'object' && 'body' in value ? [[attribute, value.body] as const] : [],
  )
}

/** The node with its bodies changed. */
export function mapBodies(node: GraphNode, change: (body: GraphBody) => GraphBody): GraphNode {
  const bodies = bodiesOf(node)
  if (bodies.length === 0) return node
  const changed = Object.fromEntries(bodies.map(([attribute, body]) => [attribute, { body: change(body) }]))
  return { ...node, attributes: { ...node.attributes, ...changed } }
}

/** The names a node reads, by its inputs and in its bodies; those of a body's own values are among them. */
export function readsOf(node: GraphNode): readonly string[] {
  const bodies = bodiesOf(node)
  if (bodies.length === 0) return node.inputs
  const inside = bodies.flatMap(([, { nodes, outputs }]) => [...nodes.flatMap(readsOf), ...outputs.map((v) => v.name)])
  return [...node.inputs, ...inside]
}

/** How many nodes read each value; outputs of the graph count as read. */
export function countUses(graph: Pick<Graph, 'nodes' | 'outputs'>): Map<string, number> {
  const uses = new Map<string, number>()
  const use = (name: string): void => void uses.set(name, (uses.get(name) ?? 0) + 1)
  for (const node of graph.nodes) readsOf(node).forEach(use)
  for (const { name } of graph.outputs) use(name)
  return uses
}

/** A name that no value has: the one wanted, if that is free. */
export function unusedName(shapes: Graph['shapes'], wanted: string): string {
  let name = wanted
  while (shapes.has(name)) name += '_'
  return name
}

/** A node that gives a value another name; WebGPU has no Identity for bool. */
export const copyOf = (from: string, to: string, target: string, dtype: DType): GraphNode =>
  target === 'webgpu' && dtype === 'bool'
    ? { op: 'And', inputs: [from, from], outputs: [to], attributes: {} }
    : { op: 'Identity', inputs: [from], outputs: [to], attributes: {} }

/** Whether an operator, also in a body, is among some. */
export const uses = (nodes: readonly GraphNode[], ops: ReadonlySet<string>): boolean =>
  nodes.some((node) => ops.has(node.op) || bodiesOf(node).some(([, body]) => uses(body.nodes, ops)))
