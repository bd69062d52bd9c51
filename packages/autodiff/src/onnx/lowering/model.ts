import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { Attribute, GraphDType } from '../../core/lowering.ts'
import type { Graph, GraphBody, GraphNode, Initializer, ValueInfo } from './graph.ts'
import { ModelError } from '../../array/errors.ts'
import { allStatic, type OpenSizes } from './open-sizes.ts'

/** Newer operator sets lose kernels on the GPU providers. */
const OPSET = 21
const IR_VERSION = 10

/** TensorProto.DataType. */
const dataTypes: Readonly<Record<GraphDType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  uint16: 4,
  int16: 5,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
  uint32: 12,
  uint64: 13,
  complex64: 14,
  bfloat16: 16,
}

/** AttributeProto.AttributeType. */
const attributeTypes = { float: 1, int: 2, string: 3, graph: 5, ints: 7 } as const

export interface ModelOptions {
  readonly name?: string
  /** Key and value pairs that readers of the model see. */
  readonly metadata?: Readonly<Record<string, string>>
  /** The sizes that are open. */
  readonly open?: OpenSizes
}

/** A message of protobuf is less than 2 GiB long; some of it is for nodes and names. */
const MOST_BYTES = 2 ** 31 - 2 ** 20

/** Throws a ModelError when these arrays do not go into one file. */
export function checkBytes(arrays: readonly { readonly data: { readonly byteLength: number } }[]): void {
  const bytes = arrays.reduce((sum, { data }) => sum + data.byteLength, 0)
  if (bytes <= MOST_BYTES) return
  throw new ModelError(
    `exportOnnx: the arrays that the function holds take ${(bytes / 2 ** 30).toFixed(2)} GiB, and an .onnx file holds 2 GiB at most; pass the large ones as arguments, or as float16`,
  )
}

/**
 * The bytes of an .onnx file. Fields are written by their numbers in onnx.proto: the runtime's own schemas would be most of
 * what loading the engine takes. Throws a ModelError for more numbers than a file can hold.
 *
 * @see https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
export function encodeModel(
  graph: Graph,
  { name = 'cotangent', metadata = {}, open = allStatic }: ModelOptions = {},
): Uint8Array {
  checkBytes(graph.initializers)
  const model = new Message(open)
  model.int(1, IR_VERSION)
  model.text(2, 'cotangent')
  model.message(7, () => writeGraph(model, name, graph))
  model.message(8, () => {
    model.text(1, '')
    model.int(2, OPSET)
  })
  for (const [key, value] of Object.entries(metadata)) {
    model.message(14, () => {
      model.text(1, key)
      model.text(2, value)
    })
  }
  return model.finish()
}

/** Fields of messages in messages. */
class Message {
  readonly #writer = new BinaryWriter()
  readonly open: OpenSizes

  constructor(open: OpenSizes) {
    this.open = open
  }

  int(field: number, value: number): void {
    this.#writer.tag(field, WireType.Varint).int64(value)
  }

  text(field: number, value: string): void {
    this.#writer.tag(field, WireType.LengthDelimited).string(value)
  }

  bytes(field: number, value: Uint8Array): void {
    this.#writer.tag(field, WireType.LengthDelimited).bytes(value)
  }

  float(field: number, value: number): void {
    this.#writer.tag(field, WireType.Bit32).float(value)
  }

  message(field: number, write: () => void): void {
    this.#writer.tag(field, WireType.LengthDelimited).fork()
    write()
    this.#writer.join()
  }

  finish(): Uint8Array {
    return this.#writer.finish()
  }
}

function writeGraph(to: Message, name: string, graph: GraphBody & { readonly initializers?: readonly Initializer[] }) {
  for (const node of graph.nodes) to.message(1, () => writeNode(to, node))
  to.text(2, name)
  for (const tensor of graph.initializers ?? []) to.message(5, () => writeTensor(to, tensor))
  for (const value of graph.inputs) to.message(11, () => writeValue(to, value))
  for (const value of graph.outputs) to.message(12, () => writeValue(to, value))
}

function writeNode(to: Message, { op, inputs, outputs, attributes }: GraphNode): void {
  for (const input of inputs) to.text(1, input)
  for (const output of outputs) to.text(2, output)
  to.text(3, outputs[0] ?? op)
  to.text(4, op)
  for (const [name, value] of Object.entries(attributes)) {
    to.message(5, () => {
      to.text(1, name)
      to.int(20, attributeTypes[writeAttribute(to, name, value)])
    })
  }
}

function writeAttribute(to: Message, name: string, value: Attribute): keyof typeof attributeTypes {
  if (typeof value === 'number') {
    to.int(3, value)
    return 'int'
  }
  if (typeof value === 'string') {
    const bytes = Uint8Array.from(value, (c) => c.charCodeAt(0))
    to.bytes(4, bytes)
    return 'string'
  }
  if ('body' in value) {
    to.message(6, () => writeGraph(to, name, value.body))
    return 'graph'
  }
  if ('float' in value) {
    to.float(2, value.float)
    return 'float'
  }
  if ('type' in value) {
    to.int(3, dataTypes[value.type])
    return 'int'
  }
  for (const n of value) to.int(8, n)
  return 'ints'
}

function writeTensor(to: Message, { name, data, shape, dtype }: Initializer): void {
  for (const n of shape) to.int(1, n)
  to.int(2, dataTypes[dtype])
  to.text(8, name)
  to.bytes(9, new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength))
}

function writeValue(to: Message, { name, dtype, shape }: ValueInfo): void {
  const writeSize = (n: number): void => (to.open.isOpen(n) ? to.text(2, to.open.show(n)) : to.int(1, n))
  to.text(1, name)
  to.message(2, () =>
    to.message(1, () => {
      to.int(1, dataTypes[dtype])
      to.message(2, () => shape.forEach((n) => to.message(1, () => writeSize(n))))
    }),
  )
}
