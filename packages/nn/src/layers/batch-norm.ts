import { type NDArray, type Shape, ShapeError, ValueError } from '@cotangent/autodiff'
import { checkOptions, showGiven, showShape } from '@cotangent/autodiff/array'
import { checkFlags, checkNumbers } from '../checks.ts'
import { standardize } from '../functions/normalizing.ts'
import { ones, zeros } from '../initializers/distributions.ts'
import type { Initializer } from '../initializers/initializer.ts'
import { checkInitializer, checkInputs, checkParam, checkParams, checkShape, initialized } from './checks.ts'
import { layerOf } from './describe.ts'
import { twoKeys } from './keys.ts'
import type { Layer } from './layer.ts'

export interface BatchNormOptions<C extends boolean = boolean, S extends boolean = boolean> {
  /** The axes of what is normalized together. @defaultValue [0, 1, 2], for images with their channels last */
  readonly axis?: number | readonly number[]
  /** What is added to the variance. @defaultValue 1e-5 */
  readonly epsilon?: number
  /** Whether a trained number is added. @defaultValue true */
  readonly center?: C
  /** Whether it is multiplied by a trained number. @defaultValue true */
  readonly scale?: S
  /** Of what is added. @defaultValue zeros */
  readonly betaInit?: Initializer
  /** Of what it is multiplied by. @defaultValue ones */
  readonly gammaInit?: Initializer
}

/** What is added and what it is multiplied by, along the axes that stay; an empty tree for what there is none of. */
export type BatchNormParams<C extends boolean = true, S extends boolean = true> = readonly [
  beta: C extends true ? NDArray : readonly [],
  gamma: S extends true ? NDArray : readonly [],
]

/**
 * Numbers less their mean over their standard deviation, both of the batch itself; then scaled and shifted by what is
 * trained. Ioffe and Szegedy, "Batch normalization" (ICML 2015).
 *
 * It keeps no running mean: in use as in training, what it gives for one input depends on the others of its batch.
 *
 * @throws ShapeError when the inputs do not have the axes, or not the sizes that the parameters have.
 * @see JAX's `stax.BatchNorm`
 * @example
 * const [init, apply] = BatchNorm({ axis: 0, epsilon: 0 })
 * const [, params] = init(random.PRNGKey(0), [-1, 2])
 * apply(params, np.array([[1, 5], [3, 5.5]])) // [[-1, -1], [1, 1]]
 */
export function BatchNorm<C extends boolean = true, S extends boolean = true>(
  options: BatchNormOptions<C, S> = {},
): Layer<BatchNormParams<C, S>> {
  const {
    axis = [0, 1, 2],
    epsilon = 1e-5,
    center = true,
    scale = true,
  } = checkOptions('BatchNorm', options, ['axis', 'epsilon', 'center', 'scale', 'betaInit', 'gammaInit'])
  const { betaInit = zeros, gammaInit = ones } = options
  const name = 'BatchNorm'
  const given = Array.isArray(axis) ? (axis as readonly number[]) : [axis as number]
  if (!given.every(Number.isInteger) || new Set(given).size < given.length)
    throw new ValueError(
      `${name}: the axes ${given.map((a) => showGiven(a)).join(', ')} must be whole numbers, each once`,
    )
  checkNumbers(name, { epsilon })
  checkFlags(name, { center, scale })
  checkInitializer(name, 'betaInit', betaInit)
  checkInitializer(name, 'gammaInit', gammaInit)

  /** Which axes are normalized, counted from the front. */
  const axesOf = (shape: Shape, what: string): number[] => {
    const axes = given.map((a) => (a < 0 ? a + shape.length : a))
    if (axes.every((a) => a >= 0 && a < shape.length)) return axes
    throw new ShapeError(
      `${name}: the ${what} ${showShape(shape)} has no axes ${given.join(', ')}; say which ones to normalize over, as BatchNorm({ axis: 0 }) for inputs [batch, features]`,
    )
  }
  const layer = layerOf<BatchNormParams>(
    name,
    (key, inputShape, initOptions) => {
      const axes = axesOf(checkShape(name, inputShape), 'input shape')
      const shape = inputShape.filter((_, i) => !axes.includes(i))
      if ((center || scale) && shape.some((n) => n < 1)) {
        throw new ShapeError(
          `${name}: in the input shape ${showShape(inputShape)} the axes that stay, ${showShape(shape)}, must be known and positive`,
        )
      }
      const [k1, k2] = twoKeys(name, initOptions.random, key)
      const beta = center ? initialized(name, 'betaInit', betaInit, k1, shape, initOptions) : []
      const gamma = scale ? initialized(name, 'gammaInit', gammaInit, k2, shape, initOptions) : []
      return [inputShape, [beta, gamma] as unknown as BatchNormParams]
    },
    (params, inputs) => {
      const [beta, gamma] = checkParams(name, params, 'beta, gamma')
      const x = checkInputs(name, inputs)
      const axes = axesOf(x.shape, 'shape of the inputs')
      const shape = x.shape.filter((_, i) => !axes.includes(i))
      const along = (param: NDArray, what: string): NDArray => {
        checkParam(name, what, param, shape)
        return param.reshape(x.shape.map((n, i) => (axes.includes(i) ? 1 : n)))
      }
      const z = standardize(x, { axis: axes, epsilon })
      const scaled = scale ? z.mul(along(gamma, 'factors gamma')) : z
      return center ? scaled.add(along(beta, 'shifts beta')) : scaled
    },
  )
  return layer as unknown as Layer<BatchNormParams<C, S>>
}
