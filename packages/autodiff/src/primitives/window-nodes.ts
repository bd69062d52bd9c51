import { bytesPerElement, type DType, isHalf } from '../array/dtype.ts'
import { type NDArray, scalar } from '../array/ndarray.ts'
import { range, type Shape, sizeOf } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { trace } from '../core/trace.ts'
import { dilated, isTrivial, type WindowAxis, windowCount } from '../interpreter/window.ts'
import { add, max, min } from './arithmetic.ts'
import { eq, ge, le, not, or, select } from './comparison.ts'
import { full, zerosLike } from './broadcast.ts'
import { convert } from './convert.ts'
import { pad, slice } from './slicing.ts'
import { areBlocks, blocksOf, fromBlocks, tapsOfBlocks } from './window-blocks.ts'
import { completeTaps, paddedTo, tapSlice, tapsOf, tapStarts } from './window-taps.ts'
import { extremeOf, type SelectParams, windowAxes, type WindowParams } from './window-params.ts'

/** Windows longer than this are put together from windows half as long. */
const LONG = 6

const combiners: Readonly<Record<'sum' | 'max' | 'min', typeof add>> = { sum: add, max, min }

function inlined(
  name: string,
  graph: GraphBuilder,
  inputs: readonly GraphValue[],
  output: Aval,
  f: (...inputs: NDArray[]) => NDArray,
): GraphValue {
  if (sizeOf(output.shape) === 0) return { ...graph.scalar(0, output.dtype), aval: output }
  const { jaxpr } = trace(
    name,
    inputs.map((x) => x.aval),
    (...xs) => [f(...xs)],
  )
  return { ...(graph.inline(jaxpr, inputs)[0] as GraphValue), aval: output }
}

/** A reduction of windows: padding, and for each axis slices that are combined. */
export const lowerReduceWindow = (
  kind: 'sum' | 'max' | 'min',
  graph: GraphBuilder,
  x: GraphValue,
  params: WindowParams,
  output: Aval,
): GraphValue =>
  inlined(`reduce_window_${kind}`, graph, [x], output, (operand) => {
    // The extremes are those of the operand's own dtype; narrow ones are computed with in a wider one.
    const outside = kind === 'sum' ? 0 : extremeOf(x.dtype, kind === 'min')
    const work: DType = isHalf(x.dtype) ? 'float32' : bytesPerElement(x.dtype) < 4 ? 'int32' : x.dtype
    const axes = windowAxes(x.aval.shape, params)
    const reduced = axes.reduce(
      (value, axis, i) => (isTrivial(axis) ? value : reduceAxis(value, i, axis, combiners[kind])),
      paddedTo(convert(operand!, work), params, scalar(outside, work)),
    )
    return convert(reduced, x.dtype)
  })

function reduceAxis(x: NDArray, at: number, axis: WindowAxis, combine: typeof add): NDArray {
  const count = windowCount(axis)
  const length = (count - 1) * axis.stride + 1
  /** `length` entries from `start`, every `stride`-th. */
  const part = (y: NDArray, start: number, n: number, stride: number): NDArray =>
    slice(y, {
      starts: y.shape.map((_, i) => (i === at ? start : 0)),
      limits: y.shape.map((m, i) => (i === at ? start + n : m)),
      strides: y.shape.map((_, i) => (i === at ? stride : 1)),
    })
  if (axis.size <= LONG) {
    const taps = range(axis.size).map((tap) => part(x, tap * axis.windowDilation, length, axis.stride))
    return taps.reduce(combine)
  }
  // Windows of 1, 2, 4 … entries at every place; those that the size is the sum of stand one after the other.
  let windows = x
  let result: NDArray | undefined
  let done = 0
  for (let size = 1; size <= axis.size; size *= 2) {
    if (axis.size & size) {
      const next = part(windows, done * axis.windowDilation, length, axis.stride)
      result = result === undefined ? next : combine(result, next)
      done += size
    }
    if (2 * size > axis.size) break
    const shift = size * axis.windowDilation
    const n = windows.shape[at]! - shift
    windows = combine(part(windows, 0, n, 1), part(windows, shift, n, 1))
  }
  return result as NDArray
}

