import type { Aval } from '../../../core/jaxpr.ts'
import type { GraphValue } from '../../../core/lowering.ts'
import { added } from '../../../primitives/reduction-nodes.ts'
import { type Form, type FormGraph, operand, operands } from './form.ts'

/** Operators on integers that GPU providers know for floats only. */

/** A product of matrices of integers as the sum of the products of their entries. */
export const integerMatMul: Form = (graph, call) => {
  const output = call.outputs[0]!
  const [x, y] = operands(call).map((v) => graph.materialize(v)) as [GraphValue, GraphValue]
  const left = graph.reshape(x, [...x.shape, 1])
  const right = graph.reshape(y, [...y.shape.slice(0, -2), 1, ...y.shape.slice(-2)])
  const shape = [...output.shape.slice(0, -1), x.shape.at(-1)!, output.shape.at(-1)!]
  const products = graph.materialize(graph.native('Mul', [left, right], { shape, dtype: x.dtype }))
  return [added(graph, products, [shape.length - 2], output)]
}

/** Padding by pieces that are put before and after, axis by axis; what is negative is cut off. */
export const pieces: Form = (graph, call) => {
  const pads = graph.numbersOf(call.inputs[1]!)!
  const filler = call.inputs[2] as GraphValue
  let value = graph.materialize(operand(call, 0))
  const rank = value.shape.length
  value.shape.forEach((_, axis) => {
    const [low, high] = [pads[axis]!, pads[axis + rank]!]
    value = cutOff(graph, value, axis, Math.max(0, -low), Math.max(0, -high))
    const parts = [piece(graph, value, filler, axis, low), value, piece(graph, value, filler, axis, high)]
    const kept = parts.filter((part) => part !== undefined)
    const size = kept.reduce((sum, part) => sum + part.shape[axis]!, 0)
    const shape = value.shape.with(axis, size)
    if (kept.length > 1) value = graph.node('Concat', kept, { shape, dtype: value.dtype }, { axis })
  })
  return [{ ...value, aval: call.outputs[0]! }]
}

function piece(
  graph: FormGraph,
  { shape, dtype }: GraphValue,
  filler: GraphValue,
  axis: number,
  size: number,
): GraphValue | undefined {
  const aval: Aval = { shape: shape.with(axis, size), dtype }
  return size > 0 ? graph.materialize({ ...filler, aval }) : undefined
}

function cutOff(graph: FormGraph, x: GraphValue, axis: number, before: number, after: number): GraphValue {
  const n = x.shape[axis]!
  if (before === 0 && after === 0) return x
  const shape = x.shape.with(axis, Math.max(0, n - before - after))
  const ends = [before, Math.max(before, n - after), axis].map((i) => graph.indices([i]))
  return graph.node('Slice', [x, ...ends], { shape, dtype: x.dtype })
}
