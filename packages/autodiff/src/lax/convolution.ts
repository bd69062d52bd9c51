import { checkArrays } from '../core/trace.ts'
import { checkNumberList, checkOptions } from '../array/options.ts'
import { checkDType, type DType } from '../array/dtype.ts'
import { promote } from '../array/promotion.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { range, showShape, sizeOf, checkShape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { dilated } from '../interpreter/window.ts'
import { ne } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { convolve } from '../primitives/convolution.ts'
import { batchGroupsAsFeatures } from '../primitives/convolution-layout.ts'
import { broadcastInDim, zerosLike } from '../primitives/broadcast.ts'
import { identity } from '../primitives/matrices.ts'
import { inversePermutation, reshape, transpose } from '../primitives/reshape.ts'
import { rev } from '../primitives/rev.ts'
import { type ConvDimensionNumbers, convDimensionNumbers, type DimensionNumbers } from './dimension-numbers.ts'
import { type Padding, type PaddingPair, namedPadding } from './padding.ts'

export interface ConvolutionOptions {
  /** The distance of neighbouring entries of the operand on each spatial axis. @defaultValue 1 */
  readonly lhsDilation?: readonly number[]
  /** The distance of neighbouring entries of the kernel on each spatial axis. @defaultValue 1 */
  readonly rhsDilation?: readonly number[]
  /** Which axes are which. @defaultValue `['NCHW', 'OIHW', 'NCHW']`, with as many spatial axes as there are */
  readonly dimensionNumbers?: DimensionNumbers
  /** Into how many groups the features fall, which do not see each other. @defaultValue 1 */
  readonly featureGroupCount?: number
  /** Into how many groups the batch falls, each with its own part of the kernel's features. @defaultValue 1 */
  readonly batchGroupCount?: number
  /** The dtype to sum in and of the result. @defaultValue the operands' */
  readonly preferredElementType?: DType
}

/**
 * The correlation of an operand with a kernel that moves over its spatial axes, of any number: with strides, padding,
 * dilation of both and groups.
 *
 * @throws ShapeError when shapes, strides, padding, dilations or groups do not fit; DTypeError when the dtypes differ;
 * ValueError when a padding or the layout has no meaning.
 * @see JAX's `jax.lax.conv_general_dilated`
 * @example
 * const dimensionNumbers = ['NHWC', 'HWIO', 'NHWC']
 * lax.convGeneralDilated(np.ones([1, 8, 8, 3]), np.ones([3, 3, 3, 4]), [2, 2], 'SAME', { dimensionNumbers }).shape // [1, 4, 4, 4]
 */
export function convGeneralDilated(
  lhs: NDArray,
  rhs: NDArray,
  windowStrides: readonly number[],
  padding: Padding,
  options: ConvolutionOptions = {},
): NDArray {
  checkOptions('convGeneralDilated', options, [
    'lhsDilation',
    'rhsDilation',
    'dimensionNumbers',
    'featureGroupCount',
    'batchGroupCount',
    'preferredElementType',
  ])
  checkArrays('convGeneralDilated', lhs, rhs)
  const { lhsSpec, rhsSpec, outSpec } = convDimensionNumbers(lhs.shape, rhs.shape, options.dimensionNumbers)
  const { featureGroupCount = 1, batchGroupCount = 1, preferredElementType } = options
  const ones = range(lhs.ndim - 2).map(() => 1)
  const { lhsDilation = ones, rhsDilation = ones } = options
  checkLists('convGeneralDilated', { windowStrides, lhsDilation, rhsDilation })
  if (typeof padding === 'string' && lhsDilation.some((d) => d !== 1)) {
    throw new ValueError(
      `convGeneralDilated: the padding "${padding}" is not defined for a dilated operand; give pairs, or use convTranspose`,
    )
  }
  if (lhs.dtype === 'bool' && rhs.dtype === 'bool') {
    const sums = convGeneralDilated(convert(lhs, 'int32'), convert(rhs, 'int32'), windowStrides, padding, options)
    return ne(sums, zerosLike(sums))
  }
  let x = transpose(lhs, lhsSpec)
  const kernel = inDType(transpose(rhs, rhsSpec), preferredElementType)
  const space = x.shape.slice(2)
  const window = kernel.shape.slice(2).map((k, i) => dilated(k, rhsDilation[i] ?? 1))
  const pads =
    typeof padding === 'string'
      ? namedPadding('convGeneralDilated', space, window, windowStrides, padding)
      : pairsOf(padding)
  x = inDType(x, preferredElementType)
  if (batchGroupCount !== 1) {
    checkBatchGroups(x, kernel, featureGroupCount, batchGroupCount)
    x = batchGroupsAsFeatures(x, batchGroupCount)
  }
  const out = convolve(x, kernel, {
    strides: windowStrides,
    padding: pads,
    lhsDilation,
    rhsDilation,
    groups: batchGroupCount === 1 ? featureGroupCount : featureGroupCount * batchGroupCount,
  })
  return transpose(out, inversePermutation(outSpec))
}

