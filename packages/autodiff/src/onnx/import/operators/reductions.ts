import { integerRange, isFloat } from '../../../array/dtype.ts'
import type { NDArray } from '../../../array/ndarray.ts'
import { range } from '../../../array/shape.ts'
import * as lax from '../../../lax/index.ts'
import * as np from '../../../numpy/index.ts'
import { axisOf, type Node, type Operator } from '../node.ts'

interface Over {
  readonly axis: readonly number[]
  readonly keepdims: boolean
}

/** Axes are an attribute in older operator sets and an operand in newer ones; none are all, unless it is said otherwise. */
const reduction =
  (f: (x: NDArray, over: Over) => NDArray, alone: (x: NDArray) => NDArray = (x) => x): Operator =>
  (node) => {
    const x = node.input(0)
    const given = node.numbersOrAttribute(1, 'axes') ?? []
    if (given.length === 0 && node.int('noop_with_empty_axes', 0) === 1) return alone(x)
    const axis = given.length === 0 ? range(x.ndim) : given.map((a) => axisOf(node, a, x.ndim))
    return f(x, { axis, keepdims: node.int('keepdims', 1) === 1 })
  }

/** In the dtype of the operand, which ONNX keeps. */
const sum = (x: NDArray, over: Over): NDArray => np.sum(x, { ...over, dtype: x.dtype })

function mean(x: NDArray, over: Over): NDArray {
  if (isFloat(x.dtype)) return x.mean(over)
  const total = sum(x, over)
  const count = over.axis.reduce((product, a) => product * x.shape[a]!, 1)
  return lax.div(total, np.full(total.shape, count, { dtype: x.dtype }))
}

/** Of nothing it is the number that no other goes beyond. */
const extreme =
  (f: (x: NDArray, over: Over) => NDArray, side: 0 | 1) =>
  (x: NDArray, over: Over): NDArray => {
    if (over.axis.every((a) => x.shape[a] !== 0)) return f(x, over)
    const limits = isFloat(x.dtype) ? [-Infinity, Infinity] : integerRange(x.dtype)
    const shape = x.shape.flatMap((n, i) => (!over.axis.includes(i) ? [n] : over.keepdims ? [1] : []))
    return np.full(shape, limits[side]!, { dtype: x.dtype })
  }
const max = extreme((x, over) => np.max(x, over), 0)
const min = extreme((x, over) => np.min(x, over), 1)

const square = (x: NDArray): NDArray => x.mul(x)

function logSumExp(x: NDArray, over: Over): NDArray {
  const largest = lax.stopGradient(max(x, { axis: over.axis, keepdims: true }))
  const shift = np.where(np.isfinite(largest), largest, np.zerosLike(largest))
  const total = np.log(np.exp(x.sub(shift)).sum({ axis: over.axis, keepdims: true })).add(shift)
  return over.keepdims ? total : np.squeeze(total, over.axis)
}

const index =
  (f: (x: NDArray, options: { readonly axis: number; readonly keepdims: boolean }) => NDArray): Operator =>
  (node: Node) => {
    const x = node.input(0)
    const axis = axisOf(node, node.int('axis', 0), x.ndim)
    const keepdims = node.int('keepdims', 1) === 1
    if (node.int('select_last_index', 0) === 0) return f(x, { axis, keepdims }).astype('int64')
    const last = f(np.flip(x, { axis }), { axis, keepdims })
      .neg()
      .add(x.shape[axis]! - 1)
    return last.astype('int64')
  }

const cumulated =
  (f: (x: NDArray, options: { readonly axis: number }) => NDArray, neutral: number): Operator =>
  (node) => {
    const x = node.input(0)
    const axis = axisOf(node, node.numbers(1)[0] ?? 0, x.ndim)
    const reverse = node.int('reverse', 0) === 1
    const flipped = reverse ? np.flip(x, { axis }) : x
    let total = f(flipped, { axis }).astype(x.dtype)
    if (node.int('exclusive', 0) === 1) {
      const n = x.shape[axis]!
      const width = x.shape.map((_, i): [number, number] => (i === axis ? [1, 0] : [0, 0]))
      total = np.pad(total, width, { constantValues: neutral })
      total = total.slice(...x.shape.map((_, i): [number, number] | null => (i === axis ? [0, n] : null)))
    }
    return reverse ? np.flip(total, { axis }) : total
  }

function topK(node: Node): NDArray[] {
  const x = node.input(0)
  const k = node.inputs.length > 1 ? node.numbers(1)[0] : node.int('k')
  const axis = axisOf(node, node.int('axis', -1), x.ndim)
  if (k === undefined || k < 0 || k > x.shape[axis]!) throw node.error(`k is ${k} for an axis of ${x.shape[axis]}`)
  const last = np.moveaxis(x, axis, -1)
  const [values, indices] = node.int('largest', 1) === 1 ? lax.topK(last, k) : smallest(last, k)
  return [np.moveaxis(values!, -1, axis), np.moveaxis(indices!, -1, axis).astype('int64')]
}

function smallest(x: NDArray, k: number): NDArray[] {
  const indices = np
    .argsort(x)
    .slice(...x.shape.map((_, i): [number, number] | null => (i === x.ndim - 1 ? [0, k] : null)))
  return [np.takeAlongAxis(x, indices, { axis: -1, mode: 'clip' }), indices]
}

export const reductions: Readonly<Record<string, Operator>> = {
  ArgMax: index(np.argmax),
  ArgMin: index(np.argmin),
  CumProd: cumulated(np.cumprod, 1),
  CumSum: cumulated(np.cumsum, 0),
  ReduceL1: reduction((x, over) => sum(np.abs(x), over), np.abs),
  ReduceL2: reduction((x, over) => np.sqrt(sum(square(x), over)), np.abs),
  ReduceLogSum: reduction((x, over) => np.log(sum(x, over)), np.log),
  ReduceLogSumExp: reduction(logSumExp),
  ReduceMax: reduction(max),
  ReduceMean: reduction(mean),
  ReduceMin: reduction(min),
  ReduceProd: reduction((x, over) => np.prod(x, { ...over, dtype: x.dtype })),
  ReduceSum: reduction(sum),
  ReduceSumSquare: reduction((x, over) => sum(square(x), over), square),
  TopK: topK,
}
