import { allocate, bytesPerElement, type DType, elementWidth, isDType, type TypedArray } from '../../array/dtype.ts'
import { ModelError } from '../../array/errors.ts'
import { fromHost, type NDArray } from '../../array/ndarray.ts'
import { elementTypes, EXTERNAL, type TensorProto } from './protocol.ts'

/** The bytes of a file beside the model, by the name that the model has for it. */
export type ExternalData = (location: string) => Uint8Array

/** Element types that have another name here. */
const standard: Readonly<Record<string, DType>> = { float: 'float32', double: 'float64' }

/** The dtype of an element type of ONNX; undefined for strings and the types of quantized numbers. */
export const dtypeOf: ReadonlyMap<number, DType> = new Map(
  elementTypes.flatMap((name, type): [number, DType][] => {
    const dtype = standard[name] ?? name
    return isDType(dtype) ? [[type, dtype]] : []
  }),
)

/** How an element type is called in messages. */
export const typeName = (type: number): string => elementTypes[type] ?? `element type ${type}`

/** The shape that a message says, each size a whole number and all of them together no more than a file can hold. */
function sizesOf(dims: readonly bigint[], where: string): number[] {
  const shape = dims.map(Number)
  const size = shape.reduce((product, n) => product * n, 1)
  if (shape.some((n) => n < 0) || size > 2 ** 31)
    throw new ModelError(`${where} has the shape [${dims.join(', ')}], which no file can hold`)
  return shape
}

/**
 * A tensor of a model as an array. Its numbers are counted before memory is taken for them.
 *
 * @throws ModelError for an element type that there is no dtype for, numbers too few or too many, and numbers in
 * another file that is not given.
 */
export function decodeTensor(tensor: TensorProto, where: string, externalData?: ExternalData): NDArray {
  const dtype = dtypeOf.get(tensor.dataType)
  if (dtype === undefined)
    throw new ModelError(`${where} is of ${typeName(tensor.dataType)}, which there is no dtype for`)
  const shape = sizesOf(tensor.dims, where)
  const length = shape.reduce((product, n) => product * n, 1)
  const external = tensor.dataLocation === EXTERNAL
  const raw = external ? readExternal(tensor, where, externalData) : tensor.rawData
  const fields = external ? [] : typedField(tensor, dtype)
  const wanted = external || fields.length === 0 ? length * bytesPerElement(dtype) : length * elementWidth(dtype)
  const [given, unit] = external || fields.length === 0 ? [raw.byteLength, 'bytes'] : [fields.length, 'numbers']
  if (given !== wanted) {
    throw new ModelError(`${where} has ${given} ${unit} for the shape [${shape.join(', ')}], which takes ${wanted}`)
  }
  return fromHost(unit === 'bytes' ? fromBytes(raw, dtype, length) : fromFields(fields, dtype, length), shape, dtype)
}

/** The numbers of a message that has them one by one. */
function typedField(tensor: TensorProto, dtype: DType): readonly (number | bigint)[] {
  switch (dtype) {
    case 'float32':
    case 'complex64':
      return tensor.floatData
    case 'float64':
      return tensor.doubleData
    case 'int64':
      return tensor.int64Data
    case 'uint32':
    case 'uint64':
      return tensor.uint64Data
    default:
      return tensor.int32Data
  }
}

/** 16-bit floats stand there as their bits, which is how they are stored. */
function fromFields(fields: readonly (number | bigint)[], dtype: DType, length: number): TypedArray {
  const data = allocate(dtype, length)
  const big = dtype === 'int64' || dtype === 'uint64'
  for (let i = 0; i < data.length; i++) data[i] = (big ? BigInt(fields[i]!) : Number(fields[i])) as number
  return data
}

function fromBytes(bytes: Uint8Array, dtype: DType, length: number): TypedArray {
  const data = allocate(dtype, length)
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(bytes)
  if (dtype === 'bool') for (let i = 0; i < data.length; i++) data[i] = data[i] === 0 ? 0 : 1
  return data
}

function readExternal(tensor: TensorProto, where: string, externalData: ExternalData | undefined): Uint8Array {
  const facts = new Map(tensor.externalData.map(({ key, value }) => [key, value]))
  const location = facts.get('location') ?? ''
  if (externalData === undefined) {
    throw new ModelError(
      `${where} has its numbers in the file ${JSON.stringify(location)}: give { externalData: (location) => bytes }, which reads it`,
    )
  }
  const bytes = externalData(location)
  if (!(bytes instanceof Uint8Array))
    throw new ModelError(`${where}: externalData gave no Uint8Array for ${JSON.stringify(location)}`)
  const offset = Number(facts.get('offset') ?? 0)
  const length = Number(facts.get('length') ?? bytes.byteLength - offset)
  if (!(offset >= 0 && length >= 0 && offset + length <= bytes.byteLength)) {
    throw new ModelError(
      `${where} is ${length} bytes from ${offset} of ${JSON.stringify(location)}, which has ${bytes.byteLength}`,
    )
  }
  return bytes.subarray(offset, offset + length)
}
