import { applyInPlace, initInPlace, layerOf } from './describe.ts'
import { keysFor } from './keys.ts'
import type { AnyLayer, InputOf, Layer, LooseLayer, OutputOf } from './layer.ts'
import { checkEntries, checkLayers, type SerialParams } from './serial.ts'

type Inputs<L extends readonly AnyLayer[]> = { readonly [K in keyof L]: InputOf<L[K]> }
type Outputs<L extends readonly AnyLayer[]> = { readonly [K in keyof L]: OutputOf<L[K]> }

/**
 * Layers side by side: they take a list of inputs, one a layer, and give the list of their outputs. `FanOut` makes the
 * list, `FanInSum` and `FanInConcat` make one array of it again.
 *
 * @throws TreeError when there are more or fewer inputs or parameters than layers, and what the layers throw, with their
 * place: `parallel[1] Dense(8): …`.
 * @see JAX's `stax.parallel`
 * @example
 * const residual = serial(FanOut(2), parallel(serial(Dense(4), Tanh), Identity), FanInSum)
 * const [outputShape, params] = residual[0](random.PRNGKey(0), [4])
 * outputShape // [4]
 * residual[1](params, np.ones([2, 4])).shape // [2, 4]
 */
export function parallel<const L extends readonly AnyLayer[]>(
  ...layers: L
): Layer<SerialParams<L>, Inputs<L>, Outputs<L>> {
  checkLayers('parallel', layers)
  const loose = layers as unknown as readonly LooseLayer[]
  const n = layers.length
  return layerOf<unknown, unknown, unknown>(
    'parallel',
    (key, inputShapes, options) => {
      const shapes = checkEntries('parallel', 'the input shapes', inputShapes, n)
      const keys = keysFor('parallel', n, { rng: key, random: options.random })
      const made = loose.map((child, i) => initInPlace(`parallel[${i}]`, child, keys[i]!, shapes[i], options))
      return [made.map(([shape]) => shape) as never, made.map(([, params]) => params)]
    },
    (params, inputs, options) => {
      const each = checkEntries('parallel', 'the parameters', params, n)
      const xs = checkEntries('parallel', 'the inputs', inputs, n)
      const keys = keysFor('parallel', n, options)
      return loose.map((child, i) => applyInPlace(`parallel[${i}]`, child, each[i], xs[i], keys[i], options))
    },
    { kind: 'parallel', layers },
  ) as never
}
