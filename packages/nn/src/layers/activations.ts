import { NDArray, np, ShapeError } from '@cotangent/autodiff'
import { shapesEqual, showGiven, showShape } from '@cotangent/autodiff/array'
import { checkFunction } from '../checks.ts'
import { logSoftmax, softmax } from '../functions/normalizing.ts'
import { leakyRelu, relu } from '../functions/rectifiers.ts'
import { elu, gelu, selu, sigmoid, softplus, tanh } from '../functions/smooth.ts'
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
 * @throws ShapeError when the function gives something of another shape.
 * @see JAX's `stax.elementwise`
 * @example
 * const [init, apply] = serial(Dense(8), elementwise(silu), elementwise((x) => leakyRelu(x, 0.2)))
 * init(random.PRNGKey(0), [3])[0] // [8]
 */
export function elementwise(f: (x: NDArray) => NDArray): Layer<readonly []> {
  checkFunction('elementwise', 'a function of arrays', f)
  const name = f.name === '' ? 'elementwise' : `elementwise(${f.name})`
  return activation(name, (x) => {
    const y: unknown = f(x)
    if (y instanceof NDArray && shapesEqual(y.shape, x.shape)) return y
    const found = y instanceof NDArray ? `shape ${showShape(y.shape)}` : showGiven(y)
    throw new ShapeError(
      `${name}: the function gave ${found} for inputs of shape ${showShape(x.shape)}; it must keep it`,
    )
  })
}

/**
 * The tangent hyperbolic.
 *
 * @example Tanh[1]([], np.array([-1, 2])) // [-0.7615942, 0.9640276]
 */
export const Tanh: Layer<readonly []> = activation('Tanh', tanh)
/**
 * The larger of x and 0; its derivative at 0 is 0.
 *
 * @example
 * const [, apply] = Relu
 * apply([], np.array([-1, 2])) // [0, 2]
 */
export const Relu: Layer<readonly []> = activation('Relu', relu)
/**
 * x, and x / 100 for negative x.
 *
 * @example LeakyRelu[1]([], np.array([-1, 2])) // [-0.01, 2]
 */
export const LeakyRelu: Layer<readonly []> = activation('LeakyRelu', (x) => leakyRelu(x))
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
export const Softplus: Layer<readonly []> = activation('Softplus', softplus)
/**
 * 1 / (1 + e⁻ˣ).
 *
 * @example Sigmoid[1]([], np.array([-1, 2])) // [0.26894143, 0.8807971]
 */
export const Sigmoid: Layer<readonly []> = activation('Sigmoid', sigmoid)
/**
 * x, and eˣ − 1 for negative x. Clevert et al., "Fast and accurate deep network learning by ELUs" (ICLR 2016).
 *
 * @example Elu[1]([], np.array([-1, 2])) // [-0.63212055, 2]
 */
export const Elu: Layer<readonly []> = activation('Elu', (x) => elu(x))
/**
 * Klambauer et al., "Self-normalizing neural networks" (NeurIPS 2017).
 *
 * @example Selu[1]([], np.array([-1, 2])) // [-1.1113307, 2.101402]
 */
export const Selu: Layer<readonly []> = activation('Selu', selu)
/**
 * x Φ(x) in its approximation by tanh. Hendrycks and Gimpel, "Gaussian error linear units" (2016).
 *
 * @example Gelu[1]([], np.array([-1, 2])) // [-0.158808, 1.9545977]
 */
export const Gelu: Layer<readonly []> = activation('Gelu', (x) => gelu(x))
/**
 * ln of Softmax.
 *
 * @example LogSoftmax[1]([], np.array([-1, 2])) // [-3.0485873, -0.04858733]
 */
export const LogSoftmax: Layer<readonly []> = activation('LogSoftmax', (x) => logSoftmax(x))
/**
 * eˣ over its sum along the last axis.
 *
 * @example Softmax[1]([], np.array([-1, 2])) // [0.047425874, 0.95257413]
 */
export const Softmax: Layer<readonly []> = activation('Softmax', (x) => softmax(x))
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