/** For each window which of its entries it stands for; −1 where none beats the start. */
function chosenTaps(x: NDArray, axes: readonly WindowAxis[], params: SelectParams): NDArray {
  const keeps = params.select === 'max' ? ge : le
  const outside = extremeOf(x.dtype, params.select === 'min')
  const padded = paddedTo(x, params, scalar(outside, x.dtype))
  const inside = paddedTo(full(x.shape, 1, 'bool'), params, scalar(0, 'bool'))
  const complete = completeTaps(axes)
  const counts = axes.map(windowCount)
  let held = full(counts, outside, x.dtype)
  let chosen = full(counts, -1, 'int32')
  for (const tap of tapsOf(axes)) {
    const next = tapSlice(padded, axes, tap)
    // What is outside takes no one's place, not even that of a NaN.
    const kept = complete[tap]! ? keeps(held, next) : or(keeps(held, next), not(tapSlice(inside, axes, tap)))
    chosen = select(kept, chosen, full(counts, tap, 'int32'))
    held = select(kept, held, next)
  }
  return chosen
}

export const lowerGather = (
  graph: GraphBuilder,
  values: GraphValue,
  x: GraphValue,
  params: SelectParams,
  output: Aval,
): GraphValue =>
  inlined('select_and_gather_add', graph, [values, x], output, (v, operand) => {
    const axes = windowAxes(operand!.shape, params)
    const chosen = chosenTaps(operand!, axes, params)
    const padded = paddedTo(v!, params, scalar(0, output.dtype))
    const zeros = zerosLike(output)
    return tapsOf(axes).reduce(
      (sum, tap) => select(eq(chosen, full(output.shape, tap, 'int32')), tapSlice(padded, axes, tap), sum),
      zeros,
    )
  })

export const lowerScatter = (
  graph: GraphBuilder,
  values: GraphValue,
  x: GraphValue,
  params: SelectParams,
  output: Aval,
): GraphValue => {
  if (sizeOf(values.aval.shape) === 0) return { ...graph.scalar(0, output.dtype), aval: output }
  return inlined('select_and_scatter_add', graph, [values, x], output, (v, operand) => {
    const axes = windowAxes(operand!.shape, params)
    const chosen = chosenTaps(operand!, axes, params)
    if (areBlocks(axes)) {
      const mine = eq(blocksOf(chosen, axes), tapsOfBlocks(axes))
      const spreadValues = blocksOf(v!, axes)
      return fromBlocks(select(mine, spreadValues, zerosLike(spreadValues)), axes)
    }
    const zeros = zerosLike(v!)
    const terms = tapsOf(axes).map((tap) => {
      const mine = select(eq(chosen, full(v!.shape, tap, 'int32')), v!, zeros)
      return spread(mine, axes, tapStarts(axes, tap))
    })
    const sum = terms.reduce(add)
    return unpadded(sum, axes, output.shape)
  })
}

/** The values of one entry of all windows at their places in the padded operand. */
function spread(values: NDArray, axes: readonly WindowAxis[], starts: readonly number[]): NDArray {
  const low = starts
  const high = axes.map((axis, i) => paddedLength(axis) - starts[i]! - dilated(values.shape[i]!, axis.stride))
  return pad(values, scalar(0, values.dtype), { low, high, interior: axes.map((axis) => axis.stride - 1) })
}

const paddedLength = (axis: WindowAxis): number => axis.low + dilated(axis.n, axis.baseDilation) + axis.high

/** What lies at the operand's own entries in its padded form. */
function unpadded(x: NDArray, axes: readonly WindowAxis[], shape: Shape): NDArray {
  const whole = pad(x, scalar(0, x.dtype), {
    low: axes.map((axis) => -axis.low),
    high: axes.map((axis) => -axis.high),
    interior: axes.map(() => 0),
  })
  return slice(whole, {
    starts: shape.map(() => 0),
    limits: whole.shape,
    strides: axes.map((axis) => axis.baseDilation),
  })
}
