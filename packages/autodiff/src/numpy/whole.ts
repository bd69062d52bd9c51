import { isInteger } from '../array/dtype.ts'
import { DTypeError } from '../array/errors.ts'
import { NDArray, type Operand } from '../array/ndarray.ts'
import { showShape } from '../array/shape.ts'
import { convert } from '../primitives/convert.ts'
import { asArray } from './operands.ts'

/** An array of integers as int32, or a number or lists of whole numbers. */
export function asIntegers(what: string, x: Operand): NDArray<'int32'> {
  const given = asArray(x)
  // Numbers written out are float32 here, also whole ones.
  const written = !(x instanceof NDArray) && !ArrayBuffer.isView(x) && given.dtype !== 'bool'
  const whole = written && given.storage.host?.every((n) => Number.isInteger(Number(n))) === true
  if (whole || isInteger(given.dtype)) return convert(given, 'int32') as NDArray<'int32'>
  throw new DTypeError(
    `${what} are ${given.dtype}${showShape(given.shape)}, they must be whole numbers; convert them with x.astype("int32")`,
  )
}
