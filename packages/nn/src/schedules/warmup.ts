import { np } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { checkFlags, checkNotNegative, checkNumbers } from '../checks.ts'
import { checkSteps, onFloats, type Schedule } from './schedule.ts'
import { cosineDecay, join, linear } from './transitions.ts'

export interface WarmupOptions {
  /** The size of the first step. */
  readonly initValue: number
  /** The size that is reached. */
  readonly peakValue: number
  /** How many steps it takes; 0 where there is a decay to begin with. */
  readonly warmupSteps: number
}

/**
 * A straight line up to `peakValue`, constant from then on.
 *
 * @throws ValueError when `warmupSteps` is not positive.
 * @see optax's `warmup_constant_schedule`
 * @example schedules.warmupConstant({ initValue: 0, peakValue: 1, warmupSteps: 10 })(5) // 0.5
 */
export function warmupConstant(options: WarmupOptions): Schedule {
  const known = ['initValue', 'peakValue', 'warmupSteps'] as const
  const { initValue, peakValue, warmupSteps } = checkOptions('warmupConstant', options, known)
  return linear(initValue, {
    endValue: peakValue,
    transitionSteps: checkSteps('warmupConstant', 'warmupSteps', warmupSteps),
  })
}

export interface WarmupCosineOptions extends WarmupOptions {
  /** After how many steps the end is reached, those of the warm-up among them. */
  readonly decaySteps: number
  /** The size at the end. @defaultValue 0 */
  readonly endValue?: number
  /** The power of the cosine's half period. @defaultValue 1 */
  readonly exponent?: number
}

/**
 * A straight line up to `peakValue`, then half a period of a cosine down to `endValue`.
 *
 * @throws ValueError when there are no steps after the warm-up.
 * @see optax's `warmup_cosine_decay_schedule`
 * @example
 * const stepSize = schedules.warmupCosineDecay({ initValue: 0, peakValue: 1, warmupSteps: 10, decaySteps: 110 })
 * stepSize(60).toFixed(3) // 0.500
 */
export function warmupCosineDecay(options: WarmupCosineOptions): Schedule {
  const known = ['initValue', 'peakValue', 'warmupSteps', 'decaySteps', 'endValue', 'exponent'] as const
  const {
    warmupSteps,
    decaySteps,
    endValue = 0,
    exponent = 1,
    ...line
  } = checkOptions('warmupCosineDecay', options, known)
  const { peakValue } = line
  checkNumbers('warmupCosineDecay', { ...line, decaySteps, endValue, exponent })
  checkNotNegative('warmupCosineDecay', { warmupSteps })
  const rest = checkSteps('warmupCosineDecay', 'decaySteps without the warm-up', decaySteps - warmupSteps)
  const alpha = peakValue === 0 ? 0 : endValue / peakValue
  return afterWarmup({ ...line, warmupSteps }, cosineDecay(peakValue, { decaySteps: rest, alpha, exponent }))
}

export interface WarmupExponentialOptions extends WarmupOptions {
  /** After how many steps the decay has happened once. */
  readonly transitionSteps: number
  /** What one decay multiplies by. */
  readonly decayRate: number
  /** How many steps after the warm-up the decay begins. @defaultValue 0 */
  readonly transitionBegin?: number
  /** Whether it happens at once at the end of its steps. @defaultValue false */
  readonly staircase?: boolean
  /** Where it ends. @defaultValue nowhere */
  readonly endValue?: number
}

/**
 * A straight line up to `peakValue`, then `peakValue` · decayRate^(step / transitionSteps).
 *
 * @throws ValueError when there are no steps of the decay.
 * @see optax's `warmup_exponential_decay_schedule`
 * @example
 * const options = { initValue: 0, peakValue: 1, warmupSteps: 10, transitionSteps: 5, decayRate: 0.5 }
 * schedules.warmupExponentialDecay(options)(20) // 0.25
 */
export function warmupExponentialDecay(options: WarmupExponentialOptions): Schedule {
  const name = 'warmupExponentialDecay'
  const {
    initValue,
    peakValue,
    warmupSteps,
    decayRate,
    transitionBegin = 0,
    staircase = false,
    endValue,
  } = checkOptions(name, options, [
    'initValue',
    'peakValue',
    'warmupSteps',
    'transitionSteps',
    'decayRate',
    'transitionBegin',
    'staircase',
    'endValue',
  ])
  checkNumbers(name, { initValue, peakValue, decayRate, transitionBegin, ...(endValue !== undefined && { endValue }) })
  checkNotNegative(name, { warmupSteps })
  checkFlags(name, { staircase })
  const steps = checkSteps(name, 'transitionSteps', options.transitionSteps)
  const decay = onFloats((step) => {
    const since = step.sub(transitionBegin)
    const periods = staircase ? np.floor(since.div(steps)) : since.div(steps)
    const size = np.where(since.le(0), peakValue, np.power(decayRate, periods).mul(peakValue))
    if (endValue === undefined) return size
    return decayRate < 1 ? np.maximum(size, endValue) : np.minimum(size, endValue)
  })
  return afterWarmup({ initValue, peakValue, warmupSteps }, decay)
}

/** A schedule after a straight line up to where it begins, if that takes any steps. */
const afterWarmup = (line: WarmupOptions, schedule: Schedule): Schedule =>
  line.warmupSteps === 0 ? schedule : join([warmupConstant(line), schedule], [line.warmupSteps])
