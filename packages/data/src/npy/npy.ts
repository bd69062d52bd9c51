import {
  allocate,
  type DType,
  fromHost,
  hostData,
  type NDArray,
  sizeOf,
  type TypedArray,
} from '@cotangent/autodiff/array'
import { NpyError } from '../errors.ts'
import { fromHalf } from './float16.ts'
import { readHeader, writeHeader } from './header.ts'

/** How the elements of one kind and size (`f4`) are read: straight as a dtype, or converted one by one. */
interface Format {
  readonly bytes: number
  readonly dtype: DType
  /** One element, for types that no dtype holds as they are. */
  readonly read?: (view: DataView, offset: number, littleEndian: boolean) => number | bigint
}

const formats: Readonly<Record<string, Format>> = {
  f4: { bytes: 4, dtype: 'float32' },
  f8: { bytes: 8, dtype: 'float64' },
  i4: { bytes: 4, dtype: 'int32' },
  u4: { bytes: 4, dtype: 'uint32' },
  b1: { bytes: 1, dtype: 'bool' },
  f2: { bytes: 2, dtype: 'float32', read: (view, at, little) => fromHalf(view.getUint16(at, little)) },
  i1: { bytes: 1, dtype: 'int32', read: (view, at) => view.getInt8(at) },
  i2: { bytes: 2, dtype: 'int32', read: (view, at, little) => view.getInt16(at, little) },
  i8: { bytes: 8, dtype: 'int32', read: (view, at, little) => view.getBigInt64(at, little) },
  u1: { bytes: 1, dtype: 'uint32', read: (view, at) => view.getUint8(at) },
  u2: { bytes: 2, dtype: 'uint32', read: (view, at, little) => view.getUint16(at, little) },
  u8: { bytes: 8, dtype: 'uint32', read: (view, at, little) => view.getBigUint64(at, little) },
}

const refused: Readonly<Record<string, string>> = {
  c: 'complex numbers have no dtype here; save the real and imaginary parts',
  O: 'Python objects (a pickle) are never read; save a numeric array',
  U: 'strings have no dtype here; save a numeric array',
  S: 'byte strings have no dtype here; save a numeric array',
  V: 'raw or structured data has no dtype here; save a numeric array',
  M: 'dates have no dtype here; save a numeric array',
  m: 'time differences have no dtype here; save a numeric array',
}

export interface ReadNpyOptions {
  /** What messages call the data, as the name of its file. @defaultValue 'readNpy' */
  readonly name?: string
}

/**
 * The array in the bytes of a `.npy` file: either byte order, C or Fortran order, format versions 1 to 3. float16
 * becomes float32; 8- and 16-bit integers become int32 or uint32, and so do 64-bit ones whose values all fit.
 *
 * @throws NpyError for malformed files and for types that no dtype holds.
 * @example readNpy(writeNpy(np.array([1, 2]))) // [1, 2]
 */
export function readNpy(bytes: Uint8Array, { name = 'readNpy' }: ReadNpyOptions = {}): NDArray {
  return decodeNpy(bytes, name, false)
}

/** As readNpy; with `owned` the array may keep the bytes themselves. */
export function decodeNpy(bytes: Uint8Array, name: string, owned: boolean): NDArray {
  const { descr, fortranOrder, shape, dataOffset } = readHeader(bytes, name)
  const [, order, kind] = /^([<>|=]?)([a-zA-Z]\d*)/.exec(descr) ?? []
  const format = kind !== undefined && descr.length === (order?.length ?? 0) + kind.length ? formats[kind] : undefined
  if (format === undefined) {
    const reason =
      refused[kind?.[0] ?? ''] ?? 'this type has no dtype here; save float32, float64, int32, uint32 or bool'
    throw new NpyError(`${name}: the element type '${descr}' cannot be read: ${reason}`)
  }
  // The header is checked against the file before anything is allocated.
  const needed = sizeOf(shape) * format.bytes
  if (!(needed <= bytes.length - dataOffset)) {
    throw new NpyError(
      `${name}: the header claims shape [${shape.join(', ')}] of '${descr}', ${needed} bytes of data; the file has ${bytes.length - dataOffset}: it is truncated or corrupt`,
    )
  }
  const data = bytes.subarray(dataOffset, dataOffset + needed)
  const numbers = decode(data, format, order !== '>', owned, name)
  return fromHost(fortranOrder ? rowMajor(numbers, shape, format.dtype) : numbers, shape, format.dtype)
}

function decode(data: Uint8Array, format: Format, littleEndian: boolean, owned: boolean, name: string): TypedArray {
  const { bytes, dtype, read } = format
  const length = data.length / bytes
  if (read !== undefined) {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
    const numbers = allocate(dtype, length)
    for (let i = 0; i < length; i++) {
      const value = read(view, i * bytes, littleEndian)
      numbers[i] = Number(value)
      if (typeof value === 'bigint' && BigInt(numbers[i] as number) !== value) {
        throw new NpyError(
          `${name}: the 64-bit integer ${value} at index ${i} does not fit ${dtype}, the widest integer dtype here; save it as float64, or smaller numbers`,
        )
      }
    }
    return numbers
  }
  if (dtype === 'bool') return Uint8Array.from(data, (byte) => (byte === 0 ? 0 : 1))
  const numbers = allocate(dtype, 0)
  const make = numbers.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => TypedArray
  // Small files come in a slice of a buffer that Node shares between many.
  const whole = owned && data.byteOffset % bytes === 0 && 2 * data.byteLength > data.buffer.byteLength
  if (littleEndian && whole) return new make(data.buffer, data.byteOffset, length)
  // Not data.slice(), which for a Node Buffer is a view.
  const copy = new Uint8Array(data)
  if (!littleEndian) swapBytes(copy, bytes)
  return new make(copy.buffer, 0, length)
}

function swapBytes(data: Uint8Array, size: number): void {
  for (let at = 0; at < data.length; at += size) data.subarray(at, at + size).reverse()
}

/** Numbers in Fortran order (first index fastest) put in C order. */
function rowMajor(from: TypedArray, shape: readonly number[], dtype: DType): TypedArray {
  const to = allocate(dtype, from.length)
  const rank = shape.length
  const strides = new Array<number>(rank)
  let stride = 1
  for (let axis = 0; axis < rank; axis++) {
    strides[axis] = stride
    stride *= shape[axis] as number
  }
  const index = new Array<number>(rank).fill(0)
  let source = 0
  for (let i = 0; i < to.length; i++) {
    to[i] = from[source] as number
    for (let axis = rank - 1; axis >= 0; axis--) {
      const next = (index[axis] as number) + 1
      source += strides[axis] as number
      if (next < (shape[axis] as number)) {
        index[axis] = next
        break
      }
      source -= next * (strides[axis] as number)
      index[axis] = 0
    }
  }
  return to
}

const descrs: Readonly<Record<DType, string>> = {
  float32: '<f4',
  float64: '<f8',
  int32: '<i4',
  uint32: '<u4',
  bool: '|b1',
}

/**
 * The bytes of a `.npy` file (format 1.0), the same that `numpy.save` writes.
 *
 * @throws PendingError while the array's numbers are on their way: `await x.ready()` first.
 * @example writeNpy(np.zeros([2])).length // 136
 */
export function writeNpy(x: NDArray): Uint8Array {
  const data = hostData(x)
  const header = writeHeader(descrs[x.dtype], x.shape)
  const bytes = new Uint8Array(header.length + data.byteLength)
  bytes.set(header)
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length)
  return bytes
}