function checkLists(name: string, lists: Readonly<Record<string, readonly number[]>>): void {
  for (const [what, list] of Object.entries(lists)) checkNumberList(name, what, list)
}

/** To sum in a wider dtype is to widen the operands first. */
function inDType(x: NDArray, dtype: DType | undefined): NDArray {
  if (dtype === undefined || dtype === x.dtype) return x
  checkDType(dtype, 'convGeneralDilated: preferredElementType')
  if (promote(x.dtype, dtype) !== dtype) {
    throw new ValueError(
      `convGeneralDilated: preferredElementType is ${dtype}, which is narrower than ${x.dtype}; convert the result instead, as y.astype("${dtype}")`,
    )
  }
  return convert(x, dtype)
}

function pairsOf(padding: readonly PaddingPair[], name = 'convGeneralDilated', count?: number): [number, number][] {
  const pair = (one: unknown): boolean => Array.isArray(one) && one.length === 2 && one.every(Number.isInteger)
  if (Array.isArray(padding) && padding.every(pair) && padding.length === (count ?? padding.length))
    return padding.map(([low, high]) => [low, high])
  throw new ValueError(
    `${name}: the padding ${showGiven(padding)} must be "SAME", "SAME_LOWER", "VALID" or a pair [low, high] for each spatial axis`,
  )
}

function checkBatchGroups(x: NDArray, kernel: NDArray, features: number, batch: number): void {
  if (features !== 1) {
    throw new ShapeError(
      `convGeneralDilated: featureGroupCount is ${showGiven(features)} and batchGroupCount ${showGiven(batch)}; only one of them may be above 1`,
    )
  }
  if (!Number.isInteger(batch) || batch < 1 || x.shape[0]! % batch !== 0 || kernel.shape[0]! % batch !== 0) {
    throw new ShapeError(
      `convGeneralDilated: batchGroupCount is ${showGiven(batch)}; it must divide the batch, ${x.shape[0]}, and the features that the kernel makes, ${kernel.shape[0]}`,
    )
  }
}

/**
 * `convGeneralDilated` in the layout `['NCHW', 'OIHW', 'NCHW']`.
 *
 * @throws ShapeError, DTypeError or ValueError as `convGeneralDilated`.
 * @see JAX's `jax.lax.conv`
 * @example lax.conv(np.ones([1, 1, 3]), np.ones([1, 1, 2]), [1], 'VALID') // [[[2, 2]]]
 */
export const conv = (
  lhs: NDArray,
  rhs: NDArray,
  windowStrides: readonly number[],
  padding: Padding,
  options: Pick<ConvolutionOptions, 'preferredElementType'> = {},
): NDArray =>
  convGeneralDilated(lhs, rhs, windowStrides, padding, checkOptions('conv', options, ['preferredElementType']))

