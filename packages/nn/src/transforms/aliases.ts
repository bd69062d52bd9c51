import { checkOptions } from '@cotangent/autodiff/array'
import { checkFlags } from '../checks.ts'
import type { StepSize } from '../schedules/schedule.ts'
import { type Mask, masked } from './masking.ts'
import {
  scaleByAdam,
  scaleByAdamax,
  type ScaleByAdamOptions,
  scaleByAmsgrad,
  scaleByBelief,
  scaleByLion,
  type ScaleByLionOptions,
} from './moments.ts'
import { scaleByLearningRate, scaleByTrustRatio } from './scaling.ts'
import { scaleByRms, type ScaleByRmsOptions, scaleByRss, type ScaleByRssOptions, scaleByStddev } from './squares.ts'
import { trace, type TraceOptions } from './trace.ts'
import { chain, type GradientTransformation } from './transformation.ts'
import { addDecayedWeights } from './weights.ts'

export interface LearningRate {
  /** How far a step goes: a number, or a schedule. */
  readonly learningRate: StepSize
}

export interface WeightDecay {
  /** How much of the parameters a step takes away, times the learning rate. @defaultValue as the function says */
  readonly weightDecay?: number
  /** Which parameters decay, as `masked` takes it. @defaultValue all */
  readonly mask?: Mask
}

/** The options without those of other parts; names that no part knows are refused. */
function split<O extends LearningRate, K extends keyof O & string>(
  name: string,
  options: O,
  own: readonly (keyof O & string)[],
  inner: readonly K[],
): Pick<O, K> {
  checkOptions(name, options, ['learningRate', ...own, ...inner])
  return Object.fromEntries(
    inner.filter((key) => options[key] !== undefined).map((key) => [key, options[key]]),
  ) as unknown as Pick<O, K>
}

const decayed = ({ weightDecay, mask }: WeightDecay, otherwise: number): GradientTransformation =>
  addDecayedWeights(weightDecay ?? otherwise, mask === undefined ? {} : { mask })

export interface SgdTransformOptions extends LearningRate, TraceOptions {
  /** How much of the past updates is kept. @defaultValue none */
  readonly momentum?: number
}

/**
 * Steps against the gradient, with momentum where that is given.
 *
 * @see optax's `sgd`
 * @example transforms.sgd({ learningRate: 0.5 }).update(np.array([2]), [[], []])[0] // [-1]
 */
export function sgd(options: SgdTransformOptions): GradientTransformation {
  const inner = split('sgd', options, ['momentum'], ['nesterov', 'accumulatorDtype'])
  const first = options.momentum === undefined ? chain() : trace(options.momentum, inner)
  return chain(first, scaleByLearningRate(options.learningRate))
}

const adamNames = ['b1', 'b2', 'eps', 'epsRoot', 'muDtype', 'nesterov'] as const

/**
 * `scaleByAdam` and the learning rate.
 *
 * @see optax's `adam`
 * @example optimizer(transforms.adam({ learningRate: 1e-3 }))
 */
export const adam = (options: LearningRate & ScaleByAdamOptions): GradientTransformation =>
  chain(scaleByAdam(split('adam', options, [], adamNames)), scaleByLearningRate(options.learningRate))

export type AdamwTransformOptions = LearningRate & ScaleByAdamOptions & WeightDecay

/**
 * Adam with weights that decay by themselves, not through the gradient; `weightDecay` is 1e-4 by default. Loshchilov and
 * Hutter, "Decoupled weight decay regularization" (ICLR 2019).
 *
 * @see optax's `adamw`
 * @example chain(clipByGlobalNorm(1), transforms.adamw({ learningRate: 1e-3, weightDecay: 0.01 }))
 */
export const adamw = (options: AdamwTransformOptions): GradientTransformation =>
  chain(
    scaleByAdam(split('adamw', options, ['weightDecay', 'mask'], adamNames)),
    decayed(options, 1e-4),
    scaleByLearningRate(options.learningRate),
  )

/**
 * `scaleByAdamax` and the learning rate.
 *
 * @see optax's `adamax`
 * @example optimizer(transforms.adamax({ learningRate: 1e-3 }))
 */
export const adamax = (options: LearningRate & Pick<ScaleByAdamOptions, 'b1' | 'b2' | 'eps'>): GradientTransformation =>
  chain(scaleByAdamax(split('adamax', options, [], ['b1', 'b2', 'eps'])), scaleByLearningRate(options.learningRate))

/** Options of `amsgrad`, `adabelief` and `lamb`. */
export type AmsgradOptions = LearningRate & Pick<ScaleByAdamOptions, 'b1' | 'b2' | 'eps' | 'epsRoot'>
const amsgradNames = ['b1', 'b2', 'eps', 'epsRoot'] as const

/**
 * `scaleByAmsgrad` and the learning rate.
 *
 * @see optax's `amsgrad`
 * @example optimizer(transforms.amsgrad({ learningRate: 1e-3 }))
 */
export const amsgrad = (options: AmsgradOptions): GradientTransformation =>
  chain(scaleByAmsgrad(split('amsgrad', options, [], amsgradNames)), scaleByLearningRate(options.learningRate))

