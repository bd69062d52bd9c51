import type { FloatDType, Key, NDArray, Random, Shape } from '@cotangent/autodiff'

/** What `init` and the initializers take beside the key and the shape. */
export interface InitOptions {
  /** Where random numbers come from: `random`, or `legacyRandom` for the numbers of JAX before 0.5. @defaultValue random */
  readonly random?: Random
  /** The dtype of the parameters. @defaultValue 'float32' */
  readonly dtype?: FloatDType
}

/** What `apply` takes beside parameters and inputs. */
export interface ApplyOptions {
  /** The key of layers that draw random numbers (Dropout). @defaultValue none: such layers throw */
  readonly rng?: Key
  /** Where random numbers come from. @defaultValue random */
  readonly random?: Random
}

/** The shapes of arrays: of one array a shape, of a list of arrays a list of shapes. */
export type ShapesOf<T> = T extends NDArray ? Shape : { readonly [K in keyof T]: ShapesOf<T[K]> }

/** The initial parameters for inputs of a shape, and the shape of the outputs. */
export type Init<P, I = NDArray, O = NDArray> = (
  key: Key,
  inputShape: ShapesOf<I>,
  options?: InitOptions,
) => [outputShape: ShapesOf<O>, params: P]

/** The outputs for inputs, which may have any number of leading axes where the layer does not say otherwise. */
export type Apply<P, I = NDArray, O = NDArray> = (params: P, inputs: I, options?: ApplyOptions) => O

/**
 * A layer, or a whole network: a pair of pure functions. `P` is the tree of its parameters, which every transformation
 * keeps: `grad` of a loss in `P` gives a `P`. It may be any tree of arrays: tuples, lists, objects. `I` and `O` are
 * what goes in and comes out: one array, or a list of them (`FanOut`, `parallel`, `FanInSum`).
 *
 * Shapes are given with their batch axes (−1 for a size not known yet) or, where the layer takes any leading axes,
 * without.
 *
 * @see JAX's `jax.example_libraries.stax`
 * @example
 * const [init, apply] = serial(Dense(128), LeakyRelu, Dense(2))
 * const [outputShape, params] = init(random.PRNGKey(0), [10])
 * outputShape // [2]
 * apply(params, np.ones([5, 10])).shape // [5, 2]
 */
export type Layer<P, I = NDArray, O = NDArray> = readonly [init: Init<P, I, O>, apply: Apply<P, I, O>]

/** Any layer, whatever its parameters, inputs and outputs are. */
export type AnyLayer = readonly [
  init: (key: Key, inputShape: never, options?: InitOptions) => readonly [unknown, unknown],
  apply: (params: never, inputs: never, options?: ApplyOptions) => unknown,
]

/** The parameters of a layer. */
export type ParamsOf<L extends AnyLayer> = ReturnType<L[0]>[1]
/** What a layer takes. */
export type InputOf<L extends AnyLayer> = Parameters<L[1]>[1]
/** What a layer gives. */
export type OutputOf<L extends AnyLayer> = ReturnType<L[1]>

/** A layer as its combinators call it, when its types no longer matter. */
export type LooseLayer = Layer<unknown, unknown, unknown>
