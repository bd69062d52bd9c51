import { lax, type NDArray, np } from '@cotangent/autodiff'
import { checkFunction } from '../checks.ts'
import { checkInputs, checkShape } from './checks.ts'
import { plainLayer } from './describe.ts'
import type { Layer } from './layer.ts'

/** A layer without parameters that keeps the shape, under a name. */
const activation = (name: string, f: (x: NDArray) => NDArray): Layer<readonly []> =>
  plainLayer(
    name,
    (inputShape) => checkShape(name, inputShape),
    (inputs) => f(checkInputs(name, inputs)),
  )

/**
 * A layer without parameters that keeps the shape: a function of arrays, such as those of this package.
 *
 * @see JAX's `stax.elementwise`
 * @example
 * const [init, apply] = serial(Dense(8), elementwise(silu), elementwise((x) => leakyRelu(x, 0.2)))
 * init(random.PRNGKey(0), [3])[0] // [8]
 */
export function elementwise(f: (x: NDArray) => NDArray): Layer<readonly []> {
  checkFunction('elementwise', 'a function of arrays', f)
  return activation(f.name === '' ? 'elementwise' : `elementwise(${f.name})`, f)
}

/** α (eˣ − 1) for negative x; the other branch never overflows where it is not taken. */
const elu = (x: NDArray, alpha: number): NDArray => {
  const positive = x.gt(0)
  return np.where(positive, x, np.expm1(np.where(positive, 0, x)).mul(alpha))
}

/**
 * The tangent hyperbolic.
 *
 * @example Tanh[1]([], np.array([-1, 2])) // [-0.7615942, 0.9640276]
 */
export const Tanh: Layer<readonly []> = activation('Tanh', np.tanh)
/**
 * The larger of x and 0; its derivative at 0 is 0.
 *
 * @example
 * const [, apply] = Relu
 * apply([], np.array([-1, 2])) // [0, 2]
 */
export const Relu: Layer<readonly []> = activation('Relu', (x) => np.where(x.le(0), 0, x))
/**
 * x, and x / 100 for negative x.
 *
 * @example LeakyRelu[1]([], np.array([-1, 2])) // [-0.01, 2]
 */
export const LeakyRelu: Layer<readonly []> = activation('LeakyRelu', (x) => np.where(x.ge(0), x, x.mul(0.01)))
/**
 * eˣ.
 *
 * @example Exp[1]([], np.array([-1, 2])) // [0.36787945, 7.389056]
 */
export const Exp: Layer<readonly []> = activation('Exp', np.exp)
/**
 * ln(1 + eˣ).
 *
 * @example Softplus[1]([], np.array([-1, 2])) // [0.3132617, 2.126928]
 */
export const Softplus: Layer<readonly []> = activation('Softplus', (x) => np.logaddexp(x, 0))
/**
 * 1 / (1 + e⁻ˣ).
 *
 * @example Sigmoid[1]([], np.array([-1, 2])) // [0.26894143, 0.8807971]
 */
export const Sigmoid: Layer<readonly []> = activation('Sigmoid', lax.logistic)
/**
 * x, and eˣ − 1 for negative x. Clevert et al., "Fast and accurate deep network learning by ELUs" (ICLR 2016).
 *
 * @example Elu[1]([], np.array([-1, 2])) // [-0.63212055, 2]
 */
export const Elu: Layer<readonly []> = activation('Elu', (x) => elu(x, 1))
/**
 * Klambauer et al., "Self-normalizing neural networks" (NeurIPS 2017).
 *
 * @example Selu[1]([], np.array([-1, 2])) // [-1.1113307, 2.101402]
 */
export const Selu: Layer<readonly []> = activation('Selu', (x) => elu(x, 1.6732632423543772).mul(1.0507009873554805))
/**
 * x Φ(x) in its approximation by tanh. Hendrycks and Gimpel, "Gaussian error linear units" (2016).
 *
 * @example Gelu[1]([], np.array([-1, 2])) // [-0.158808, 1.9545977]
 */
export const Gelu: Layer<readonly []> = activation('Gelu', (x) => {
  const inner = x.add(x.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI))
  return x.mul(np.tanh(inner).add(1).mul(0.5))
})
/**
 * ln of Softmax.
 *
 * @example LogSoftmax[1]([], np.array([-1, 2])) // [-3.0485873, -0.04858733]
 */
export const LogSoftmax: Layer<readonly []> = activation('LogSoftmax', (x) => {
  const shifted = x.sub(x.max({ axis: -1, keepdims: true }))
  return shifted.sub(np.log(np.exp(shifted).sum({ axis: -1, keepdims: true })))
})
/**
 * eˣ over its sum along the last axis.
 *
 * @example Softmax[1]([], np.array([-1, 2])) // [0.047425874, 0.95257413]
 */
export const Softmax: Layer<readonly []> = activation('Softmax', (x) => {
  const weights = np.exp(x.sub(x.max({ axis: -1, keepdims: true })))
  return weights.div(weights.sum({ axis: -1, keepdims: true }))
})
/**
 * x as it is: an array, or a list of arrays.
 *
 * @example Identity[1]([], np.array([-1, 2])) // [-1, 2]
 */
export const Identity: Layer<readonly []> = plainLayer(
  'Identity',
  (inputShape) => inputShape,
  (inputs) => inputs,
)