/**
 * `scaleByBelief` and the learning rate.
 *
 * @see optax's `adabelief`
 * @example optimizer(transforms.adabelief({ learningRate: 1e-3 }))
 */
export const adabelief = (options: AmsgradOptions): GradientTransformation =>
  chain(scaleByBelief(split('adabelief', options, [], amsgradNames)), scaleByLearningRate(options.learningRate))

/**
 * `scaleByLion`, weights that decay (1e-3 by default) and the learning rate.
 *
 * @see optax's `lion`
 * @example optimizer(transforms.lion({ learningRate: 1e-3 }))
 */
export const lion = (options: LearningRate & ScaleByLionOptions & WeightDecay): GradientTransformation =>
  chain(
    scaleByLion(split('lion', options, ['weightDecay', 'mask'], ['b1', 'b2', 'muDtype'])),
    decayed(options, 1e-3),
    scaleByLearningRate(options.learningRate),
  )

/**
 * Adam with a trust ratio for each array; weights do not decay by default. You et al., "Large batch optimization for deep
 * learning" (ICLR 2020).
 *
 * @see optax's `lamb`
 * @example optimizer(transforms.lamb({ learningRate: 1e-3 }))
 */
export const lamb = (options: AmsgradOptions & WeightDecay): GradientTransformation =>
  chain(
    scaleByAdam({ eps: 1e-6, ...split('lamb', options, ['weightDecay', 'mask'], amsgradNames) }),
    decayed(options, 0),
    scaleByTrustRatio(),
    scaleByLearningRate(options.learningRate),
  )

export interface LarsOptions extends LearningRate {
  /** How much of the parameters is added to the gradient. @defaultValue 0 */
  readonly weightDecay?: number
  /** Which parameters decay, as `masked` takes it. @defaultValue all */
  readonly weightDecayMask?: Mask
  /** What the trust ratio is multiplied by. @defaultValue 0.001 */
  readonly trustCoefficient?: number
  /** Added to the norm of the updates. @defaultValue 0 */
  readonly eps?: number
  /** Which parameters have a trust ratio. @defaultValue all */
  readonly trustRatioMask?: Mask
  /** How much of the past updates is kept. @defaultValue 0.9 */
  readonly momentum?: number
  /** Whether the updates look one step ahead. @defaultValue false */
  readonly nesterov?: boolean
}

/**
 * Momentum with a trust ratio for each array. You, Gitman and Ginsburg, "Large batch training of convolutional networks"
 * (2017).
 *
 * @see optax's `lars`
 * @example optimizer(transforms.lars({ learningRate: 1e-3 }))
 */
export function lars(options: LarsOptions): GradientTransformation {
  const others = [
    'weightDecay',
    'weightDecayMask',
    'trustRatioMask',
    'momentum',
    'nesterov',
    'trustCoefficient',
  ] as const
  const { eps = 0 } = split('lars', options, others, ['eps'])
  const { weightDecay = 0, weightDecayMask = true, trustRatioMask = true, trustCoefficient = 0.001 } = options
  return chain(
    addDecayedWeights(weightDecay, { mask: weightDecayMask }),
    masked(scaleByTrustRatio({ trustCoefficient, eps }), trustRatioMask),
    scaleByLearningRate(options.learningRate),
    trace(options.momentum ?? 0.9, { nesterov: options.nesterov ?? false }),
  )
}

/**
 * `scaleByRss` and the learning rate.
 *
 * @see optax's `adagrad`
 * @example optimizer(transforms.adagrad({ learningRate: 1e-3 }))
 */
export const adagrad = (options: LearningRate & ScaleByRssOptions): GradientTransformation =>
  chain(
    scaleByRss(split('adagrad', options, [], ['initialAccumulatorValue', 'eps'])),
    scaleByLearningRate(options.learningRate),
  )

export interface RmspropTransformOptions extends LearningRate, ScaleByRmsOptions {
  /** Whether the square of the mean is subtracted. @defaultValue false */
  readonly centered?: boolean
  /** How much of the past steps is kept. @defaultValue none */
  readonly momentum?: number
  /** Whether the steps look one step ahead. @defaultValue false */
  readonly nesterov?: boolean
}

/**
 * `scaleByRms` and the learning rate, with momentum where that is given.
 *
 * @see optax's `rmsprop`
 * @example optimizer(transforms.rmsprop({ learningRate: 1e-3 }))
 */
export function rmsprop(options: RmspropTransformOptions): GradientTransformation {
  const inner = split(
    'rmsprop',
    options,
    ['centered', 'momentum', 'nesterov'],
    ['decay', 'eps', 'initialScale', 'epsInSqrt', 'biasCorrection'],
  )
  const { learningRate, centered = false, momentum, nesterov = false } = options
  checkFlags('rmsprop', { centered, nesterov })
  return chain(
    centered ? scaleByStddev(inner) : scaleByRms(inner),
    scaleByLearningRate(learningRate),
    momentum === undefined ? chain() : trace(momentum, { nesterov }),
  )
}
