import { type Shape, showShape, sizeOf } from './shape.ts'
import { DTypeError, ShapeError } from './errors.ts'
import { toBFloat16, toHalf, fromBFloat16, fromHalf, fromHalves } from './half.ts'
import { showGiven } from './show.ts'

/**
 * The typed array that stores each dtype: `bool` is one byte an element, 0 or 1; `float16` and `bfloat16` are their 16
 * bits; a `complex64` is two numbers, real and imaginary part.
 */
export interface TypedArrays {
  bool: Uint8Array
  int8: Int8Array
  int16: Int16Array
  int32: Int32Array
  int64: BigInt64Array
  uint8: Uint8Array
  uint16: Uint16Array
  uint32: Uint32Array
  uint64: BigUint64Array
  float16: Uint16Array
  bfloat16: Uint16Array
  float32: Float32Array
  float64: Float64Array
  complex64: Float32Array
}

/** Names of the element types. */
export type DType = keyof TypedArrays
export type FloatDType = 'float16' | 'bfloat16' | 'float32' | 'float64'
/** Integers of 64 bits: their elements are BigInts. */
export type BigDType = 'int64' | 'uint64'

/** Typed arrays of BigInts. */
export type BigArray = BigInt64Array | BigUint64Array

/**
 * The numbers of an array whose dtype is not known. Inside, arrays of `int64` and `uint64` go by this type too: what only
 * moves elements about works on them as it is, what computes asks `isBig` first.
 */
export type TypedArray = Exclude<TypedArrays[DType], BigArray>

/** How the numbers of a dtype are stored. */
export type TypedArrayOf<D extends DType = DType> = DType extends D ? TypedArray : TypedArrays[D]

/** What `data()` gives: the stored numbers, those of 16-bit floats as float32. */
export type DataOf<D extends DType = DType> = DType extends D
  ? TypedArray
  : D extends 'float16' | 'bfloat16'
    ? Float32Array
    : TypedArrays[D]

/** One element as `js()` gives it. */
export type Complex = { readonly re: number; readonly im: number }

type Kind = 'bool' | 'signed' | 'unsigned' | 'float' | 'complex'

interface DTypeInfo {
  readonly kind: Kind
  readonly bytes: number
  /** Typed array elements per element. */
  readonly width: number
  readonly make: (length: number) => TypedArrays[DType]
}

const entry = (kind: Kind, bytes: number, make: DTypeInfo['make'], width = 1): DTypeInfo => ({
  kind,
  bytes,
  width,
  make,
})

const info: Readonly<Record<DType, DTypeInfo>> = {
  bool: entry('bool', 1, (n) => new Uint8Array(n)),
  int8: entry('signed', 1, (n) => new Int8Array(n)),
  int16: entry('signed', 2, (n) => new Int16Array(n)),
  int32: entry('signed', 4, (n) => new Int32Array(n)),
  int64: entry('signed', 8, (n) => new BigInt64Array(n)),
  uint8: entry('unsigned', 1, (n) => new Uint8Array(n)),
  uint16: entry('unsigned', 2, (n) => new Uint16Array(n)),
  uint32: entry('unsigned', 4, (n) => new Uint32Array(n)),
  uint64: entry('unsigned', 8, (n) => new BigUint64Array(n)),
  float16: entry('float', 2, (n) => new Uint16Array(n)),
  bfloat16: entry('float', 2, (n) => new Uint16Array(n)),
  float32: entry('float', 4, (n) => new Float32Array(n)),
  float64: entry('float', 8, (n) => new Float64Array(n)),
  complex64: entry('complex', 8, (n) => new Float32Array(2 * n), 2),
}

/** Every dtype. */
export const dtypes: readonly DType[] = Object.keys(info) as DType[]

