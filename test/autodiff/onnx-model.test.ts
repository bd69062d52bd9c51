import { fromBinary } from '@bufbuild/protobuf'
import { jit, lax, type NDArray, np } from '@cotangent/autodiff'
import { AttributeProto_AttributeType as Type, ModelProtoSchema, TensorProto_DataType as DataType } from 'onnx-buf'
import { expect, test } from 'vitest'
import { encodeModel } from '../../packages/autodiff/src/onnx/lowering/model.ts'
import { OpenSizes } from '../../packages/autodiff/src/onnx/lowering/open-sizes.ts'

const info = (name: string, dtype: 'float32' | 'int64' | 'bool', shape: readonly number[]) => ({ name, dtype, shape })

test('a model has what the schema of ONNX reads', () => {
  const x = info('x', 'float32', [2, 0])
  const body = {
    inputs: [info('b', 'bool', [])],
    outputs: [info('c', 'bool', [])],
    nodes: [{ op: 'Not', inputs: ['b'], outputs: ['c'], attributes: {} }],
  }
  const attributes = {
    axis: -1,
    mode: 'reflect',
    axes: [0, -2, 5],
    none: [],
    alpha: { float: 0.25 },
    to: { type: 'bfloat16' },
    body: { body },
  } as const
  const bytes = encodeModel(
    {
      inputs: [x],
      outputs: [info('größe', 'int64', [1009, 3])],
      nodes: [{ op: 'Foo', inputs: ['x', '', 'w'], outputs: ['y', 'z'], attributes }],
      initializers: [{ ...info('w', 'float32', [2, 2]), data: Float32Array.of(1, -2, NaN, 0.5) }],
      shapes: new Map(),
    },
    { name: 'n', metadata: { author: 'me', empty: '' }, open: new OpenSizes([['batch', 1009]]) },
  )
  const model = fromBinary(ModelProtoSchema, bytes)
  expect(model).toMatchObject({ irVersion: 10n, producerName: 'cotangent' })
  expect(model.opsetImport).toMatchObject([{ domain: '', version: 21n }])
  expect(model.metadataProps).toMatchObject([
    { key: 'author', value: 'me' },
    { key: 'empty', value: '' },
  ])
  const graph = model.graph!
  expect(graph.name).toBe('n')
  expect(graph.node).toMatchObject([
    { opType: 'Foo', name: 'y', input: ['x', '', 'w'], output: ['y', 'z'], domain: '' },
  ])
  expect(graph.node[0]!.attribute).toMatchObject([
    { name: 'axis', type: Type.INT, i: -1n },
    { name: 'mode', type: Type.STRING, s: new TextEncoder().encode('reflect') },
    { name: 'axes', type: Type.INTS, ints: [0n, -2n, 5n] },
    { name: 'none', type: Type.INTS, ints: [] },
    { name: 'alpha', type: Type.FLOAT, f: 0.25 },
    { name: 'to', type: Type.INT, i: BigInt(DataType.BFLOAT16) },
    { name: 'body', type: Type.GRAPH, g: { name: 'body', node: [{ opType: 'Not' }], input: [{ name: 'b' }] } },
  ])
  const [w] = graph.initializer
  expect(w).toMatchObject({ name: 'w', dims: [2n, 2n], dataType: DataType.FLOAT })
  expect(new Float32Array(w!.rawData.slice().buffer)).toEqual(Float32Array.of(1, -2, NaN, 0.5))
  const dims = (value: (typeof graph.input)[number]) =>
    value.type?.value.case === 'tensorType' ? value.type.value.value.shape?.dim.map((d) => d.value.value) : undefined
  expect(dims(graph.input[0]!)).toEqual([2n, 0n])
  expect(graph.output[0]!.name).toBe('größe')
  expect(dims(graph.output[0]!)).toEqual(['batch', 3n])
})

test('every dtype has its number in the schema', () => {
  const names = {
    bool: 'BOOL',
    int8: 'INT8',
    int16: 'INT16',
    int32: 'INT32',
    int64: 'INT64',
    uint8: 'UINT8',
    uint16: 'UINT16',
    uint32: 'UINT32',
    uint64: 'UINT64',
    float16: 'FLOAT16',
    bfloat16: 'BFLOAT16',
    float32: 'FLOAT',
    float64: 'DOUBLE',
    complex64: 'COMPLEX64',
  } as const
  const inputs = Object.keys(names).map((dtype) => ({ name: dtype, dtype: dtype as keyof typeof names, shape: [] }))
  const { graph } = fromBinary(
    ModelProtoSchema,
    encodeModel({ inputs, outputs: [], nodes: [], initializers: [], shapes: new Map() }),
  )
  const found = graph!.input.map(({ name, type }) => [
    name,
    type?.value.case === 'tensorType' ? DataType[type.value.value.elemType] : undefined,
  ])
  expect(Object.fromEntries(found)).toEqual(names)
})

test('a program with a loop reads back whole', () => {
  const f = (c: NDArray, xs: NDArray) => lax.scan((a: NDArray, x: NDArray) => [np.sin(a).add(x), a], c, xs)
  const { graph } = fromBinary(
    ModelProtoSchema,
    jit(f)
      .lower(np.ones([3]), np.ones([5, 3]))
      .toOnnx(),
  )
  const scan = graph!.node.find((node) => node.opType === 'Scan')!
  const body = scan.attribute.find((attribute) => attribute.type === Type.GRAPH)!.g!
  expect(body.node.map((node) => node.opType)).toContain('Sin')
})
