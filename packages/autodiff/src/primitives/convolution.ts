import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { insertAxis, range, type Shape, showShape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { type Aval, showAval } from '../core/jaxpr.ts'
import { definePrimitive, type Primitive, type Tangent } from '../core/primitive.ts'
import { bind1 } from '../core/trace.ts'
import { convolve as convolveData } from '../interpreter/convolution.ts'
import { dilated, type WindowAxis, windowCount } from '../interpreter/window.ts'
import { full } from './broadcast.ts'
import { batchGroupsAsFeatures, type ConvolutionParams, swapFeatures, transposeLead } from './convolution-layout.ts'
import { lowerConvolution } from './convolution-nodes.ts'
import { isLinear, known } from './linear.ts'
import { moveAxis, reshape } from './reshape.ts'
import { rev } from './rev.ts'

const NAME = 'conv_general_dilated'

/** The spatial axes of an operand under a kernel. */
const convolutionAxes = (x: Shape, kernel: Shape, params: ConvolutionParams): WindowAxis[] =>
  params.strides.map((stride, i) => ({
    n: x[i + 2]!,
    size: kernel[i + 2]!,
    stride,
    low: params.padding[i]![0],
    high: params.padding[i]![1],
    baseDilation: params.lhsDilation[i]!,
    windowDilation: params.rhsDilation[i]!,
  }))

function check(x: Aval, kernel: Aval, params: ConvolutionParams): void {
  const { strides, padding, lhsDilation, rhsDilation, groups } = params
  if (x.dtype !== kernel.dtype) {
    throw new DTypeError(`${NAME}: the dtypes ${x.dtype} and ${kernel.dtype} differ; convert one with x.astype(…)`)
  }
  if (x.dtype === 'bool') throw new DTypeError(`${NAME}: bool has no products; convert with x.astype("int32")`)
  const rank = x.shape.length
  if (rank < 2 || kernel.shape.length !== rank) {
    throw new ShapeError(
      `${NAME}: the operand ${showAval(x)} and the kernel ${showAval(kernel)} must have equally many axes: two, and the spatial ones`,
    )
  }
  const lists = { windowStrides: strides, padding, lhsDilation, rhsDilation }
  for (const [name, list] of Object.entries(lists)) {
    if (list.length !== rank - 2) {
      throw new ShapeError(
        `${NAME}: ${name} has ${list.length} entries for the ${rank - 2} spatial axes of ${showAval(x)}; give one for each`,
      )
    }
  }
  for (const [name, list] of Object.entries({ windowStrides: strides, lhsDilation, rhsDilation })) {
    if (!list.every((n) => Number.isInteger(n) && n >= 1)) {
      throw new ShapeError(`${NAME}: ${name} ${showShape(list)} must be whole numbers from 1`)
    }
  }
  if (!padding.every((pair) => pair.length === 2 && pair.every(Number.isInteger))) {
    throw new ShapeError(`${NAME}: the padding ${showGiven(padding)} must be pairs [low, high] of whole numbers`)
  }
  if (!Number.isInteger(groups) || groups < 1) {
    throw new ShapeError(`${NAME}: featureGroupCount is ${showGiven(groups)}, it must be a whole number from 1`)
  }
  if (x.shape[1] !== kernel.shape[1]! * groups) {
    throw new ShapeError(
      `${NAME}: the operand has ${x.shape[1]} features and the kernel takes ${kernel.shape[1]} in ${groups === 1 ? '1 group' : `each of ${groups} groups`}; they must be ${kernel.shape[1]! * groups}`,
    )
  }
  if (kernel.shape[0]! % groups !== 0) {
    throw new ShapeError(
      `${NAME}: the ${kernel.shape[0]} features that the kernel makes do not fall into ${groups} groups; make them a multiple`,
    )
  }
}

/**
 * The correlation of an operand `[batch, features, …space]` with a kernel `[features out, features in, …window]`:
 * `[batch, features out, …windows]`. Other layouts are transposes around it, groups of the batch are groups of features.
 */
export const convolutionPrimitive: Primitive<ConvolutionParams> = definePrimitive<ConvolutionParams>({
  name: NAME,
  abstractEval([x, kernel], params) {
    check(x!, kernel!, params)
    const counts = convolutionAxes(x!.shape, kernel!.shape, params).map(windowCount)
    if (counts.some((n) => n < 0)) {
      throw new ShapeError(
        `${NAME}: the padding ${showGiven(params.padding)} cuts off more than the spatial axes of ${showAval(x!)} have`,
      )
    }
    return [{ shape: [x!.shape[0]!, kernel!.shape[0]!, ...counts], dtype: x!.dtype }]
  },
  evaluate([x, kernel], [left, right], params) {
    const { groups } = params
    return [
      convolveData(x!, kernel!, left!.dtype, {
        batch: left!.shape[0]!,
        groups,
        inputs: right!.shape[1]!,
        outputs: right!.shape[0]! / groups,
        axes: convolutionAxes(left!.shape, right!.shape, params),
      }),
    ]
  },
  jvp([x, kernel], [dx, dkernel], params) {
    const left: Tangent = dx ? convolve(dx, kernel!, params) : null
    const right: Tangent = dkernel ? convolve(x!, dkernel, params) : null
    return { outputs: [convolve(x!, kernel!, params)], tangents: [left && right ? left.add(right) : (left ?? right)] }
  },
  transpose([ct], [x, kernel], params) {
    // Without windows nothing depends on the operands, and the convolutions below would have empty kernels.
    if (!ct || ct.size === 0) return [null, null]
    if (isLinear(x!)) return [cotangentOfOperand(ct, x.aval, known(NAME, kernel!), params), null]
    return [null, cotangentOfKernel(ct, x as NDArray, (kernel as { aval: Aval }).aval, params)]
  },
  batch([x, kernel], [dx, dkernel], params, size) {
    const { groups } = params
    if (size === 0) return { outputs: [emptyBatch(x!, kernel!, dx, dkernel, params)], dims: [0] }
    if (dx == null) {
      const rows = moveAxis(kernel!, dkernel!, 0)
      const [, made, taken, ...window] = rows.shape as [number, number, number, ...number[]]
      // [size, groups·outputs] → [groups·size·outputs], and back
      const grouped = transposeLead(reshape(rows, [size, groups, made / groups, taken, ...window]), [1, 0])
      const out = convolve(x!, reshape(grouped, [made * size, taken, ...window]), params)
      const [batch, , ...windows] = out.shape as [number, number, ...number[]]
      const apart = transposeLead(reshape(out, [batch, groups, size, made / groups, ...windows]), [0, 2, 1])
      return { outputs: [reshape(apart, [batch, size, made, ...windows])], dims: [1] }
    }
    const entries = moveAxis(x!, dx, 0)
    const [, batch, features, ...space] = entries.shape as [number, number, number, ...number[]]
    if (dkernel == null) {
      const out = convolve(reshape(entries, [size * batch, features, ...space]), kernel!, params)
      return { outputs: [reshape(out, [size, batch, ...out.shape.slice(1)])], dims: [0] }
    }
    const rows = moveAxis(kernel!, dkernel, 0)
    const [, made, taken, ...window] = rows.shape as [number, number, number, ...number[]]
    const stacked = reshape(transposeLead(entries, [1, 0]), [batch, size * features, ...space])
    const out = convolve(stacked, reshape(rows, [size * made, taken, ...window]), { ...params, groups: groups * size })
    return { outputs: [reshape(out, [batch, size, made, ...out.shape.slice(2)])], dims: [1] }
  },
  lower: (graph, [x, kernel], params, [output]) => [lowerConvolution(graph, x!, kernel!, params, output!)],
})

/** `x ⋆ kernel` in the layout of the primitive. */
export const convolve = (x: NDArray, kernel: NDArray, params: ConvolutionParams): NDArray =>
  bind1(convolutionPrimitive, [x, kernel], params)

/** The cotangent, its strides as dilation, with the kernel turned round. */
function cotangentOfOperand(ct: NDArray, x: Aval, kernel: NDArray, params: ConvolutionParams): NDArray {
  const { strides, lhsDilation, rhsDilation, groups } = params
  const padding = convolutionAxes(x.shape, kernel.shape, params).map((axis, i): [number, number] => {
    const window = dilated(axis.size, axis.windowDilation)
    const before = window - 1 - axis.low
    const after = dilated(axis.n, axis.baseDilation) + window - 1 - dilated(ct.shape[i + 2]!, axis.stride) - before
    return [before, after]
  })
  const turned = rev(swapFeatures(kernel, groups), range(kernel.ndim).slice(2))
  return convolve(ct, turned, { strides: lhsDilation, padding, lhsDilation: strides, rhsDilation, groups })
}

/** The operand with the cotangent as kernel, features and batch having changed places: their groups become groups of the batch. */
function cotangentOfKernel(ct: NDArray, x: NDArray, kernel: Aval, params: ConvolutionParams): NDArray {
  const { strides, lhsDilation, rhsDilation, groups } = params
  const padding = convolutionAxes(x.shape, kernel.shape, params).map((axis, i): [number, number] => {
    const excess = dilated(ct.shape[i + 2]!, axis.stride) - dilated(axis.n, axis.baseDilation)
    return [axis.low, excess + dilated(axis.size, axis.windowDilation) - axis.low - 1]
  })
  const out = convolve(batchGroupsAsFeatures(transposeLead(x, [1, 0]), groups), transposeLead(ct, [1, 0]), {
    strides: rhsDilation,
    padding,
    lhsDilation,
    rhsDilation: strides,
    groups,
  })
  return transposeLead(out, [1, 0])
}

/** The result for a batch of no entries. */
function emptyBatch(
  x: NDArray,
  kernel: NDArray,
  dx: number | null | undefined,
  dkernel: number | null | undefined,
  params: ConvolutionParams,
): NDArray {
  const entry = (array: NDArray, dim: number | null | undefined): Aval => ({
    shape: dim == null ? array.shape : array.shape.filter((_, axis) => axis !== dim),
    dtype: array.dtype,
  })
  const [aval] = convolutionPrimitive.abstractEval([entry(x, dx), entry(kernel, dkernel)], params) as [Aval]
  return full(insertAxis(aval.shape, 0, 0), 0, aval.dtype)
}
