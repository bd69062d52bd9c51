import { NDArray, np, type Shape, ShapeError } from '@cotangent/autodiff'
import { checkOptions, showGiven, showShape } from '@cotangent/autodiff/array'
import { normal } from '../initializers/distributions.ts'
import type { Initializer } from '../initializers/initializer.ts'
import { glorotNormal } from '../initializers/scaling.ts'
import {
  checkCount,
  checkInitializer,
  checkInputs,
  checkParam,
  checkParams,
  checkShape,
  initialized,
} from './checks.ts'
import { layerOf } from './describe.ts'
import { twoKeys } from './keys.ts'
import type { Layer } from './layer.ts'

export interface DenseOptions {
  /** Of the weights [inputs, outputs]. @defaultValue glorotNormal() */
  readonly wInit?: Initializer
  /** Of the biases [outputs]. @defaultValue normal() */
  readonly bInit?: Initializer
}

/** Weights [inputs, outputs] and biases [outputs]. */
export type DenseParams = readonly [W: NDArray, b: NDArray]

/**
 * `inputs · W + b` over the last axis.
 *
 * @param outDim How many numbers come out.
 * @throws ShapeError when the last axis is not what the weights take, or not known at `init`.
 * @see JAX's `stax.Dense`
 * @example
 * const [init, apply] = Dense(3)
 * const [, [W, b]] = init(random.PRNGKey(0), [2])
 * W.shape // [2, 3]
 * apply([W, b], np.ones([5, 2])).shape // [5, 3]
 */
export function Dense(outDim: number, options: DenseOptions = {}): Layer<DenseParams> {
  const name = `Dense(${showGiven(outDim)})`
  const { wInit = glorotNormal(), bInit = normal() } = checkOptions('Dense', options, ['wInit', 'bInit'])
  checkCount(name, 'the number of outputs', outDim)
  checkInitializer(name, 'wInit', wInit)
  checkInitializer(name, 'bInit', bInit)
  return layerOf<DenseParams>(
    name,
    (key, inputShape, initOptions) => {
      const inDim = lastAxis(name, checkShape(name, inputShape))
      const [k1, k2] = twoKeys(name, initOptions.random, key)
      const W = initialized(name, 'wInit', wInit, k1, [inDim, outDim], initOptions)
      const b = initialized(name, 'bInit', bInit, k2, [outDim], initOptions)
      return [
        [...inputShape.slice(0, -1), outDim],
        [W, b],
      ]
    },
    (params, inputs) => {
      const [W, b] = checkParams(name, params, 'W, b')
      const { shape } = checkInputs(name, inputs)
      if (W instanceof NDArray && shape.at(-1) !== W.shape[0]) {
        throw new ShapeError(
          `${name}: the inputs ${showShape(shape)} end in ${shape.at(-1) ?? 'no axis'}, but the weights ${showShape(W.shape)} take ${W.shape[0]}; initialize the model for inputs of this shape`,
        )
      }
      checkParam(name, 'weights', W, [shape.at(-1)!, outDim])
      checkParam(name, 'biases', b, [outDim])
      return np.matmul(inputs, W).add(b)
    },
  )
}

function lastAxis(name: string, inputShape: Shape): number {
  const n = inputShape.at(-1)
  if (n !== undefined && Number.isInteger(n) && n > 0) return n
  throw new ShapeError(
    `${name}: the input shape is ${showShape(inputShape)}; its last axis must be a known, positive size (only batch axes may be -1)`,
  )
}
