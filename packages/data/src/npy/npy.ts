import {
  allocate,
  bytesPerElement,
  checkOptions,
  type DType,
  DTypeError,
  elementWidth,
  fromHost,
  hostData,
  NDArray,
  sizeOf,
  TreeError,
  type TypedArray,
  ValueError,
} from '@cotangent/autodiff/array'
import { NpyError } from '../errors.ts'
import { checkText, typeName } from '../given.ts'
import { readHeader, writeHeader } from './header.ts'

/** The dtypes that NumPy has, as their kind and size in a header (`f4`), and as the character that says the same. */
const codes: Readonly<Record<Exclude<DType, 'bfloat16'>, readonly [code: string, character: string]>> = {
  bool: ['b1', '?'],
  int8: ['i1', 'b'],
  int16: ['i2', 'h'],
  int32: ['i4', 'i'],
  int64: ['i8', 'q'],
  uint8: ['u1', 'B'],
  uint16: ['u2', 'H'],
  uint32: ['u4', 'I'],
  uint64: ['u8', 'Q'],
  float16: ['f2', 'e'],
  float32: ['f4', 'f'],
  float64: ['f8', 'd'],
  complex64: ['c8', 'F'],
}
/** By their codes, characters and names: whatever NumPy takes for one. */
const dtypeOf: ReadonlyMap<string, DType> = new Map(
  Object.entries(codes).flatMap(([dtype, spellings]) => [...spellings, dtype].map((text) => [text, dtype as DType])),
)

const refused: Readonly<Record<string, string>> = {
  c: 'of complex numbers there is complex64 alone; save x.astype("complex64")',
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
 * The array in the bytes of a `.npy` file, with its dtype: either byte order, C or Fortran order, format versions 1 to
 * 3. Bytes after the numbers are left out.
 *
 * @throws NpyError for malformed files and for types that no dtype holds.
 * @example readNpy(writeNpy(np.array([1, 2]))) // [1, 2]
 */
export function readNpy(bytes: Uint8Array, options: ReadNpyOptions = {}): NDArray {
  const { name = 'readNpy' } = checkOptions('readNpy', options, ['name'])
  checkBytes('readNpy', bytes)
  checkText('readNpy', 'name', name, "'x.npy'")
  return decodeNpy(bytes, name, false)
}

/** That a value is bytes. */
export function checkBytes(where: string, bytes: unknown): void {
  if (bytes instanceof Uint8Array) return
  throw new ValueError(`${where}: takes bytes, a Uint8Array as readFile gives it, not ${typeName(bytes)}`)
}

/** As readNpy; with `owned` the array may keep the bytes themselves. */
export function decodeNpy(bytes: Uint8Array, name: string, owned: boolean): NDArray {
  const { descr, fortranOrder, shape, dataOffset } = readHeader(bytes, name)
  const [, order = '', kind = ''] = /^([<>|=]?)(.*)$/s.exec(descr) ?? []
  const dtype = dtypeOf.get(kind)
  if (dtype === undefined) {
    const reason = refused[kind[0] ?? ''] ?? 'this type has no dtype here; save integers, floats or bool'
    throw new NpyError(`${name}: the element type '${descr}' cannot be read: ${reason}`)
  }
  // The header is checked against the file before anything is allocated.
  const needed = sizeOf(shape) * bytesPerElement(dtype)
  if (!(needed <= bytes.length - dataOffset)) {
    throw new NpyError(
      `${name}: the header claims shape [${shape.join(', ')}] of '${descr}', ${needed} bytes of data; the file has ${bytes.length - dataOffset}: it is truncated or corrupt`,
    )
  }
  const data = bytes.subarray(dataOffset, dataOffset + needed)
  const numbers = decode(data, dtype, order !== '>', owned)
  return fromHost(fortranOrder ? rowMajor(numbers, shape, dtype) : numbers, shape, dtype)
}

function decode(data: Uint8Array, dtype: DType, littleEndian: boolean, owned: boolean): TypedArray {
  if (dtype === 'bool') return Uint8Array.from(data, (byte) => (byte === 0 ? 0 : 1))
  const numbers = allocate(dtype, 0)
  const make = numbers.constructor as new (buffer: ArrayBufferLike, offset: number, length: number) => TypedArray
  // Small files come in a slice of a buffer that Node shares between many.
  const size = numbers.BYTES_PER_ELEMENT
  const length = data.length / size
  const whole = owned && data.byteOffset % size === 0 && 2 * data.byteLength > data.buffer.byteLength
  if (littleEndian && whole) return new make(data.buffer, data.byteOffset, length)
  // Not data.slice(), which for a Node Buffer is a view.
  const copy = new Uint8Array(data)
  if (!littleEndian) swapBytes(copy, size)
  return new make(copy.buffer, 0, length)
}

function swapBytes(data: Uint8Array, size: number): void {
  for (let at = 0; at < data.length; at += size) data.subarray(at, at + size).reverse()
}

/** Numbers in Fortran order (first index fastest) put in C order. */
function rowMajor(from: TypedArray, shape: readonly number[], dtype: DType): TypedArray {
  const made = allocate(dtype, from.length / elementWidth(dtype))
  // Words of the element's bits: a NaN that passes through a number may lose some of its own.
  const size = bytesPerElement(dtype)
  const Words = { 1: Uint8Array, 2: Uint16Array }[size] ?? Uint32Array
  const width = Math.max(1, size / 4)
  const words = new Words(from.buffer as ArrayBuffer, from.byteOffset, from.byteLength / Words.BYTES_PER_ELEMENT)
  const to = new Words(made.buffer as ArrayBuffer, made.byteOffset, made.byteLength / Words.BYTES_PER_ELEMENT)
  const rank = shape.length
  const strides = new Array<number>(rank)
  let stride = 1
  for (let axis = 0; axis < rank; axis++) {
    strides[axis] = stride
    stride *= shape[axis] as number
  }
  const index = new Array<number>(rank).fill(0)
  let source = 0
  for (let i = 0; i * width < to.length; i++) {
    for (let k = 0; k < width; k++) to[i * width + k] = words[source * width + k] as number
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
  return made
}

/**
 * The bytes of a `.npy` file (format 1.0), the same that `numpy.save` writes.
 *
 * @throws PendingError while the array's numbers are on their way: `await x.ready()` first; DTypeError for bfloat16.
 * @example writeNpy(np.zeros([2])).length // 136
 */
export function writeNpy(x: NDArray): Uint8Array {
  if (!(x instanceof NDArray))
    throw new TreeError('writeNpy: takes an array; np.array(…) makes one of numbers and lists')
  if (x.dtype === 'bfloat16')
    throw new DTypeError('writeNpy: NumPy has no bfloat16; convert with x.astype("float32"), which holds its numbers')
  const data = hostData(x)
  const header = writeHeader(`${bytesPerElement(x.dtype) === 1 ? '|' : '<'}${codes[x.dtype][0]}`, x.shape)
  const bytes = new Uint8Array(header.length + data.byteLength)
  bytes.set(header)
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), header.length)
  return bytes
}
