import { evalShape, lax, NDArray, type Shape, shapeDtypeStruct, ShapeError, ValueError } from '@cotangent/autodiff'
import { checkOptions, promote, showGiven, showShape } from '@cotangent/autodiff/array'
import { normal } from '../initializers/distributions.ts'
import type { Initializer } from '../initializers/initializer.ts'
import { glorotNormal } from '../initializers/scaling.ts'
import {
  checkCount,
  checkFits,
  checkInitializer,
  checkInputs,
  checkParam,
  checkPadding,
  checkParams,
  checkShape,
  checkSizes,
  initialized,
  showShapes,
} from './checks.ts'
import { layerOf, within } from './describe.ts'
import { twoKeys } from './keys.ts'
import type { Layer } from './layer.ts'

/**
 * Which axes are which, a letter an axis: of the inputs, the kernel and the outputs. `N` is the batch, `C` the channels,
 * `I` and `O` the channels that go in and come out; any other letter is an axis over which the kernel moves.
 */
export type LayoutStrings = readonly [inputs: string, kernel: string, outputs: string]

export interface ConvOptions {
  /** How far the kernel moves, on each spatial axis. @defaultValue 1 */
  readonly strides?: readonly number[]
  /** `'VALID'`, `'SAME'`, `'SAME_LOWER'`, or a pair [low, high] for each spatial axis. @defaultValue 'VALID' */
  readonly padding?: lax.Padding
  /** Of the kernel. @defaultValue glorotNormal over its axes I and O */
  readonly wInit?: Initializer
  /** Of the biases. @defaultValue normal(1e-6) */
  readonly bInit?: Initializer
}

/** The kernel, and one bias a channel of the outputs, with an axis of length 1 for each other axis. */
export type ConvParams = readonly [W: NDArray, b: NDArray]

type Convolve = (
  x: NDArray,
  W: NDArray,
  strides: readonly number[],
  padding: lax.Padding,
  layout: LayoutStrings,
) => NDArray

const forward: Convolve = (x, W, strides, padding, [...dimensionNumbers]) =>
  lax.convGeneralDilated(x, W, strides, padding, { dimensionNumbers })
const transposed: Convolve = (x, W, strides, padding, [...dimensionNumbers]) =>
  lax.convTranspose(x, W, strides, padding, { dimensionNumbers })

const ones = (axes: readonly unknown[] | string): number[] => Array.from(axes, () => 1)

