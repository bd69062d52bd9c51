import { type NDArray, np } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { checkNumbers } from '../checks.ts'
import { mixed } from '../means.ts'
import { sizeOfSteps } from '../schedules/schedule.ts'
import type { SgdOptions } from './momentum.ts'
import { leafwise, type Optimizer } from './optimizer.ts'

export interface AdagradOptions extends SgdOptions {
  /** How much of the past steps is kept. @defaultValue 0.9 */
  readonly momentum?: number
}

export interface RmspropOptions extends SgdOptions {
  /** How much of the mean of squared gradients is kept. @defaultValue 0.9 */
  readonly gamma?: number
  /** Added under the root. @defaultValue 1e-8 */
  readonly eps?: number
}

/** 1 / √x, and 0 for 0. */
export const inverseRoot = (x: NDArray): NDArray => np.where(x.gt(0), np.divide(1, np.sqrt(x)), 0)

/**
 * Gradients over the root of the sum of their squares. Duchi et al., "Adaptive subgradient methods" (JMLR 2011).
 *
 * @see JAX's `optimizers.adagrad`
 * @example const [init, update, getParams] = adagrad({ stepSize: 0.1 })
 */
export function adagrad(options: AdagradOptions): Optimizer<'sumOfSquares' | 'momentum'> {
  const { stepSize, momentum = 0.9 } = checkOptions('adagrad', options, ['stepSize', 'momentum'])
  const size = sizeOfSteps('adagrad', stepSize)
  checkNumbers('adagrad', { momentum })
  return leafwise('adagrad', ['sumOfSquares', 'momentum'], (g, { params, sumOfSquares: past, momentum: m }, step) => {
    const sumOfSquares = past.add(np.square(g))
    const next = mixed(momentum)(g.mul(inverseRoot(sumOfSquares)), m)
    return { params: params.sub(next.mul(size(step, params.dtype))), sumOfSquares, momentum: next }
  })
}

/**
 * Gradients over the root of the mean of their squares. Tieleman and Hinton, lecture 6.5 (2012).
 *
 * @see JAX's `optimizers.rmsprop`
 * @example const [init, update, getParams] = rmsprop({ stepSize: 0.1, gamma: 0.99 })
 */
export function rmsprop(options: RmspropOptions): Optimizer<'meanSquare'> {
  const { stepSize, gamma = 0.9, eps = 1e-8 } = checkOptions('rmsprop', options, ['stepSize', 'gamma', 'eps'])
  const size = sizeOfSteps('rmsprop', stepSize)
  checkNumbers('rmsprop', { gamma, eps })
  return leafwise('rmsprop', ['meanSquare'], (g, { params, meanSquare: past }, step) => {
    const mean = mixed(gamma)(np.square(g), past)
    return { params: params.sub(g.mul(size(step, params.dtype)).div(np.sqrt(mean.add(eps)))), meanSquare: mean }
  })
}

/**
 * Rmsprop whose steps have momentum.
 *
 * @see JAX's `optimizers.rmsprop_momentum`
 * @example const [init, update, getParams] = rmspropMomentum({ stepSize: 0.01, momentum: 0.5 })
 */
export function rmspropMomentum(options: RmspropOptions & AdagradOptions): Optimizer<'meanSquare' | 'momentum'> {
  const name = 'rmspropMomentum'
  const known = ['stepSize', 'gamma', 'eps', 'momentum'] as const
  const { stepSize, gamma = 0.9, eps = 1e-8, momentum = 0.9 } = checkOptions(name, options, known)
  const size = sizeOfSteps(name, stepSize)
  checkNumbers(name, { gamma, eps, momentum })
  return leafwise(name, ['meanSquare', 'momentum'], (g, { params, meanSquare: past, momentum: m }, step) => {
    const mean = mixed(gamma)(np.square(g), past)
    const next = m.mul(momentum).add(g.mul(size(step, params.dtype)).div(np.sqrt(mean.add(eps))))
    return { params: params.sub(next), meanSquare: mean, momentum: next }
  })
}
