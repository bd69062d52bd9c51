import { checkList } from '../array/options.ts'
import { convertData } from '../array/convert-data.ts'
import { allocate, type DType, encodeElement, isFloat } from '../array/dtype.ts'
import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { insertAxis, type Shape, shapesEqual, showShape, sizeOf } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { type Aval, showAval } from '../core/jaxpr.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { dilated, isTrivial, windowCount } from '../interpreter/window.ts'
import { chosenEntries, type Keeps, reduceWindows, type WindowReduction } from '../interpreter/windows.ts'
import { batchElementwise } from './elementwise.ts'
import { areBlocks, blocksOf, fromBlocks } from './window-blocks.ts'
import { isLinear, linear } from './linear.ts'
import { extremeOf, type SelectParams, windowAxes, type WindowParams } from './window-params.ts'
import { lowerGather, lowerReduceWindow, lowerScatter } from './window-nodes.ts'

/** Sizes are int32, as in JAX: what is longer would be gone through entry by entry. */
const MOST = 2 ** 31 - 1
const isPadding = (n: number): boolean => Number.isInteger(n) && Math.abs(n) <= MOST

/** The shape of the windows of an operand; throws for windows it cannot have. */
export function windowedShape(name: string, x: Aval, params: WindowParams): number[] {
  const { dimensions, strides, padding, baseDilation, windowDilation } = params
  const lists = { windowDimensions: dimensions, windowStrides: strides, baseDilation, windowDilation }
  for (const [what, list] of Object.entries({ ...lists, padding })) {
    checkList(name, what, list as readonly unknown[])
    if (list.length !== x.shape.length) {
      throw new ShapeError(
        `${name}: ${what} has ${list.length} entries for ${showAval(x)}; give one for each of its ${x.shape.length} axes`,
      )
    }
  }
  for (const [what, list] of Object.entries(lists)) {
    if (!list.every((n) => Number.isInteger(n) && n >= 1 && n <= MOST)) {
      throw new ShapeError(`${name}: ${what} ${showShape(list)} must be whole numbers from 1 to ${MOST}`)
    }
  }
  if (!padding.every((pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isPadding))) {
    throw new ShapeError(
      `${name}: the padding ${showGiven(padding)} must be pairs [low, high] of whole numbers up to ${MOST}`,
    )
  }
  const counts = windowAxes(x.shape, params).map(windowCount)
  if (counts.some((n) => n < 0)) {
    throw new ShapeError(`${name}: the padding ${showGiven(padding)} cuts off more than ${showAval(x)} has`)
  }
  return counts
}

/** The params with an axis of its own for the batch. */
const batched = (params: WindowParams, axis: number): WindowParams => ({
  dimensions: insertAxis(params.dimensions, axis, 1),
  strides: insertAxis(params.strides, axis, 1),
  padding: [...params.padding.slice(0, axis), [0, 0], ...params.padding.slice(axis)],
  baseDilation: insertAxis(params.baseDilation, axis, 1),
  windowDilation: insertAxis(params.windowDilation, axis, 1),
})

/** Windows of single entries, in order, change nothing. */
const changesNothing = (x: NDArray, params: WindowParams): readonly NDArray[] | undefined =>
  windowAxes(x.shape, params).every(isTrivial) ? [x] : undefined

function checkNumbers(name: string, x: Aval): void {
  if (x.dtype === 'bool') {
    throw new DTypeError(`${name}: ${x.dtype} is not possible here; it takes numbers; convert with x.astype("int32")`)
  }
}

// ── reduce_window_sum ──────────────────────────────────────────────────────

const summed = (dtype: DType): WindowReduction => ({
  kind: 'sum',
  start: encodeElement(-0, dtype),
  outside: encodeElement(0, dtype),
})

