import {
  evalShape,
  lax,
  type NDArray,
  np,
  type Shape,
  shapeDtypeStruct,
  ShapeError,
  ValueError,
} from '@cotangent/autodiff'
import { checkOptions, showGiven, showShape } from '@cotangent/autodiff/array'
import { checkFits, checkInputs, checkPadding, checkShape, checkSizes, showShapes } from './checks.ts'
import { plainLayer, within } from './describe.ts'
import type { Layer } from './layer.ts'

export interface PoolOptions {
  /** How far the window moves, on each spatial axis. @defaultValue 1 */
  readonly strides?: readonly number[]
  /** `'VALID'`, `'SAME'`, `'SAME_LOWER'`, or a pair [low, high] for each spatial axis. @defaultValue 'VALID' */
  readonly padding?: lax.Padding
  /** A letter an axis: `N` for the batch, `C` for the channels, as `'NCHW'`. @defaultValue batch first, channels last */
  readonly spec?: string
}

type MakePool = (windowShape: readonly number[], options?: PoolOptions) => Layer<readonly []>

/** A window over all axes, of which batch and channels are one entry each. */
interface Window {
  readonly shape: readonly number[]
  readonly strides: readonly number[]
  readonly padding: lax.Padding
}

type Pool = (inputs: NDArray, window: Window, spatial: Window, spatialAxes: readonly number[]) => NDArray

const sum: Pool = (inputs, { shape, strides, padding }) => lax.reduceWindow(inputs, 0, lax.add, shape, strides, padding)
const max: Pool = (inputs, { shape, strides, padding }) =>
  lax.reduceWindow(inputs, -Infinity, lax.max, shape, strides, padding)
/** What lies in the padding counts neither in the sum nor in what it is divided by. */
const average: Pool = (inputs, window, spatial, axes) => {
  const places = np.ones(
    axes.map((axis) => inputs.shape[axis]!),
    { dtype: inputs.dtype },
  )
  const sizes = lax.reduceWindow(places, 0, lax.add, spatial.shape, spatial.strides, spatial.padding)
  const others = inputs.shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis))
  return sum(inputs, window, spatial, axes).div(np.expandDims(sizes, others))
}

function pooling(kind: string, pool: Pool): MakePool {
  return (windowShape, options = {}) => {
    const name = `${kind}(${showShapes(windowShape)})`
    checkOptions(kind, options, ['strides', 'padding', 'spec'])
    checkSizes(name, 'the window shape', windowShape)
    const { strides = windowShape.map(() => 1), padding = 'VALID', spec } = options
    checkSizes(name, 'the strides', strides, windowShape.length)
    checkPadding(name, padding, windowShape)
    const rank = windowShape.length + 2
    const [batch, channels] = spec === undefined ? [0, rank - 1] : axesOf(name, spec, rank)
    const others = [batch, channels].sort((a, b) => a - b)
    const spatialAxes = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !others.includes(axis))
    const spatial: Window = { shape: windowShape, strides, padding }
    const whole: Window = {
      shape: withOthers(windowShape, others, 1),
      strides: withOthers(strides, others, 1),
      padding: typeof padding === 'string' ? padding : withOthers(padding, others, [0, 0]),
    }
    const checkAxes = (what: string, shape: Shape): void => {
      if (shape.length === rank) return
      const layout = spec === undefined ? 'a batch axis, the window, and a channel axis' : `"${spec}"`
      throw new ShapeError(
        `${name}: the ${what} ${showShape(shape)} has ${shape.length} axes; there must be ${rank}, ${layout}`,
      )
    }
    return plainLayer(
      name,
      (inputShape) => {
        checkAxes('input shape', checkShape(name, inputShape))
        if (spatialAxes.some((axis) => inputShape[axis]! < 1)) {
          throw new ShapeError(
            `${name}: in the input shape ${showShape(inputShape)} the axes ${spatialAxes.join(', ')}, over which the window moves, must be known and positive`,
          )
        }
        const known = inputShape.map((n, axis) => (others.includes(axis) ? 1 : n))
        const pooled = within(name, () =>
          evalShape((x: NDArray) => pool(x, whole, spatial, spatialAxes), shapeDtypeStruct(known)),
        ).shape.map((n, axis) => (others.includes(axis) ? inputShape[axis]! : n))
        checkFits(name, 'window', inputShape, pooled, others)
        return pooled
      },
      (inputs) => {
        const x = checkInputs(name, inputs)
        checkAxes('shape of the inputs', x.shape)
        const pooled = within(name, () => pool(x, whole, spatial, spatialAxes))
        checkFits(name, 'window', x.shape, pooled.shape, others)
        return pooled
      },
    )
  }
}

const withOthers = <T>(sizes: readonly T[], others: readonly number[], one: T): T[] =>
  others.reduce<T[]>((all, axis) => [...all.slice(0, axis), one, ...all.slice(axis)], [...sizes])

function axesOf(name: string, spec: string, rank: number): [batch: number, channels: number] {
  const letters: readonly string[] = typeof spec === 'string' ? Array.from(spec) : []
  const [batch, channels] = [letters.indexOf('N'), letters.indexOf('C')]
  if (letters.length === rank && new Set(letters).size === rank && batch >= 0 && channels >= 0) return [batch, channels]
  throw new ValueError(
    `${name}: the spec ${showGiven(spec)} must have ${rank} letters, each once, N and C among them, as "NHWC" for a window of two axes`,
  )
}

/**
 * The largest number in each window of images [batch, height, width, channels], or of as many axes as the window has.
 *
 * @param windowShape The size of the window on each spatial axis.
 * @throws ShapeError when the inputs have other axes than the window, or are too small; ValueError when sizes, strides,
 * padding or spec have no meaning.
 * @see JAX's `stax.MaxPool`
 * @example
 * const [init, apply] = MaxPool([2, 2], { strides: [2, 2] })
 * init(random.PRNGKey(0), [-1, 8, 8, 3])[0] // [-1, 4, 4, 3]
 * apply([], np.arange(16).reshape([1, 4, 4, 1])).reshape([2, 2]) // [[5, 7], [13, 15]]
 */
export const MaxPool: MakePool = pooling('MaxPool', max)
/**
 * The sum of the numbers in each window.
 *
 * @throws ShapeError and ValueError as `MaxPool`.
 * @see JAX's `stax.SumPool`
 * @example SumPool([2])[1]([], np.array([1, 2, 3]).reshape([1, 3, 1])).reshape([2]) // [3, 5]
 */
export const SumPool: MakePool = pooling('SumPool', sum)
/**
 * The mean of the numbers in each window; what lies in the padding is none of them.
 *
 * @throws ShapeError and ValueError as `MaxPool`.
 * @see JAX's `stax.AvgPool`
 * @example AvgPool([2], { padding: 'SAME' })[1]([], np.array([1, 2, 3]).reshape([1, 3, 1])).reshape([3]) // [1.5, 2.5, 3]
 */
export const AvgPool: MakePool = pooling('AvgPool', average)
