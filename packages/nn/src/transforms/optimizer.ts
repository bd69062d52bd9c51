import { type Arrays, type Tree, treeUnflatten } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import type { AdamOptions } from '../optimizers/adam.ts'
import { checkStep, type Step } from '../optimizers/optimizer.ts'
import { checkFloats, checkState, flatTree, gradientsLike } from '../trees.ts'
import { adamw as adamwTransform, type WeightDecay } from './aliases.ts'
import { checkTransformation, type GradientTransformation, updatesOf } from './transformation.ts'
import { applyUpdates } from './weights.ts'

/** The parameters, and what a gradient transformation knows. */
export interface TransformedState<P> {
  readonly params: P
  readonly transformation: Tree
}

/** An optimizer made of a gradient transformation. */
export type TransformedOptimizer = readonly [
  init: <P>(params: P) => TransformedState<Arrays<P>>,
  update: <P>(step: Step, gradients: P, state: TransformedState<P>) => TransformedState<P>,
  getParams: <P>(state: TransformedState<P>) => P,
]

/**
 * The optimizer that adds the updates of a gradient transformation to the parameters: usable wherever one is. A
 * transformation counts its own updates, so the number of the step is not used.
 *
 * @throws ValueError for what is no transformation. `update` throws a TreeError or ShapeError when the gradients are not
 * like the parameters.
 * @example
 * const [init, update, getParams] = optimizer(chain(clipByGlobalNorm(1), scale(-0.5)))
 * getParams(update(0, np.array([3, 4]), init(np.array([1, 1])))) // [0.7, 0.6]
 */
export function optimizer(transformation: GradientTransformation): TransformedOptimizer {
  const name = 'optimizer'
  checkTransformation(name, transformation)
  return [
    <P>(params: P) => {
      const flat = flatTree(name, 'the params', params)
      checkFloats(name, flat)
      const arrays = treeUnflatten(flat.def, flat.arrays) as Arrays<P>
      return { params: arrays, transformation: transformation.init(arrays) }
    },
    <P>(step: Step, gradients: P, state: TransformedState<P>) => {
      checkStep(name, step)
      const params = flatTree(name, 'the parameters', checkState(name, state, ['params']).params)
      const grads = treeUnflatten(params.def, gradientsLike(name, gradients, params)) as P
      const [updates, next] = updatesOf(name, transformation, grads, state.transformation, state.params)
      return { params: applyUpdates(state.params, updates), transformation: next }
    },
    (state) => checkState(name, state, ['params']).params,
  ]
}

export type AdamwOptions = AdamOptions & WeightDecay

/**
 * Adam with weights that decay by themselves, not through the gradient; `weightDecay` is 1e-4 by default. As a gradient
 * transformation it is `transforms.adamw`. Loshchilov and Hutter, "Decoupled weight decay regularization" (ICLR 2019).
 *
 * @see optax's `adamw`
 * @example
 * const matrices = (params) => treeMap((x) => x.ndim > 1, params)
 * const [init, update, getParams] = adamw({ stepSize: 1e-3, weightDecay: 0.01, mask: matrices })
 */
export function adamw(options: AdamwOptions): TransformedOptimizer {
  checkOptions('adamw', options, ['stepSize', 'b1', 'b2', 'eps', 'weightDecay', 'mask'])
  const { stepSize, ...rest } = options
  return optimizer(adamwTransform({ learningRate: stepSize, ...rest }))
}
