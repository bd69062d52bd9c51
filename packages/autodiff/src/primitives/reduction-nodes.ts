import { type DType, isBig, isFloat, isInteger, isSigned } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { range, sizeOf, withoutAxes } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { trace } from '../core/trace.ts'
import { add, max, min, mul } from './arithmetic.ts'
import { concatenate } from './concatenate.ts'
import { sliceAxis } from './slicing.ts'
import { full } from './broadcast.ts'
import { reshape, transpose } from './reshape.ts'
import { flip, signedOf } from './unsigned-nodes.ts'

/** How reductions become nodes: what the runtime's Reduce nodes get wrong, by other means. */

export type LowerReduction = (graph: GraphBuilder, x: GraphValue, axes: readonly number[], output: Aval) => GraphValue

/** The axes with the reduced ones last. */
export const rowOrder = (rank: number, axes: readonly number[]): number[] => [
  ...range(rank).filter((axis) => !axes.includes(axis)),
  ...axes,
]

/** The entries over the reduced axes as the last axis. */
export const rowsOf = (x: NDArray, axes: readonly number[]): NDArray =>
  reshape(transpose(x, rowOrder(x.ndim, axes)), [
    ...withoutAxes(x.shape, axes),
    sizeOf(axes.map((axis) => x.shape[axis]!)),
  ])

const isEmpty = (x: GraphValue, axes: readonly number[]): boolean => axes.some((axis) => x.shape[axis] === 0)

export const reduceNode = (
  graph: GraphBuilder,
  op: string,
  x: GraphValue,
  axes: readonly number[],
  output: Aval,
): GraphValue => graph.node(op, [x, graph.indices(axes)], { ...output, dtype: x.dtype }, { keepdims: 0 })

/** What booleans are counted in: WebGPU reduces float32 at once, int32 in steps. */
const counted = (graph: GraphBuilder): DType => (graph.target === 'webgpu' ? 'float32' : 'int32')

/** Over booleans as numbers, which have no value for nothing. */
export const reduceBooleans =
  (op: string, empty: number): LowerReduction =>
  (graph, x, axes, output) =>
    isEmpty(x, axes)
      ? { ...graph.scalar(empty, 'bool'), aval: output }
      : // Of nothing, on an axis that is left open, the runtime has the least or the largest number.
        graph.elementwise(
          'Greater',
          [reduceNode(graph, op, graph.cast(x, counted(graph)), axes, output), graph.scalar(0, counted(graph))],
          output,
        )

/**
 * A reduction of integers half by half: the runtime's own products and 64-bit sums saturate, and its comparisons of
 * 64-bit integers look at the lower half alone.
 */
const folded =
  (combine: (x: NDArray, y: NDArray) => NDArray, neutral: number): LowerReduction =>
  (graph, x, axes, output) => {
    const { jaxpr } = trace('reduce', [{ shape: x.shape, dtype: x.dtype }], (operand) => {
      const rows = rowsOf(operand!, axes)
      const last = rows.ndim - 1
      let values = rows
      for (let n = rows.shape[last]!; n > 1; n = Math.ceil(n / 2)) {
        const half = Math.floor(n / 2)
        const pairs = combine(sliceAxis(values, last, 0, half), sliceAxis(values, last, half, 2 * half))
        values = n % 2 === 0 ? pairs : concatenate([pairs, sliceAxis(values, last, n - 1, n)], last)
      }
      return [rows.shape[last] === 0 ? full(output.shape, neutral, x.dtype) : reshape(values, output.shape)]
    })
    return { ...(graph.inline(jaxpr, [x])[0] as GraphValue), aval: output }
  }
export const multiplied: LowerReduction = folded(mul, 1)
export const added: LowerReduction = folded(add, 0)
export const foldedExtreme: Readonly<Record<string, LowerReduction>> = {
  ReduceMax: folded(max, 0),
  ReduceMin: folded(min, 0),
}

