import { type FloatDType, type Key, type NDArray, np, type Shape, ShapeError, ValueError } from '@cotangent/autodiff'
import { checkOptions, showGiven, showShape, sizeOf } from '@cotangent/autodiff/array'
import { checkNotNegative, checkNumbers } from './checks.ts'
import { checkInitOptions, showShapes } from './layers/checks.ts'
import type { InitOptions } from './layers/layer.ts'

/** The first values of one array of parameters. */
export type Initializer = (key: Key, shape: Shape, options?: InitOptions) => NDArray

/** Which of the axes are the inputs and the outputs of a layer's weights; the others are a window over both. */
export interface FanOptions {
  /** The axis of the inputs, or axes. @defaultValue -2 */
  readonly inAxis?: number | readonly number[]
  /** The axis of the outputs, or axes. @defaultValue -1 */
  readonly outAxis?: number | readonly number[]
  /** Axes along which there are several layers beside each other, which do not count. @defaultValue none */
  readonly batchAxis?: number | readonly number[]
}

/** What the variance is divided by: the number of inputs, of outputs, their mean, or their geometric mean. */
export type FanMode = 'fanIn' | 'fanOut' | 'fanAvg' | 'fanGeoAvg'

export interface VarianceScalingOptions extends FanOptions {
  /** The variance times what `mode` names. */
  readonly scale: number
  /** What the variance is divided by. */
  readonly mode: FanMode
  /** `truncatedNormal` draws within two standard deviations. */
  readonly distribution: 'normal' | 'truncatedNormal' | 'uniform'
}

/** A number as the dtype holds it, so that every step rounds as JAX's does. */
const rounded =
  (dtype: FloatDType) =>
  (x: number): number =>
    np.array(x, { dtype }).item()

/** An initializer of this name, which is given a shape and options that are checked and complete. */
const initializer =
  (name: string, draw: (key: Key, shape: Shape, options: Required<InitOptions>) => NDArray): Initializer =>
  (key, shape, options = {}) => {
    const fullName = `initializers.${name}`
    const isShape = Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0)
    if (!isShape) {
      throw new ShapeError(`${fullName}: the shape is ${showShapes(shape)}; a shape is a list of whole numbers`)
    }
    return draw(key, shape, checkInitOptions(fullName, options))
  }

// ── constants ──────────────────────────────────────────────────────────────

/**
 * Every parameter is `value`.
 *
 * @example initializers.constant(0.1)(random.PRNGKey(0), [2]) // [0.1, 0.1]
 */
export function constant(value: number): Initializer {
  checkNumbers('initializers.constant', { value })
  return initializer('constant', (_, shape, { dtype }) => np.full(shape, value, { dtype }))
}
/**
 * Every parameter is 0.
 *
 * @example initializers.zeros(random.PRNGKey(0), [2]) // [0, 0]
 */
export const zeros: Initializer = constant(0)
/**
 * Every parameter is 1.
 *
 * @example initializers.ones(random.PRNGKey(0), [2]) // [1, 1]
 */
export const ones: Initializer = constant(1)

// ── distributions of a given size ──────────────────────────────────────────

/**
 * Normally distributed around 0.
 *
 * @param stddev The standard deviation; 0.01 by default.
 * @example initializers.normal(1)(random.PRNGKey(0), [2]) // [1.622642, 2.0252647]
 */
export function normal(stddev = 1e-2): Initializer {
  checkNumbers('initializers.normal', { stddev })
  return initializer('normal', (key, shape, { random, dtype }) => random.normal(key, shape, { dtype }).mul(stddev))
}

/**
 * Normally distributed, only what is within `lower` and `upper` standard deviations of the whole normal distribution.
 *
 * @example initializers.truncatedNormal(1)(random.PRNGKey(0), [2]) // [1.455959, 1.7147484]
 */
export function truncatedNormal(stddev = 1e-2, lower = -2, upper = 2): Initializer {
  checkNumbers('initializers.truncatedNormal', { stddev, lower, upper })
  if (lower >= upper) {
    throw new ValueError(`initializers.truncatedNormal: lower is ${lower}, upper ${upper}; it must be larger`)
  }
  return initializer('truncatedNormal', (key, shape, { random, dtype }) =>
    random.truncatedNormal(key, lower, upper, shape, { dtype }).mul(stddev),
  )
}

