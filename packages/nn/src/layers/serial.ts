import { type NDArray, random, type Shape, TreeError } from '@cotangent/autodiff'
import type { AnyLayer, ApplyOptions, Layer, ParamsOf } from './layer.ts'

/** The parameters of layers one after the other: a tuple with one entry a layer. */
export type SerialParams<L extends readonly AnyLayer[]> = { readonly [K in keyof L]: ParamsOf<L[K]> }

/**
 * Layers one after the other: each takes the outputs of the one before. Every layer has a key of its own, split off in
 * order, also those that need none.
 *
 * @throws ShapeError from the layer that its inputs do not fit, TreeError for parameters of another model.
 * @see JAX's `stax.serial`
 * @example
 * const [init, apply] = serial(Dense(8), LeakyRelu, Dense(2))
 * const [, params] = init(random.PRNGKey(0), [10])
 * apply(params, np.ones([10])).shape // [2]
 */
export function serial<const L extends readonly AnyLayer[]>(...layers: L): Layer<SerialParams<L>> {
  return [
    (key, inputShape, options = {}) => {
      const { split } = options.random ?? random
      const params: unknown[] = []
      let rest = key
      let shape: Shape = inputShape
      for (const [init] of layers) {
        const [next, layerKey] = split(rest).unstack(2)
        const [outputShape, layerParams] = init(layerKey, shape, options)
        params.push(layerParams)
        rest = next
        shape = outputShape
      }
      return [shape, params as unknown as SerialParams<L>]
    },
    (params, inputs, options = {}) => {
      if (params.length !== layers.length) {
        throw new TreeError(
          `serial: the parameters have ${params.length} entries for ${layers.length} layers; use those that its own init gave`,
        )
      }
      const keys = keysFor(layers.length, options)
      return layers.reduce<NDArray>((x, [, apply], i) => {
        const rng = keys[i]
        return apply(params[i] as never, x, rng === undefined ? options : { ...options, rng })
      }, inputs)
    },
  ]
}

/** A key for each layer, if there is one for all. */
const keysFor = (n: number, { rng, random: r = random }: ApplyOptions): readonly (ApplyOptions['rng'] & {})[] =>
  rng === undefined ? [] : r.split(rng, n).unstack(n)