/**
 * `conv` with padding by numbers and dilations.
 *
 * @throws ShapeError, DTypeError or ValueError as `convGeneralDilated`.
 * @see JAX's `jax.lax.conv_with_general_padding`
 * @example lax.convWithGeneralPadding(np.ones([1, 1, 2]), np.ones([1, 1, 2]), [1], [[1, 0]]) // [[[1, 2]]]
 */
export const convWithGeneralPadding = (
  lhs: NDArray,
  rhs: NDArray,
  windowStrides: readonly number[],
  padding: Padding,
  options: Pick<ConvolutionOptions, 'lhsDilation' | 'rhsDilation' | 'preferredElementType'> = {},
): NDArray =>
  convGeneralDilated(
    lhs,
    rhs,
    windowStrides,
    padding,
    checkOptions('convWithGeneralPadding', options, ['lhsDilation', 'rhsDilation', 'preferredElementType']),
  )

export interface ConvTransposeOptions {
  /** The distance of neighbouring entries of the kernel on each spatial axis. @defaultValue 1 */
  readonly rhsDilation?: readonly number[]
  /** Which axes are which. @defaultValue `['NHWC', 'HWIO', 'NHWC']`, with up to three spatial axes */
  readonly dimensionNumbers?: DimensionNumbers
  /** Turns the kernel's spatial axes round and swaps its features, as the gradient of a convolution does. @defaultValue false */
  readonly transposeKernel?: boolean
  /** The dtype to sum in and of the result. @defaultValue the operands' */
  readonly preferredElementType?: DType
  /** Takes pairs too as the padding of the convolution that this is the transpose of. @defaultValue false */
  readonly useConsistentPadding?: boolean
}

const layouts: readonly (readonly [string, string, string])[] = [
  ['NC', 'IO', 'NC'],
  ['NHC', 'HIO', 'NHC'],
  ['NHWC', 'HWIO', 'NHWC'],
  ['NHWDC', 'HWDIO', 'NHWDC'],
]

/**
 * The transpose of a convolution with `strides`: the operand's entries stand that far apart. The names of paddings are
 * those of that convolution; pairs pad the dilated operand.
 *
 * @throws ShapeError, DTypeError or ValueError as `convGeneralDilated`.
 * @see JAX's `jax.lax.conv_transpose`
 * @example lax.convTranspose(np.ones([1, 4, 4, 3]), np.ones([3, 3, 3, 8]), [2, 2], 'SAME').shape // [1, 8, 8, 8]
 */
export function convTranspose(
  lhs: NDArray,
  rhs: NDArray,
  strides: readonly number[],
  padding: Padding,
  options: ConvTransposeOptions = {},
): NDArray {
  checkArrays('convTranspose', lhs, rhs)
  checkOptions('convTranspose', options, [
    'rhsDilation',
    'dimensionNumbers',
    'transposeKernel',
    'preferredElementType',
    'useConsistentPadding',
  ])
  const { transposeKernel = false, useConsistentPadding = false, preferredElementType } = options
  const dimensionNumbers = options.dimensionNumbers ?? layouts[lhs.ndim - 2]
  if (dimensionNumbers === undefined) {
    throw new ValueError(
      `convTranspose: there is no usual layout for ${lhs.ndim - 2} spatial axes of ${showShape(lhs.shape)}; give dimensionNumbers`,
    )
  }
  const numbers = convDimensionNumbers(lhs.shape, rhs.shape, dimensionNumbers)
  const { rhsSpec } = numbers
  const ones = range(lhs.ndim - 2).map(() => 1)
  const { rhsDilation = ones } = options
  checkLists('convTranspose', { strides, rhsDilation })
  if (strides.length !== lhs.ndim - 2)
    throw new ShapeError(`convTranspose: there are ${strides.length} strides for ${lhs.ndim - 2} spatial axes`)
  const window = rhsSpec.slice(2).map((axis, i) => dilated(rhs.shape[axis]!, rhsDilation[i] ?? 1))
  const pairs = typeof padding === 'string' ? padding : pairsOf(padding, 'convTranspose', window.length)
  const pads: Padding = ofForward(padding, useConsistentPadding)
    ? window.map((k, i) => transposedPadding(k, strides[i]!, typeof pairs === 'string' ? pairs : pairs[i]!))
    : padding
  let kernel = rhs
  if (transposeKernel) {
    const swapped = range(rhs.ndim)
    swapped[rhsSpec[0]!] = rhsSpec[1]!
    swapped[rhsSpec[1]!] = rhsSpec[0]!
    kernel = transpose(rev(rhs, rhsSpec.slice(2)), swapped)
  }
  return convGeneralDilated(lhs, kernel, ones, pads, {
    lhsDilation: strides,
    rhsDilation,
    dimensionNumbers: numbers,
    ...(preferredElementType && { preferredElementType }),
  })
}

