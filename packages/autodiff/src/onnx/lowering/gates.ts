import { sizeOf } from '../../array/shape.ts'
import { countUses, type Graph, type GraphNode, type Initializer, mapBodies, unusedName } from './graph.ts'

/** Fewer numbers are not worth a second node. */
const MANY = 2 ** 15

/** 2¹²⁷ times the smallest number there is makes 1 − 2⁻²², which is less than the largest number below 1. */
const STEEP = 2 ** 127
const BELOW_ONE = 1 - 2 ** -24

/**
 * `Cast(x ≥ 0)` and `Cast(x ≤ 0)` in float32 as a steep HardSigmoid of which nothing but 1 is kept; NaN gives 0 as it
 * does in a comparison. The runtime converts booleans on one thread, in more time than these two take on two.
 */
export function gatesOnAllThreads(graph: Graph): Graph {
  const constants = new Map(graph.initializers.map((c) => [c.name, c]))
  const shapes = new Map(graph.shapes)
  const nameFor = (output: string): string => {
    const name = unusedName(shapes, `${output}_gate`)
    shapes.set(name, shapes.get(output) ?? [])
    return name
  }
  const gated = (scope: Pick<Graph, 'nodes' | 'outputs'>): GraphNode[] => {
    const uses = countUses(scope)
    const makers = new Map(scope.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))
    const gone = new Set<GraphNode>()
    const nodes = scope.nodes.flatMap((node): GraphNode[] => {
      const comparison = node.op === 'Cast' ? makers.get(node.inputs[0]!) : undefined
      const slope = comparison && uses.get(node.inputs[0]!) === 1 ? slopeOf(comparison, constants) : undefined
      if (slope === undefined || !isFloat32(node) || sizeOf(shapes.get(node.outputs[0]!) ?? []) < MANY)
        return [mapBodies(node, (body) => ({ ...body, nodes: gated(body) }))]
      gone.add(comparison!)
      const steep = nameFor(node.outputs[0]!)
      const { alpha, x } = slope
      const sigmoid = { ...comparison!, op: 'HardSigmoid', inputs: [x], outputs: [steep] }
      return [
        { ...sigmoid, attributes: { alpha: { float: alpha }, beta: { float: 1 } } },
        { ...node, op: 'ThresholdedRelu', inputs: [steep], attributes: { alpha: { float: BELOW_ONE } } },
      ]
    })
    return nodes.filter((node) => !gone.has(node))
  }
  return { ...graph, nodes: gated(graph), shapes }
}

const isFloat32 = ({ attributes: { to } }: GraphNode): boolean =>
  typeof to === 'object' && 'type' in to && to.type === 'float32'

/** What is compared with 0, and the slope of the HardSigmoid that is 1 where the comparison is true. */
function slopeOf(
  { op, inputs }: GraphNode,
  constants: ReadonlyMap<string, Initializer>,
): { readonly alpha: number; readonly x: string } | undefined {
  if (op !== 'GreaterOrEqual' && op !== 'LessOrEqual') return undefined
  const [x, y] = inputs as [string, string]
  const isZero = (name: string): boolean => {
    const c = constants.get(name)
    return c?.dtype === 'float32' && c.data.length === 1 && c.data[0] === 0
  }
  const sign = op === 'GreaterOrEqual' ? 1 : -1
  if (isZero(y)) return { alpha: sign * STEEP, x }
  return isZero(x) ? { alpha: -sign * STEEP, x: y } : undefined
}
