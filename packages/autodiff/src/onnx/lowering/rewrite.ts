import { type Shape, shapesEqual, sizeOf } from '../../array/shape.ts'
import {
  countUses,
  type Graph,
  type GraphBody,
  type GraphNode,
  type Initializer,
  mapBodies,
  readsOf,
  unusedName,
} from './graph.ts'

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

/** On the cpu one thread copies what is added before all multiply: to a result of this many numbers all add faster. */
const MANY = 2 ** 15

/**
 * `Gemm + C` as one Gemm: a bias, or the sum of two products. The addition then happens while the product is written.
 */
export function addIntoGemm(graph: Graph, target: string): Graph {
  const limit = target === 'cpu' ? MANY : Infinity
  return { ...graph, nodes: mergeAdditions(graph, graph.shapes, limit) }
}

type Shapes = Graph['shapes']

function mergeAdditions(graph: Pick<Graph, 'nodes' | 'outputs'>, shapes: Shapes, limit: number): GraphNode[] {
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
    if (shape === undefined || sizeOf(shape) >= limit) continue
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
        shapesEqual(shapes.get(name) ?? [], shape),
    )
    if (found?.gemm === undefined) continue
    const addend = shapes.get(found.addend)
    if (addend === undefined || !stretchesTo(addend, shape)) continue
    const merged = { ...found.gemm, inputs: [...found.gemm.inputs, found.addend], outputs: [sum] }
    gone.add(found.gemm)
    replaced.set(node, merged)
    makers.set(sum, merged)
  }
  return graph.nodes
    .filter((n) => !gone.has(n))
    .map((n) => mapBodies(replaced.get(n) ?? n, (body) => ({ ...body, nodes: mergeAdditions(body, shapes, limit) })))
}

/**
 * Conversions before transposes, not after. Between a transpose and a product a conversion has ONNX Runtime's
 * MatmulTransposeFusion end the process (up to 1.32), and whoever runs a file need not know to leave it out.
 */
export const convertFirst = (graph: Graph): Graph => {
  const shapes = new Map(graph.shapes)
  return { ...graph, shapes, nodes: convertedFirst(graph.nodes, shapes) }
}

function convertedFirst(nodes: readonly GraphNode[], shapes: Map<string, Shape>): GraphNode[] {
  const transposes = new Map<string, GraphNode>()
  return nodes.flatMap((node): GraphNode[] => {
    const [input, output] = [node.inputs[0]!, node.outputs[0]!]
    if (node.op === 'Transpose') transposes.set(output, node)
    const transpose = node.op === 'Cast' ? transposes.get(input) : undefined
    if (transpose === undefined) {
      return [mapBodies(node, (body) => ({ ...body, nodes: convertedFirst(body.nodes, shapes) }))]
    }
    const converted = unusedName(shapes, `${output}_converted`)
    const moved = { ...transpose, inputs: [converted], outputs: [output] }
    transposes.set(output, moved)
    shapes.set(converted, shapes.get(transpose.inputs[0]!) ?? [])
    return [{ ...node, inputs: transpose.inputs, outputs: [converted] }, moved]
  })
}

const stretchesTo = (shape: readonly number[], target: readonly number[]): boolean =>
  shape.length <= target.length && shape.every((n, i) => n === 1 || n === target[target.length - shape.length + i])

/** Gather is for few numbers: of many that lie apart it is no faster than a Slice. */
const FEW = 1024

/**
 * One entry of an axis, which is then dropped: a Slice and a Reshape as one Gather. For the cpu, whose Gather takes every
 * dtype.
 */
export function takeEntries(graph: Graph): Graph {
  const constants = new Map(graph.initializers.map((c) => [c.name, c]))
  const indices = new Map<number, Initializer>()
  const indexOf = (at: number): string => {
    let made = indices.get(at)
    if (made === undefined) {
      const name = unusedName(graph.shapes, `at${at}`)
      indices.set(at, (made = { name, dtype: 'int64', shape: [], data: BigInt64Array.of(BigInt(at)) }))
    }
    return made.name
  }
  const nodes = takenIn(graph, { constants, shapes: graph.shapes, indexOf })
  return { ...graph, nodes, initializers: [...graph.initializers, ...indices.values()] }
}

interface Taking {
  readonly constants: ReadonlyMap<string, Initializer>
  readonly shapes: Shapes
  /** The name of an index as a constant. */
  readonly indexOf: (at: number) => string
}

function takenIn(graph: Pick<GraphBody, 'nodes' | 'outputs'>, taking: Taking): GraphNode[] {
  const uses = countUses(graph)
  const slices = new Map<string, GraphNode>()
  const gone = new Set<GraphNode>()
  const nodes = graph.nodes.map((node) => {
    if (node.op === 'Slice') slices.set(node.outputs[0] as string, node)
    const slice = node.op === 'Reshape' ? slices.get(node.inputs[0] as string) : undefined
    if (slice === undefined || uses.get(slice.outputs[0] as string) !== 1) {
      return mapBodies(node, (body) => ({ ...body, nodes: takenIn(body, taking) }))
    }
    const taken = takenBy(slice, node, taking)
    if (taken === undefined) return node
    gone.add(slice)
    return taken
  })
  return nodes.filter((node) => !gone.has(node))
}

/** The Gather that does what a Slice and a Reshape of it do, where there is one. */
function takenBy(slice: GraphNode, reshape: GraphNode, { constants, shapes, indexOf }: Taking): GraphNode | undefined {
  const [x, ...bounds] = slice.inputs as [string, ...string[]]
  const [start, end, axis, step = 1] = bounds.map((name) => {
    const data = constants.get(name)?.data
    return data?.length === 1 ? Number(data[0]) : Number.NaN
  })
  const shape = shapes.get(x)
  const result = shapes.get(reshape.outputs[0] as string)
  if (start === undefined || axis === undefined || shape === undefined || result === undefined) return undefined
  const isOne = start >= 0 && end === start + 1 && step === 1 && axis >= 0
  if (!isOne || sizeOf(result) > FEW || !shapesEqual(shape.toSpliced(axis, 1), result)) return undefined
  return { ...slice, op: 'Gather', inputs: [x, indexOf(start)], outputs: reshape.outputs, attributes: { axis } }
}
