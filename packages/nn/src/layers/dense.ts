import { type NDArray, np, random, type Shape, ShapeError, ValueError } from '@cotangent/autodiff'
import { glorotNormal, type Initializer, normal } from '../initializers.ts'
import type { Layer } from './layer.ts'
import { showShape } from '@cotangent/autodiff/array'

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
export function Dense(
  outDim: number,
  { wInit = glorotNormal(), bInit = normal() }: DenseOptions = {},
): Layer<DenseParams> {
  const name = `Dense(${outDim})`
  if (!Number.isInteger(outDim) || outDim < 1) {
    throw new ValueError(`${name}: the number of outputs must be a positive whole number`)
  }
  return [
    (key, inputShape, options = {}) => {
      const inDim = lastAxis(name, inputShape)
      const [k1, k2] = (options.random ?? random).split(key).unstack(2)
      const params = [wInit(k1, [inDim, outDim], options), bInit(k2, [outDim], options)] as const
      return [[...inputShape.slice(0, -1), outDim], params]
    },
    ([W, b], inputs) => {
      if (inputs.shape.at(-1) !== W.shape[0]) {
        throw new ShapeError(
          `${name}: the inputs ${showShape(inputs.shape)} end in ${inputs.shape.at(-1) ?? 'no axis'}, but the weights ${showShape(W.shape)} take ${W.shape[0]}; initialize the model for inputs of this shape`,
        )
      }
      return np.matmul(inputs, W).add(b)
    },
  ]
}

function lastAxis(name: string, inputShape: Shape): number {
  const n = inputShape.at(-1)
  if (n !== undefined && Number.isInteger(n) && n > 0) return n
  throw new ShapeError(
    `${name}: the input shape is ${showShape(inputShape)}; its last axis must be a known, positive size (only batch axes may be -1)`,
  )
}