const ofForward = (padding: Padding, consistent: boolean): boolean =>
  consistent || padding === 'SAME' || padding === 'VALID'

/** The padding of the dilated operand, from that of the convolution of which this is the transpose. */
function transposedPadding(window: number, stride: number, padding: string | PaddingPair): PaddingPair {
  if (typeof padding !== 'string') return [window - 1 - padding[0], window - 1 - padding[1]]
  if (padding === 'SAME') {
    const total = window + stride - 2
    const before = stride > window - 1 ? window - 1 : Math.ceil(total / 2)
    return [before, total - before]
  }
  if (padding === 'VALID') return [window - 1, stride - 1 + Math.max(window - stride, 0)]
  throw new ValueError(`convTranspose: the padding "${padding}" is not defined here; use SAME, VALID or pairs`)
}

/**
 * The entries that each window sees, in the place of the features: `features · window` of them, the feature outermost.
 *
 * @throws ShapeError, DTypeError or ValueError as `convGeneralDilated`.
 * @see JAX's `jax.lax.conv_general_dilated_patches`
 * @example lax.convGeneralDilatedPatches(np.arange(3).reshape([1, 1, 3]), [2], [1], 'VALID') // [[[0, 1], [1, 2]]]
 */
export function convGeneralDilatedPatches(
  lhs: NDArray,
  filterShape: readonly number[],
  windowStrides: readonly number[],
  padding: Padding,
  options: Pick<ConvolutionOptions, 'lhsDilation' | 'rhsDilation' | 'dimensionNumbers' | 'preferredElementType'> = {},
): NDArray {
  checkArrays('convGeneralDilatedPatches', lhs)
  checkOptions('convGeneralDilatedPatches', options, [
    'lhsDilation',
    'rhsDilation',
    'dimensionNumbers',
    'preferredElementType',
  ])
  checkShape(filterShape, 'convGeneralDilatedPatches: filterShape')
  const numbers = convDimensionNumbers(lhs.shape, [1, 1, ...filterShape], options.dimensionNumbers)
  const features = lhs.shape[numbers.lhsSpec[1]!]!
  const kernel = tapKernel(lhs.dtype, features, filterShape, numbers)
  return convGeneralDilated(lhs, kernel, windowStrides, padding, {
    ...options,
    dimensionNumbers: numbers,
    featureGroupCount: Math.max(1, features),
  })
}

/** For each feature one kernel an entry of the window, which takes that entry alone. */
function tapKernel(
  dtype: DType,
  features: number,
  window: readonly number[],
  { rhsSpec }: ConvDimensionNumbers,
): NDArray {
  const taps = sizeOf(window)
  const each = broadcastInDim(identity([taps, taps], dtype), [features, taps, taps], [1, 2])
  return transpose(reshape(each, [features * taps, 1, ...window]), inversePermutation(rhsSpec))
}
