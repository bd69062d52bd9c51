import { range, type Shape } from '../../array/shape.ts'
import type { Aval } from '../../core/jaxpr.ts'
import type { Attributes, GraphBuilder, GraphValue } from '../../core/lowering.ts'
import type { OpenSizes } from './open-sizes.ts'

type Inputs = readonly (GraphValue | string)[]
type Guard = (
  graph: GraphBuilder,
  open: OpenSizes,
  inputs: Inputs,
  avals: readonly Aval[],
  attributes: Attributes,
  native: () => GraphValue[],
) => GraphValue[] | undefined

const shapeOf = (x: GraphValue | string | undefined): Shape => (typeof x === 'object' ? x.shape : [])

/** The runtime divides by the number of rows that it sorts: one more row is sorted, and cut off. */
const topK: Guard = (graph, open, [x, k], avals, attributes) => {
  const shape = shapeOf(x)
  const along = attributes['axis']
  const axes = range(shape.length).filter((i) => i !== along && open.isOpen(shape[i]!))
  if (typeof x !== 'object' || axes.length === 0) return undefined
  const grown = (s: Shape): number[] => s.map((n, i) => (axes.includes(i) ? n + 1 : n))
  const pads = graph.indices([...shape.map(() => 0), ...shape.map((_, i) => (axes.includes(i) ? 1 : 0))])
  const padded = graph.node('Pad', [x, pads], { shape: grown(shape), dtype: x.dtype })
  const results = graph.nodes(
    'TopK',
    [padded, k!],
    avals.map((a) => ({ ...a, shape: grown(a.shape) })),
    attributes,
  )
  const zeros = graph.indices(axes.map(() => 0))
  const ends = graph.indices(axes.map((i) => shape[i]!))
  return results.map((value, i) => {
    // The places are of int64 until they are cast.
    const whole = graph.cast(value, avals[i]!.dtype)
    return graph.node('Slice', [whole, zeros, ends, graph.indices(axes)], avals[i]!)
  })
}

/** The runtime's Scan cannot be of length 0: then the state stays as it is, and nothing is stacked. */
const scan: Guard = (graph, open, inputs, avals, attributes, native) => {
  const states = inputs.length - (attributes['num_scan_inputs'] as number)
  const length = shapeOf(inputs[states])[0]
  if (length === undefined || !open.isOpen(length)) return undefined
  const [size, zero] = [graph.indices([length]), graph.indices([0])]
  const some = graph.node('Greater', [size, zero], { shape: [1], dtype: 'bool' })
  const step = graph.body('If', [], native)
  const none = graph.body('If', [], () =>
    avals.map((aval, i) => (i < states ? (inputs[i] as GraphValue) : { ...graph.scalar(0, aval.dtype), aval })),
  )
  return graph.nodes('If', [graph.reshape(some, [])], avals, { then_branch: step, else_branch: none })
}

const guards: Readonly<Record<string, Guard>> = { TopK: topK, Scan: scan }

/** What stands for an operator that an open size of 0 would break; the node itself where there is nothing. */
export function guardOpen(
  graph: GraphBuilder,
  open: OpenSizes,
  op: string,
  inputs: Inputs,
  avals: readonly Aval[],
  attributes: Attributes,
  native: () => GraphValue[],
): GraphValue[] | undefined {
  return open.axes.length > 0 && Object.hasOwn(guards, op)
    ? guards[op]!(graph, open, inputs, avals, attributes, native)
    : undefined
}

/** 0, 1, 2 … along an open axis, counted in the graph. */
export function countOpen(graph: GraphBuilder, length: number, aval: Aval): GraphValue {
  const scalarOf = (n: number): GraphValue =>
    graph.reshape(graph.value(graph.indices([n]), { shape: [1], dtype: 'int32' }), [])
  // All of int64, whatever it is called until it is cast.
  const numbers = graph.node('Range', [0, length, 1].map(scalarOf), { shape: [length], dtype: 'int32' })
  return graph.elementwise('Cast', [numbers], aval, { to: { type: aval.dtype } })
}
