import { shapesEqual } from '../array/shape.ts'
import { countUses, type Graph, type GraphNode } from './graph.ts'

/** The graph without the nodes whose results nothing reads, and the constants nothing reads. */
export function dropUnused(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map((v) => v.name))
  const nodes: GraphNode[] = []
  for (const node of graph.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue
    nodes.push(node)
    for (const name of node.inputs) needed.add(name)
  }
  return { ...graph, nodes: nodes.reverse(), initializers: graph.initializers.filter((c) => needed.has(c.name)) }
}

/**
 * `Gemm + C` as one Gemm: a bias, or the sum of two products. The addition then happens while the product is written.
 */
export function addIntoGemm(graph: Graph): Graph {
  const uses = countUses(graph)
  const makers = new Map<string, GraphNode>()
  const replaced = new Map<GraphNode, GraphNode>()
  const gone = new Set<GraphNode>()
  // The position at which each value is there, so that a product is not moved before what it adds.
  for (const node of graph.nodes) {
    for (const name of node.outputs) makers.set(name, node)
    if (node.op !== 'Add') continue
    const sum = node.outputs[0] as string
    const shape = graph.shapes.get(sum)
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
        shapesEqual(graph.shapes.get(name) ?? [], shape),
    )
    if (found?.gemm === undefined || shape === undefined) continue
    const addend = graph.shapes.get(found.addend)
    if (addend === undefined || !stretchesTo(addend, shape)) continue
    const merged = { ...found.gemm, inputs: [...found.gemm.inputs, found.addend], outputs: [sum] }
    gone.add(found.gemm)
    replaced.set(node, merged)
    makers.set(sum, merged)
  }
  return { ...graph, nodes: graph.nodes.filter((n) => !gone.has(n)).map((n) => replaced.get(n) ?? n) }
}

const stretchesTo = (shape: readonly number[], target: readonly number[]): boolean =>
  shape.length <= target.length && shape.every((n, i) => n === 1 || n === target[target.length - shape.length + i])