/**
 * Evenly distributed from 0 to before `scale`.
 *
 * @example initializers.uniform(1)(random.PRNGKey(0), [2]) // [0.947667, 0.9785799]
 */
export function uniform(scale = 1e-2): Initializer {
  checkNumbers('initializers.uniform', { scale })
  return initializer('uniform', (key, shape, { random, dtype }) => random.uniform(key, shape, { dtype }).mul(scale))
}

// ── distributions by the size of the layer ─────────────────────────────────

/** The standard deviation of the standard normal distribution within ±2. */
const TRUNCATED_STDDEV = 0.87962566103423978

/**
 * Parameters whose variance is `scale` over the number of inputs, outputs or their mean, so that signals neither grow
 * nor fade from layer to layer.
 *
 * @throws ShapeError when the shape has no such axes.
 * @see JAX's `jax.nn.initializers.variance_scaling`
 * @example
 * const init = initializers.varianceScaling({ scale: 2, mode: 'fanIn', distribution: 'uniform' })
 * init(random.PRNGKey(0), [10, 5]).shape // [10, 5]
 */
export function varianceScaling(options: VarianceScalingOptions): Initializer {
  checkOptions('initializers.varianceScaling', options, ['scale', 'mode', 'distribution', ...fanOptions])
  return scaledBy('varianceScaling', options)
}

const fanOptions = ['inAxis', 'outAxis', 'batchAxis'] as const
const modes: Readonly<Record<FanMode, (fanIn: number, fanOut: number) => number>> = {
  fanIn: (fanIn) => fanIn,
  fanOut: (_, fanOut) => fanOut,
  fanAvg: (fanIn, fanOut) => (fanIn + fanOut) / 2,
  fanGeoAvg: (fanIn, fanOut) => Math.sqrt(fanIn * fanOut),
}
const distributions = ['normal', 'truncatedNormal', 'uniform'] as const

function scaledBy(name: string, { scale, mode, distribution, ...fans }: VarianceScalingOptions): Initializer {
  const fullName = `initializers.${name}`
  checkNotNegative(fullName, { scale })
  checkWord(fullName, 'mode', mode, Object.keys(modes))
  checkWord(fullName, 'distribution', distribution, distributions)
  const axes = fanAxes(fullName, fans)
  return initializer(name, (key, shape, { random, dtype }) => {
    const [fanIn, fanOut] = fansOf(fullName, shape, axes)
    if (sizeOf(shape) === 0) return np.zeros(shape, { dtype })
    const round = rounded(dtype)
    const variance = round(scale / modes[mode](fanIn, fanOut))
    const stddev = round(Math.sqrt(variance))
    switch (distribution) {
      case 'normal':
        return random.normal(key, shape, { dtype }).mul(stddev)
      case 'truncatedNormal':
        return random.truncatedNormal(key, -2, 2, shape, { dtype }).mul(round(stddev / round(TRUNCATED_STDDEV)))
      case 'uniform':
        return random.uniform(key, shape, { minval: -1, dtype }).mul(round(Math.sqrt(round(3 * variance))))
    }
  })
}

function checkWord(name: string, what: string, word: string, words: readonly string[]): void {
  if (words.includes(word)) return
  throw new ValueError(`${name}: the ${what} is ${showGiven(word)}; it must be ${words.join(', ')}`)
}

/** Axes as lists. */
type FanAxes = Readonly<Record<(typeof fanOptions)[number], readonly number[]>>

function fanAxes(name: string, { inAxis = -2, outAxis = -1, batchAxis = [] }: FanOptions): FanAxes {
  const listOf = (what: string, axes: number | readonly number[]): readonly number[] => {
    const list: readonly unknown[] = Array.isArray(axes) ? axes : [axes]
    if (list.every(Number.isInteger)) return list as readonly number[]
    throw new ValueError(`${name}: ${what} is ${showGiven(axes)}; it must be an axis or a list of axes`)
  }
  return {
    inAxis: listOf('inAxis', inAxis),
    outAxis: listOf('outAxis', outAxis),
    batchAxis: listOf('batchAxis', batchAxis),
  }
}