function convolutional(
  kind: string,
  convolve: Convolve,
  layout: LayoutStrings,
  outChan: number,
  filterShape: readonly number[],
  options: ConvOptions,
): Layer<ConvParams> {
  const name = `${kind}(${showGiven(outChan)}, ${showShapes(filterShape)})`
  checkOptions(kind, options, ['strides', 'padding', 'wInit', 'bInit'])
  checkCount(name, 'the number of channels that come out', outChan)
  checkSizes(name, 'the filter shape', filterShape)
  const { strides = ones(filterShape), padding = 'VALID', wInit, bInit = normal(1e-6) } = options
  checkSizes(name, 'the strides', strides, filterShape.length)
  checkPadding(name, padding, filterShape)
  checkLayout(name, layout)
  const [lhs, rhs, out] = layout
  const axes = ones([...filterShape, 'N', 'C'])
  within(name, () => lax.convDimensionNumbers(axes, axes, [lhs, rhs, out]))
  const initKernel = wInit === undefined ? glorotNormal({ inAxis: rhs.indexOf('I'), outAxis: rhs.indexOf('O') }) : wInit
  checkInitializer(name, 'wInit', initKernel)
  checkInitializer(name, 'bInit', bInit)

  /** The shape of the kernel for this many channels. */
  const kernelShape = (channels: number): Shape => {
    const sizes = filterShape.values()
    return Array.from(rhs, (letter) => (letter === 'O' ? outChan : letter === 'I' ? channels : sizes.next().value!))
  }
  const biasShape = Array.from(out, (letter) => (letter === 'C' ? outChan : 1))

  const outputShape = (inputShape: Shape): Shape => {
    if (inputShape.length !== lhs.length) {
      throw new ShapeError(
        `${name}: the input shape ${showShape(inputShape)} has ${inputShape.length} axes, but "${lhs}" names ${lhs.length}; N is the batch (-1 where its size is not known), C the channels`,
      )
    }
    const batch = lhs.indexOf('N')
    if (inputShape.some((n, axis) => axis !== batch && n < 1)) {
      throw new ShapeError(
        `${name}: in the input shape ${showShape(inputShape)} only the batch may be -1, axis ${batch} of "${lhs}"; the others must be known and positive`,
      )
    }
    const known = inputShape.map((n, axis) => (axis === batch ? 1 : n))
    const kernel = kernelShape(inputShape[lhs.indexOf('C')]!)
    const shape = within(name, () =>
      evalShape(
        (x: NDArray, W: NDArray) => convolve(x, W, strides, padding, layout),
        shapeDtypeStruct(known),
        shapeDtypeStruct(kernel),
      ),
    ).shape.map((n, axis) => (out[axis] === 'N' ? inputShape[batch]! : n))
    checkFits(name, 'filter', inputShape, shape, [out.indexOf('N')])
    return shape
  }

  return layerOf<ConvParams>(
    name,
    (key, inputShape, initOptions) => {
      const shape = outputShape(checkShape(name, inputShape))
      const [k1, k2] = twoKeys(name, initOptions.random, key)
      const kernel = kernelShape(inputShape[lhs.indexOf('C')]!)
      const W = initialized(name, 'wInit', initKernel, k1, kernel, initOptions)
      const b = initialized(name, 'bInit', bInit, k2, biasShape, initOptions)
      return [shape, [W, b]]
    },
    (params, inputs) => {
      const [W, b] = checkParams(name, params, 'W, b')
      const x = checkInputs(name, inputs)
      if (x.ndim !== lhs.length) {
        throw new ShapeError(
          `${name}: the inputs ${showShape(x.shape)} have ${x.ndim} axes, but "${lhs}" names ${lhs.length}; N is the batch, C the channels`,
        )
      }
      const channels = x.shape[lhs.indexOf('C')]!
      const takes = W instanceof NDArray && W.ndim === rhs.length ? W.shape[rhs.indexOf('I')] : channels
      if (takes !== channels) {
        throw new ShapeError(
          `${name}: the inputs ${showShape(x.shape)} have ${channels} channels, but the kernel ${showShape(W.shape)} takes ${takes}; initialize the model for inputs of this shape`,
        )
      }
      checkParam(name, 'kernels', W, kernelShape(channels))
      checkParam(name, 'biases', b, biasShape)
      const dtype = promote(x.dtype, W.dtype)
      const y = within(name, () => convolve(x.astype(dtype), W.astype(dtype), strides, padding, layout))
      checkFits(name, 'filter', x.shape, y.shape, [out.indexOf('N')])
      return y.add(b)
    },
  )
}

/** That a layout is three words. */
function checkLayout(name: string, layout: unknown): void {
  if (Array.isArray(layout) && layout.length === 3 && layout.every((word) => typeof word === 'string')) return
  throw new ValueError(
    `${name}: the layout is ${showGiven(layout)}; it must name the axes of inputs, kernel and outputs, as ['NHWC', 'HWIO', 'NHWC']`,
  )
}

/**
 * A kernel that moves over the spatial axes of the inputs, in any layout and of any number of axes; every number that
 * comes out is its product with what lies under it, and a bias.
 *
 * @param dimensionNumbers Which axes are which, as `['NHWC', 'HWIO', 'NHWC']`.
 * @param outChan How many channels come out.
 * @param filterShape The size of the kernel, in the order of the kernel's spatial letters.
 * @throws ShapeError when the inputs have other axes or channels than the layout and the kernel, or are too small;
 * ValueError when layout, sizes, strides or padding have no meaning.
 * @see JAX's `stax.GeneralConv`
 * @example
 * const [init] = GeneralConv(['NCHW', 'OIHW', 'NCHW'], 8, [3, 3], { strides: [2, 2], padding: 'SAME' })
 * init(random.PRNGKey(0), [-1, 3, 32, 32])[0] // [-1, 8, 16, 16]
 */
export const GeneralConv = (
  dimensionNumbers: LayoutStrings,
  outChan: number,
  filterShape: readonly number[],
  options: ConvOptions = {},
): Layer<ConvParams> => convolutional('GeneralConv', forward, dimensionNumbers, outChan, filterShape, options)

