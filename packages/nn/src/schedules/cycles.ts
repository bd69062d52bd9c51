import { type NDArray, np, ValueError } from '@cotangent/autodiff'
import { checkOptions, showGiven } from '@cotangent/autodiff/array'
import { checkList, checkNumbers, isNumber } from '../checks.ts'
import { checkSteps, onFloats, type Schedule } from './schedule.ts'
import { join } from './transitions.ts'
import { type WarmupCosineOptions, warmupCosineDecay } from './warmup.ts'

type Interpolate = (start: number, end: number, share: NDArray) => NDArray

const interpolations: Readonly<Record<'linear' | 'cosine', Interpolate>> = {
  linear: (start, end, share) => share.mul(end - start).add(start),
  cosine: (start, end, share) =>
    np
      .cos(share.mul(Math.PI))
      .add(1)
      .mul((start - end) / 2)
      .add(end),
}

/**
 * Between boundaries, from one size to the next along a line or half a period of a cosine. At each boundary the size is
 * the one before times a factor.
 *
 * @param boundaries Steps, increasing, and the factor for each.
 * @throws ValueError when the boundaries do not increase or a factor is negative.
 * @see optax's `piecewise_interpolate_schedule`
 * @example schedules.piecewiseInterpolate('linear', 1, [[4, 0.5], [8, 0]])(2) // 0.75
 */
export function piecewiseInterpolate(
  kind: 'linear' | 'cosine',
  initValue: number,
  boundaries: readonly (readonly [step: number, factor: number])[],
): Schedule {
  return interpolated('piecewiseInterpolate', kind, initValue, boundaries)
}

function interpolated(
  name: string,
  kind: 'linear' | 'cosine',
  initValue: number,
  boundaries: readonly (readonly [step: number, factor: number])[],
): Schedule {
  if (typeof kind !== 'string' || !Object.hasOwn(interpolations, kind)) {
    throw new ValueError(`${name}: the kind is ${showGiven(kind)}; it must be 'linear' or 'cosine'`)
  }
  const interpolate = interpolations[kind]
  checkNumbers(name, { initValue })
  checkList(
    name,
    'pairs [step, factor]',
    boundaries,
    (pair) => Array.isArray(pair) && pair.length === 2 && pair.every(isNumber),
  )
  boundaries.forEach(([step, factor], i) => {
    if (step > (boundaries[i - 1]?.[0] ?? 0) && factor >= 0) return
    throw new ValueError(
      `${name}: the boundary [${step}, ${factor}] must be a step after ${boundaries[i - 1]?.[0] ?? 0} and a factor that is not negative`,
    )
  })
  const sizes = boundaries.reduce<number[]>((all, [, factor]) => [...all, all.at(-1)! * factor], [initValue])
  return onFloats((step) =>
    boundaries.reduceRight<NDArray>(
      (later, [end], i) => {
        const begin = boundaries[i - 1]?.[0] ?? 0
        return np.where(step.lt(end), interpolate(sizes[i]!, sizes[i + 1]!, step.sub(begin).div(end - begin)), later)
      },
      np.full([], sizes.at(-1)!, { dtype: step.dtype as 'float32' }),
    ),
  )
}

export interface CosineOnecycleOptions {
  /** The number of all steps. */
  readonly transitionSteps: number
  /** The largest size. */
  readonly peakValue: number
  /** The share of the steps after which it is reached. @defaultValue 0.3 */
  readonly pctStart?: number
  /** The largest size over the first. @defaultValue 25 */
  readonly divFactor?: number
  /** The first size over the last. @defaultValue 1e4 */
  readonly finalDivFactor?: number
}

export interface LinearOnecycleOptions extends CosineOnecycleOptions {
  /** The share of the steps after which the first size is reached again. @defaultValue 0.85 */
  readonly pctFinal?: number
}

/**
 * Up along half a period of a cosine and down along another. Smith and Topin, "Super-convergence" (2018).
 *
 * @throws ValueError when `transitionSteps` is not positive.
 * @see optax's `cosine_onecycle_schedule`
 * @example schedules.cosineOnecycle({ transitionSteps: 100, peakValue: 0.5 })(30) // 0.5
 */
export function cosineOnecycle(options: CosineOnecycleOptions): Schedule {
  const known = ['transitionSteps', 'peakValue', 'pctStart', 'divFactor', 'finalDivFactor'] as const
  checkOptions('cosineOnecycle', options, known)
  const { peakValue, pctStart = 0.3, divFactor = 25, finalDivFactor = 1e4 } = options
  checkNumbers('cosineOnecycle', { peakValue, pctStart, divFactor, finalDivFactor })
  const steps = checkSteps('cosineOnecycle', 'transitionSteps', options.transitionSteps)
  return interpolated('cosineOnecycle', 'cosine', peakValue / divFactor, [
    [Math.trunc(pctStart * steps), divFactor],
    [Math.trunc(steps), 1 / (divFactor * finalDivFactor)],
  ])
}

/**
 * Up and down along straight lines, and slowly on to the last size. Smith and Topin, "Super-convergence" (2018).
 *
 * @throws ValueError when `transitionSteps` is not positive.
 * @see optax's `linear_onecycle_schedule`
 * @example schedules.linearOnecycle({ transitionSteps: 100, peakValue: 0.5 })(30) // 0.5
 */
export function linearOnecycle(options: LinearOnecycleOptions): Schedule {
  const known = ['transitionSteps', 'peakValue', 'pctStart', 'pctFinal', 'divFactor', 'finalDivFactor'] as const
  checkOptions('linearOnecycle', options, known)
  const { peakValue, pctStart = 0.3, pctFinal = 0.85, divFactor = 25, finalDivFactor = 1e4 } = options
  checkNumbers('linearOnecycle', { peakValue, pctStart, pctFinal, divFactor, finalDivFactor })
  const steps = checkSteps('linearOnecycle', 'transitionSteps', options.transitionSteps)
  return interpolated('linearOnecycle', 'linear', peakValue / divFactor, [
    [Math.trunc(pctStart * steps), divFactor],
    [Math.trunc(pctFinal * steps), 1 / divFactor],
    [steps, 1 / finalDivFactor],
  ])
}

/**
 * Cycles of `warmupCosineDecay`, each `decaySteps` long. Loshchilov and Hutter, "SGDR" (ICLR 2017).
 *
 * @throws ValueError when there are no cycles.
 * @see optax's `sgdr_schedule`
 * @example
 * const cycle = { initValue: 0, peakValue: 1, warmupSteps: 5, decaySteps: 20 }
 * schedules.sgdr([cycle, { ...cycle, peakValue: 0.5 }])(25) // 0.5
 */
export function sgdr(cycles: readonly WarmupCosineOptions[]): Schedule {
  checkList('sgdr', 'options of cycles', cycles, (cycle) => typeof cycle === 'object' && cycle !== null)
  if (cycles.length === 0) throw new ValueError('sgdr: there are no cycles; give the options of at least one')
  const parts = cycles.map((cycle) => warmupCosineDecay(cycle))
  const ends = cycles.reduce<number[]>((all, { decaySteps }) => [...all, (all.at(-1) ?? 0) + decaySteps], [])
  return join(parts, ends.slice(0, -1))
}
