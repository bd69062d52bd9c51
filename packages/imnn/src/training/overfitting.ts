import { checkOptions } from '@cotangent/autodiff/array'
import { checkNumbers, checkRecord } from '../checks/arguments.ts'
import { short, show } from '../checks/checks.ts'
import { ValidationError } from '../errors.ts'
import type { FitOptions } from './fit-options.ts'
import { type Listener, listenerOf } from './listener.ts'
import type { History, Measured, Writable } from './history.ts'

/** What should be known about a fit and is no error. */
export interface FitWarning {
  readonly kind: 'overfitting'
  /** The iteration of the history at which it was seen, the first being 1. */
  readonly iteration: number
  /** |F| of the training and of the validation set, geometric means over the last iterations. */
  readonly training: number
  readonly validation: number
  /** How much ln |F| of two independent sets of nS simulations differs by chance: one standard deviation. */
  readonly scatter: number
  /** How many such deviations ln(training / validation) is. */
  readonly sigmas: number
  /** All of it in words. */
  readonly message: string
}

export interface OverfittingOptions {
  /** The number of simulations of each set. */
  readonly nS: number
  /** The number of parameters: F is [nParams, nParams]. */
  readonly nParams: number
  /** The number of summaries. @defaultValue nParams */
  readonly nSummaries?: number
  /** How many of the last iterations are looked at together. @defaultValue 10 */
  readonly window?: number
  /** From how many standard deviations of chance on it counts. @defaultValue 5 */
  readonly sigmas?: number
}

/** ψ′, the trigamma function, for x > 0: its recurrence, then the asymptotic series. */
export function trigamma(x: number): number {
  let [sum, at] = [0, x]
  for (; at < 12; at++) sum += 1 / (at * at)
  const z = 1 / (at * at)
  return sum + 1 / at + z / 2 + (z / at) * (1 / 6 - z * (1 / 30 - z * (1 / 42 - z / 30)))
}

/**
 * The standard deviation of ln |F| from the sampling of C alone, for Gaussian summaries: F⁻¹ then follows a Wishart
 * distribution with ν = nS − 1 − nSummaries + nParams degrees of freedom, and ln |F| has the variance
 * Σ ψ′((ν − i) / 2), i = 0 … nParams − 1, about 2 nParams / ν. NaN where ν is too small for it to exist.
 *
 * @throws ValidationError for sizes that are no counts.
 * @see Muirhead, Aspects of Multivariate Statistical Theory (1982), theorems 3.2.10 and 3.2.15
 * @example Number(logDetFScatter({ nS: 1000, nParams: 2, nSummaries: 2 }).toFixed(4)) // 0.0633
 */
export function logDetFScatter(options: Pick<OverfittingOptions, 'nS' | 'nParams' | 'nSummaries'>): number {
  const { nS, nParams, nSummaries = nParams } = checkOptions('logDetFScatter', options, sizeNames)
  checkNumbers('logDetFScatter', { nS, nParams, nSummaries }, 'count')
  return scatterOf(nS, nParams, nSummaries)
}

const sizeNames = ['nS', 'nParams', 'nSummaries'] as const

function scatterOf(nS: number, nParams: number, nSummaries: number): number {
  const freedom = nS - 1 - nSummaries + nParams
  let variance = 0
  for (let i = 0; i < nParams; i++) variance += freedom - i > 0 ? trigamma((freedom - i) / 2) : Number.NaN
  return Math.sqrt(variance)
}

/**
 * Whether the training and the validation |F| of a history have parted, at its end: whether the network has learnt its
 * training simulations by heart. ln(training / validation), averaged over the last iterations, is compared to what two
 * independent sets of nS simulations differ by chance (√2 `logDetFScatter`).
 *
 * @returns undefined when they have not, or there is no validation set, or fewer iterations than `window`
 * @throws ValidationError for what is no history, and for sizes that are no counts.
 * @example overfitting(fitted.history, { nS: 100, nParams: 2 }) // undefined
 */
export function overfitting(history: History, options: OverfittingOptions): FitWarning | undefined {
  const {
    nS,
    nParams,
    nSummaries = nParams,
    window = 10,
    sigmas = 5,
  } = checkOptions('overfitting', options, [...sizeNames, 'window', 'sigmas'])
  checkRecord('overfitting', 'history', history, 'the `history` of what `fit` returns')
  for (const where of ['detF', 'valDetF'] as const)
    if (!Array.isArray(history[where]) || !history[where].every((x) => typeof x === 'number')) {
      const message = `must be a list of numbers, not ${show(history[where])}`
      throw new ValidationError('overfitting', [{ where: `history.${where}`, message }])
    }
  checkNumbers('overfitting', { nS, nParams, nSummaries, window }, 'count')
  checkNumbers('overfitting', { sigmas }, 'number')
  return parted(history, history.detF.length, options)
}

function parted(
  { detF, valDetF }: Pick<History, 'detF' | 'valDetF'>,
  iteration: number,
  options: OverfittingOptions,
): FitWarning | undefined {
  const { nS, nParams, nSummaries = nParams, window = 10, sigmas: least = 5 } = options
  if (valDetF.length < window) return undefined
  const meanLog = (values: readonly number[]): number =>
    values.slice(-window).reduce((sum, x) => sum + Math.log(x), 0) / window
  const [training, validation] = [Math.exp(meanLog(detF)), Math.exp(meanLog(valDetF))]
  const scatter = Math.SQRT2 * scatterOf(nS, nParams, nSummaries)
  const sigmas = Math.log(training / validation) / scatter
  if (!(sigmas >= least)) return undefined
  const [a, b] = [short(training, 3), short(validation, 3)]
  const message =
    `over-fitting: at iteration ${iteration} |F| of the training set is ${a} and that of the validation set ${b} ` +
    `(mean of ${window} iterations), ${short(training / validation, 3)} times as much and ${short(sigmas, 3)} times the scatter of ` +
    `chance: the network learns its ${nS} simulations by heart; more simulations, a smaller network, or new ones in every ` +
    `iteration (SimulatorIMNN) help, and the validation |F| is the one to trust`
  return { kind: 'overfitting', iteration, training, validation, scatter, sigmas, message }
}

/** Watches a fit for over-fitting, and tells it once. `before` is the history that the fit begins with. */
export function warnOfOverfitting(
  before: History,
  sizes: Pick<OverfittingOptions, 'nS' | 'nParams' | 'nSummaries'>,
  tell: FitOptions['onWarning'] | null,
): Listener<Pick<Measured, 'training' | 'validation'>> {
  const window = 10
  const recent: Writable<Pick<History, 'detF' | 'valDetF'>> = {
    detF: before.detF.slice(-window),
    valDetF: before.valDetF.slice(-window),
  }
  let count = before.detF.length
  let isTold = false
  return listenerOf(({ training, validation }) => {
    count++
    if (isTold || validation === undefined) return
    recent.detF.push(training.detF)
    recent.valDetF.push(validation.detF)
    if (recent.detF.length > window) recent.detF.shift()
    if (recent.valDetF.length > window) recent.valDetF.shift()
    const warning = parted(recent, count, { ...sizes, window })
    if (warning === undefined) return
    isTold = true
    return tell ? tell(warning) : console.warn(warning.message)
  })
}
