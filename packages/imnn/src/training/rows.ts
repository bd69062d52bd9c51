import { unpackDiagnostics } from '../information/statistics.ts'
import type { Measured } from './history.ts'

/** The numbers of an iteration out of its row: 5 of the training set, and 5 of the validation set if there is one. */
export const measuredOf = (row: ArrayLike<number>): Measured => {
  const numbers = Array.from(row)
  return {
    training: unpackDiagnostics(numbers.slice(0, 5)),
    validation: numbers.length > 5 ? unpackDiagnostics(numbers.slice(5)) : undefined,
  }
}
