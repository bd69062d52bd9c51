import { type Arrays, NDArray, np, ShapeError, treeUnflatten, ValueError } from '@cotangent/autodiff'
import { showGiven, showShape } from '@cotangent/autodiff/array'
import { checkAlike, checkFloats, checkState, flatTree, gradientsLike } from '../trees.ts'

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
 * `update` throws a TreeError or ShapeError when the gradients or the state are not like the parameters, `init` a
 * DTypeError for parameters that are no floats.
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
      const flat = flatTree(name, 'the params', params)
      checkFloats(name, flat)
      const tree = (arrays: readonly NDArray[]): Arrays<P> => treeUnflatten(flat.def, arrays) as Arrays<P>
      return assemble((slot) => tree(slot === 'params' ? flat.arrays : flat.arrays.map((x) => np.zerosLike(x))))
    },
    <P>(step: Step, gradients: P, state: OptimizerState<P, Slot>) => {
      checkStep(name, step)
      checkState(name, state, names)
      const params = flatTree(name, 'the parameters', state.params)
      const parts = assemble((slot) => {
        if (slot === 'params') return params.arrays
        const part = flatTree(name, `${slot} of the state`, state[slot])
        checkAlike(name, part, params)
        return part.arrays
      })
      const next = gradientsLike(name, gradients, params).map((g, i) =>
        update(
          g,
          assemble((slot) => parts[slot][i]!),
          step,
        ),
      )
      const tree = (slot: 'params' | Slot): P =>
        treeUnflatten(
          params.def,
          next.map((leaf) => leaf[slot]),
        ) as P
      return assemble(tree)
    },
    (state) => checkState(name, state, ['params']).params,
  ]
}

/** That the step is one number. */
export function checkStep(name: string, step: Step): void {
  if (typeof step === 'number' && step >= 0) return
  if (!(step instanceof NDArray)) {
    throw new ValueError(`${name}: the step is ${showGiven(step)}; it must be a number or a scalar array, from 0 on`)
  }
  if (step.ndim !== 0) {
    throw new ShapeError(`${name}: the step has shape ${showShape(step.shape)}; it must be a number or a scalar array`)
  }
}
