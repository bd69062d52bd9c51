import {
  type FloatDType,
  type Key,
  type NDArray,
  np,
  random,
  type Shape,
  ShapeError,
  ValueError,
} from '@cotangent/autodiff'
import { checkOptions, showShape } from '@cotangent/autodiff/array'
import { checkShape } from './layers/checks.ts'
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
const rounded = (dtype: FloatDType): ((x: number) => number) => (dtype === 'float32' ? Math.fround : (x) => x)

// ── constants ──────────────────────────────────────────────────────────────

/**
 * Every parameter is `value`.
 *
 * @example initializers.constant(0.1)(random.PRNGKey(0), [2]) // [0.1, 0.1]
 */
export const constant =
  (value: number): Initializer =>
  (_, shape, { dtype = 'float32' } = {}) =>
    np.full(shape, value, { dtype })
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
export const normal =
  (stddev = 1e-2): Initializer =>
  (key, shape, { random: r = random, dtype = 'float32' } = {}) =>
    r.normal(key, shape, { dtype }).mul(stddev)

/**
 * Normally distributed, only what is within `lower` and `upper` standard deviations of the whole normal distribution.
 *
 * @example initializers.truncatedNormal(1)(random.PRNGKey(0), [2]) // [1.455959, 1.7147484]
 */
export const truncatedNormal =
  (stddev = 1e-2, lower = -2, upper = 2): Initializer =>
  (key, shape, { random: r = random, dtype = 'float32' } = {}) =>
    r.truncatedNormal(key, lower, upper, shape, { dtype }).mul(stddev)

/**
 * Evenly distributed from 0 to before `scale`.
 *
 * @example initializers.uniform(1)(random.PRNGKey(0), [2]) // [0.947667, 0.9785799]
 */
export const uniform =
  (scale = 1e-2): Initializer =>
  (key, shape, { random: r = random, dtype = 'float32' } = {}) =>
    r.uniform(key, shape, { dtype }).mul(scale)

// ── distributions by the size of the layer ─────────────────────────────────

/** The standard deviation of the standard normal distribution within ±2. */
const TRUNCATED_STDDEV = 0.87962566103423978

const scalingOptions = ['scale', 'mode', 'distribution', 'inAxis', 'outAxis', 'batchAxis'] as const

/**
 * Parameters whose variance is `scale` over the number of inputs, outputs or their mean, so that signals neither grow
 * nor fade from layer to layer.
 *
 * @throws ShapeError when the shape has fewer than two axes.
 * @see JAX's `jax.nn.initializers.variance_scaling`
 * @example
 * const init = initializers.varianceScaling({ scale: 2, mode: 'fanIn', distribution: 'uniform' })
 * init(random.PRNGKey(0), [10, 5]).shape // [10, 5]
 */
export function varianceScaling(options: VarianceScalingOptions): Initializer {
  const { scale, mode, distribution, ...fans } = checkOptions('initializers.varianceScaling', options, scalingOptions)
  return (key, shape, { random: r = random, dtype = 'float32' } = {}) => {
    const round = rounded(dtype)
    const variance = round(scale / fan(mode, shape, fans))
    const stddev = round(Math.sqrt(variance))
    switch (distribution) {
      case 'normal':
        return r.normal(key, shape, { dtype }).mul(stddev)
      case 'truncatedNormal':
        return r.truncatedNormal(key, -2, 2, shape, { dtype }).mul(round(stddev / round(TRUNCATED_STDDEV)))
      case 'uniform':
        return r.uniform(key, shape, { minval: -1, dtype }).mul(round(Math.sqrt(round(3 * variance))))
      default:
        throw new ValueError(
          `initializers: the distribution is ${JSON.stringify(distribution)}; it must be 'normal', 'truncatedNormal' or 'uniform'`,
        )
    }
  }
}

function fan(mode: FanMode, shape: Shape, { inAxis = -2, outAxis = -1, batchAxis = [] }: FanOptions): number {
  checkShape('initializers', shape)
  const sizeOn = (axes: number | readonly number[]): number =>
    (typeof axes === 'number' ? [axes] : axes).reduce((product, axis) => product * (shape.at(axis) ?? Number.NaN), 1)
  const [inputs, outputs, batch] = [sizeOn(inAxis), sizeOn(outAxis), sizeOn(batchAxis)]
  if (shape.length < 2 || Number.isNaN(inputs * outputs * batch)) {
    throw new ShapeError(
      `initializers: weights of shape ${showShape(shape)} have no axes ${String(inAxis)} and ${String(outAxis)} for inputs and outputs; use normal(), uniform() or zeros for them`,
    )
  }
  const size = shape.reduce((product, n) => product * n, 1)
  const [fanIn, fanOut] = [size / outputs / batch, size / inputs / batch]
  switch (mode) {
    case 'fanIn':
      return fanIn
    case 'fanOut':
      return fanOut
    case 'fanAvg':
      return (fanIn + fanOut) / 2
    case 'fanGeoAvg':
      return Math.sqrt(fanIn * fanOut)
    default:
      throw new ValueError(
        `initializers: the mode is ${JSON.stringify(mode)}; it must be 'fanIn', 'fanOut', 'fanAvg' or 'fanGeoAvg'`,
      )
  }
}

