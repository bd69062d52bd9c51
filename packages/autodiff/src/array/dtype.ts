import { DTypeError } from './errors.ts'

/** The typed array that stores each dtype; `bool` is one byte an element, 0 or 1. */
export interface TypedArrays {
  float32: Float32Array
  float64: Float64Array
  int32: Int32Array
  uint32: Uint32Array
  bool: Uint8Array
}

/** Names of the element types. */
export type DType = keyof TypedArrays
export type FloatDType = 'float32' | 'float64'
export type TypedArrayOf<D extends DType = DType> = TypedArrays[D]
export type TypedArray = TypedArrays[DType]

interface DTypeInfo {
  readonly kind: 'float' | 'int' | 'bool'
  readonly bytes: number
  readonly make: (length: number) => TypedArray
}

const info: Readonly<Record<DType, DTypeInfo>> = {
  float32: { kind: 'float', bytes: 4, make: (n) => new Float32Array(n) },
  float64: { kind: 'float', bytes: 8, make: (n) => new Float64Array(n) },
  int32: { kind: 'int', bytes: 4, make: (n) => new Int32Array(n) },
  uint32: { kind: 'int', bytes: 4, make: (n) => new Uint32Array(n) },
  bool: { kind: 'bool', bytes: 1, make: (n) => new Uint8Array(n) },
}

/** Every dtype, narrowest promotion first. */
export const dtypes: readonly DType[] = ['bool', 'uint32', 'int32', 'float32', 'float64']

export const isDType = (name: unknown): name is DType => typeof name === 'string' && Object.hasOwn(info, name)
export const isFloat = (dtype: DType): dtype is FloatDType => info[dtype].kind === 'float'
export const isInteger = (dtype: DType): boolean => info[dtype].kind === 'int'
export const bytesPerElement = (dtype: DType): number => info[dtype].bytes

/** A zero-filled typed array of `length` elements. */
export function allocate<D extends DType>(dtype: D, length: number): TypedArrayOf<D> {
  return info[dtype].make(length) as TypedArrayOf<D>
}

/** Throws a DTypeError unless `name` is a dtype. */
export function checkDType(name: unknown, where: string): DType {
  if (isDType(name)) return name
  throw new DTypeError(`${where}: unknown dtype ${JSON.stringify(name)}; use one of ${dtypes.join(', ')}`)
}

/**
 * The dtype two arrays meet in, as JAX promotes with 64-bit integers off: bool < integers < floats, and the two
 * 32-bit integers meet in int32.
 */
export function promote(a: DType, b: DType): DType {
  return dtypes[Math.max(dtypes.indexOf(a), dtypes.indexOf(b))] as DType
}

/** The dtype a JavaScript number takes beside an array of dtype `other` (a bare number is weak). */
export function weakNumberDType(value: number, other: DType): DType {
  if (isFloat(other)) return other
  if (!Number.isInteger(value)) return 'float32'
  return other === 'bool' ? 'int32' : other
}

/** The dtype of the elements of a typed array; unsigned bytes are refused, being ambiguous with bool. */
export function dtypeOfTypedArray(data: ArrayBufferView, where: string): DType {
  if (data instanceof Float32Array) return 'float32'
  if (data instanceof Float64Array) return 'float64'
  if (data instanceof Int32Array) return 'int32'
  if (data instanceof Uint32Array) return 'uint32'
  throw new DTypeError(
    `${where}: a ${data.constructor.name} has no dtype here; convert it to one of Float32Array, Float64Array, Int32Array, Uint32Array`,
  )
}

/** Converts one number to what an element of `dtype` holds (JAX saturates floats that an integer cannot hold). */
export function convertNumber(value: number, dtype: DType): number {
  switch (dtype) {
    case 'float32':
      return Math.fround(value)
    case 'float64':
      return value
    case 'int32':
      return saturate(value, -2147483648, 2147483647)
    case 'uint32':
      return saturate(value, 0, 4294967295)
    case 'bool':
      return value === 0 ? 0 : 1
  }
}

const saturate = (value: number, low: number, high: number): number =>
  Number.isNaN(value) ? 0 : Math.min(high, Math.max(low, Math.trunc(value)))
