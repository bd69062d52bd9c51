import { NDArray, type Shape } from '@cotangent/autodiff'
import { described, inPlace } from './describe.ts'
import type { AnyLayer, Layer, LooseLayer, ParamsOf } from './layer.ts'

/**
 * A layer that is made when the shape of its inputs is known.
 *
 * @param makeLayer The layer for a shape; it must be the same layer for any size of the batch.
 * @see JAX's `stax.shape_dependent`
 * @example
 * const [init] = shapeDependent((inputShape) => Dense(2 * inputShape.at(-1)))
 * init(random.PRNGKey(0), [-1, 3])[0] // [-1, 6]
 */
export function shapeDependent<const L extends AnyLayer>(makeLayer: (inputShape: Shape) => L): Layer<ParamsOf<L>> {
  const make = makeLayer as unknown as (inputShape: unknown) => LooseLayer
  const shapesOf = (inputs: unknown): unknown =>
    inputs instanceof NDArray ? inputs.shape : Array.isArray(inputs) ? inputs.map(shapesOf) : inputs
  const layer: LooseLayer = [
    (key, inputShape, options) => {
      const made = make(inputShape)
      return inPlace('shapeDependent', made, () => made[0](key, inputShape, options))
    },
    (params, inputs, options) => {
      const made = make(shapesOf(inputs))
      return inPlace('shapeDependent', made, () => made[1](params, inputs, options))
    },
  ]
  const name = 'shapeDependent'
  return described(layer, { name, parts: { kind: 'shapeDependent', make: makeLayer as never } }) as never
}
