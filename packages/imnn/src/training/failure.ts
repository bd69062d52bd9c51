import { reasonOf } from '../checks/checks.ts'
import { TrainingError, ValidationError } from '../errors.ts'

/** What was thrown, which may be anything, nothing included. */
export interface Failure {
  readonly reason: unknown
}

/** The error to throw when a fit has broken down: one that carries what was reached. */
export function failureWith<R>({ reason }: Failure, reached: R, iterations: number): unknown {
  if (reason instanceof ValidationError)
    return new ValidationError('fit', reason.problems, { reached, cause: reason.cause })
  if (reason instanceof TrainingError) return new TrainingError(reason.message, { reached })
  // Before the first iteration nothing can be lost, and the error speaks for itself.
  if (iterations === 0) return reason
  const message = `the fit broke off after ${iterations} iterations: ${reasonOf(reason)}`
  return new TrainingError(message, { reached, cause: reason })
}
