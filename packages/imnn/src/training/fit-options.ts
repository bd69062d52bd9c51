import type { Key, NDArray } from '@cotangent/autodiff'
import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import { checkKey } from '../checks/keys.ts'
import { checkCount } from '../checks/sizes.ts'
import { all, type Checked, checkFlag, isNone, show, unless, wrong } from '../checks/checks.ts'
import type { Problem } from '../errors.ts'
import { checkRegularisation } from '../information/regularisation.ts'
import type { Diagnostics } from '../information/statistics.ts'
import type { StoppingRule } from './stopping.ts'
import { checkCheckpoint, checkListeners, checkNames, type CheckpointPlan } from './fit-checks.ts'
import type { FitWarning } from './overfitting.ts'

/** The numbers of an iteration, as `onIteration` gets them. */
export interface IterationStatistics extends Diagnostics<number> {
  /** How many iterations of this fit are done. */
  readonly iteration: number
  /** For how many iterations after the first `minIterations` |F| has not grown. */
  readonly patience: number
  /** The largest |F| so far. */
  readonly maxDetF: number
  /** Whether this iteration's |F| is it. */
  readonly improved: boolean
  /** Those of the training set at the weights before the update. */
  readonly training: Diagnostics<number>
  /** Those of the validation set at the weights after the update, if there is one: then `detF` … `r` are these. */
  readonly validation: Diagnostics<number> | undefined
}

/** What ends a fit early: an AbortSignal, or anything with its flag. */
export interface Cancellation {
  readonly aborted: boolean
}

/** Where and how often a fit is written down. */
export interface CheckpointOptions {
  /** The file, in the safetensors format. It is replaced as a whole: after a crash there is the old one or the new one. */
  readonly path: string
  /** How often: every so many iterations, or every so many seconds. @defaultValue every 60 seconds, and at the end */
  readonly every?: number | { readonly seconds: number } | { readonly iterations: number }
  /** Whether a file may be replaced that is no earlier state of this IMNN. @defaultValue false */
  readonly overwrite?: boolean
}

export interface FitOptions {
  /** The largest strength of the regularisation that keeps the summaries' covariance near one. */
  readonly lambda: number
  /** How near: with `lambda` it sets the rate α at which the regularisation switches on (see `alpha`). */
  readonly epsilon: number
  /** How many iterations without a larger |F| to wait for before stopping. @defaultValue 100 */
  readonly patience?: number
  /** Iterations that do not count against the patience. @defaultValue 100 */
  readonly minIterations?: number
  /** The most iterations of this fit. @defaultValue 100000 */
  readonly maxIterations?: number
  /** Shows progress, with new numbers every so many iterations. @defaultValue none: nothing is shown */
  readonly printRate?: number
  /**
   * Whether `w` is to be the best weights found, else the last. Training goes on from the last in any case.
   * @defaultValue true; false where simulations are made while it trains: there the largest |F| is a lucky draw
   */
  readonly best?: boolean
  /**
   * The key that simulations are made with, uint32 [2]; needed where they are made while it trains. Elsewhere another key
   * than that of the unfinished fit only says that this fit is a new one. Each iteration splits it in three: the key of
   * the next one, that of this one's simulations, and one that is not used. The Fisher statistics after the fit are of simulations from the key as it was given.
   * @defaultValue the key that the last fit came to
   */
  readonly rng?: Key
  /**
   * The most iterations that the device makes in one call, where it can make several: with everything in memory. In
   * parts it makes one. `onIteration`, the progress bar and the signal have their turn between calls; the numbers are
   * the same for any choice.
   * @defaultValue as many as take a tenth of a second
   */
  readonly iterationsPerCall?: number
  /**
   * Called after every iteration, or where a call makes several, for each of them after the call. What it throws, and a
   * signal that it raises, ends the fit after that iteration all the same. The promises of an asynchronous one are waited
   * for at the end of the fit; one that is rejected ends the fit after the iteration under way.
   * @defaultValue none
   */
  readonly onIteration?: (statistics: IterationStatistics) => unknown
  /**
   * Ends the fit after the iteration under way, when its flag is up; `fit` then gives what it came to. Where a dataset
   * takes more than 10 s for a batch meanwhile, the fit fails, with what was reached.
   * @defaultValue none
   */
  readonly signal?: Cancellation
  /**
   * Whether Ctrl-C (SIGINT, in Node) ends the fit after the iteration under way, as `signal` does; the second one ends
   * the process. While no fit runs the signal is left alone.
   * @defaultValue true
   */
  readonly interruptible?: boolean
  /**
   * A file to write what is reached to while the fit goes on, and when it ends: `load` reads it, and the same fit goes
   * on from there as if it had never been interrupted.
   * @defaultValue none
   */
  readonly checkpoint?: string | CheckpointOptions
  /**
   * Whether a fit that was ended from outside (by a signal, an error, or with the process) goes on where it was, its
   * iterations and its patience counted on. Otherwise the fit is a new one, which trains on from the same weights.
   * @defaultValue true when the options and the key are those of that fit, or no key is given
   */
  readonly resume?: boolean
  /**
   * Is told what should be known about a fit and is no error: that training and validation |F| part (over-fitting).
   * Called once a fit. @defaultValue `console.warn` of its message
   */
  readonly onWarning?: (warning: FitWarning) => unknown
  /**
   * `'imnn-0.3.2'` does three things as that version of the original does: without a validation set the best weights are
   * those one update after the weights that had the largest |F|; a second fit counts the optimizer's steps from 0 again
   * while its moments go on; and α need not be positive (see `alpha`).
   * @defaultValue none
   */
  readonly compatibility?: 'imnn-0.3.2'
}

