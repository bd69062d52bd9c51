import { type Arrays, type Tree, treeFlatten, treeUnflatten } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import type { AdamOptions } from '../optimizers/adam.ts'
import { checkGradients, checkParams, checkState, checkStep, type Step } from '../optimizers/optimizer.ts'
import { adamw as adamwTransform, type WeightDecay } from './aliases.ts'
import { checkTransformation, type GradientTransformation } from './transformation.ts'
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
      const [leaves, def] = treeFlatten(params, 'params')
      const arrays = treeUnflatten(def, checkParams(name, params, leaves)) as Arrays<P>
      return { params: arrays, transformation: transformation.init(arrays) }
    },
    <P>(step: Step, gradients: P, state: TransformedState<P>) => {
      checkStep(name, step)
      checkState(name, state, ['params', 'transformation'])
      const [params, def] = treeFlatten(state.params, 'params')
      const grads = checkGradients(name, gradients, params as never, def.text)
      const [updates, next] = transformation.update(treeUnflatten(def, grads) as P, state.transformation, state.params)
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
