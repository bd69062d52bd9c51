import { type NDArray, np, ValueError } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { checkFlags, checkList, checkNumbers, isNumber } from '../checks.ts'
import { checkSteps, onStep, type Schedule } from './schedule.ts'

/**
 * The same for every step.
 *
 * @example adam({ stepSize: schedules.constant(1e-3) })
 */
export function constant(stepSize: number): Schedule {
  checkNumbers('constant', { stepSize })
  return () => stepSize
}

export interface DecayOptions {
  /** After how many steps the decay has happened once. */
  readonly decaySteps: number
  /** How strong the decay is; each schedule says how it enters. */
  readonly decayRate: number
}

/**
 * `stepSize` · decayRate^(step / decaySteps).
 * @throws ValueError when `decaySteps` is not positive.
 *
 * @example schedules.exponentialDecay(0.1, { decaySteps: 10, decayRate: 0.5 })(20) // 0.025
 */
export function exponentialDecay(stepSize: number, options: DecayOptions): Schedule {
  const { decaySteps, decayRate } = checkOptions('exponentialDecay', options, ['decaySteps', 'decayRate'])
  checkNumbers('exponentialDecay', { stepSize, decayRate })
  checkSteps('exponentialDecay', 'decaySteps', decaySteps)
  return onStep(
    (step) => stepSize * decayRate ** (step / decaySteps),
    (step) => np.power(decayRate, step.div(decaySteps)).mul(stepSize),
  )
}

/**
 * `stepSize` / (1 + decayRate · step / decaySteps); with `staircase` the quotient is rounded down.
 * @throws ValueError when `decaySteps` is not positive.
 *
 * @example schedules.inverseTimeDecay(1, { decaySteps: 10, decayRate: 1, staircase: true })(19) // 0.5
 */
export function inverseTimeDecay(stepSize: number, options: DecayOptions & { readonly staircase?: boolean }): Schedule {
  const name = 'inverseTimeDecay'
  const known = ['decaySteps', 'decayRate', 'staircase'] as const
  const { decaySteps, decayRate, staircase = false } = checkOptions(name, options, known)
  checkNumbers(name, { stepSize, decayRate })
  checkFlags(name, { staircase })
  checkSteps(name, 'decaySteps', decaySteps)
  return onStep(
    (step) => stepSize / (1 + decayRate * (staircase ? Math.floor(step / decaySteps) : step / decaySteps)),
    (step) => {
      const periods = step.div(decaySteps)
      return np.divide(stepSize, (staircase ? np.floor(periods) : periods).mul(decayRate).add(1))
    },
  )
}

export interface PolynomialDecayOptions {
  /** When the final size is reached. */
  readonly decaySteps: number
  /** The size from then on. */
  readonly finalStepSize: number
  /** Of what is left of the steps; 1 is a straight line. @defaultValue 1 */
  readonly power?: number
}

/**
 * From `stepSize` to `finalStepSize` as (1 − step / decaySteps) to a power, constant from then on.
 * @throws ValueError when `decaySteps` is not positive.
 *
 * @example schedules.polynomialDecay(1, { decaySteps: 10, finalStepSize: 0 })(5) // 0.5
 */
export function polynomialDecay(stepSize: number, options: PolynomialDecayOptions): Schedule {
  const name = 'polynomialDecay'
  const { decaySteps, finalStepSize, power = 1 } = checkOptions(name, options, ['decaySteps', 'finalStepSize', 'power'])
  checkNumbers(name, { stepSize, finalStepSize, power })
  checkSteps(name, 'decaySteps', decaySteps)
  const range = stepSize - finalStepSize
  return onStep(
    (step) => (1 - Math.min(step, decaySteps) / decaySteps) ** power * range + finalStepSize,
    (step) => {
      const rest = np.subtract(1, np.minimum(step, decaySteps).div(decaySteps))
      return np.power(rest, power).mul(range).add(finalStepSize)
    },
  )
}

/**
 * `values[0]` up to and with step `boundaries[0]`, then `values[1]` …
 *
 * @throws ValueError unless there is one value more than boundaries, and these increase.
 * @example schedules.piecewiseConstant([100, 200], [0.1, 0.01, 0.001])(150) // 0.01
 */
export function piecewiseConstant(boundaries: readonly number[], values: readonly number[]): Schedule {
  checkList('piecewiseConstant', 'boundaries', boundaries, isNumber)
  checkList('piecewiseConstant', 'values', values, isNumber)
  if (values.length !== boundaries.length + 1) {
    throw new ValueError(
      `piecewiseConstant: ${boundaries.length} boundaries need ${boundaries.length + 1} values, ${values.length} were given`,
    )
  }
  if (boundaries.some((b, i) => i > 0 && b <= boundaries[i - 1]!)) {
    throw new ValueError(`piecewiseConstant: the boundaries [${boundaries.join(', ')}] do not increase`)
  }
  return onStep(
    (step) => values[boundaries.filter((b) => step > b).length]!,
    (step) =>
      boundaries.reduce<NDArray>(
        (size, b, i) => np.where(step.gt(b), values[i + 1]!, size),
        np.full([], values[0]!, { dtype: step.dtype as 'float32' }),
      ),
  )
}
