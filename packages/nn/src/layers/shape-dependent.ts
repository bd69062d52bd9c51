import { NDArray, type Shape, TreeError } from '@cotangent/autodiff'
import { showGiven } from '@cotangent/autodiff/array'
import { checkFunction } from '../checks.ts'
import { applyInPlace, initInPlace, isLayer, layerOf } from './describe.ts'
import type { AnyLayer, Layer, LooseLayer, OutputOf, ParamsOf } from './layer.ts'

/**
 * A layer that is made when the shape of its inputs is known.
 *
 * @param makeLayer The layer for a shape; it must be the same layer for any size of the batch.
 * @see JAX's `stax.shape_dependent`
 * @example
 * const [init] = shapeDependent((inputShape) => Dense(2 * inputShape.at(-1)))
 * init(random.PRNGKey(0), [-1, 3])[0] // [-1, 6]
 */
export function shapeDependent<const L extends AnyLayer>(
  makeLayer: (inputShape: Shape) => L,
): Layer<ParamsOf<L>, NDArray, OutputOf<L>> {
  checkFunction('shapeDependent', 'a function of the input shape that gives a layer', makeLayer)
  const make = (inputShape: unknown): LooseLayer => {
    const made: unknown = makeLayer(inputShape as Shape)
    if (isLayer(made)) return made as LooseLayer
    throw new TreeError(`shapeDependent: its function gave ${showGiven(made)}; it must give a layer [init, apply]`)
  }
  const shapesOf = (inputs: unknown): unknown =>
    inputs instanceof NDArray ? inputs.shape : Array.isArray(inputs) ? inputs.map(shapesOf) : inputs
  return layerOf<unknown, unknown, unknown>(
    'shapeDependent',
    (key, inputShape, options) => {
      const made = initInPlace('shapeDependent', make(inputShape), key, inputShape, options)
      return made as [never, unknown]
    },
    (params, inputs, options) =>
      applyInPlace('shapeDependent', make(shapesOf(inputs)), params, inputs, options.rng, options),
    { kind: 'shapeDependent', make },
  ) as never
}
