import { bytesPerElement, isFloat } from '../array/dtype.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { flip } from './unsigned-nodes.ts'

/**
 * What TopK sorts an array by, the most significant first. TopK keeps the order of what is alike, and is at a loss with
 * NaN, which is to come after all numbers.
 */
function keysOf(graph: GraphBuilder, x: GraphValue): GraphValue[] {
  const { shape, dtype } = x.aval
  const whole = graph.materialize(x)
  if (graph.target === 'webgpu') return singleKeysOf(graph, whole)
  if (!isFloat(dtype)) {
    // TopK knows no uint32 and no bool; double precision holds the one, int32 the other.
    if (dtype === 'uint64') return [graph.cast(flip(graph, whole), 'int64')]
    if (bytesPerElement(dtype) > 4) return [whole]
    return [graph.cast(whole, dtype === 'uint32' ? 'float64' : 'int32')]
  }
  const number = graph.elementwise('Equal', [whole, whole], { shape, dtype: 'bool' })
  if (dtype !== 'float64') {
    // In double precision there is room beyond the infinities of the narrower floats.
    const wide = graph.cast(whole, 'float64')
    const held = graph.elementwise('Min', [wide, graph.scalar(1e300, 'float64')], wide.aval)
    return [graph.elementwise('Where', [number, held, graph.scalar(Infinity, 'float64')], wide.aval)]
  }
  const nan = graph.cast(graph.elementwise('Not', [number], { shape, dtype: 'bool' }), 'int32')
  return [nan, graph.elementwise('Where', [number, whole, graph.scalar(0, dtype)], x.aval)]
}

/** The largest float32. */
const LARGEST = (2 - 2 ** -23) * 2 ** 127

/** The same where TopK knows float32 alone: of integers the upper and the lower half, each of which it holds exactly. */
function singleKeysOf(graph: GraphBuilder, x: GraphValue): GraphValue[] {
  const { shape, dtype } = x.aval
  if (isFloat(dtype)) {
    const single = graph.cast(x, 'float32')
    const number = graph.elementwise('Equal', [single, single], { shape, dtype: 'bool' })
    // Infinities are what TopK fills up with: they come by their kind, −1, 0 for a number, 1, and 2 for NaN.
    const held = graph.elementwise('Clip', [single, graph.scalar(-LARGEST, 'float32'), graph.scalar(LARGEST, 'float32')], single.aval) // biome-ignore format: one call
    const finite = graph.elementwise('Equal', [single, held], { shape, dtype: 'bool' })
    const zero = graph.scalar(0, 'float32')
    const sign = graph.elementwise('Sign', [held], single.aval)
    const kind = graph.elementwise('Where', [finite, zero, sign], single.aval)
    const two = graph.scalar(2, 'float32')
    return [
      graph.elementwise('Where', [number, kind, two], single.aval),
      graph.elementwise('Where', [finite, single, zero], single.aval),
    ]
  }
  if (bytesPerElement(dtype) < 4) return [graph.cast(x, 'float32')]
  const word = { shape, dtype: 'uint32' } as const
  const bits = dtype === 'uint32' ? x : flip(graph, graph.cast(x, 'uint32'))
  const half = graph.scalar(2 ** 16, 'uint32')
  const upper = graph.elementwise('Div', [bits, half], word)
  const lower = graph.elementwise('Sub', [bits, graph.elementwise('Mul', [upper, half], word)], word)
  return [graph.cast(upper, 'float32'), graph.cast(lower, 'float32')]
}

/** The entries of `x` along `axis` in an order. */
export const inOrder = (graph: GraphBuilder, x: GraphValue, order: GraphValue, axis: number): GraphValue =>
  graph.node('GatherElements', [graph.materialize(x), order], { shape: order.aval.shape, dtype: x.dtype }, { axis })

/**
 * The order along `axis` by several arrays, the most significant first, as int32; entries that are alike stay in order.
 * Only the first `count` are given.
 */
export function orderBy(
  graph: GraphBuilder,
  arrays: readonly GraphValue[],
  axis: number,
  count: number,
  largest = false,
): GraphValue {
  const keys = arrays.flatMap((x) => keysOf(graph, x))
  let order: GraphValue | undefined
  // By the least significant first: what it says remains where the others find no difference.
  keys.toReversed().forEach((key, i) => {
    const n = i === keys.length - 1 ? count : key.aval.shape[axis]!
    const shape = key.aval.shape.map((size, a) => (a === axis ? n : size))
    const sorted = order === undefined ? key : inOrder(graph, key, order, axis)
    const outputs = [
      { shape, dtype: key.dtype },
      { shape, dtype: 'int32' as const },
    ]
    // The whole axis by its size in the graph, where it may be open.
    const k =
      n === key.aval.shape[axis] && graph.target !== 'webgpu'
        ? graph.indexNode('Shape', [graph.materialize(sorted)], { start: axis, end: axis + 1 })
        : graph.indices([n])
    const attributes = { axis, largest: Number(largest), sorted: 1 }
    const places = graph.cast(graph.nodes('TopK', [graph.materialize(sorted), k], outputs, attributes)[1]!, 'int32')
    order = order === undefined ? places : inOrder(graph, order, places, axis)
  })
  return order!
}