/**
 * The transpose of `GeneralConv`: it makes the inputs larger by the strides where that makes them smaller. Padding by
 * name is that of the convolution of which this is the transpose; pairs pad the inputs, spread by the strides.
 *
 * @throws ShapeError and ValueError as `GeneralConv`.
 * @see JAX's `stax.GeneralConvTranspose`
 * @example
 * const [init] = GeneralConvTranspose(['NCHW', 'OIHW', 'NCHW'], 3, [3, 3], { strides: [2, 2], padding: 'SAME' })
 * init(random.PRNGKey(0), [-1, 8, 16, 16])[0] // [-1, 3, 32, 32]
 */
export const GeneralConvTranspose = (
  dimensionNumbers: LayoutStrings,
  outChan: number,
  filterShape: readonly number[],
  options: ConvOptions = {},
): Layer<ConvParams> =>
  convolutional('GeneralConvTranspose', transposed, dimensionNumbers, outChan, filterShape, options)

/** The layouts with the channels last, for one, two and three spatial axes. */
const channelsLast = {
  1: ['NHC', 'HIO', 'NHC'],
  2: ['NHWC', 'HWIO', 'NHWC'],
  3: ['NHWDC', 'HWDIO', 'NHWDC'],
} as const

type MakeConv = (outChan: number, filterShape: readonly number[], options?: ConvOptions) => Layer<ConvParams>

const inLayout =
  (kind: string, convolve: Convolve, axes: 1 | 2 | 3): MakeConv =>
  (outChan, filterShape, options = {}) =>
    convolutional(kind, convolve, channelsLast[axes], outChan, filterShape, options)

/**
 * A convolution over images [batch, height, width, channels], with a kernel [height, width, in, out].
 *
 * @throws ShapeError and ValueError as `GeneralConv`.
 * @see JAX's `stax.Conv`
 * @example
 * const [init, apply] = Conv(8, [3, 3], { padding: 'SAME' })
 * const [outputShape, params] = init(random.PRNGKey(0), [-1, 6, 6, 1])
 * outputShape // [-1, 6, 6, 8]
 * apply(params, np.ones([2, 6, 6, 1])).shape // [2, 6, 6, 8]
 */
export const Conv: MakeConv = inLayout('Conv', forward, 2)
/**
 * A convolution over series [batch, length, channels], with a kernel [length, in, out].
 *
 * @throws ShapeError and ValueError as `GeneralConv`.
 * @example Conv1D(8, [5])[0](random.PRNGKey(0), [-1, 100, 1])[0] // [-1, 96, 8]
 */
export const Conv1D: MakeConv = inLayout('Conv1D', forward, 1)
/**
 * A convolution over volumes [batch, height, width, depth, channels], with a kernel [height, width, depth, in, out].
 *
 * @throws ShapeError and ValueError as `GeneralConv`.
 * @example Conv3D(8, [3, 3, 3])[0](random.PRNGKey(0), [-1, 8, 8, 8, 1])[0] // [-1, 6, 6, 6, 8]
 */
export const Conv3D: MakeConv = inLayout('Conv3D', forward, 3)
/**
 * The transpose of `Conv`.
 *
 * @throws ShapeError and ValueError as `GeneralConv`.
 * @see JAX's `stax.ConvTranspose`
 * @example ConvTranspose(1, [3, 3], { strides: [2, 2] })[0](random.PRNGKey(0), [-1, 4, 4, 8])[0] // [-1, 9, 9, 1]
 */
export const ConvTranspose: MakeConv = inLayout('ConvTranspose', transposed, 2)
/**
 * The transpose of `Conv1D`.
 *
 * @throws ShapeError and ValueError as `GeneralConv`.
 * @see JAX's `stax.Conv1DTranspose`
 * @example Conv1DTranspose(1, [3], { strides: [2] })[0](random.PRNGKey(0), [-1, 4, 8])[0] // [-1, 9, 1]
 */
export const Conv1DTranspose: MakeConv = inLayout('Conv1DTranspose', transposed, 1)
/**
 * The transpose of `Conv3D`.
 *
 * @throws ShapeError and ValueError as `GeneralConv`.
 * @example Conv3DTranspose(1, [2, 2, 2], { strides: [2, 2, 2] })[0](random.PRNGKey(0), [-1, 3, 3, 3, 8])[0] // [-1, 6, 6, 6, 1]
 */
export const Conv3DTranspose: MakeConv = inLayout('Conv3DTranspose', transposed, 3)
