import { ValidationError } from '../errors.ts'
import type { Cancellation } from '../training/fit-options.ts'

/** How long a source may take for a batch when the fit is to end, in seconds. */
const PATIENCE = 10

/** A source that does not deliver, while the fit is to end. */
class LateError extends Error {
  override readonly name = 'LateError'

  constructor() {
    super(`the fit was to end, and waited ${PATIENCE} s for it`)
  }
}

/** Whether an error tells of one. */
export const isLate = (error: unknown): boolean =>
  error instanceof LateError || (error instanceof ValidationError && error.cause instanceof LateError)

/** Whether the process lives on for a timer, in Node. */
function keepsProcess(timer: unknown, keeps: boolean): void {
  const { ref, unref } = timer as { ref?: () => void; unref?: () => void }
  const set = keeps ? ref : unref
  set?.call(timer)
}

/**
 * What comes from a source, or a LateError where it does not come and `signal` is up.
 *
 * @param wasLate whether the source has been waited for in vain before: then it is not waited for again
 */
export function heeding<T>(coming: Promise<T>, signal: Cancellation | undefined, wasLate: boolean): Promise<T> {
  if (signal === undefined) return coming
  return new Promise((resolve, reject) => {
    let left = wasLate ? 0 : PATIENCE
    const look = (): void => {
      if (!signal.aborted) return
      keepsProcess(timer, true)
      if (left-- > 0) return
      end()
      reject(new LateError())
    }
    const timer = setInterval(look, 1000)
    const end = (): void => clearInterval(timer)
    // A process with nothing else to do ends, unless somebody is to be told.
    keepsProcess(timer, false)
    coming.then(resolve, reject).finally(end)
  })
}
