import { create, toBinary } from '@bufbuild/protobuf'
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import {
  AttributeProto_AttributeType as AttributeType,
  ModelProtoSchema,
  TensorProto_DataLocation as DataLocation,
  TensorProto_DataType as DataType,
} from 'onnx-buf'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import {
  attributeTypes,
  elementTypes,
  EXTERNAL,
  type GraphProto,
  readModel,
} from '../../packages/autodiff/src/onnx/import/protocol.ts'

test('no package loads the schemas, which take as long as the engine', () => {
  const sources = fileURLToPath(new URL('../../packages/', import.meta.url))
  const loaded = readdirSync(sources, { recursive: true, encoding: 'utf8' })
    .filter((path) => /^\w+.src.*\.ts$/.test(path))
    .flatMap((path) => [...readFileSync(join(sources, path), 'utf8').matchAll(/from '((?:onnx-buf|@bufbuild)[^']*)'/g)])
    .map(([, name]) => name)
  expect(new Set(loaded)).toEqual(new Set(['@bufbuild/protobuf/wire']))
})

/** What `found` says of the message, which has more fields than are read. */
const expectAsWritten = (found: object, written: object): void => {
  for (const [name, value] of Object.entries(found)) {
    const given: unknown = (written as Record<string, unknown>)[name]
    if (Array.isArray(value) && typeof value[0] === 'object' && !(value[0] instanceof Uint8Array)) {
      expect(value.length, name).toBe((given as unknown[]).length)
      value.forEach((each: object, i) => expectAsWritten(each, (given as object[])[i]!))
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)) {
      expectAsWritten(value as object, given as object)
    } else expect(value, name).toEqual(given)
  }
}

const tensor = {
  name: 't',
  dims: [2n, -(2n ** 62n)],
  dataType: DataType.BFLOAT16,
  floatData: [0.5, -0, Infinity],
  int32Data: [-1, 2 ** 31 - 1],
  int64Data: [-1n, 2n ** 63n - 1n],
  doubleData: [1e300, -1],
  uint64Data: [2n ** 64n - 1n],
  rawData: Uint8Array.of(1, 2, 255),
  externalData: [{ key: 'location', value: 'größe' }],
  dataLocation: DataLocation.EXTERNAL,
}
const attribute = {
  name: 'a',
  type: AttributeType.STRINGS,
  f: -1.5,
  i: -7n,
  s: Uint8Array.of(128, 0),
  t: tensor,
  floats: [1, 2],
  ints: [-1n, 300n],
  strings: [Uint8Array.of(), Uint8Array.of(9)],
  refAttrName: 'outer',
}
const node = { name: 'n', opType: 'Add', domain: 'd', input: ['x', ''], output: ['y'], docString: 'left out' }
const graph = { node: [{ ...node, attribute: [attribute] }], initializer: [tensor], name: 'left out' }

