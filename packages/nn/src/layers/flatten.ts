import { ShapeError } from '@cotangent/autodiff'
import { showShape, sizeOf } from '@cotangent/autodiff/array'
import { checkInputs, checkShape } from './checks.ts'
import { plainLayer } from './describe.ts'
import type { Layer } from './layer.ts'

/**
 * All axes but the first, which counts the batch, in one.
 *
 * @throws ShapeError when there is no first axis.
 * @see JAX's `stax.Flatten`
 * @example
 * const [, apply] = Flatten
 * apply([], np.ones([5, 2, 3])).shape // [5, 6]
 */
export const Flatten: Layer<readonly []> = plainLayer(
  'Flatten',
  (inputShape) => {
    const [batch, ...rest] = checkShape('Flatten', inputShape)
    if (batch === undefined) throw new ShapeError('Flatten: the input shape is []; it needs a batch axis')
    if (rest.includes(-1)) {
      throw new ShapeError(`Flatten: the input shape is ${showShape([batch, ...rest])}; only its first axis may be -1`)
    }
    return [batch, sizeOf(rest)]
  },
  (inputs) => {
    const [batch, ...rest] = checkInputs('Flatten', inputs).shape
    if (batch === undefined) throw new ShapeError('Flatten: the inputs are a scalar; they need a batch axis')
    return inputs.reshape([batch, sizeOf(rest)])
  },
)
