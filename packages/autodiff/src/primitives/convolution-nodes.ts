import { array } from '../array/create.ts'
import { isFloat } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { range, type Shape, sizeOf } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import type { Attributes, GraphBuilder, GraphValue } from '../core/lowering.ts'
import { trace } from '../core/trace.ts'
import { type WindowAxis, windowCount, windowOffsets } from '../interpreter/window.ts'
import { zerosLike } from './broadcast.ts'
import { type ConvolutionParams, swapFeatures } from './convolution-layout.ts'
import { concatenate } from './concatenate.ts'
import { dot } from './dot.ts'
import { take } from './gather.ts'
import { reshape, transpose } from './reshape.ts'
import { rev } from './rev.ts'
import { pad, slice } from './slicing.ts'

/** Windows of at most this many entries are taken as slices, larger ones by an index. */
const SLICES = 49

/** The nodes of operations on arrays, in place. */
function inlined(graph: GraphBuilder, inputs: readonly GraphValue[], f: (...inputs: NDArray[]) => NDArray): GraphValue {
  const avals = inputs.map((x) => x.aval)
  const { jaxpr } = trace('conv_general_dilated', avals, (...xs) => [f(...xs)])
  return graph.materialize(graph.inline(jaxpr, inputs)[0] as GraphValue)
}

/**
 * Conv, or ConvTranspose for a dilated operand; where the runtime has none for the dtype, a product with the matrix of
 * patches.
 */
export function lowerConvolution(
  graph: GraphBuilder,
  x: GraphValue,
  kernel: GraphValue,
  params: ConvolutionParams,
  output: Aval,
): GraphValue {
  if (sizeOf(output.shape) === 0 || sizeOf(kernel.aval.shape) === 0) {
    return { ...graph.scalar(0, output.dtype), aval: output }
  }
  const spatial = params.strides.length
  if (hasFewWindows(graph, kernel.aval.shape, output.shape, params))
    return { ...inlined(graph, [x, kernel], (a, b) => productPerWindow(a!, b!, params)), aval: output }
  const native = spatial >= 1 && spatial <= 3 && hasConv(graph, output)
  if (!native) return { ...inlined(graph, [x, kernel], (a, b) => composed(a!, b!, params)), aval: output }
  const transposed = transposedAttributes(graph, kernel.aval.shape, params)
  if (transposed !== undefined) {
    const turned = inlined(graph, [kernel], (w) =>
      rev(
        swapFeatures(w!, params.groups),
        range(w!.ndim).filter((axis) => axis >= 2),
      ),
    )
    return graph.node('ConvTranspose', [graph.materialize(x), turned], output, transposed)
  }
  // The node knows neither negative padding nor the gaps of a dilated operand.
  const prepared = inlined(graph, [x], (operand) =>
    pad(operand!, zerosLike({ shape: [], dtype: operand!.dtype }), {
      low: [0, 0, ...params.padding.map(([low]) => Math.min(0, low))],
      high: [0, 0, ...params.padding.map(([, high]) => Math.min(0, high))],
      interior: [0, 0, ...params.lhsDilation.map((d) => d - 1)],
    }),
  )
  return graph.node('Conv', [prepared, graph.materialize(kernel)], output, {
    kernel_shape: kernel.aval.shape.slice(2),
    strides: params.strides,
    dilations: params.rhsDilation,
    pads: [...params.padding.map(([low]) => Math.max(0, low)), ...params.padding.map(([, high]) => Math.max(0, high))],
    group: params.groups,
  })
}

const hasConv = (graph: GraphBuilder, { dtype }: Aval): boolean =>
  isFloat(dtype) && (dtype !== 'float64' || graph.target === 'cuda')

/**
 * ConvTranspose spreads each entry of the operand by its strides and cuts the ends of the full result off. It can do
 * what has no strides of its own and no more padding than the window reaches (up to a stride at the end).
 */
function transposedAttributes(graph: GraphBuilder, kernel: Shape, params: ConvolutionParams): Attributes | undefined {
  const { strides, padding, lhsDilation, rhsDilation, groups } = params
  if (lhsDilation.every((d) => d === 1) || strides.some((s) => s !== 1)) return undefined
  if (graph.target === 'webgpu' && strides.length > 2) return undefined
  const cut = padding.map(([low, high], i) => {
    const reach = (kernel[i + 2]! - 1) * rhsDilation[i]!
    return { before: reach - low, after: Math.max(0, reach - high), beyond: Math.max(0, high - reach) }
  })
  if (cut.some(({ before, beyond }, i) => before < 0 || beyond >= lhsDilation[i]!)) return undefined
  // CUDA cuts both ends alike.
  if (graph.target === 'cuda' && cut.some(({ before, after }) => before !== after)) return undefined
  return {
    kernel_shape: kernel.slice(2),
    strides: lhsDilation,
    dilations: rhsDilation,
    pads: [...cut.map((c) => c.before), ...cut.map((c) => c.after)],
    output_padding: cut.map((c) => c.beyond),
    group: groups,
  }
}

