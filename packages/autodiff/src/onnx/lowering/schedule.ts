import { bodiesOf, copyOf as copyNode, type Graph, type GraphNode, readsOf } from './graph.ts'

/** Operations whose operands should still be in the cache when they run. */
const heavy: ReadonlySet<string> = new Set(['Gemm', 'MatMul', 'Conv', 'ConvTranspose', 'Einsum'])

/** Whether it is such an operation, or holds one. */
const isHeavy = (node: GraphNode): boolean =>
  heavy.has(node.op) || bodiesOf(node).some(([, body]) => body.nodes.some(isHeavy))

/** An output is worth a copy when this many products lie between what makes it and what reads it. */
const GAP = 3

/**
 * Makes outputs that the graph reads much later (new weights, say) ready as soon as their products are.
 *
 * ONNX Runtime orders the nodes itself: depth first, backwards from the nodes that nobody reads, the last of them first.
 * It would put off a gradient until something asks for the new weight, when the activations have left the cache. Copies
 * of such outputs as last nodes, what is ready first at the very end, keep our order. Bits do not change.
 */
export function readyEarly(graph: Graph, target: string): Graph {
  const { ready, needed } = spans(graph.nodes)
  const waits = (name: string): boolean => (needed.get(name) ?? 0) - (ready.get(name) ?? Infinity) > GAP
  const late = new Set(graph.outputs.map((v) => v.name).filter(waits))
  // What a copied output is made from by light work alone is ready with it.
  const covered = new Set<string>()
  for (const node of graph.nodes.toReversed()) {
    if (isHeavy(node) || !node.outputs.some((name) => covered.has(name) || late.has(name))) continue
    for (const name of readsOf(node)) covered.add(name)
  }
  const chosen = [...late]
    .filter((name) => !covered.has(name))
    .sort((a, b) => (ready.get(b) as number) - (ready.get(a) as number))
  const copyOf = new Map(chosen.map((name) => [name, `${name}_ready`]))
  const dtypeOf = new Map(graph.outputs.map((v) => [v.name, v.dtype]))
  const copies = [...copyOf].map(([name, copy]): GraphNode => copyNode(name, copy, target, dtypeOf.get(name)!))
  const outputs = graph.outputs.map((v) => ({ ...v, name: copyOf.get(v.name) ?? v.name }))
  return { ...graph, nodes: [...graph.nodes, ...copies], outputs }
}

/** For each value made by a product: which product it is ready after, and which product first needs it. */
function spans(nodes: readonly GraphNode[]): { ready: Map<string, number>; needed: Map<string, number> } {
  const ready = new Map<string, number>()
  let products = 0
  for (const node of nodes) {
    const after = isHeavy(node) ? products++ : Math.max(-1, ...readsOf(node).map((name) => ready.get(name) ?? -1))
    if (after >= 0) for (const name of node.outputs) ready.set(name, after)
  }
  const needed = new Map<string, number>()
  for (const node of nodes.toReversed()) {
    const at = isHeavy(node) ? --products : Math.min(...node.outputs.map((name) => needed.get(name) ?? Infinity))
    for (const name of readsOf(node)) needed.set(name, Math.min(at, needed.get(name) ?? Infinity))
  }
  for (const [name, at] of needed) if (at === Infinity) needed.delete(name)
  return { ready, needed }
}
