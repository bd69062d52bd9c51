import type { Graph, GraphNode } from './graph.ts'

/** Operations whose operands should still be in the cache when they run. */
const heavy: ReadonlySet<string> = new Set(['Gemm', 'MatMul', 'Conv', 'ConvTranspose', 'Einsum'])

/**
 * Makes outputs that the graph reads on (new weights, say) ready as soon as their products are.
 *
 * ONNX Runtime orders the nodes itself: depth first, backwards from the nodes that nobody reads, the last of them first.
 * It would put off a gradient until something asks for the new weight, when the activations have left the cache. Copies
 * of such outputs as last nodes, what is ready first at the very end, keep our order. Bits do not change.
 */
export function readyEarly(graph: Graph): Graph {
  const ready = new Map<string, number>()
  graph.nodes.forEach(({ op, inputs, outputs }, i) => {
    const after = heavy.has(op) ? i : Math.max(-1, ...inputs.map((name) => ready.get(name) ?? -1))
    for (const name of outputs) ready.set(name, after)
  })
  const late = new Set(graph.outputs.map((v) => v.name))
  const read = new Set(graph.nodes.flatMap((n) => n.inputs))
  // What a copied output is made from by light work alone is ready with it.
  const covered = new Set<string>()
  for (const { op, inputs, outputs } of graph.nodes.toReversed()) {
    if (heavy.has(op) || !outputs.some((name) => covered.has(name) || (late.has(name) && read.has(name)))) continue
    for (const name of inputs) covered.add(name)
  }
  const chosen = [...late]
    .filter((name) => read.has(name) && !covered.has(name) && (ready.get(name) ?? -1) >= 0)
    .sort((a, b) => (ready.get(b) as number) - (ready.get(a) as number))
  const copyOf = new Map(chosen.map((name) => [name, `${name}_ready`]))
  const copies = [...copyOf].map(
    ([name, copy]): GraphNode => ({ op: 'Identity', inputs: [name], outputs: [copy], attributes: {} }),
  )
  const outputs = graph.outputs.map((v) => ({ ...v, name: copyOf.get(v.name) ?? v.name }))
  return { ...graph, nodes: [...graph.nodes, ...copies], outputs }
}