/**
 * Whether windows are few and large, as in the derivative of a kernel. The runtime's Conv on a cpu multiplies matrices
 * with as many columns as there are windows, which takes 2 to 3 times as long (9 windows of 32 × 32).
 */
function hasFewWindows(graph: GraphBuilder, kernel: Shape, output: Shape, { groups }: ConvolutionParams): boolean {
  const [windows, taps] = [sizeOf(output.slice(2)), sizeOf(kernel.slice(2))]
  return graph.target === 'cpu' && groups === 1 && windows <= SLICES && taps > windows && windows <= output[0]!
}

/** The operand with its padding and gaps, and where the windows lie in it. */
function paddedWindows(
  x: NDArray,
  window: Shape,
  { padding, lhsDilation, strides, rhsDilation }: ConvolutionParams,
): [padded: NDArray, axes: readonly WindowAxis[]] {
  const padded = pad(x, zerosLike({ shape: [], dtype: x.dtype }), {
    low: [0, 0, ...padding.map(([low]) => low)],
    high: [0, 0, ...padding.map(([, high]) => high)],
    interior: [0, 0, ...lhsDilation.map((d) => d - 1)],
  })
  const axes = window.map((size, i) => ({
    n: padded.shape[i + 2]!,
    size,
    stride: strides[i]!,
    low: 0,
    high: 0,
    baseDilation: 1,
    windowDilation: rhsDilation[i]!,
  }))
  return [padded, axes]
}

/** For each window the product of what lies in it with the kernel. */
function productPerWindow(x: NDArray, kernel: NDArray, params: ConvolutionParams): NDArray {
  const [made, , ...window] = kernel.shape as [number, number, ...number[]]
  const [padded, axes] = paddedWindows(x, window, params)
  const counts = axes.map(windowCount)
  const lead = padded.shape.slice(0, 2)
  const weights = reshape(kernel, [made, sizeOf(kernel.shape) / made])
  const products = placesIn(counts).map((place) => {
    const starts = place.map((i, a) => i * axes[a]!.stride)
    const entries = slice(padded, {
      starts: [0, 0, ...starts],
      limits: [...lead, ...starts.map((start, a) => start + (axes[a]!.size - 1) * axes[a]!.windowDilation + 1)],
      strides: [1, 1, ...axes.map((axis) => axis.windowDilation)],
    })
    const rows = reshape(entries, [lead[0]!, weights.shape[1]!])
    return reshape(dot(rows, weights, { contract: [[1], [1]], batch: [[], []] }), [lead[0]!, made, 1]) // biome-ignore format: pairs
  })
  return reshape(concatenate(products, 2), [lead[0]!, made, ...counts])
}

/** The places of an array, the last axis first. */
const placesIn = (shape: Shape): number[][] =>
  shape.reduce<number[][]>((places, n) => places.flatMap((place) => range(n).map((i) => [...place, i])), [[]])

/** The product of the kernel with the matrix of patches. */
function composed(x: NDArray, kernel: NDArray, params: ConvolutionParams): NDArray {
  const { groups } = params
  const [made, taken, ...window] = kernel.shape as [number, number, ...number[]]
  const [padded, axes] = paddedWindows(x, window, params)
  const counts = axes.map(windowCount)
  const batch = x.shape[0]!
  const taps = sizeOf(window)
  const patches = reshape(taps <= SLICES ? slicedPatches(padded, axes) : takenPatches(padded, axes), [
    batch,
    groups,
    taken,
    taps,
    sizeOf(counts),
  ])
  const weights = reshape(kernel, [groups, made / groups, taken, taps])
  // [groups, outputs, batch, windows]
  const product = dot(weights, patches, { contract: [[2, 3], [2, 3]], batch: [[0], [1]] }) // biome-ignore format: pairs
  return reshape(transpose(product, [2, 0, 1, 3]), [batch, made, ...counts])
}

/** `[batch, features, taps, windows]`, each tap a slice. */
function slicedPatches(x: NDArray, axes: readonly WindowAxis[]): NDArray {
  const counts = axes.map(windowCount)
  const lead = x.shape.slice(0, 2)
  const slices = placesIn(axes.map((axis) => axis.size)).map((place) => {
    const starts = place.map((i, a) => i * axes[a]!.windowDilation)
    const taken = slice(x, {
      starts: [0, 0, ...starts],
      limits: [...lead, ...starts.map((start, a) => start + (counts[a]! - 1) * axes[a]!.stride + 1)],
      strides: [1, 1, ...axes.map((axis) => axis.stride)],
    })
    return reshape(taken, [...lead, 1, sizeOf(counts)])
  })
  return concatenate(slices, 2)
}

/** The same by one index. */
function takenPatches(x: NDArray, axes: readonly WindowAxis[]): NDArray {
  const [batch, features, ...space] = x.shape as [number, number, ...number[]]
  const windows = sizeOf(axes.map(windowCount))
  const offsets = windowOffsets(axes, 0, windows)
  const index = array(offsets, { shape: [offsets.length / windows, windows] })
  return take(reshape(x, [batch, features, sizeOf(space)]), index, 2)
}
