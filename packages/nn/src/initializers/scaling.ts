import { type FloatDType, np, type Shape, ShapeError, ValueError } from '@cotangent/autodiff'
import { checkOptions, showGiven, showShape, sizeOf } from '@cotangent/autodiff/array'
import { checkNotNegative } from '../checks.ts'
import { type Initializer, initializer } from './initializer.ts'

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

/** The standard deviation of the standard normal distribution within ±2. */
const TRUNCATED_STDDEV = 0.87962566103423978

const fanOptions = ['inAxis', 'outAxis', 'batchAxis'] as const
const modes: Readonly<Record<FanMode, (fanIn: number, fanOut: number) => number>> = {
  fanIn: (fanIn) => fanIn,
  fanOut: (_, fanOut) => fanOut,
  fanAvg: (fanIn, fanOut) => (fanIn + fanOut) / 2,
  fanGeoAvg: (fanIn, fanOut) => Math.sqrt(fanIn * fanOut),
}
const distributions = ['normal', 'truncatedNormal', 'uniform'] as const

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
  if (all.some((axis) => shape.at(axis) === undefined)) {
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
