import { CotangentError, TreeError } from '@cotangent/autodiff'
import type { AnyLayer, LooseLayer } from './layer.ts'

/** What a layer is made of: other layers, or one that depends on the shape of the inputs. */
export type Parts =
  | { readonly kind: 'serial' | 'parallel'; readonly layers: readonly AnyLayer[] }
  | { readonly kind: 'shapeDependent'; readonly make: (inputShape: never) => AnyLayer }

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

/**
 * A layer of your own under a name, for errors and `summary`.
 *
 * @example
 * const Double = named('Double', elementwise((x) => x.mul(2)))
 * summary(serial(Dense(3), Double), [2]).rows[1].layer // 'Double'
 */
export function named<L extends AnyLayer>(name: string, layer: L): L {
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
export function inPlace<T>(place: string, layer: AnyLayer, run: () => T): T {
  return telling(run, (message) => {
    const name = nameOf(layer)
    const told = name === undefined || message.startsWith(name) ? message : `${name}: ${message}`
    return place === '' ? told : `${place} ${told}`
  })
}

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
