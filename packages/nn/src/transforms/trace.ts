import type { FloatDType, NDArray, Tree } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { checkDecays, checkFlags, checkFloatDTypes, checkNumbers } from '../checks.ts'
import { correction, mixed } from '../means.ts'
import { mapAlike } from '../trees.ts'
import { cast, countOf, part, stateOf, zeroCount } from './state.ts'
import { filled, type GradientTransformation } from './transformation.ts'

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
  checkFlags('trace', { nesterov })
  checkFloatDTypes('trace', { accumulatorDtype })
  const add = (g: NDArray, t: NDArray): NDArray => g.add(t.mul(decay))
  return {
    init: (params) => ({ trace: filled('trace', params, 0, accumulatorDtype) }),
    update: (updates, state) => {
      const sum = mapAlike('trace', add, updates, part('trace', stateOf('trace', state, ['trace']).trace))
      const next = nesterov ? mapAlike('trace', add, updates, ['the trace', sum]) : sum
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
  if (debias) checkDecays('ema', { decay })
  checkFlags('ema', { debias })
  checkFloatDTypes('ema', { accumulatorDtype })
  return {
    init: (params) => ({ count: zeroCount(), ema: filled('ema', params, 0, accumulatorDtype) }),
    update: (updates, state) => {
      const past = stateOf('ema', state, ['ema'])
      const count = countOf('ema', state).add(1)
      const mean = mapAlike('ema', mixed(decay), updates, part('ema', past.ema))
      const next = debias ? mapAlike('ema', (m) => m.div(correction(decay, count, m.dtype)), mean) : mean
      return [next, { count, ema: cast('ema', mean as Tree, accumulatorDtype) }]
    },
  }
}
