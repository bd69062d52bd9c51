import type { AttributeValue, ModelGraph, ModelNode } from './model-graph.ts'

/** The set of operators that stand for several nodes. */
export const COTANGENT = 'cotangent'

/**
 * The graph with each part that is set at a place which is computed as one node. An exported program joins what comes
 * before the part, the part, and what comes after it, of lengths that are not known before it runs; together they are
 * the array's.
 */
export function joinMovingParts(graph: ModelGraph): ModelGraph {
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))
  const replaced = new Set<ModelNode>()
  const nodes = graph.nodes.map((node) => {
    const joined = updateOf(node, makers)
    if (joined === undefined) return withBodies(node)
    for (const i of [0, 2]) replaced.add(makers.get(node.inputs[i]!)!)
    return joined
  })
  const read = new Set([...nodes.flatMap((n) => n.inputs), ...graph.outputs])
  const isUnused = (_: ModelNode, i: number): boolean => {
    const before = graph.nodes[i]!
    return replaced.has(before) && !before.outputs.some((name) => read.has(name))
  }
  return { ...graph, nodes: nodes.filter((node, i) => !isUnused(node, i)) }
}

function withBodies(node: ModelNode): ModelNode {
  if (![...node.attributes.values()].some((a) => a.kind === 'graph')) return node
  const attributes = new Map(
    [...node.attributes].map(([name, a]): [string, AttributeValue] => [
      name,
      a.kind === 'graph' ? { kind: 'graph', value: joinMovingParts(a.value) } : a,
    ]),
  )
  return { ...node, attributes }
}

function updateOf(node: ModelNode, makers: ReadonlyMap<string, ModelNode>): ModelNode | undefined {
  const [before, part, after] = node.inputs
  const axis = node.attributes.get('axis')
  if (node.operator !== 'Concat' || node.inputs.length !== 3 || axis === undefined) return undefined
  const [first, last] = [makers.get(before!), makers.get(after!)]
  if (first?.operator !== 'Slice' || last?.operator !== 'Slice') return undefined
  const [array, , from] = first.inputs
  const [same, to] = last.inputs
  const sum = makers.get(to ?? '')
  if (array !== same || sum?.operator !== 'Add' || sum.inputs[0] !== from || first.inputs.length !== 4) return undefined
  return {
    ...node,
    operator: 'DynamicUpdateSlice',
    domain: COTANGENT,
    inputs: [array!, part!, from!],
    attributes: new Map([['axis', axis]]),
  }
}
