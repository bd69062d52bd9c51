import type { DType } from '@cotangent/autodiff/array'

/** The dtypes that tests go through, so that a new primitive is tested on all that it takes. */

/** Floats that the interpreter and the devices compute in as they are. */
export const wideFloats: readonly DType[] = ['float32', 'float64']
export const halves: readonly DType[] = ['float16', 'bfloat16']
export const integers: readonly DType[] = ['int32', 'uint32', 'int8', 'int16', 'int64', 'uint8', 'uint16', 'uint64']
/** Numbers that computing is exact in to the last bit, or nearly: none of 16 bits. */
export const wideNumbers: readonly DType[] = [...wideFloats, ...integers]
export const floats: readonly DType[] = [...wideFloats, ...halves]
export const numbers: readonly DType[] = [...floats, ...integers]
export const all: readonly DType[] = [...numbers, 'bool']