export const extreme =
  (op: string): LowerReduction =>
  (graph, x, axes, output) => {
    if (isBig(x.dtype)) return foldedExtreme[op]!(graph, x, axes, output)
    if (isInteger(x.dtype) && isSigned(x.dtype)) return reduceNode(graph, op, x, axes, output)
    if (isInteger(x.dtype)) {
      const signed = reduceNode(graph, op, graph.cast(flip(graph, x), signedOf(x.dtype)), axes, output)
      return flip(graph, graph.cast(signed, x.dtype))
    }
    const nan = anyNaN(graph, x, axes, output)
    return graph.elementwise('Where', [nan, graph.scalar(NaN, x.dtype), reduceNode(graph, op, x, axes, output)], output)
  }

/** Whether there is a NaN over some axes: the runtime's extremes overlook one that does not come first. */
function anyNaN(graph: GraphBuilder, x: GraphValue, axes: readonly number[], output: Aval): GraphValue {
  const bool = { ...output, dtype: 'bool' } as const
  if (graph.target === 'webgpu') {
    const number = graph.elementwise('Equal', [x, x], { ...x.aval, dtype: 'bool' })
    const all = reduceNode(graph, 'ReduceMin', graph.materialize(graph.cast(number, 'float32')), axes, output)
    return graph.elementwise('Equal', [all, graph.scalar(0, 'float32')], bool)
  }
  // A sum of numbers held in −1 … 1 is NaN only by one.
  const held = graph.elementwise('Clip', [x, graph.scalar(-1, x.dtype), graph.scalar(1, x.dtype)], x.aval)
  const sum = reduceNode(graph, 'ReduceSum', graph.materialize(held), axes, output)
  return graph.elementwise('Not', [graph.elementwise('Equal', [sum, sum], bool)], bool)
}

/** The index of the first extreme entry over an axis; the first NaN wins, as in NumPy, and is looked for apart. */
export function extremeIndex(graph: GraphBuilder, op: string, x: GraphValue, axis: number, output: Aval): GraphValue {
  const found = (of: string, v: GraphValue): GraphValue => {
    const index = graph.indexNode(of, [v], { axis, keepdims: 0 })
    return graph.cast(graph.value(index, { ...output, dtype: 'int32' }), 'int32')
  }
  if (!isFloat(x.dtype) && graph.target === 'cuda') return firstEqual(graph, op, x, axis, output)
  if (!isFloat(x.dtype)) {
    const ordered = isInteger(x.dtype) && !isSigned(x.dtype) ? flip(graph, x) : x
    return found(op, graph.cast(graph.materialize(ordered), signedOf(x.dtype)))
  }
  const number = graph.elementwise('Equal', [x, x], { ...x.aval, dtype: 'bool' })
  const nan = graph.cast(graph.elementwise('Not', [number], { ...x.aval, dtype: 'bool' }), 'float32')
  const any = reduceNode(graph, 'ReduceMax', graph.materialize(nan), [axis], output)
  const has = graph.elementwise('Greater', [any, graph.scalar(0, 'float32')], { ...output, dtype: 'bool' })
  return graph.elementwise('Where', [has, found('ArgMax', graph.materialize(nan)), found(op, x)], output)
}

/** The same of integers for CUDA, which has ArgMax for floats alone: the smallest index of what equals the extreme. */
function firstEqual(graph: GraphBuilder, op: string, x: GraphValue, axis: number, output: Aval): GraphValue {
  const wide = x.dtype === 'bool' ? graph.cast(x, 'int32') : x
  const most = { shape: output.shape, dtype: wide.dtype }
  const value = extreme(op === 'ArgMax' ? 'ReduceMax' : 'ReduceMin')(graph, wide, [axis], most)
  const n = x.shape[axis]!
  const along = x.shape.map((_, a) => (a === axis ? n : 1))
  const spread = graph.reshape(value, x.shape.with(axis, 1))
  const is = graph.elementwise('Equal', [wide, { ...spread, aval: wide.aval }], { shape: x.shape, dtype: 'bool' })
  const steps = graph.constant(Int32Array.from(range(n)), { shape: [n], dtype: 'int32' })
  const places = { shape: x.shape, dtype: 'int32' } as const
  const index = graph.elementwise('Where', [is, graph.reshape(steps, along), graph.scalar(n, 'int32')], places)
  return reduceNode(graph, 'ReduceMin', index, [axis], output)
}