/** The sum of each window; what lies outside the operand is 0. */
export const reduceWindowSumPrimitive: Primitive<WindowParams> = definePrimitive<WindowParams>({
  name: 'reduce_window_sum',
  abstractEval([x], params) {
    checkNumbers('reduce_window_sum', x!)
    return [{ shape: windowedShape('reduce_window_sum', x!, params), dtype: x!.dtype }]
  },
  evaluate: ([x], [aval], params) => [
    reduceWindows(x!, aval!.dtype, windowAxes(aval!.shape, params), summed(aval!.dtype)),
  ],
  ...linear<WindowParams>(
    (x, params) => reduceWindowSum(x, params),
    (ct, x, params) => {
      const axes = windowAxes(x.shape, params)
      if (areBlocks(axes)) return fromBlocks(blocksOf(ct, axes), axes)
      // Each entry gets the cotangents of the windows it lies in: strides and dilations change places.
      const padding = axes.map((axis, i): [number, number] => {
        const window = dilated(axis.size, axis.windowDilation)
        const before = window - 1 - axis.low
        return [before, dilated(axis.n, axis.baseDilation) + window - 1 - dilated(ct.shape[i]!, axis.stride) - before]
      })
      return reduceWindowSum(ct, {
        dimensions: params.dimensions,
        strides: params.baseDilation,
        padding,
        baseDilation: params.strides,
        windowDilation: params.windowDilation,
      })
    },
  ),
  batch: ([x], [dim], params) => ({ outputs: [reduceWindowSum(x!, batched(params, dim!))], dims: [dim!] }),
  lowersEveryDType: true,
  lower: (graph, [x], params, [output]) => [lowerReduceWindow('sum', graph, x!, params, output!)],
  simplify: ([x], params) => changesNothing(x!, params),
})
/** The sum of each window. */
export const reduceWindowSum = (x: NDArray, params: WindowParams): NDArray =>
  bind1(reduceWindowSumPrimitive, [x], params)

// ── reduce_window_max, reduce_window_min ───────────────────────────────────

function extremeWindow(kind: 'max' | 'min'): Primitive<WindowParams> {
  const name = `reduce_window_${kind}`
  const primitive: Primitive<WindowParams> = definePrimitive<WindowParams>({
    name,
    abstractEval([x], params) {
      checkNumbers(name, x!)
      return [{ shape: windowedShape(name, x!, params), dtype: x!.dtype }]
    },
    evaluate([x], [aval], params) {
      const neutral = encodeElement(extremeOf(aval!.dtype, kind === 'min'), aval!.dtype)
      const reduction = { kind, start: neutral, outside: neutral }
      return [reduceWindows(x!, aval!.dtype, windowAxes(aval!.shape, params), reduction)]
    },
    jvp([x], [dx], params) {
      const tangent = dx && isFloat(x!.dtype) ? selectAndGatherAdd(dx, x!, { ...params, select: kind }) : null
      return { outputs: [bind1(primitive, [x!], params)], tangents: [tangent] }
    },
    transpose: notLinear,
    batch: ([x], [dim], params) => ({ outputs: [bind1(primitive, [x!], batched(params, dim!))], dims: [dim!] }),
    lowersEveryDType: true,
    lower: (graph, [x], params, [output]) => [lowerReduceWindow(kind, graph, x!, params, output!)],
    simplify: ([x], params) => changesNothing(x!, params),
  })
  return primitive
}

/** The largest entry of each window; what lies outside the operand is the least number there is. */
export const reduceWindowMaxPrimitive: Primitive<WindowParams> = extremeWindow('max')
/** The smallest entry of each window; what lies outside the operand is the greatest number there is. */
export const reduceWindowMinPrimitive: Primitive<WindowParams> = extremeWindow('min')
export const reduceWindowMax = (x: NDArray, params: WindowParams): NDArray =>
  bind1(reduceWindowMaxPrimitive, [x], params)
export const reduceWindowMin = (x: NDArray, params: WindowParams): NDArray =>
  bind1(reduceWindowMinPrimitive, [x], params)

// ── select_and_gather_add, select_and_scatter_add: each the transpose of the other ──

const start = (select: 'max' | 'min'): number => (select === 'max' ? -Infinity : Infinity)
/** A NaN is not kept, and takes the place of any number, as in JAX. */
const keeps: Readonly<Record<'max' | 'min', Keeps>> = {
  max: (held, next) => held >= next,
  min: (held, next) => held <= next,
}

const checkFloats = (name: string, values: Aval, x: Aval): void => {
  if (values.dtype !== x.dtype || !isFloat(x.dtype)) {
    throw new DTypeError(`${name}: ${showAval(values)} and ${showAval(x)} must be floats of one dtype`)
  }
}

