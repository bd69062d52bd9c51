import { isBig } from '../array/dtype.ts'
import { sizeOf } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'

/** How many bits of each number are summed at once: up to 2³¹ of them have a sum that a double holds exactly. */
const PART = 22
/** Up to this many numbers of 32 bits have a sum that a double holds. */
const MANY = 2 ** 21

/**
 * The sum of integers, which wraps. The runtime sums integers in double precision, and what does not fit is held at the
 * ends: numbers of 32 bits are summed as int64, those of 64 bits (and very many) in parts of fewer bits.
 */
export function sumIntegers(graph: GraphBuilder, x: GraphValue, axes: readonly number[], output: Aval): GraphValue {
  // WebGPU has no integers of 64 bits, and a sum of its own.
  if (graph.target === 'webgpu') {
    const aval = { shape: output.shape, dtype: x.dtype }
    return graph.node('ReduceSum', [x, graph.indices(axes)], aval, { keepdims: 0 })
  }
  const summed = (value: GraphValue): GraphValue =>
    graph.node('ReduceSum', [value, graph.indices(axes)], { shape: output.shape, dtype: 'int64' }, { keepdims: 0 })
  const many = sizeOf(axes.map((axis) => x.shape[axis]!)) > MANY
  if (!isBig(x.dtype) && !many) return graph.cast(summed(graph.cast(x, 'int64')), x.dtype)
  const word = { shape: x.shape, dtype: 'uint64' } as const
  const total = { shape: output.shape, dtype: 'uint64' } as const
  const bits = graph.cast(graph.cast(x, 'int64'), 'uint64')
  const mask = graph.scalar(2 ** PART - 1, 'uint64')
  const parts = [0, PART, 2 * PART].map((low) => {
    const by = graph.scalar(low, 'uint64')
    const moved = low === 0 ? bits : graph.elementwise('BitShift', [bits, by], word, { direction: 'RIGHT' })
    const part = graph.cast(graph.elementwise('BitwiseAnd', [moved, mask], word), 'int64')
    const sum = graph.cast(summed(part), 'uint64')
    return low === 0 ? sum : graph.elementwise('BitShift', [sum, by], total, { direction: 'LEFT' })
  })
  return graph.cast(
    parts.reduce((a, b) => graph.elementwise('Add', [a, b], total)),
    x.dtype,
  )
}
