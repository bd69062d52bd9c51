import { type DType, NDArray, np } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { checkFlags, checkNumbers } from '../checks.ts'
import type { Step } from '../optimizers/optimizer.ts'
import { type Schedule, sizeOfSteps, type StepSize } from '../schedules/schedule.ts'
import { mapAlike } from '../trees.ts'
import { countOf, zeroCount } from './state.ts'
import { type GradientTransformation, needed, stateless } from './transformation.ts'

/**
 * Updates times a number.
 *
 * @see optax's `scale`
 * @example transforms.scale(-2).update(np.array([1, 2]), [])[0] // [-2, -4]
 */
export function scale(stepSize: number | NDArray): GradientTransformation {
  if (!(stepSize instanceof NDArray)) checkNumbers('scale', { stepSize })
  const size = sizeOfSteps('scale', stepSize)
  return stateless('scale', (g) => g.mul(size(0, g.dtype)))
}

/**
 * Updates times what a schedule says for the number of the update, from 0, which is its state.
 *
 * @see optax's `scale_by_schedule`
 * @example chain(scaleByAdam(), scaleBySchedule((step) => step.add(1).pow(-0.5).mul(-1e-3)))
 */
export const scaleBySchedule = (stepSize: Schedule): GradientTransformation => {
  const size = sizeOfSteps('scaleBySchedule', stepSize)
  return bySchedule('scaleBySchedule', (g, count) => g.mul(size(count, g.dtype)))
}

/** `f` of each array of updates and of their number, from 0, which is the state. */
const bySchedule = (name: string, f: (updates: NDArray, count: NDArray) => NDArray): GradientTransformation => ({
  init: () => ({ count: zeroCount() }),
  update: (updates, state) => {
    const count = countOf(name, state)
    return [mapAlike(name, (g) => f(g, count), updates), { count: count.add(1) }]
  },
})

export interface LearningRateOptions {
  /** Whether the step is against the updates. @defaultValue true */
  readonly flipSign?: boolean
}

/**
 * Updates times minus the learning rate, a number or a schedule: mostly the last of a chain.
 *
 * @see optax's `scale_by_learning_rate`
 * @example scaleByLearningRate(0.5).update(np.array([1, 2]), [])[0] // [-0.5, -1]
 */
export function scaleByLearningRate(learningRate: StepSize, options: LearningRateOptions = {}): GradientTransformation {
  const { flipSign = true } = checkOptions('scaleByLearningRate', options, ['flipSign'])
  checkFlags('scaleByLearningRate', { flipSign })
  const size = sizeOfSteps('scaleByLearningRate', learningRate)
  const signed = (step: Step, dtype: DType): number | NDArray => {
    const positive = size(step, dtype)
    if (!flipSign) return positive
    return typeof positive === 'number' ? -positive : positive.neg()
  }
  if (typeof learningRate !== 'function') return stateless('scaleByLearningRate', (g) => g.mul(signed(0, g.dtype)))
  return bySchedule('scaleByLearningRate', (g, count) => g.mul(signed(count, g.dtype)))
}

/**
 * The signs of the updates.
 *
 * @see optax's `scale_by_sign`
 * @example scaleBySign().update(np.array([-3, 0.5]), [])[0] // [-1, 1]
 */
export const scaleBySign = (): GradientTransformation => stateless('scaleBySign', (g) => np.sign(g))

export interface TrustRatioOptions {
  /** Norms are at least this. @defaultValue 0 */
  readonly minNorm?: number
  /** What the ratio is multiplied by. @defaultValue 1 */
  readonly trustCoefficient?: number
  /** Added to the norm of the updates. @defaultValue 0 */
  readonly eps?: number
}

/**
 * Updates of each array times the norm of its parameters over the norm of its updates. You, Gitman and Ginsburg, "Large
 * batch training of convolutional networks" (2017).
 *
 * @throws TreeError without parameters.
 * @see optax's `scale_by_trust_ratio`
 * @example optimizer(chain(scaleByAdam(), scaleByTrustRatio(), scaleByLearningRate(1e-3)))
 */
export function scaleByTrustRatio(options: TrustRatioOptions = {}): GradientTransformation {
  const name = 'scaleByTrustRatio'
  const known = ['minNorm', 'trustCoefficient', 'eps'] as const
  const { minNorm = 0, trustCoefficient = 1, eps = 0 } = checkOptions(name, options, known)
  checkNumbers(name, { minNorm, trustCoefficient, eps })
  return {
    init: () => [],
    update: (updates, state, params) => [
      mapAlike(
        name,
        (g, x) => {
          const [size, step] = [norm(x, minNorm), norm(g, minNorm)]
          const none = np.logicalOr(size.eq(0), step.eq(0))
          const divisor = step.add(eps)
          const ratio = size.mul(trustCoefficient).div(np.where(divisor.eq(0), 1, divisor))
          return g.mul(np.where(none, 1, ratio))
        },
        updates,
        ['the parameters', needed(name, params)],
      ),
      state,
    ],
  }
}

/** The root of the sum of squares, at least `least`; its derivative where it is 0 is 0. */
function norm(x: NDArray, least: number): NDArray {
  const squares = np.sum(np.square(x))
  const small = np.sqrt(squares).le(least)
  return np.where(small, least, np.sqrt(np.where(small, 1, squares)))
}