const chosenOf = (x: Parameters<typeof chosenEntries>[0], shape: Shape, params: SelectParams): Int32Array =>
  chosenEntries(x, windowAxes(shape, params), start(params.select), keeps[params.select])

/** For each window the value that stands where the operand's entry is the one that the window stands for. */
export const selectAndGatherAddPrimitive: Primitive<SelectParams> = definePrimitive<SelectParams>({
  name: 'select_and_gather_add',
  abstractEval([values, x], params) {
    const name = 'select_and_gather_add'
    checkFloats(name, values!, x!)
    if (!shapesEqual(values!.shape, x!.shape)) {
      throw new ShapeError(
        `${name}: the values ${showAval(values!)} must have the shape of the operand ${showAval(x!)}`,
      )
    }
    return [{ shape: windowedShape(name, x!, params), dtype: x!.dtype }]
  },
  evaluate([values, x], [, aval], params, [output]) {
    const chosen = chosenOf(x!, aval!.shape, params)
    const out = allocate(output!.dtype, chosen.length)
    for (let i = 0; i < out.length; i++) if (chosen[i]! >= 0) out[i] = values![chosen[i]!]!
    return [out]
  },
  jvp: ([values, x], [dvalues], params) => ({
    outputs: [selectAndGatherAdd(values!, x!, params)],
    tangents: [dvalues ? selectAndGatherAdd(dvalues, x!, params) : null],
  }),
  transpose: ([ct], [values, x], params) => [
    ct && isLinear(values!) ? selectAndScatterAdd(ct, x as NDArray, params) : null,
    null,
  ],
  batch(inputs, dims, params, size) {
    const { inputs: aligned, dim } = batchElementwise(inputs, dims, size)
    const { select } = params
    return { outputs: [selectAndGatherAdd(aligned[0]!, aligned[1]!, { ...batched(params, dim), select })], dims: [dim] }
  },
  lower: (graph, [values, x], params, [output]) => [lowerGather(graph, values!, x!, params, output!)],
})
const selectAndGatherAdd = (values: NDArray, x: NDArray, params: SelectParams): NDArray =>
  bind1(selectAndGatherAddPrimitive, [values, x], params)

/** Zeros in the operand's shape, with each window's value added to the entry that the window stands for. */
export const selectAndScatterAddPrimitive: Primitive<SelectParams> = definePrimitive<SelectParams>({
  name: 'select_and_scatter_add',
  abstractEval([values, x], params) {
    const name = 'select_and_scatter_add'
    checkFloats(name, values!, x!)
    const windows = windowedShape(name, x!, params)
    if (!shapesEqual(values!.shape, windows)) {
      throw new ShapeError(
        `${name}: the values ${showAval(values!)} must have the shape of the windows of ${showAval(x!)}, ${showShape(windows)}`,
      )
    }
    return [{ shape: x!.shape, dtype: x!.dtype }]
  },
  evaluate([values, x], [, aval], params, [output]) {
    const chosen = chosenOf(x!, aval!.shape, params)
    const sums = new Float64Array(sizeOf(output!.shape))
    for (let i = 0; i < chosen.length; i++) if (chosen[i]! >= 0) sums[chosen[i]!]! += values![i]!
    if (output!.dtype === 'float64') return [sums]
    return [convertData(sums, 'float64', output!.dtype)]
  },
  jvp: ([values, x], [dvalues], params) => ({
    outputs: [selectAndScatterAdd(values!, x!, params)],
    tangents: [dvalues ? selectAndScatterAdd(dvalues, x!, params) : null],
  }),
  transpose: ([ct], [values, x], params) => [
    ct && isLinear(values!) ? selectAndGatherAdd(ct, x as NDArray, params) : null,
    null,
  ],
  batch(inputs, dims, params, size) {
    const { inputs: aligned, dim } = batchElementwise(inputs, dims, size)
    const { select } = params
    return {
      outputs: [selectAndScatterAdd(aligned[0]!, aligned[1]!, { ...batched(params, dim), select })],
      dims: [dim],
    }
  },
  lower: (graph, [values, x], params, [output]) => [lowerScatter(graph, values!, x!, params, output!)],
})
const selectAndScatterAdd = (values: NDArray, x: NDArray, params: SelectParams): NDArray =>
  bind1(selectAndScatterAddPrimitive, [values, x], params)
