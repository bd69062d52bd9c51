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

/** The initial parameters for inputs of a shape, and the shape of the outputs. */
export type Init<P> = (key: Key, inputShape: Shape, options?: InitOptions) => [outputShape: Shape, params: P]

/** The outputs for inputs, which may have any number of leading axes. */
export type Apply<P> = (params: P, inputs: NDArray, options?: ApplyOptions) => NDArray

/**
 * A layer, or a whole network: a pair of pure functions. `P` is the tree of its parameters, which every transformation
 * keeps: `grad` of a loss in `P` gives a `P`. It may be any tree of arrays: tuples, lists, objects.
 *
 * Shapes are given with their batch axes (−1 for a size not known yet) or without.
 *
 * @see JAX's `jax.example_libraries.stax`
 * @example
 * const [init, apply] = serial(Dense(128), LeakyRelu, Dense(2))
 * const [outputShape, params] = init(random.PRNGKey(0), [10])
 * outputShape // [2]
 * apply(params, np.ones([5, 10])).shape // [5, 2]
 */
export type Layer<P> = readonly [init: Init<P>, apply: Apply<P>]

/** Any layer, whatever its parameters are. */
export type AnyLayer = readonly [
  init: (key: Key, inputShape: Shape, options?: InitOptions) => readonly [Shape, unknown],
  apply: (params: never, inputs: NDArray, options?: ApplyOptions) => NDArray,
]

/** The parameters of a layer. */
export type ParamsOf<L extends AnyLayer> = ReturnType<L[0]>[1]
