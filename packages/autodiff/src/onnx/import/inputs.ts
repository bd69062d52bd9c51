import { type DType, isFloat, isInteger } from '../../array/dtype.ts'
import { canCast } from '../../numpy/index.ts'

/** Whether an array goes into an input of another dtype without loss: whole numbers and floats among themselves. */
export const canHold = (to: DType, from: DType): boolean =>
  ((isFloat(to) && isFloat(from)) || (isInteger(to) && isInteger(from))) && canCast(from, to)
