import { lax, type NDArray, np, type Operand, special } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { checkFlags } from '../checks.ts'

/** A float array: integers become float32. */
const asFloat = (x: Operand): NDArray => np.divide(x, 1)

/**
 * x as it is.
 *
 * @example identity([-1, 2]) // [-1, 2]
 */
export const identity = (x: Operand): NDArray => np.asarray(x)
/**
 * 1 / (1 + e⁻ˣ).
 *
 * @example sigmoid([-1, 2]) // [0.26894143, 0.8807971]
 */
export const sigmoid = (x: Operand): NDArray => special.expit(x)
/**
 * ln(1 + eˣ).
 *
 * @example softplus([-1000, 0, 1000]) // [0, 0.6931472, 1000]
 */
export const softplus = (x: Operand): NDArray => np.logaddexp(x, 0)
/**
 * ln of `sigmoid`.
 *
 * @example logSigmoid([-1, 2]) // [-1.3132616, -0.12692802]
 */
export const logSigmoid = (x: Operand): NDArray => softplus(np.negative(x)).neg()
/**
 * x / (1 + |x|).
 *
 * @example softSign([-1, 2]) // [-0.5, 0.6666667]
 */
export const softSign = (x: Operand): NDArray => np.divide(x, np.abs(x).add(1))
/**
 * x times `sigmoid`, also called swish.
 *
 * @example silu([-1, 2]) // [-0.26894143, 1.7615942]
 */
export const silu = (x: Operand): NDArray => np.multiply(x, sigmoid(x))
/**
 * Another name of `silu`.
 *
 * @example swish([-1, 2]) // [-0.26894143, 1.7615942]
 */
export const swish: (x: Operand) => NDArray = silu
/**
 * x tanh(softplus(x)).
 *
 * @example mish([-1, 2]) // [-0.30340147, 1.943959]
 */
export const mish = (x: Operand): NDArray => np.multiply(x, np.tanh(softplus(x)))
/**
 * (x + √(x² + b)) / 2.
 *
 * @example squareplus([-1, 2]) // [0.618034, 2.4142137]
 */
export const squareplus = (x: Operand, b: Operand = 4): NDArray => np.add(x, np.sqrt(np.add(np.square(x), b))).div(2)
/**
 * The hyperbolic tangent.
 *
 * @example tanh([-1, 2]) // [-0.7615942, 0.9640276]
 */
export const tanh = (x: Operand): NDArray => np.tanh(x)
/**
 * ln(1 − e⁻ˣ) for positive x.
 *
 * @example log1mexp([0.5, 2]) // [-0.93275213, -0.14541346]
 */
export const log1mexp = (x: Operand): NDArray => {
  const a = asFloat(x)
  const near = a.lt(Math.LN2)
  const small = np.where(near, a, 0.5)
  const large = np.where(near, 1, a)
  return np.where(near, np.log(np.expm1(small.neg()).neg()), np.log1p(np.exp(large.neg()).neg()))
}

/**
 * x, and α (eˣ − 1) for negative x.
 *
 * @example elu([-1, 2]) // [-0.63212055, 2]
 */
export const elu = (x: Operand, alpha: Operand = 1): NDArray => {
  const a = asFloat(x)
  const positive = a.gt(0)
  return np.where(positive, a, np.multiply(alpha, np.expm1(np.where(positive, 0, a))))
}
/**
 * max(x, 0) + α (e^(min(x, 0) / α) − 1).
 *
 * @example celu([-1, 2]) // [-0.63212055, 2]
 */
export const celu = (x: Operand, alpha: Operand = 1): NDArray =>
  np.add(np.maximum(x, 0), np.multiply(alpha, np.expm1(np.divide(np.minimum(x, 0), alpha))))
/**
 * Klambauer et al., "Self-normalizing neural networks" (NeurIPS 2017).
 *
 * @example selu([-1, 2]) // [-1.1113307, 2.101402]
 */
export const selu = (x: Operand): NDArray => elu(x, 1.6732632423543772).mul(1.0507009873554805)

export interface GeluOptions {
  /** Whether tanh stands for the error function. @defaultValue true */
  readonly approximate?: boolean
}

/**
 * x Φ(x), exactly or in its approximation by tanh. Hendrycks and Gimpel, "Gaussian error linear units" (2016).
 *
 * @example gelu([1], { approximate: false }) // [0.8413447]
 */
export const gelu = (x: Operand, options: GeluOptions = {}): NDArray => {
  const { approximate = true } = checkOptions('gelu', options, ['approximate'])
  checkFlags('gelu', { approximate })
  const a = asFloat(x)
  if (!approximate) return a.mul(0.5).mul(lax.erfc(a.mul(-Math.SQRT1_2)))
  const inner = a.add(a.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI))
  return a.mul(np.tanh(inner).add(1).mul(0.5))
}

export interface AxisOptions {
  /** The axis. @defaultValue -1 */
  readonly axis?: number
}

/**
 * The first half of an axis times the `sigmoid` of the second.
 *
 * @example glu([1, 2, 0, 0]) // [0.5, 1]
 */
export const glu = (x: Operand, options: AxisOptions = {}): NDArray => {
  const { axis = -1 } = checkOptions('glu', options, ['axis'])
  const [value, gate] = np.split(x, 2, { axis }) as [NDArray, NDArray]
  return value.mul(sigmoid(gate))
}