const scaling =
  (scale: number, mode: FanMode, distribution: VarianceScalingOptions['distribution']) =>
  (fans: FanOptions = {}): Initializer =>
    varianceScaling({ scale, mode, distribution, ...fans })

/**
 * Variance 1 over the mean of inputs and outputs, for weights of two axes or more. Glorot and Bengio, "Understanding
 * the difficulty of training deep feedforward neural networks" (AISTATS 2010).
 *
 * @example Dense(128, { wInit: initializers.glorotNormal() })
 */
export const glorotNormal: (fans?: FanOptions) => Initializer = scaling(1, 'fanAvg', 'truncatedNormal')
/**
 * As `glorotNormal`, evenly distributed.
 *
 * @example initializers.glorotUniform()(random.PRNGKey(0), [1, 2]) // [[1.2661935, 1.3536283]]
 */
export const glorotUniform: (fans?: FanOptions) => Initializer = scaling(1, 'fanAvg', 'uniform')
/**
 * Variance 1 over the number of inputs. LeCun et al., "Efficient backprop" (1998).
 *
 * @example initializers.lecunNormal()(random.PRNGKey(0), [1, 2]) // [[1.655203, 1.949407]]
 */
export const lecunNormal: (fans?: FanOptions) => Initializer = scaling(1, 'fanIn', 'truncatedNormal')
/**
 * As `lecunNormal`, evenly distributed.
 *
 * @example initializers.lecunUniform()(random.PRNGKey(0), [1, 2]) // [[1.550764, 1.6578493]]
 */
export const lecunUniform: (fans?: FanOptions) => Initializer = scaling(1, 'fanIn', 'uniform')
/**
 * Variance 2 over the number of inputs, for networks of `Relu`. He et al., "Delving deep into rectifiers" (ICCV 2015).
 *
 * @example initializers.heNormal()(random.PRNGKey(0), [1, 2]) // [[2.3408103, 2.7568777]]
 */
export const heNormal: (fans?: FanOptions) => Initializer = scaling(2, 'fanIn', 'truncatedNormal')
/**
 * As `heNormal`, evenly distributed.
 *
 * @example initializers.heUniform()(random.PRNGKey(0), [1, 2]) // [[2.1931117, 2.344553]]
 */
export const heUniform: (fans?: FanOptions) => Initializer = scaling(2, 'fanIn', 'uniform')
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
export const orthogonal =
  (scale = 1, columnAxis = -1): Initializer =>
  (key, shape, { random: r = random, dtype = 'float32' } = {}) => {
    const columns = checkShape('initializers.orthogonal', shape).at(columnAxis)
    if (shape.length < 2 || columns === undefined) {
      throw new ShapeError(
        `initializers.orthogonal: the shape ${showShape(shape)} has no rows and columns along axis ${columnAxis}; it needs two axes at least`,
      )
    }
    const size = shape.reduce((product, n) => product * n, 1)
    if (size === 0) return np.zeros(shape, { dtype })
    const axis = columnAxis < 0 ? columnAxis + shape.length : columnAxis
    const matrix = r.orthogonal(key, size / columns, [], { m: columns, dtype })
    const rows = shape.filter((_, i) => i !== axis)
    return np.moveaxis(matrix.reshape([...rows, columns]), -1, axis).mul(scale)
  }

/**
 * Kernels of convolutions [window…, in, out] that are an orthogonal matrix in the middle of the window and 0 around it.
 * Xiao et al., "Dynamical isometry and a mean field theory of CNNs" (ICML 2018).
 *
 * @throws ShapeError unless there are three to five axes, and no fewer channels come out than go in.
 * @see JAX's `jax.nn.initializers.delta_orthogonal`
 * @example Conv(8, [3, 3], { wInit: initializers.deltaOrthogonal() })
 */
export const deltaOrthogonal =
  (scale = 1, columnAxis = -1): Initializer =>
  (key, shape, options = {}) => {
    const window = checkShape('initializers.deltaOrthogonal', shape).slice(0, -2)
    if (window.length < 1 || window.length > 3 || shape.at(-1)! < shape.at(-2)!) {
      throw new ShapeError(
        `initializers.deltaOrthogonal: the shape ${showShape(shape)} must be a window of one to three axes, the channels that go in, and no fewer that come out`,
      )
    }
    const matrix = orthogonal(scale, columnAxis)(key, shape.slice(-2), options)
    const middle = window.map((n) => Math.floor((n - 1) / 2))
    const pads = window.map((n, i): [number, number] => [middle[i]!, n - 1 - middle[i]!])
    return np.pad(
      np.expandDims(
        matrix,
        window.map((_, i) => i),
      ),
      [...pads, [0, 0], [0, 0]],
    )
  }
