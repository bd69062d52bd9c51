import { CotangentError, type Key, type NDArray, TreeError, ValueError } from '@cotangent/autodiff'
import { showGiven } from '@cotangent/autodiff/array'
import { checkApplyOptions, type CheckedApplyOptions, checkInitOptions } from './checks.ts'
import type { AnyLayer, ApplyOptions, InitOptions, Layer, LooseLayer, ShapesOf } from './layer.ts'

/** What a layer is made of: other layers, or one that depends on the shape of the inputs. */
export type Parts =
  | { readonly kind: 'serial' | 'parallel'; readonly layers: readonly AnyLayer[] }
  | { readonly kind: 'shapeDependent'; readonly make: (inputShape: unknown) => LooseLayer }

interface Description {
  readonly name: string
  readonly parts?: Parts
}

// By the init function, which a pair keeps when it is taken apart and put together again.
const descriptions = new WeakMap<object, Description>()

/** Whether a value is a pair of functions. */
export const isLayer = (layer: unknown): boolean =>
  Array.isArray(layer) && layer.length === 2 && layer.every((f) => typeof f === 'function')

/** The layer, remembered with its name and parts. */
export function described<L extends AnyLayer>(layer: L, description: Description): L {
  descriptions.set(layer[0], description)
  return layer
}

/** A layer under a name, whose functions are given options that are checked and complete. */
export function layerOf<P, I = NDArray, O = NDArray>(
  name: string,
  init: (key: Key, inputShape: ShapesOf<I>, options: Required<InitOptions>) => [ShapesOf<O>, P],
  apply: (params: P, inputs: I, options: CheckedApplyOptions) => O,
  parts?: Parts,
): Layer<P, I, O> {
  const layer: Layer<P, I, O> = [
    (key, inputShape, options = {}) => init(key, inputShape, checkInitOptions(name, options)),
    (params, inputs, options = {}) => apply(params, inputs, checkApplyOptions(name, options)),
  ]
  return described(layer as unknown as AnyLayer, { name, ...(parts && { parts }) }) as unknown as Layer<P, I, O>
}

/** A layer without parameters: what it makes of a shape, and of inputs. */
export const plainLayer = <I = NDArray, O = NDArray>(
  name: string,
  shapeOf: (inputShape: ShapesOf<I>) => ShapesOf<O>,
  apply: (inputs: I, options: CheckedApplyOptions) => O,
): Layer<readonly [], I, O> =>
  layerOf<readonly [], I, O>(
    name,
    (_, inputShape) => [shapeOf(inputShape), []],
    (_, inputs, options) => apply(inputs, options),
  )

/**
 * A layer of your own under a name, for errors and `summary`.
 *
 * @example
 * const Double = named('Double', elementwise((x) => x.mul(2)))
 * summary(serial(Dense(3), Double), [2]).rows[1].layer // 'Double'
 */
export function named<L extends AnyLayer>(name: string, layer: L): L {
  if (typeof name !== 'string') throw new ValueError(`named: the name is ${showGiven(name)}; it must be text`)
  if (!isLayer(layer)) throw new TreeError(`named: '${name}' is given to a layer [init, apply], as serial(…) makes it`)
  const [init, apply] = layer as unknown as LooseLayer
  const own: LooseLayer = [(key, inputShape, options) => init(key, inputShape, options), apply]
  return described(own as unknown as L, { name })
}

/** The name of a layer, if it has one. */
export const nameOf = (layer: AnyLayer): string | undefined => descriptions.get(layer[0])?.name
/** What a layer is made of, if it is made of layers. */
export const partsOf = (layer: AnyLayer): Parts | undefined => descriptions.get(layer[0])?.parts

/** Runs part of a network; an error from it says where in the network it arose, as `serial[2] Dense(8): …`. */
export function inPlace<T>(place: string, layer: AnyLayer | LooseLayer, run: () => T): T {
  return telling(run, (message) => {
    const name = nameOf(layer)
    const told = name === undefined || message.startsWith(name) ? message : `${name}: ${message}`
    return place === '' ? told : `${place} ${told}`
  })
}

/** What the init of a layer gives, which may be a user's own; throws a TreeError for what is no pair. */
export function initOf(
  layer: LooseLayer,
  key: Key,
  inputShape: unknown,
  options: InitOptions,
): readonly [outputShape: unknown, params: unknown] {
  const made: unknown = layer[0](key, inputShape as never, options)
  if (Array.isArray(made) && made.length === 2) return made as [unknown, unknown]
  throw new TreeError(`its init gave ${showGiven(made)}; it must give [outputShape, params]`)
}

/** The same of part of a network; an error says where in the network it arose. */
export const initInPlace = (place: string, ...init: Parameters<typeof initOf>): ReturnType<typeof initOf> =>
  inPlace(place, init[0], () => initOf(...init))

/** What the apply of part of a network gives, with a key of its own; an error says where in the network it arose. */
export const applyInPlace = (
  place: string,
  layer: LooseLayer,
  params: unknown,
  inputs: unknown,
  rng: Key | undefined,
  options: ApplyOptions,
): unknown => inPlace(place, layer, () => layer[1](params, inputs, rng === undefined ? options : { ...options, rng }))

/** Runs what a layer is made of; an error from it says the layer's name. */
export const within = <T>(name: string, run: () => T): T => telling(run, (message) => `${name}: ${message}`)

function telling<T>(run: () => T, tell: (message: string) => string): T {
  try {
    return run()
  } catch (error) {
    if (error instanceof CotangentError) error.message = tell(error.message)
    throw error
  }
}
