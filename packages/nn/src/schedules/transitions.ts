import { np, ValueError } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import type { Step } from '../optimizers/optimizer.ts'
import { checkList, checkNumbers, isNumber } from '../checks.ts'
import { checkStepOf, checkSteps, onFloats, type Schedule } from './schedule.ts'

export interface TransitionOptions {
  /** The size that is reached. */
  readonly endValue: number
  /** How many steps it takes. */
  readonly transitionSteps: number
  /** The step at which it begins. @defaultValue 0 */
  readonly transitionBegin?: number
}

/**
 * A straight line from one size to another, constant before and after.
 *
 * @throws ValueError when `transitionSteps` is not positive.
 * @see optax's `linear_schedule`
 * @example schedules.linear(1, { endValue: 0, transitionSteps: 10, transitionBegin: 5 })(10) // 0.5
 */
export function linear(initValue: number, options: TransitionOptions): Schedule {
  const known = ['endValue', 'transitionSteps', 'transitionBegin'] as const
  const { endValue, transitionSteps, transitionBegin = 0 } = checkOptions('linear', options, known)
  checkNumbers('linear', { initValue, endValue, transitionBegin })
  const steps = checkSteps('linear', 'transitionSteps', transitionSteps)
  return onFloats((step) => {
    const rest = np.subtract(1, np.clip(step.sub(transitionBegin), 0, steps).div(steps))
    return rest.mul(initValue - endValue).add(endValue)
  })
}

export interface CosineDecayOptions {
  /** After how many steps the end is reached. */
  readonly decaySteps: number
  /** The size at the end, as a share of the first. @defaultValue 0 */
  readonly alpha?: number
  /** The power of the cosine's half period. @defaultValue 1 */
  readonly exponent?: number
}

/**
 * Half a period of a cosine down to `alpha` times `initValue`. Loshchilov and Hutter, "SGDR: stochastic gradient descent
 * with warm restarts" (ICLR 2017).
 *
 * @throws ValueError when `decaySteps` is not positive.
 * @see optax's `cosine_decay_schedule`
 * @example schedules.cosineDecay(1, { decaySteps: 10 })(5).toFixed(3) // 0.500
 */
export function cosineDecay(initValue: number, options: CosineDecayOptions): Schedule {
  const {
    decaySteps,
    alpha = 0,
    exponent = 1,
  } = checkOptions('cosineDecay', options, ['decaySteps', 'alpha', 'exponent'])
  checkNumbers('cosineDecay', { initValue, alpha, exponent })
  const steps = checkSteps('cosineDecay', 'decaySteps', decaySteps)
  return onFloats((step) => {
    const wave = np.cos(np.minimum(step, steps).mul(Math.PI).div(steps)).add(1).mul(0.5)
    return np
      .power(wave, exponent)
      .mul(1 - alpha)
      .add(alpha)
      .mul(initValue)
  })
}

/**
 * One schedule after the other; each counts its steps from where it begins.
 *
 * @param boundaries The steps at which the second one begins, the third …
 * @throws ValueError unless there is one schedule more than boundaries.
 * @see optax's `join_schedules`
 * @example schedules.join([schedules.constant(1), schedules.linear(1, { endValue: 0, transitionSteps: 4 })], [10])(12) // 0.5
 */
export function join(parts: readonly Schedule[], boundaries: readonly number[]): Schedule {
  checkList('join', 'schedules', parts, (part) => typeof part === 'function')
  checkList('join', 'boundaries', boundaries, isNumber)
  const [first, ...rest] = parts
  if (first === undefined || rest.length !== boundaries.length) {
    throw new ValueError(
      `join: ${parts.length} schedules need ${Math.max(0, parts.length - 1)} boundaries between them, ${boundaries.length} were given`,
    )
  }
  if (boundaries.some((boundary, i) => i > 0 && boundary < boundaries[i - 1]!)) {
    throw new ValueError(`join: the boundaries [${boundaries.join(', ')}] do not increase`)
  }
  return (step: Step) => {
    checkStepOf('schedule', step)
    return rest.reduce<ReturnType<Schedule>>((size, part, i) => {
      const boundary = boundaries[i]!
      if (typeof step === 'number') return step < boundary ? size : part(step - boundary)
      return np.where(step.lt(boundary), size, part(step.sub(boundary)))
    }, first(step))
  }
}
