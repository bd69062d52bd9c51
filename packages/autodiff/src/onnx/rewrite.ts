import { shapesEqual } from '../array/shape.ts'
import { countUses, type Graph, type GraphNode, mapBodies, readsOf } from './graph.ts'

/** The graph without the nodes whose results nothing reads, and the constants nothing reads. */
export function dropUnused(graph: Graph): Graph {
  const { nodes, needed } = neededNodes(graph)
  return { ...graph, nodes, initializers: graph.initializers.filter((c) => needed.has(c.name)) }
}

/** The nodes that outputs need, in their bodies too, and the names that are read. */
function neededNodes({ nodes, outputs }: Pick<Graph, 'nodes' | 'outputs'>): {
  nodes: GraphNode[]
  needed: ReadonlySet<string>
} {
  const needed = new Set(outputs.map((v) => v.name))
  const kept: GraphNode[] = []
  for (const node of nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue
    const lean = mapBodies(node, (body) => ({ ...body, nodes: neededNodes(body).nodes }))
    kept.push(lean)
    for (const name of readsOf(lean)) needed.add(name)
  }
  return { nodes: kept.reverse(), needed }
}

/**
 * `Gemm + C` as one Gemm: a bias, or the sum of two products. The addition then happens while the product is written.
 */
export const addIntoGemm = (graph: Graph): Graph => ({ ...graph, nodes: mergeAdditions(graph, graph.shapes) })

type Shapes = Graph['shapes']

function mergeAdditions(graph: Pick<Graph, 'nodes' | 'outputs'>, shapes: Shapes): GraphNode[] {
  const uses = countUses(graph)
  const makers = new Map<string, GraphNode>()
  const replaced = new Map<GraphNode, GraphNode>()
  const gone = new Set<GraphNode>()
  // The position at which each value is there, so that a product is not moved before what it adds.
  for (const node of graph.nodes) {
    for (const name of node.outputs) makers.set(name, node)
    if (node.op !== 'Add') continue
    const sum = node.outputs[0] as string
    const shape = shapes.get(sum)
    const candidates = node.inputs.map((name, i) => ({
      gemm: makers.get(name),
      name,
      addend: node.inputs[1 - i] as string,
    }))
    const found = candidates.findLast(
      ({ gemm, name }) =>
        gemm?.op === 'Gemm' &&
        !gone.has(gemm) &&
        gemm.inputs.length === 2 &&
        uses.get(name) === 1 &&
        shape !== undefined &&
        shapesEqual(shapes.get(name) ?? [], shape),
    )
    if (found?.gemm === undefined || shape === undefined) continue
    const addend = shapes.get(found.addend)
    if (addend === undefined || !stretchesTo(addend, shape)) continue
    const merged = { ...found.gemm, inputs: [...found.gemm.inputs, found.addend], outputs: [sum] }
    gone.add(found.gemm)
    replaced.set(node, merged)
    makers.set(sum, merged)
  }
  return graph.nodes
    .filter((n) => !gone.has(n))
    .map((n) => mapBodies(replaced.get(n) ?? n, (body) => ({ ...body, nodes: mergeAdditions(body, shapes) })))
}

const stretchesTo = (shape: readonly number[], target: readonly number[]): boolean =>
  shape.length <= target.length && shape.every((n, i) => n === 1 || n === target[target.length - shape.length + i])
