import { lax, type NDArray, np, type Tree } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { checkDecays, checkFlags, checkNumbers } from '../checks.ts'
import { correction, mixed } from '../means.ts'
import { mapAlike } from '../trees.ts'
import { countOf, part, stateOf, zeroCount } from './state.ts'
import { filled, type GradientTransformation } from './transformation.ts'

export interface ScaleByRmsOptions {
  /** How much of the mean of squares is kept. @defaultValue 0.9 */
  readonly decay?: number
  /** Added to what is divided by. @defaultValue 1e-8 */
  readonly eps?: number
  /** The first mean of squares. @defaultValue 0 */
  readonly initialScale?: number
  /** Whether `eps` is added under the root. @defaultValue true */
  readonly epsInSqrt?: boolean
  /** Whether the mean is corrected for its first value. @defaultValue false */
  readonly biasCorrection?: boolean
}

const rmsOptions = ['decay', 'eps', 'initialScale', 'epsInSqrt', 'biasCorrection'] as const

/** 1 / √x, with `eps` under the root or beside it. */
const inverse = (x: NDArray, eps: number, inSqrt: boolean): NDArray =>
  inSqrt ? lax.rsqrt(x.add(eps)) : np.divide(1, np.sqrt(x).add(eps))

/** Scales by the mean of squares, less the square of the mean where it is centered. */
function meanOfSquares(name: string, options: ScaleByRmsOptions, centered: boolean): GradientTransformation {
  checkOptions(name, options, rmsOptions)
  const { decay = 0.9, eps = 1e-8, initialScale = 0, epsInSqrt = true, biasCorrection = false } = options
  checkNumbers(name, { decay, eps, initialScale })
  checkFlags(name, { epsInSqrt, biasCorrection })
  if (biasCorrection) checkDecays(name, { decay })
  return {
    init: (params) => ({
      ...(biasCorrection && { count: zeroCount() }),
      ...(centered && { mu: filled(name, params, 0) }),
      nu: filled(name, params, initialScale),
    }),
    update: (updates, state) => {
      const past = stateOf(name, state, centered ? ['mu', 'nu'] : ['nu'])
      const count = biasCorrection ? countOf(name, state).add(1) : undefined
      const unbiased = (x: NDArray): NDArray => (count === undefined ? x : x.div(correction(decay, count, x.dtype)))
      const nu = mapAlike(name, (g, v) => mixed(decay)(np.square(g), v), updates, part('nu', past.nu!)) as Tree
      const mu = centered ? (mapAlike(name, mixed(decay), updates, part('mu', past.mu!)) as Tree) : undefined
      const next =
        mu === undefined
          ? mapAlike(name, (g, v) => inverse(unbiased(v), eps, epsInSqrt).mul(g), updates, part('nu', nu))
          : mapAlike(
              name,
              (g, v, m) => inverse(unbiased(v).sub(np.square(unbiased(m))), eps, epsInSqrt).mul(g),
              updates,
              part('nu', nu),
              part('mu', mu),
            )
      return [next, { ...(count && { count }), ...(mu !== undefined && { mu }), nu }]
    },
  }
}

/**
 * Updates over the root of the mean of their squares. Tieleman and Hinton, lecture 6.5 (2012).
 *
 * @see optax's `scale_by_rms`
 * @example chain(scaleByRms({ decay: 0.99 }), scaleByLearningRate(1e-3))
 */
export const scaleByRms = (options: ScaleByRmsOptions = {}): GradientTransformation =>
  meanOfSquares('scaleByRms', options, false)

/**
 * Updates over their standard deviation. Graves, "Generating sequences with recurrent neural networks" (2013).
 *
 * @see optax's `scale_by_stddev`
 * @example optimizer(chain(scaleByStddev(), scaleByLearningRate(1e-2)))
 */
export const scaleByStddev = (options: ScaleByRmsOptions = {}): GradientTransformation =>
  meanOfSquares('scaleByStddev', options, true)

export interface ScaleByRssOptions {
  /** The first sum of squares. @defaultValue 0.1 */
  readonly initialAccumulatorValue?: number
  /** Added under the root. @defaultValue 1e-7 */
  readonly eps?: number
}

/**
 * Updates over the root of the sum of their squares. Duchi et al., "Adaptive subgradient methods" (JMLR 2011).
 *
 * @see optax's `scale_by_rss`
 * @example optimizer(chain(scaleByRss(), scaleByLearningRate(1e-2)))
 */
export function scaleByRss(options: ScaleByRssOptions = {}): GradientTransformation {
  const name = 'scaleByRss'
  const { initialAccumulatorValue = 0.1, eps = 1e-7 } = checkOptions(name, options, ['initialAccumulatorValue', 'eps'])
  checkNumbers(name, { initialAccumulatorValue, eps })
  return {
    init: (params) => ({ sumOfSquares: filled(name, params, initialAccumulatorValue) }),
    update: (updates, state) => {
      const past = stateOf(name, state, ['sumOfSquares'])
      const what = 'sumOfSquares'
      const sumOfSquares = mapAlike(
        name,
        (g, sum) => np.square(g).add(sum),
        updates,
        part(what, past.sumOfSquares),
      ) as Tree
      const next = mapAlike(
        name,
        (g, sum) => np.where(sum.gt(0), lax.rsqrt(sum.add(eps)), 0).mul(g),
        updates,
        part(what, sumOfSquares),
      )
      return [next, { sumOfSquares }]
    },
  }
}