describe('the bytes of a model', () => {
  test('hold what the schemas of ONNX wrote', () => {
    const written = create(ModelProtoSchema, {
      irVersion: 10n,
      producerName: 'p',
      producerVersion: '1',
      opsetImport: [{ domain: 'd', version: 21n }, { version: 3n }],
      metadataProps: [{ key: 'k', value: '' }],
      graph: { ...graph, node: [{ ...node, attribute: [{ ...attribute, g: graph }] }] },
      functions: [
        {
          name: 'f',
          domain: 'd',
          input: ['a'],
          output: ['b'],
          attribute: ['left out'],
          attributeProto: [attribute],
          node: [node],
          opsetImport: [{ domain: '', version: 1n }],
        },
      ],
    })
    const found = readModel(toBinary(ModelProtoSchema, written))
    expectAsWritten(found, written)
    expect(found.graph!.node[0]!.attribute[0]!.g!.node[0]!.attribute[0]!.t!.int64Data).toEqual([-1n, 2n ** 63n - 1n])
  })

  test('types and sizes of values, as they may be', () => {
    const ofTensor = (dim: object[]) => ({ value: { case: 'tensorType', value: { elemType: 7, shape: { dim } } } })
    const types = [
      ofTensor([{ value: { case: 'dimValue', value: 3n } }, { value: { case: 'dimParam', value: 'batch' } }, {}]),
      { value: { case: 'tensorType', value: { elemType: 1 } } },
      ...['sequenceType', 'mapType', 'sparseTensorType', 'optionalType'].map((of) => ({
        value: { case: of, value: {} },
      })),
    ]
    const input = types.map((type, i) => ({ name: `${i}`, type }))
    const bytes = toBinary(
      ModelProtoSchema,
      create(ModelProtoSchema, { graph: { input, output: [{ name: 'none' }] } } as object),
    )
    const found = readModel(bytes).graph as GraphProto
    const none = { sequenceType: undefined, mapType: undefined, sparseTensorType: undefined, optionalType: undefined }
    const dim = [
      { dimValue: 3n, dimParam: undefined },
      { dimValue: undefined, dimParam: 'batch' },
      { dimValue: undefined, dimParam: undefined },
    ]
    expect(found.input.map((value) => value.type)).toEqual([
      { ...none, tensorType: { elemType: 7, shape: { dim } } },
      { ...none, tensorType: { elemType: 1, shape: undefined } },
      ...Object.keys(none).map((of) => ({ ...none, tensorType: undefined, [of]: new Uint8Array() })),
    ])
    expect(found.output).toEqual([{ name: 'none', type: undefined }])
  })

  test('names of types are those of the schemas', () => {
    const named = (names: readonly string[]) =>
      Object.fromEntries(names.map((name, type) => [name.toUpperCase(), type]))
    const numbers = (of: object) => Object.entries(of).filter(([name]) => !/^\d/.test(name))
    expect(named(attributeTypes)).toEqual(Object.fromEntries(numbers(AttributeType)))
    expect(numbers(DataType)).toEqual(expect.arrayContaining(Object.entries(named(elementTypes))))
    expect(EXTERNAL).toBe(DataLocation.EXTERNAL)
  })

  const raw = (write: (writer: BinaryWriter) => void): Uint8Array => {
    const writer = new BinaryWriter()
    write(writer)
    return writer.finish()
  }
  const within = (field: number, bytes: Uint8Array): Uint8Array =>
    raw((w) => w.tag(field, WireType.LengthDelimited).bytes(bytes))

  test('numbers may be packed or not, what is unknown is skipped, and a message in two parts is one', () => {
    const sizes = raw((w) => {
      w.tag(1, WireType.LengthDelimited).fork().int64(2).int64(-1).join()
      w.tag(1, WireType.Varint).int64(5)
      w.tag(999, WireType.Bit64).double(1)
      w.tag(998, WireType.StartGroup).tag(5, WireType.Varint).int64(7).tag(998, WireType.EndGroup)
    })
    const twice = [within(7, within(5, sizes)), within(7, within(5, sizes))]
    const [first, second] = readModel(Uint8Array.from(twice.flatMap((b) => [...b]))).graph!.initializer
    expect([first!.dims, second!.dims]).toEqual([[2n, -1n, 5n], [2n, -1n, 5n]]) // biome-ignore format: two lists
  })

  test.each([
    ['a name that is a number', raw((w) => w.tag(2, WireType.Varint).int64(3)), 'field 2 is of the wire type Varint'],
    ['a message longer than the one it is in', within(7, Uint8Array.of(0x2a, 100, 1)), 'premature EOF'],
    ['numbers that break off', within(7, within(5, Uint8Array.of(0x22, 3, 0, 0, 0))), 'outside the bounds'],
    ['a number that does not end', Uint8Array.of(8, 255, 255), 'premature EOF'],
    ['the field 0', Uint8Array.of(0, 0), 'illegal tag'],
  ])('%s is an error', (_, bytes, message) => {
    expect(() => readModel(bytes)).toThrow(message)
  })

  test('messages in messages, deeper than any stack', () => {
    let bytes: Uint8Array = new Uint8Array()
    for (let i = 0; i < 5000; i++) bytes = within(1, within(5, within(6, bytes)))
    expect(() => readModel(within(7, bytes))).toThrow('messages lie within messages 101 deep')
  })
})