/** Whether a value names a dtype. */
export const isDType = (name: unknown): name is DType => typeof name === 'string' && Object.hasOwn(info, name)
/** Whether it is a float dtype. */
export const isFloat = (dtype: DType): dtype is FloatDType => info[dtype].kind === 'float'
/** Whether it is an integer dtype; bool is not one. */
export const isInteger = (dtype: DType): boolean => info[dtype].kind === 'signed' || info[dtype].kind === 'unsigned'
export const isSigned = (dtype: DType): boolean => info[dtype].kind !== 'unsigned' && info[dtype].kind !== 'bool'
/** Whether it is complex64. */
export const isComplex = (dtype: DType): dtype is 'complex64' => dtype === 'complex64'
/** Whether values of it have tangents: floats and complex numbers. */
export const isDifferentiable = (dtype: DType): boolean => isFloat(dtype) || isComplex(dtype)
/** Whether its elements are BigInts. */
export const isBig = (dtype: DType): dtype is BigDType => dtype === 'int64' || dtype === 'uint64'
/** Floats of 16 bits, which are computed with in float32. */
export const isHalf = (dtype: DType): dtype is 'float16' | 'bfloat16' => dtype === 'float16' || dtype === 'bfloat16'
/** How many bytes one number takes, both parts of a complex one. */
export const bytesPerElement = (dtype: DType): number => info[dtype].bytes
/** How many numbers of its typed array an element takes. */
export const elementWidth = (dtype: DType): number => info[dtype].width

/** A zero-filled typed array for `length` elements. */
export function allocate<D extends DType>(dtype: D, length: number): TypedArrayOf<D> {
  try {
    return info[dtype].make(length) as TypedArrayOf<D>
  } catch (error) {
    throw outOfMemory('allocate', dtype, length, error)
  }
}

/** More than any typed array has. */
const MOST_ELEMENTS = 2 ** 33

/** @internal How many elements an array has; throws a ShapeError for more than can be held. */
export function checkedSize(shape: Shape, dtype: DType): number {
  const length = sizeOf(shape)
  if (length > MOST_ELEMENTS) throw outOfMemory(`array (${dtype}${showShape(shape)})`, dtype, length)
  return length
}

/** What is thrown for more elements than a typed array, or the memory, can hold. */
const outOfMemory = (where: string, dtype: DType, length: number, cause?: unknown): ShapeError =>
  new ShapeError(
    `${where}: ${length} elements of ${dtype} take ${Math.ceil((length * bytesPerElement(dtype)) / 2 ** 30)} GiB, which cannot be had; use smaller shapes`,
    { cause },
  )

/** Throws a DTypeError unless `name` is a dtype. */
export function checkDType(name: unknown, where: string): DType {
  if (isDType(name)) return name
  throw new DTypeError(`${where}: unknown dtype ${showGiven(name)}; use one of ${dtypes.join(', ')}`)
}

/** The dtype of the elements of a typed array. */
export function dtypeOfTypedArray(data: ArrayBufferView, where: string): DType {
  const dtype = byConstructor.get(data.constructor)
  if (dtype !== undefined) return dtype
  throw new DTypeError(
    `${where}: a ${data.constructor.name} has no dtype here; convert it to one of ${[...byConstructor.keys()].map((c) => c.name).join(', ')}`,
  )
}

const byConstructor: ReadonlyMap<{ readonly name: string }, DType> = new Map<{ readonly name: string }, DType>([
  [Float32Array, 'float32'],
  [Float64Array, 'float64'],
  [Int8Array, 'int8'],
  [Int16Array, 'int16'],
  [Int32Array, 'int32'],
  [BigInt64Array, 'int64'],
  [Uint8Array, 'uint8'],
  [Uint8ClampedArray, 'uint8'],
  [Uint16Array, 'uint16'],
  [Uint32Array, 'uint32'],
  [BigUint64Array, 'uint64'],
])

// ── one number ─────────────────────────────────────────────────────────────

/** The least and the largest integer of a dtype; exact up to 32 bits. */
export function integerRange(dtype: DType): readonly [low: number, high: number] {
  const { kind, bytes } = info[dtype]
  if (kind === 'bool') return [0, 1]
  return kind === 'signed' ? [-(2 ** (8 * bytes - 1)), 2 ** (8 * bytes - 1) - 1] : [0, 2 ** (8 * bytes) - 1]
}