/** The options with nothing left open. */
export interface FitPlan extends StoppingRule {
  readonly lambda: number
  readonly alpha: number
  readonly best: boolean
  readonly asOriginal: boolean
  /** The key, if a new one was given. */
  readonly rng: NDArray | undefined
  readonly iterationsPerCall: number | undefined
  readonly resume: boolean | undefined
  readonly checkpoint: CheckpointPlan | undefined
}

/** Who is told what while a fit is under way, and who may end it. */
export interface FitHooks {
  readonly onIteration: (statistics: IterationStatistics) => void
  readonly signal: Cancellation | undefined
  /** Who wants a turn when the stand of the course and the ledger agree. */
  readonly rest?: Rest | undefined
}

/** A turn between iterations. */
export interface Rest {
  /** After how many iterations, at the latest, there must be one. */
  readonly within: () => number
  readonly take: () => Promise<void>
}

/** What an IMNN asks of the options: whether there must be a key. */
export interface FitNeeds {
  readonly simulates: boolean
  /** Whether a fit before came to a key. */
  readonly hasKey: boolean
}

/**
 * The options of a fit with their defaults, or every problem with them, as a value.
 *
 * @example validateFitOptions({ lambda: 10, epsilon: -1 }).left[0].where // epsilon
 */
export function validateFitOptions(
  options: FitOptions,
  needs: FitNeeds = { simulates: false, hasKey: false },
): Checked<FitPlan> {
  if (typeof options !== 'object' || options === null)
    return wrong('options', `are ${show(options)}; give them by name, as { lambda: 10, epsilon: 0.1 }`)
  const { simulates, hasKey } = (needs ?? {}) as Partial<FitNeeds>
  if (typeof simulates !== 'boolean' || typeof hasKey !== 'boolean')
    return wrong('needs', `must be { simulates, hasKey }, each true or false, not ${show(needs)}`)
  const { lambda, epsilon, patience = 100, minIterations = 100, maxIterations = 100_000, best = !simulates } = options
  const { printRate, compatibility, rng, iterationsPerCall, resume } = options
  const checkpoint = checkCheckpoint(options.checkpoint)
  const problems: Problem[] = [
    ...checkCount('patience', patience),
    ...(minIterations === 0 ? [] : checkCount('minIterations', minIterations)),
    ...checkCount('maxIterations', maxIterations),
    ...(isNone(printRate) ? [] : checkCount('printRate', printRate)),
    ...(iterationsPerCall === undefined ? [] : checkCount('iterationsPerCall', iterationsPerCall)),
  ]
  if (typeof best !== 'boolean') problems.push({ where: 'best', message: `must be true or false, not ${show(best)}` })
  if (!isNone(rng)) problems.push(...checkKey('rng', rng))
  else if (simulates && !hasKey)
    problems.push({ where: 'rng', message: 'is missing: simulations are made with a key, as random.PRNGKey(0)' })
  if (compatibility !== undefined && compatibility !== 'imnn-0.3.2')
    problems.push({ where: 'compatibility', message: `must be 'imnn-0.3.2' or left out, not ${show(compatibility)}` })
  problems.push(...checkFlag('resume', resume), ...checkFlag('interruptible', options.interruptible))
  problems.push(...checkListeners(options))
  problems.push(...checkNames(options))
  return pipe(
    all({
      checkpoint,
      alpha: checkRegularisation(lambda, epsilon, compatibility !== undefined),
      rule: unless(problems, () => ({ patience, minIterations, maxIterations })),
    }),
    E.map(({ alpha, rule, checkpoint: written }) => ({
      lambda,
      alpha,
      ...rule,
      best,
      asOriginal: compatibility !== undefined,
      rng: rng ?? undefined,
      iterationsPerCall,
      resume,
      checkpoint: written,
    })),
  )
}
