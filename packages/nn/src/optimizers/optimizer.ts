import { isFloat } from '@cotangent/autodiff/array'
import {
  type Arrays,
  DTypeError,
  type Leaf,
  NDArray,
  np,
  ShapeError,
  treeFlatten,
  TreeError,
  treePaths,
  treeUnflatten,
  ValueError,
} from '@cotangent/autodiff'

/** What an optimizer knows between two steps: the parameters, and trees like them under the names `Slot`. */
export type OptimizerState<P, Slot extends string = never> = { readonly [K in 'params' | Slot]: P }

/** The number of a step, from 0: a number, or a scalar array (which may be traced). */
export type Step = number | NDArray

/**
 * An optimizer: three pure functions, of the first state for some parameters, of the next state for a gradient, and of
 * the parameters of a state. States are trees of arrays, and may be compiled, batched and saved like any other.
 *
 * @see JAX's `jax.example_libraries.optimizers`
 * @example
 * const [init, update, getParams] = sgd({ stepSize: 0.25 })
 * const loss = (params) => params.w.square().sum()
 * let state = init({ w: np.array([1, 2]) })
 * for (let step = 0; step < 3; step++) state = update(step, grad(loss)(getParams(state)), state)
 * getParams(state) // { w: [0.125, 0.25] }
 */
export type Optimizer<Slot extends string = never> = readonly [
  init: <P>(params: P) => OptimizerState<Arrays<P>, Slot>,
  update: <P>(step: Step, gradients: P, state: OptimizerState<P, Slot>) => OptimizerState<P, Slot>,
  getParams: <P>(state: OptimizerState<P, Slot>) => P,
]

/** Any optimizer, whatever its state is: one of these, or three functions of your own for your parameters. */
export type AnyOptimizer = readonly [
  init: (params: never) => unknown,
  update: (step: Step, gradients: never, state: never) => unknown,
  getParams: (state: never) => unknown,
]

/** One array of parameters with what the optimizer remembers of it. */
export type LeafState<Slot extends string> = { readonly [K in 'params' | Slot]: NDArray }

/** The next state of one array of parameters. */
export type LeafUpdate<Slot extends string> = (gradient: NDArray, state: LeafState<Slot>, step: Step) => LeafState<Slot>

/**
 * An optimizer that treats every array of parameters alike and by itself; what it remembers starts as zeros.
 *
 * `update` throws a TreeError or ShapeError when the gradients are not like the parameters, `init` a DTypeError for
 * parameters that are no floats.
 */
export function leafwise<Slot extends string>(
  name: string,
  slots: readonly Slot[],
  update: LeafUpdate<Slot>,
): Optimizer<Slot> {
  const names = ['params', ...slots] as const
  const assemble = <T>(pick: (slot: 'params' | Slot) => T): { [K in 'params' | Slot]: T } =>
    Object.fromEntries(names.map((slot) => [slot, pick(slot)])) as { [K in 'params' | Slot]: T }
  return [
    <P>(params: P) => {
      const [leaves, def] = treeFlatten(params, 'params')
      const arrays = checkParams(name, params, leaves)
      const tree = (f: (x: NDArray) => NDArray): Arrays<P> =>
        treeUnflatten(
          def,
          arrays.map((x) => f(x)),
        ) as Arrays<P>
      return assemble((slot) => tree(slot === 'params' ? (x) => x : np.zerosLike))
    },
    <P>(step: Step, gradients: P, state: OptimizerState<P, Slot>) => {
      checkStep(name, step)
      checkState(name, state, names)
      const [params, def] = treeFlatten(state.params, 'params')
      const parts = assemble((slot) => treeFlatten(state[slot], slot)[0] as NDArray[])
      const grads = checkGradients(name, gradients, params as NDArray[], def.text)
      const next = grads.map((g, i) =>
        update(
          g,
          assemble((slot) => parts[slot][i] as NDArray),
          step,
        ),
      )
      return assemble(
        (slot) =>
          treeUnflatten(
            def,
            next.map((leaf) => leaf[slot]),
          ) as P,
      )
    },
    (state) => checkState(name, state, ['params']).params,
  ]
}

const isFloatArray = (x: NDArray): boolean => isFloat(x.dtype)

/** That parameters are floats. */
export function checkParams(name: string, params: unknown, leaves: readonly Leaf[]): NDArray[] {
  const arrays = leaves.map((leaf) => np.asarray(leaf))
  const wrong = arrays.findIndex((x) => !isFloatArray(x))
  if (wrong >= 0) {
    throw new DTypeError(
      `${name}: ${treePaths(params, 'params')[wrong]} is ${arrays[wrong]!.dtype}; only floats can be trained, convert it with x.astype("float32")`,
    )
  }
  return arrays
}

/** That gradients are like the parameters. */
export function checkGradients(
  name: string,
  gradients: unknown,
  params: readonly NDArray[],
  structure: string,
): NDArray[] {
  const [leaves, def] = treeFlatten(gradients, 'gradients')
  if (def.text !== structure) {
    throw new TreeError(`${name}: the gradients are ${def.text}, the parameters ${structure}; they must be alike`)
  }
  const arrays = leaves.map((leaf) => np.asarray(leaf))
  arrays.forEach((g, i) => {
    const x = params[i]!
    if (g.shape.length !== x.shape.length || g.shape.some((n, axis) => n !== x.shape[axis])) {
      throw new ShapeError(
        `${name}: ${treePaths(gradients, 'gradients')[i]} is [${g.shape.join(', ')}], its parameters are [${x.shape.join(', ')}]`,
      )
    }
    if (g.dtype !== x.dtype) {
      throw new DTypeError(
        `${name}: ${treePaths(gradients, 'gradients')[i]} is ${g.dtype}, its parameters are ${x.dtype}; convert one with x.astype(…)`,
      )
    }
  })
  return arrays
}

/** That a state has the parts that `init` gives. */
export function checkState<S>(name: string, state: S, parts: readonly (keyof S & string)[]): S {
  if (typeof state === 'object' && state !== null && parts.every((part) => state[part] !== undefined)) return state
  throw new TreeError(`${name}: the state has no ${parts.join(', ')}; use the one that its own init or update gave`)
}

/** That the step is one number. */
export function checkStep(name: string, step: Step): void {
  if (typeof step === 'number') return
  if (!(step instanceof NDArray)) {
    throw new ValueError(`${name}: the step is ${String(step)}; it must be a number or a scalar array, from 0 on`)
  }
  if (step.ndim !== 0) {
    throw new ShapeError(
      `${name}: the step has shape [${step.shape.join(', ')}]; it must be a number or a scalar array`,
    )
  }
}