/**
 * The number that an element of `dtype` holds for `value`: rounded for a float dtype; for an integer one truncated and
 * clamped to its range, NaN as 0 (JAX's rule). The nearest double for 64-bit integers, the real part for complex64.
 */
export function convertNumber(value: number, dtype: DType): number {
  switch (dtype) {
    case 'float64':
      return value
    case 'float32':
    case 'complex64':
      return Math.fround(value)
    case 'float16':
      return fromHalf(toHalf(value))
    case 'bfloat16':
      return fromBFloat16(toBFloat16(value))
    case 'bool':
      return value === 0 ? 0 : 1
    default: {
      const [low, high] = integerRange(dtype)
      return Number.isNaN(value) ? 0 : Math.min(high, Math.max(low, Math.trunc(value))) + 0
    }
  }
}

const INT64_MAX = 2n ** 63n - 1n
const UINT64_MAX = 2n ** 64n - 1n

/** The least and the largest integer of a 64-bit dtype. */
export const bigRange = (dtype: BigDType): readonly [low: bigint, high: bigint] =>
  dtype === 'int64' ? [-INT64_MAX - 1n, INT64_MAX] : [0n, UINT64_MAX]

/** A number as a 64-bit integer: truncated and clamped to the range, NaN as 0. */
export function toBig(value: number, dtype: BigDType): bigint {
  if (Number.isNaN(value)) return 0n
  const [low, high] = bigRange(dtype)
  if (value >= Number(high)) return high
  return value <= Number(low) ? low : BigInt(Math.trunc(value))
}

/** What stands in the typed array of `dtype` for `value`. Complex numbers have two: this is the real one. */
export function encodeElement(value: number | bigint | boolean, dtype: DType): number {
  if (isBig(dtype)) return (typeof value === 'bigint' ? value : toBig(Number(value), dtype)) as unknown as number
  if (typeof value === 'symbol' || (typeof value === 'object' && value !== null))
    throw new DTypeError(`${showGiven(value)} is no number; give one, or a boolean`)
  const number = Number(value)
  if (dtype === 'float16') return toHalf(number)
  return dtype === 'bfloat16' ? toBFloat16(number) : convertNumber(number, dtype)
}

/** The number that stands for an element of a typed array; of a 64-bit integer the nearest double. */
export function decodeElement(element: number, dtype: DType): number {
  if (dtype === 'float16') return fromHalf(element)
  return dtype === 'bfloat16' ? fromBFloat16(element) : Number(element)
}

/** Element `i` as JavaScript has it: a number, a boolean, a BigInt for 64-bit integers, `{ re, im }` for complex64. */
export function elementAt(data: TypedArray, i: number, dtype: DType): number | boolean | bigint | Complex {
  if (dtype === 'bool') return data[i] !== 0
  if (isBig(dtype)) return data[i] as unknown as bigint
  if (isComplex(dtype)) return { re: data[2 * i] as number, im: data[2 * i + 1] as number }
  return decodeElement(data[i] as number, dtype)
}

/** The stored numbers of 16-bit floats as float32, and any others as they are. */
export function widen(data: TypedArray, dtype: DType): TypedArray {
  if (!isHalf(dtype)) return data
  if (dtype === 'float16') return fromHalves(data)
  const out = new Float32Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = fromBFloat16(data[i] as number)
  return out
}

/** Numbers as a 16-bit dtype stores them; numbers of any other dtype as they are. */
export function narrow(data: TypedArray, dtype: DType): TypedArray {
  if (!isHalf(dtype)) return data
  const encode = dtype === 'float16' ? toHalf : toBFloat16
  const out = new Uint16Array(data.length)
  for (let i = 0; i < out.length; i++) out[i] = encode(data[i] as number)
  return out
}
