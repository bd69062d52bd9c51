import { convertData } from './convert-data.ts'
import {
  allocate,
  checkDType,
  type DType,
  dtypeOfTypedArray,
  encodeElement,
  isComplex,
  type TypedArray,
  widen,
} from './dtype.ts'
import { DTypeError, ShapeError, ValueError } from './errors.ts'
import { fromHost, hostData, NDArray, type Operand } from './ndarray.ts'
import { checkShape, type Shape, shapesEqual, showShape, sizeOf } from './shape.ts'

export interface ArrayOptions<D extends DType = DType> {
  /** The dtype of the result. @defaultValue a typed array's own, bool for booleans, float32 for numbers */
  readonly dtype?: D
  /** The shape of a flat typed array or list. @defaultValue that of the lists, one axis for a typed array */
  readonly shape?: Shape
}

/**
 * An array of the numbers in nested lists, a typed array (copied), a number, a boolean or an array on the host.
 *
 * @throws ShapeError when lists are ragged or `shape` does not hold the numbers given.
 * @example np.array([[1, 2], [3, 4]], { dtype: 'float64' }).shape // [2, 2]
 */
export function array<D extends DType = DType>(value: Operand, options: ArrayOptions<D> = {}): NDArray<D> {
  const flat: (number | bigint)[] = []
  const seen: Seen = { bool: false, number: false, big: false }
  let shape: Shape
  let source: TypedArray | undefined
  let natural: DType
  if (ArrayBuffer.isView(value)) {
    natural = dtypeOfTypedArray(value, 'array')
    source = value as TypedArray
    shape = [source.length]
  } else if (value instanceof NDArray) {
    natural = value.dtype
    source = hostData(value)
    shape = value.shape
  } else {
    shape = flatten(value, flat, seen)
    natural = seen.number ? 'float32' : seen.big ? 'int64' : seen.bool ? 'bool' : 'float32'
  }
  const dtype = options.dtype === undefined ? natural : checkDType(options.dtype, 'array')
  if (options.shape !== undefined) {
    checkShape(options.shape, 'array')
    if (sizeOf(options.shape) !== sizeOf(shape)) {
      throw new ShapeError(`array: ${sizeOf(shape)} numbers do not fill the shape ${showShape(options.shape)}`)
    }
    shape = options.shape
  }
  const data = source === undefined ? encoded(flat, dtype) : convertData(source, natural, dtype)
  return fromHost(data === source ? source.slice() : data, shape, dtype) as unknown as NDArray<D>
}

/** Which kinds of number nested lists have. */
interface Seen {
  bool: boolean
  number: boolean
  big: boolean
}

function encoded(numbers: readonly (number | bigint)[], dtype: DType): TypedArray {
  const data: TypedArray = allocate(dtype, numbers.length)
  if (isComplex(dtype)) for (let i = 0; i < numbers.length; i++) data[2 * i] = Number(numbers[i])
  else for (let i = 0; i < data.length; i++) data[i] = encodeElement(numbers[i] as number, dtype)
  return data
}

function flatten(value: unknown, into: (number | bigint)[], seen: Seen): Shape {
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    if (typeof value === 'number') seen.number = true
    else if (typeof value === 'bigint') seen.big = true
    else seen.bool = true
    into.push(typeof value === 'bigint' ? value : Number(value))
    return []
  }
  if (value instanceof NDArray || ArrayBuffer.isView(value)) {
    const inner = value instanceof NDArray ? value : array(value as TypedArray)
    if (isComplex(inner.dtype)) {
      throw new DTypeError('array: complex64 arrays in lists are not possible here; np.stack puts arrays together')
    }
    if (inner.dtype === 'bool') seen.bool = true
    else seen.number = true
    for (const x of widen(hostData(inner), inner.dtype)) into.push(x)
    return inner.shape
  }
  if (!Array.isArray(value)) {
    throw new ValueError(
      `array: ${value === null ? 'null' : typeof value} is not a number, a boolean, a typed array or a nested list of them`,
    )
  }
  let shape: Shape | undefined
  for (const entry of value as unknown[]) {
    const inner = flatten(entry, into, seen)
    if (shape !== undefined && !shapesEqual(shape, inner)) {
      throw new ShapeError(
        `array: the nested lists are ragged: one entry has shape ${showShape(shape)}, another ${showShape(inner)}`,
      )
    }
    shape = inner
  }
  return [value.length, ...(shape ?? [])]
}