/** How many inputs and outputs weights have, each times the places of the window. */
function fansOf(name: string, shape: Shape, axes: FanAxes): [fanIn: number, fanOut: number] {
  const all = [...axes.inAxis, ...axes.outAxis, ...axes.batchAxis]
  if (all.some((axis) => shape.at(axis) === undefined || axis >= shape.length)) {
    throw new ShapeError(
      `${name}: weights of shape ${showShape(shape)} have no axes ${axes.inAxis.join()} and ${axes.outAxis.join()} for inputs and outputs; use normal(), uniform() or zeros for them`,
    )
  }
  const sizeOn = (list: readonly number[]): number => sizeOf(list.map((axis) => shape.at(axis)!))
  const [inputs, outputs] = [sizeOn(axes.inAxis), sizeOn(axes.outAxis)]
  const places = sizeOf(shape) / inputs / outputs / sizeOn(axes.batchAxis)
  return [inputs * places, outputs * places]
}

const scaling =
  (name: string, scale: number, mode: FanMode, distribution: VarianceScalingOptions['distribution']) =>
  (fans: FanOptions = {}): Initializer =>
    scaledBy(name, { ...checkOptions(`initializers.${name}`, fans, fanOptions), scale, mode, distribution })

/**
 * Variance 1 over the mean of inputs and outputs, for weights of two axes or more. Glorot and Bengio, "Understanding
 * the difficulty of training deep feedforward neural networks" (AISTATS 2010).
 *
 * @example Dense(128, { wInit: initializers.glorotNormal() })
 */
export const glorotNormal: (fans?: FanOptions) => Initializer = scaling('glorotNormal', 1, 'fanAvg', 'truncatedNormal')
/**
 * As `glorotNormal`, evenly distributed.
 *
 * @example initializers.glorotUniform()(random.PRNGKey(0), [1, 2]) // [[1.2661935, 1.3536283]]
 */
export const glorotUniform: (fans?: FanOptions) => Initializer = scaling('glorotUniform', 1, 'fanAvg', 'uniform')
/**
 * Variance 1 over the number of inputs. LeCun et al., "Efficient backprop" (1998).
 *
 * @example initializers.lecunNormal()(random.PRNGKey(0), [1, 2]) // [[1.655203, 1.949407]]
 */
export const lecunNormal: (fans?: FanOptions) => Initializer = scaling('lecunNormal', 1, 'fanIn', 'truncatedNormal')
/**
 * As `lecunNormal`, evenly distributed.
 *
 * @example initializers.lecunUniform()(random.PRNGKey(0), [1, 2]) // [[1.550764, 1.6578493]]
 */
export const lecunUniform: (fans?: FanOptions) => Initializer = scaling('lecunUniform', 1, 'fanIn', 'uniform')
/**
 * Variance 2 over the number of inputs, for networks of `Relu`. He et al., "Delving deep into rectifiers" (ICCV 2015).
 *
 * @example initializers.heNormal()(random.PRNGKey(0), [1, 2]) // [[2.3408103, 2.7568777]]
 */
export const heNormal: (fans?: FanOptions) => Initializer = scaling('heNormal', 2, 'fanIn', 'truncatedNormal')
/**
 * As `heNormal`, evenly distributed.
 *
 * @example initializers.heUniform()(random.PRNGKey(0), [1, 2]) // [[2.1931117, 2.344553]]
 */
export const heUniform: (fans?: FanOptions) => Initializer = scaling('heUniform', 2, 'fanIn', 'uniform')
/**
 * Another name of `glorotNormal`.
 *
 * @example initializers.xavierNormal()(random.PRNGKey(0), [1, 2]) // [[1.3514675, 1.5916841]]
 */
export const xavierNormal: typeof glorotNormal = glorotNormal
/**
 * Another name of `glorotUniform`.
 *
 * @example initializers.xavierUniform()(random.PRNGKey(0), [1, 2]) // [[1.2661935, 1.3536283]]
 */
