import type { DType } from '@cotangent/autodiff'

/** How dtypes are called in the safetensors format. */
export const codes: Readonly<Record<DType, string>> = {
  bool: 'BOOL',
  int8: 'I8',
  int16: 'I16',
  int32: 'I32',
  int64: 'I64',
  uint8: 'U8',
  uint16: 'U16',
  uint32: 'U32',
  uint64: 'U64',
  float16: 'F16',
  bfloat16: 'BF16',
  float32: 'F32',
  float64: 'F64',
  complex64: 'C64',
}

/** The number before the header, of 8 bytes, says how long it is; the data begin at a multiple of 8 bytes. */
export const PREFIX = 8
export const METADATA = '__metadata__'

/** Whether a value is an object with names. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
