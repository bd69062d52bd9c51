import { BinaryReader } from '@bufbuild/protobuf/wire'
import {
  bytes,
  doubles,
  float,
  floats,
  inner,
  inners,
  int32,
  int32s,
  int64,
  int64s,
  listOfBytes,
  type Message,
  message,
  optional,
  text,
  texts,
  uint64s,
} from './wire.ts'

/**
 * The messages of an .onnx file, by the numbers of their fields in onnx.proto: those that are read.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */

export interface EntryProto {
  key: string
  value: string
}
const entry: Message<EntryProto> = message(() => ({ key: text(1), value: text(2) }))

export interface OperatorSetProto {
  domain: string
  version: bigint
}
const operatorSet: Message<OperatorSetProto> = message(() => ({ domain: text(1), version: int64(2) }))

export interface TensorProto {
  dims: bigint[]
  dataType: number
  floatData: number[]
  int32Data: number[]
  int64Data: bigint[]
  name: string
  rawData: Uint8Array
  doubleData: number[]
  uint64Data: bigint[]
  externalData: EntryProto[]
  dataLocation: number
}
const tensor: Message<TensorProto> = message(() => ({
  dims: int64s(1),
  dataType: int32(2),
  floatData: floats(4),
  int32Data: int32s(5),
  int64Data: int64s(7),
  name: text(8),
  rawData: bytes(9),
  doubleData: doubles(10),
  uint64Data: uint64s(11),
  externalData: inners(13, entry),
  dataLocation: int32(14),
}))
/** TensorProto.DataLocation. */
export const EXTERNAL = 1

/** TensorProto.DataType, by number. */
export const elementTypes: readonly string[] =
  'undefined float uint8 int8 uint16 int16 int32 int64 string bool float16 double uint32 uint64 complex64 complex128 bfloat16 float8e4m3fn float8e4m3fnuz float8e5m2 float8e5m2fnuz uint4 int4 float4e2m1'.split(
    ' ',
  )

export interface DimensionProto {
  dimValue: bigint | undefined
  dimParam: string | undefined
}
const dimension: Message<DimensionProto> = message(() => ({
  dimValue: optional(int64(1)),
  dimParam: optional(text(2)),
}))

export interface TensorShapeProto {
  dim: DimensionProto[]
}
const shape: Message<TensorShapeProto> = message(() => ({ dim: inners(1, dimension) }))

export interface TensorTypeProto {
  elemType: number
  shape: TensorShapeProto | undefined
}
const tensorType: Message<TensorTypeProto> = message(() => ({ elemType: int32(1), shape: inner(2, shape) }))

/** A type is one of these; only tensors are read. */
export interface TypeProto {
  tensorType: TensorTypeProto | undefined
  sequenceType: Uint8Array | undefined
  mapType: Uint8Array | undefined
  sparseTensorType: Uint8Array | undefined
  optionalType: Uint8Array | undefined
}
const type: Message<TypeProto> = message(() => ({
  tensorType: inner(1, tensorType),
  sequenceType: optional(bytes(4)),
  mapType: optional(bytes(5)),
  sparseTensorType: optional(bytes(8)),
  optionalType: optional(bytes(9)),
}))

export interface ValueInfoProto {
  name: string
  type: TypeProto | undefined
}
const valueInfo: Message<ValueInfoProto> = message(() => ({ name: text(1), type: inner(2, type) }))

export interface AttributeProto {
  name: string
  f: number
  i: bigint
  s: Uint8Array
  t: TensorProto | undefined
  g: GraphProto | undefined
  floats: number[]
  ints: bigint[]
  strings: Uint8Array[]
  type: number
  refAttrName: string
}
const attribute: Message<AttributeProto> = message(() => ({
  name: text(1),
  f: float(2),
  i: int64(3),
  s: bytes(4),
  t: inner(5, tensor),
  g: inner(6, graph),
  floats: floats(7),
  ints: int64s(8),
  strings: listOfBytes(9),
  type: int32(20),
  refAttrName: text(21),
}))
/** AttributeProto.AttributeType, by number. */
export const attributeTypes =
  'undefined float int string tensor graph floats ints strings tensors graphs sparse_tensor sparse_tensors type_proto type_protos'.split(
    ' ',
  ) as readonly string[]

export interface NodeProto {
  input: string[]
  output: string[]
  name: string
  opType: string
  attribute: AttributeProto[]
  domain: string
}
const node: Message<NodeProto> = message(() => ({
  input: texts(1),
  output: texts(2),
  name: text(3),
  opType: text(4),
  attribute: inners(5, attribute),
  domain: text(7),
}))

export interface GraphProto {
  node: NodeProto[]
  initializer: TensorProto[]
  input: ValueInfoProto[]
  output: ValueInfoProto[]
  sparseInitializer: Uint8Array[]
}
const graph: Message<GraphProto> = message(() => ({
  node: inners(1, node),
  initializer: inners(5, tensor),
  input: inners(11, valueInfo),
  output: inners(12, valueInfo),
  sparseInitializer: listOfBytes(15),
}))

export interface FunctionProto {
  name: string
  input: string[]
  output: string[]
  node: NodeProto[]
  opsetImport: OperatorSetProto[]
  domain: string
  attributeProto: AttributeProto[]
}
const functionProto: Message<FunctionProto> = message(() => ({
  name: text(1),
  input: texts(4),
  output: texts(5),
  node: inners(7, node),
  opsetImport: inners(9, operatorSet),
  domain: text(10),
  attributeProto: inners(11, attribute),
}))

export interface ModelProto {
  producerName: string
  producerVersion: string
  graph: GraphProto | undefined
  opsetImport: OperatorSetProto[]
  metadataProps: EntryProto[]
  functions: FunctionProto[]
}
const model: Message<ModelProto> = message(() => ({
  producerName: text(2),
  producerVersion: text(3),
  graph: inner(7, graph),
  opsetImport: inners(8, operatorSet),
  metadataProps: inners(14, entry),
  functions: inners(25, functionProto),
}))

/** The messages in the bytes of a file; throws an error that says where they end to be messages. */
export const readModel = (file: Uint8Array): ModelProto => model(new BinaryReader(file), 0)
