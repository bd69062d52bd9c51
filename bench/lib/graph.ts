import { create, toBinary } from '@bufbuild/protobuf'
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  ModelProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  TensorProto_DataType as DataType,
  type TensorProto,
  TensorProtoSchema,
  type ValueInfoProto,
  ValueInfoProtoSchema,
} from 'onnx-buf'

export type Shape = readonly number[]

/** Attributes of a node: integers and lists of them, all that the hand-written graphs use. */
export type Attributes = Readonly<Record<string, number | readonly number[]>>

/** An ONNX graph written by hand, node by node. Values are names. */
export class Graph {
  readonly #nodes: NodeProto[] = []
  readonly #initializers = new Map<string, TensorProto>()
  readonly #inputs: ValueInfoProto[] = []
  readonly #outputs: ValueInfoProto[] = []
  readonly #renamed = new Map<string, string>()

  get size(): number {
    return this.#nodes.length
  }

  input(name: string, shape: Shape): string {
    this.#inputs.push(valueInfo(name, shape))
    return name
  }

  /** Names `value` as an output. */
  output(name: string, value: string, shape: Shape): void {
    this.#renamed.set(value, name)
    this.#outputs.push(valueInfo(name, shape))
  }

  op(type: string, inputs: readonly string[], attributes: Attributes = {}): string {
    return this.ops(type, inputs, 1, attributes)[0] as string
  }

  /** A node of several outputs. */
  ops(type: string, inputs: readonly string[], count: number, attributes: Attributes = {}): string[] {
    const output = Array.from({ length: count }, (_, i) => `v${this.#nodes.length}_${i}`)
    const attribute = Object.entries(attributes).map(([name, value]) => attributeOf(name, value))
    this.#nodes.push(create(NodeProtoSchema, { opType: type, input: [...inputs], output, attribute }))
    return output
  }

  /** A float32 initializer; equal ones are one. */
  floats(values: readonly number[], shape: Shape): string {
    return this.#initializer(`f[${shape.join()}] ${values.join()}`, new Float32Array(values), shape, DataType.FLOAT)
  }

  float(value: number): string {
    return this.floats([value], [])
  }

  /** An int64 initializer: axes, shapes, starts. */
  ints(...values: number[]): string {
    return this.#initializer(
      `i ${values.join()}`,
      new BigInt64Array(values.map(BigInt)),
      [values.length],
      DataType.INT64,
    )
  }

  toBytes(): Uint8Array {
    const rename = (value: string): string => this.#renamed.get(value) ?? value
    const node = this.#nodes.map((n) => ({ ...n, input: n.input.map(rename), output: n.output.map(rename) }))
    return toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, {
        irVersion: 10n,
        opsetImport: [{ domain: '', version: 21n }],
        graph: {
          name: 'hand',
          node,
          initializer: [...this.#initializers.values()],
          input: this.#inputs,
          output: this.#outputs,
        },
      }),
    )
  }

  #initializer(
    name: string,
    data: Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>,
    shape: Shape,
    dataType: DataType,
  ): string {
    if (!this.#initializers.has(name)) {
      const rawData = new Uint8Array(data.buffer)
      const tensor = create(TensorProtoSchema, { name, dims: shape.map(BigInt), dataType, rawData })
      this.#initializers.set(name, tensor)
    }
    return name
  }
}

function attributeOf(name: string, value: number | readonly number[]): AttributeProto {
  return typeof value === 'number'
    ? create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) })
    : create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) })
}

function valueInfo(name: string, shape: Shape): ValueInfoProto {
  const dim = shape.map((n) => ({ value: { case: 'dimValue' as const, value: BigInt(n) } }))
  const value = { elemType: DataType.FLOAT, shape: { dim } }
  return create(ValueInfoProtoSchema, { name, type: { value: { case: 'tensorType', value } } })
}
