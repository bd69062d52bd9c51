import type { Sizes } from '../checks/sizes.ts'
import type { Failure } from './failure.ts'
import type { FitOptions, FitPlan, IterationStatistics } from './fit-options.ts'
import type { History } from './history.ts'
import { listenerOf } from './listener.ts'
import { warnOfOverfitting } from './overfitting.ts'

/** All who are told of a fit's iterations. */
export interface Audience {
  readonly tell: (statistics: IterationStatistics) => void
  /** Waits for those who take their time, and gives what one of them was rejected with. */
  readonly settle: () => Promise<Failure | undefined>
  readonly stop: (maxDetF: number) => void
}

/** The progress bar, the watch for over-fitting and the user's own function, in this order. */
export async function audienceOf(
  { printRate, onIteration, onWarning }: FitOptions,
  { maxIterations }: FitPlan,
  before: History,
  sizes: Sizes,
): Promise<Audience> {
  const { progressBar } = printRate ? await import('../progress.ts') : {}
  const bar = progressBar?.({ total: maxIterations, printRate: printRate as number })
  const watch = warnOfOverfitting(before, sizes, onWarning)
  const listener = listenerOf((statistics: IterationStatistics) => onIteration?.(statistics))
  return {
    tell(statistics) {
      bar?.update(statistics)
      watch.tell(statistics)
      listener.tell(statistics)
    },
    settle: () =>
      Promise.all([watch.settle(), listener.settle()]).then(
        () => undefined,
        (reason: unknown): Failure => ({ reason }),
      ),
    stop: (maxDetF) => bar?.stop({ maxDetF }),
  }
}
