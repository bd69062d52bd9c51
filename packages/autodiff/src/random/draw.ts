import type { DType, FloatDType } from '../array/dtype.ts'
import { DTypeError } from '../array/errors.ts'
import { NDArray, type Operand } from '../array/ndarray.ts'
import { checkShape, type Shape } from '../array/shape.ts'
import { asArray } from '../numpy/operands.ts'
import { convert } from '../primitives/convert.ts'
import { broadcastTo, full } from '../primitives/broadcast.ts'
import { checkKey, type Key } from './key.ts'

export interface FloatOptions<D extends FloatDType> {
  /** @defaultValue 'float32' */
  readonly dtype?: D
}

/** Throws unless a draw of this shape and dtype from this key is possible; gives the dtype. */
export function checkDraw<D extends FloatDType>(name: string, key: Key, shape: Shape, dtype: D | undefined): D {
  checkKey(name, key)
  checkShape(shape, `random.${name}`)
  const chosen: DType = dtype ?? 'float32'
  if (chosen !== 'float32' && chosen !== 'float64') {
    throw new DTypeError(`random.${name}: the dtype is ${String(chosen)}; it must be 'float32' or 'float64'`)
  }
  return chosen as D
}

/** A parameter of a distribution, in the dtype and shape of the draw. */
export const parameter = (value: Operand, shape: Shape, dtype: DType): NDArray =>
  typeof value === 'number' ? full(shape, value, dtype) : broadcastTo(convert(asArray(value), dtype), shape)

/** The shape of a parameter; numbers have none. */
export const shapeOf = (value: Operand): Shape => (value instanceof NDArray ? value : asArray(value)).shape

interface FloatInfo {
  /** The smallest normal number. */
  readonly tiny: number
  /** The distance from 1 to the next larger number. */
  readonly eps: number
}

export const floatInfo: Readonly<Record<FloatDType, FloatInfo>> = {
  float16: { tiny: 2 ** -14, eps: 2 ** -10 },
  bfloat16: { tiny: 2 ** -126, eps: 2 ** -7 },
  float32: { tiny: 2 ** -126, eps: 2 ** -23 },
  float64: { tiny: 2 ** -1022, eps: 2 ** -52 },
}