export const xavierUniform: typeof glorotUniform = glorotUniform
/**
 * Another name of `heNormal`.
 *
 * @example initializers.kaimingNormal()(random.PRNGKey(0), [1, 2]) // [[2.3408103, 2.7568777]]
 */
export const kaimingNormal: typeof heNormal = heNormal
/**
 * Another name of `heUniform`.
 *
 * @example initializers.kaimingUniform()(random.PRNGKey(0), [1, 2]) // [[2.1931117, 2.344553]]
 */
export const kaimingUniform: typeof heUniform = heUniform

// ── orthogonal matrices ────────────────────────────────────────────────────

/**
 * A matrix evenly drawn from those with orthonormal columns along `columnAxis` (orthonormal rows, if there are fewer),
 * times `scale`; the other axes together count as the rows. Saxe, McClelland and Ganguli, "Exact solutions to the
 * nonlinear dynamics of learning in deep linear neural networks" (ICLR 2014).
 *
 * @throws ShapeError when the shape has fewer than two axes.
 * @see JAX's `jax.nn.initializers.orthogonal`
 * @example
 * const W = initializers.orthogonal()(random.PRNGKey(0), [3, 2])
 * np.allclose(W.T.matmul(W), np.eye(2), { atol: 1e-5 }) // true
 */
export function orthogonal(scale = 1, columnAxis = -1): Initializer {
  checkOrthogonal('initializers.orthogonal', scale, columnAxis)
  return initializer('orthogonal', (key, shape, { random, dtype }) => {
    const axis = columnAxis < 0 ? columnAxis + shape.length : columnAxis
    const columns = shape[axis]
    if (shape.length < 2 || columns === undefined) {
      throw new ShapeError(
        `initializers.orthogonal: the shape ${showShape(shape)} has no rows and columns along axis ${columnAxis}; it needs two axes at least`,
      )
    }
    if (sizeOf(shape) === 0) return np.zeros(shape, { dtype })
    const matrix = random.orthogonal(key, sizeOf(shape) / columns, [], { m: columns, dtype })
    const rows = shape.toSpliced(axis, 1)
    return np.moveaxis(matrix.reshape([...rows, columns]), -1, axis).mul(scale)
  })
}

function checkOrthogonal(name: string, scale: number, columnAxis: number): void {
  checkNumbers(name, { scale })
  if (Number.isInteger(columnAxis)) return
  throw new ValueError(`${name}: columnAxis is ${showGiven(columnAxis)}; it must be an axis`)
}

/**
 * Kernels of convolutions [window…, in, out] that are an orthogonal matrix in the middle of the window and 0 around it.
 * Xiao et al., "Dynamical isometry and a mean field theory of CNNs" (ICML 2018).
 *
 * @throws ShapeError unless there are three to five axes, and no fewer channels come out than go in.
 * @see JAX's `jax.nn.initializers.delta_orthogonal`
 * @example Conv(8, [3, 3], { wInit: initializers.deltaOrthogonal() })
 */
export function deltaOrthogonal(scale = 1, columnAxis = -1): Initializer {
  const name = 'initializers.deltaOrthogonal'
  checkOrthogonal(name, scale, columnAxis)
  return initializer('deltaOrthogonal', (key, shape, options) => {
    const window = shape.slice(0, -2)
    if (window.length < 1 || window.length > 3 || shape.at(-1)! < shape.at(-2)!) {
      throw new ShapeError(
        `${name}: the shape ${showShape(shape)} must be a window of one to three axes, the channels that go in, and no fewer that come out`,
      )
    }
    const matrix = orthogonal(scale, columnAxis)(key, shape.slice(-2), options)
    const middle = window.map((n) => Math.floor((n - 1) / 2))
    const pads = window.map((n, i): [number, number] => [middle[i]!, n - 1 - middle[i]!])
    return np.pad(matrix.reshape([...window.map(() => 1), ...matrix.shape]), [...pads, [0, 0], [0, 0]])
  })
}
