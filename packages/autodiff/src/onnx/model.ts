import { create, toBinary } from '@bufbuild/protobuf'
import {
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf'
import type { Attribute, GraphDType } from '../core/lowering.ts'
import type { Graph, GraphBody, GraphNode, Initializer, ValueInfo } from './graph.ts'
import { ModelError } from '../array/errors.ts'
import { allStatic, type OpenSizes } from './symbol.ts'

/** Newer operator sets lose kernels on the GPU providers. */
const OPSET = 21
const IR_VERSION = 10

const dataTypes: Readonly<Record<GraphDType, DataType>> = {
  bool: DataType.BOOL,
  int8: DataType.INT8,
  int16: DataType.INT16,
  int32: DataType.INT32,
  int64: DataType.INT64,
  uint8: DataType.UINT8,
  uint16: DataType.UINT16,
  uint32: DataType.UINT32,
  uint64: DataType.UINT64,
  float16: DataType.FLOAT16,
  bfloat16: DataType.BFLOAT16,
  float32: DataType.FLOAT,
  float64: DataType.DOUBLE,
  complex64: DataType.COMPLEX64,
}

export interface ModelOptions {
  readonly name?: string
  /** Key and value pairs that readers of the model see. */
  readonly metadata?: Readonly<Record<string, string>>
  /** The sizes that are open. */
  readonly open?: OpenSizes
}

/** A message of protobuf is less than 2 GiB long; some of it is for nodes and names. */
const MOST_BYTES = 2 ** 31 - 2 ** 20

/** The bytes of an .onnx file. Throws a ModelError for more numbers than one can hold. */
export function encodeModel(
  graph: Graph,
  { name = 'cotangent', metadata = {}, open = allStatic }: ModelOptions = {},
): Uint8Array {
  checkBytes(graph.initializers)
  const { encodeNode, encodeValue } = encoders(open)
  const model = create(ModelProtoSchema, {
    irVersion: BigInt(IR_VERSION),
    opsetImport: [{ domain: '', version: BigInt(OPSET) }],
    producerName: 'cotangent',
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    graph: create(GraphProtoSchema, {
      name,
      node: graph.nodes.map(encodeNode),
      initializer: graph.initializers.map(encodeTensor),
      input: graph.inputs.map(encodeValue),
      output: graph.outputs.map(encodeValue),
    }),
  })
  return toBinary(ModelProtoSchema, model)
}

/** Throws a ModelError when these arrays do not go into one file. */
export function checkBytes(arrays: readonly { readonly data: { readonly byteLength: number } }[]): void {
  const bytes = arrays.reduce((sum, { data }) => sum + data.byteLength, 0)
  if (bytes <= MOST_BYTES) return
  throw new ModelError(
    `exportOnnx: the arrays that the function holds take ${(bytes / 2 ** 30).toFixed(2)} GiB, and an .onnx file holds 2 GiB at most; pass the large ones as arguments, or as float16`,
  )
}

interface Encoders {
  encodeNode(node: GraphNode): NodeProto
  encodeValue(value: ValueInfo): ValueInfoProto
}

function encoders(open: OpenSizes): Encoders {
  const encodeSize = (n: number) =>
    open.isOpen(n)
      ? ({ case: 'dimParam', value: open.show(n) } as const)
      : ({ case: 'dimValue', value: BigInt(n) } as const)

  const encodeValue = ({ name, dtype, shape }: ValueInfo): ValueInfoProto =>
    create(ValueInfoProtoSchema, {
      name,
      type: {
        value: {
          case: 'tensorType',
          value: { elemType: dataTypes[dtype], shape: { dim: shape.map((n) => ({ value: encodeSize(n) })) } },
        },
      },
    })

  const encodeBody = (name: string, { nodes, inputs, outputs }: GraphBody): GraphProto =>
    create(GraphProtoSchema, {
      name,
      node: nodes.map(encodeNode),
      input: inputs.map(encodeValue),
      output: outputs.map(encodeValue),
    })

  function encodeNode({ op, inputs, outputs, attributes }: GraphNode): NodeProto {
    return create(NodeProtoSchema, {
      opType: op,
      name: outputs[0] ?? op,
      input: [...inputs],
      output: [...outputs],
      attribute: Object.entries(attributes).map(([name, value]) =>
        typeof value === 'object' && 'body' in value
          ? create(AttributeProtoSchema, { name, type: AttributeType.GRAPH, g: encodeBody(name, value.body) })
          : encodeAttribute(name, value),
      ),
    })
  }
  return { encodeNode, encodeValue }
}

function encodeAttribute(name: string, value: Exclude<Attribute, { readonly body: GraphBody }>) {
  if (typeof value === 'number')
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) })
  if (typeof value === 'string') {
    return create(AttributeProtoSchema, {
      name,
      type: AttributeType.STRING,
      s: Uint8Array.from(value, (c) => c.charCodeAt(0)),
    })
  }
  if ('float' in value) return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float })
  if ('type' in value)
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(dataTypes[value.type]) })
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) })
}

const encodeTensor = ({ name, data, shape, dtype }: Initializer) =>
  create(TensorProtoSchema, {
    name,
    dims: shape.map(BigInt),
    dataType: dataTypes[dtype],
    rawData: new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength),
  })
