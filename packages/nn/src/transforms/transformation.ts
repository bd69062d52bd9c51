import { type DType, type NDArray, np, type Tree, TreeError, treeUnflatten, ValueError } from '@cotangent/autodiff'
import { showGiven } from '@cotangent/autodiff/array'
import { flatTree, mapAlike } from '../trees.ts'

/**
 * What is done to gradients before they are added to the parameters: a pair of pure functions, of the first state for
 * some parameters, and of the next updates and state. States are trees of arrays, and may be compiled, batched and saved
 * like any other. `optimizer` makes an optimizer of it.
 *
 * @see optax's `GradientTransformation`
 * @example
 * const { init, update } = chain(clipByGlobalNorm(1), scale(-0.5))
 * const params = { w: np.array([1, 1]) }
 * const [updates] = update({ w: np.array([3, 4]) }, init(params), params)
 * applyUpdates(params, updates) // { w: [0.7, 0.6] }
 */
export interface GradientTransformation {
  /** The first state, for parameters like these. */
  readonly init: (params: unknown) => Tree
  /** The next updates and state; some transformations need the parameters. */
  readonly update: <P>(updates: P, state: Tree, params?: P) => readonly [updates: P, state: Tree]
}

/** A transformation that keeps nothing: `f` of each array of updates. */
export const stateless = (name: string, f: (updates: NDArray) => NDArray): GradientTransformation => ({
  init: () => [],
  update: (updates, state) => [mapAlike(name, f, updates), state],
})

/** A tree like the parameters with `value` in every array. */
export function filled(name: string, params: unknown, value: number, dtype?: DType): Tree {
  const { arrays, def } = flatTree(name, 'the params', params)
  return treeUnflatten(
    def,
    arrays.map((x) => np.full(x.shape, value, { dtype: dtype ?? x.dtype })),
  ) as Tree
}

/** That a value is a transformation. */
export function checkTransformation(name: string, value: unknown): void {
  const { init, update } = (value ?? {}) as Partial<GradientTransformation>
  if (typeof init === 'function' && typeof update === 'function') return
  throw new ValueError(
    `${name}: it takes a gradient transformation { init, update }, as chain(…) or transforms.adamw(…) gives it`,
  )
}

/** What a transformation makes of updates; throws a TreeError for one that gives something else. */
export function updatesOf<P>(
  name: string,
  transformation: GradientTransformation,
  updates: P,
  state: Tree,
  params: P | undefined,
): readonly [updates: P, state: Tree] {
  const made: unknown = transformation.update(updates, state, params)
  if (Array.isArray(made) && made.length === 2) return made as [P, Tree]
  throw new TreeError(`${name}: the update of a transformation gave ${showGiven(made)}; it must give [updates, state]`)
}

/** The parameters, which must be there; throws a TreeError where they are not. */
export function needed<P>(name: string, params: P | undefined): P {
  if (params !== undefined) return params
  throw new TreeError(`${name}: it needs the parameters; call update(updates, state, params)`)
}

/**
 * Transformations one after the other. Its state is the list of theirs.
 *
 * @throws TreeError for the state of another chain.
 * @see optax's `chain`
 * @example optimizer(chain(clipByGlobalNorm(1), scaleByAdam(), scaleByLearningRate(1e-3)))
 */
export function chain(...parts: readonly GradientTransformation[]): GradientTransformation {
  for (const part of parts) checkTransformation('chain', part)
  return {
    init: (params) => parts.map((part) => part.init(params)),
    update: (updates, state, params) => {
      if (!Array.isArray(state) || state.length !== parts.length) {
        const found = Array.isArray(state) ? `a list of ${state.length}` : showGiven(state)
        throw new TreeError(
          `chain: the state of ${parts.length} transformations is ${found}; use the one that its own init or update gave`,
        )
      }
      const states: Tree[] = []
      const last = parts.reduce((current, part, i) => {
        const [next, nextState] = updatesOf('chain', part, current, (state as readonly Tree[])[i]!, params)
        states.push(nextState)
        return next
      }, updates)
      return [last, states]
    },
  }
}

/**
 * Updates as they are.
 *
 * @see optax's `identity`
 * @example transforms.identity().update(np.array([1, 2]), [])[0] // [1, 2]
 */
export const identity = (): GradientTransformation => chain()

/**
 * No updates: parameters under it stay as they are.
 *
 * @see optax's `set_to_zero`
 * @example partition({ train: transforms.sgd({ learningRate: 0.1 }), keep: transforms.setToZero() }, ['train', 'keep'])
 */
export const setToZero = (): GradientTransformation => stateless('setToZero', (g) => np.zerosLike(g))
