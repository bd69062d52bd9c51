import type { ModelGraph, ModelNode } from './model-graph.ts'
import { COTANGENT } from './moving-parts.ts'

/**
 * The graph with each entry of a split array as a node that reads the array itself: some exporters write several results
 * as a sequence whose entries are taken one by one. Nothing is left of a sequence that nothing else reads.
 */
export function takeEntries(graph: ModelGraph): ModelGraph {
  const splits = new Map(
    graph.nodes.flatMap((node) =>
      node.domain === '' && node.operator === 'SplitToSequence' && node.outputs.length === 1
        ? [[node.outputs[0]!, node] as const]
        : [],
    ),
  )
  if (splits.size === 0) return graph
  const entryOf = (node: ModelNode): ModelNode => {
    const split = node.operator === 'SequenceAt' && node.domain === '' ? splits.get(node.inputs[0] ?? '') : undefined
    if (split === undefined) return node
    const [array = '', sizes = ''] = split.inputs
    return {
      ...node,
      operator: 'SplitEntry',
      domain: COTANGENT,
      inputs: [array, node.inputs[1] ?? '', sizes],
      attributes: split.attributes,
    }
  }
  const nodes = graph.nodes.map(entryOf)
  const read = new Set([...nodes.flatMap((node) => node.inputs), ...graph.outputs])
  return { ...graph, nodes: nodes.filter((node) => !splits.has(node.outputs[0] ?? '') || read.has(node.outputs[0]!)) }
}
