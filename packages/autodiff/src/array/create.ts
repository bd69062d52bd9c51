import { allocate, checkDType, convertNumber, type DType, dtypeOfTypedArray, type TypedArray } from './dtype.ts'
import { ShapeError, ValueError } from './errors.ts'
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
  const flat: number[] = []
  const seen: { bool: boolean; number: boolean } = { bool: false, number: false }
  let shape: Shape
  let source: ArrayLike<number> = flat
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
    natural = seen.bool && !seen.number ? 'bool' : 'float32'
  }
  const dtype = options.dtype === undefined ? natural : checkDType(options.dtype, 'array')
  if (options.shape !== undefined) {
    checkShape(options.shape, 'array')
    if (sizeOf(options.shape) !== source.length) {
      throw new ShapeError(`array: ${source.length} numbers do not fill the shape ${showShape(options.shape)}`)
    }
    shape = options.shape
  }
  const data = allocate(dtype, source.length)
  if (dtype === natural && source !== flat) data.set(source)
  else for (let i = 0; i < source.length; i++) data[i] = convertNumber(source[i] as number, dtype)
  return fromHost(data, shape, dtype) as NDArray as NDArray<D>
}

function flatten(value: unknown, into: number[], seen: { bool: boolean; number: boolean }): Shape {
  if (typeof value === 'number' || typeof value === 'boolean') {
    if (typeof value === 'number') seen.number = true
    else seen.bool = true
    into.push(Number(value))
    return []
  }
  if (value instanceof NDArray || ArrayBuffer.isView(value)) {
    const inner = value instanceof NDArray ? value : array(value as TypedArray)
    if (inner.dtype === 'bool') seen.bool = true
    else seen.number = true
    for (const x of hostData(inner)) into.push(x)
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
