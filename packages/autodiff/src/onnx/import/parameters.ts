import { isFloat } from '../../array/dtype.ts'
import type { NDArray } from '../../array/ndarray.ts'
import { bodiesOf, type ModelGraph } from './model-graph.ts'
import { readsNumbers } from './table.ts'

/**
 * The initializers that gradients are for: numbers with a fraction, with an axis at least (scalars are parts of a
 * formula), which no node reads as a shape, an axis or a scale, and which are no statistics of the training.
 */
export function parametersOf(graph: ModelGraph): Map<string, NDArray> {
  const numbers = readAsNumbers(graph)
  return new Map([...graph.initializers].filter(([name, x]) => isFloat(x.dtype) && x.ndim > 0 && !numbers.has(name)))
}

/** The names of values that nodes read as numbers, and of all that those are made of. */
export function readAsNumbers(graph: ModelGraph): Set<string> {
  const found = new Set<string>()
  const makers = new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)))
  const pending = directly(graph)
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '' || found.has(name)) continue
    found.add(name)
    const maker = makers.get(name)
    // A shape is known, whatever the numbers are.
    if (maker !== undefined && maker.operator !== 'Shape' && maker.operator !== 'Size') pending.push(...maker.inputs)
  }
  return found
}

const directly = (graph: ModelGraph): string[] =>
  graph.nodes.flatMap((node) => [
    ...(node.domain === '' ? (readsNumbers[node.operator] ?? []) : []).map((i) => node.inputs[i] ?? ''),
    ...bodiesOf(node).flatMap(directly),
  ])
