import type { FloatDType, NDArray, Tree } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { checkNumbers } from '../schedules/schedule.ts'
import { cast, correction, countOf, mixed, part, zeroCount } from './state.ts'
import { filled, type GradientTransformation, mapLike, stateOf } from './transformation.ts'

export interface TraceOptions {
  /** Whether the updates look one step ahead. @defaultValue false */
  readonly nesterov?: boolean
  /** The dtype in which the sum is kept. @defaultValue that of the parameters */
  readonly accumulatorDtype?: FloatDType
}

/**
 * Momentum: the sum of past updates, each `decay` times what it was.
 *
 * @see optax's `trace`
 * @example
 * const { init, update } = trace(0.5)
 * const g = np.array([1, 2])
 * update(g, update(g, init(g))[1])[0] // [1.5, 3]
 */
export function trace(decay: number, options: TraceOptions = {}): GradientTransformation {
  const { nesterov = false, accumulatorDtype } = checkOptions('trace', options, ['nesterov', 'accumulatorDtype'])
  checkNumbers('trace', { decay })
  const add = (g: NDArray, t: NDArray): NDArray => g.add(t.mul(decay))
  return {
    init: (params) => ({ trace: filled(params, 0, accumulatorDtype) }),
    update: (updates, state) => {
      const sum = mapLike('trace', add, updates, part('trace', stateOf('trace', state, ['trace']).trace))
      const next = nesterov ? mapLike('trace', add, updates, ['the trace', sum]) : sum
      return [next, { trace: cast('trace', sum as Tree, accumulatorDtype) }]
    },
  }
}

export interface EmaOptions {
  /** Whether the mean is corrected for having started at zero. @defaultValue true */
  readonly debias?: boolean
  /** The dtype in which the mean is kept. @defaultValue that of the parameters */
  readonly accumulatorDtype?: FloatDType
}

/**
 * The mean of past updates, of which `decay` is kept at each step.
 *
 * @see optax's `ema`
 * @example optimizer(chain(ema(0.9), scaleByLearningRate(1e-3)))
 */
export function ema(decay: number, options: EmaOptions = {}): GradientTransformation {
  const { debias = true, accumulatorDtype } = checkOptions('ema', options, ['debias', 'accumulatorDtype'])
  checkNumbers('ema', { decay })
  return {
    init: (params) => ({ count: zeroCount(), ema: filled(params, 0, accumulatorDtype) }),
    update: (updates, state) => {
      const past = stateOf('ema', state, ['ema'])
      const count = countOf('ema', state).add(1)
      const mean = mapLike('ema', mixed(decay), updates, part('ema', past.ema))
      const next = debias ? mapLike('ema', (m) => m.div(correction(decay, count, m.dtype)), mean) : mean
      return [next, { count, ema: cast('ema', mean as Tree, accumulatorDtype) }]
    },
  }
}
