import { type NDArray, TreeError } from '@cotangent/autodiff'
import { showGiven } from '@cotangent/autodiff/array'
import { applyInPlace, initInPlace, isLayer, layerOf } from './describe.ts'
import { keysFor, twoKeys } from './keys.ts'
import type { AnyLayer, InputOf, Layer, LooseLayer, OutputOf, ParamsOf } from './layer.ts'

/** The parameters of layers one after the other, or side by side: a tuple with one entry a layer. */
export type SerialParams<L extends readonly AnyLayer[]> = { readonly [K in keyof L]: ParamsOf<L[K]> }

type FirstInput<L> = L extends readonly [infer F extends AnyLayer, ...unknown[]] ? InputOf<F> : NDArray
type LastOutput<L> = L extends readonly [...unknown[], infer Z extends AnyLayer] ? OutputOf<Z> : NDArray

/**
 * Layers one after the other: each takes the outputs of the one before. Every layer has a key of its own, split off in
 * order, also those that need none.
 *
 * @throws ShapeError from the layer that its inputs do not fit, with its place: `serial[2] Dense(8): …`; TreeError for
 * parameters of another model.
 * @see JAX's `stax.serial`
 * @example
 * const [init, apply] = serial(Dense(8), LeakyRelu, Dense(2))
 * const [, params] = init(random.PRNGKey(0), [10])
 * apply(params, np.ones([10])).shape // [2]
 */
export function serial<const L extends readonly AnyLayer[]>(
  ...layers: L
): Layer<SerialParams<L>, FirstInput<L>, LastOutput<L>> {
  checkLayers('serial', layers)
  const loose = layers as unknown as readonly LooseLayer[]
  return layerOf<unknown, unknown, unknown>(
    'serial',
    (key, inputShape, options) => {
      const params: unknown[] = []
      let rest = key
      let shape: unknown = inputShape
      loose.forEach((child, i) => {
        const [next, layerKey] = twoKeys('serial', options.random, rest)
        const [outputShape, layerParams] = initInPlace(`serial[${i}]`, child, layerKey, shape, options)
        params.push(layerParams)
        rest = next
        shape = outputShape
      })
      return [shape as never, params]
    },
    (params, inputs, options) => {
      const each = checkEntries('serial', 'the parameters', params, layers.length)
      const keys = keysFor('serial', layers.length, options)
      return loose.reduce<unknown>(
        (x, child, i) => applyInPlace(`serial[${i}]`, child, each[i], x, keys[i], options),
        inputs,
      )
    },
    { kind: 'serial', layers },
  ) as never
}

/** That layers are pairs of functions. */
export function checkLayers(name: string, layers: readonly unknown[]): void {
  layers.forEach((layer, i) => {
    if (isLayer(layer)) return
    const made = typeof layer === 'function' ? 'a function; call it to make a layer, as Dense(8)' : showGiven(layer)
    throw new TreeError(`${name}[${i}] is no layer [init, apply] but ${made}`)
  })
}

const counted = (n: number, one: string, many: string): string => `${n} ${n === 1 ? one : many}`

/** The entries of a list, of which there must be one a layer. */
export function checkEntries(name: string, what: string, list: unknown, length: number): readonly unknown[] {
  if (Array.isArray(list) && list.length === length) return list
  const found = Array.isArray(list)
    ? `have ${counted(list.length, 'entry', 'entries')}`
    : 'are no list: there must be one entry'
  throw new TreeError(
    `${name}: ${what} ${found} for ${counted(length, 'layer', 'layers')}${what === 'the parameters' ? '; use those that its own init gave' : `; FanOut(${length}) before it makes that many of one`}`,
  )
}
