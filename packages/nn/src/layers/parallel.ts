import { randomOf } from './checks.ts'
import { described, inPlace } from './describe.ts'
import type { AnyLayer, InputOf, Layer, LooseLayer, OutputOf } from './layer.ts'
import { checkEntries, checkLayers, keysFor, type SerialParams } from './serial.ts'

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
  const layer: LooseLayer = [
    (key, inputShapes, options = {}) => {
      const shapes = checkEntries('parallel', 'the input shapes', inputShapes, n)
      const keys = keysFor('parallel', n, { rng: key, random: randomOf('parallel', options) })
      const made = loose.map((child, i) =>
        inPlace(`parallel[${i}]`, child, () => child[0](keys[i]!, shapes[i] as never, options)),
      )
      return [made.map(([shape]) => shape) as never, made.map(([, params]) => params)]
    },
    (params, inputs, options = {}) => {
      const each = checkEntries('parallel', 'the parameters', params, n)
      const xs = checkEntries('parallel', 'the inputs', inputs, n)
      const keys = keysFor('parallel', n, options)
      return loose.map((child, i) => {
        const rng = keys[i]
        return inPlace(`parallel[${i}]`, child, () =>
          child[1](each[i], xs[i], rng === undefined ? options : { ...options, rng }),
        )
      })
    },
  ]
  return described(layer, { name: 'parallel', parts: { kind: 'parallel', layers } }) as never
}
