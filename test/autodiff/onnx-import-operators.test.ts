import { create, toBinary } from '@bufbuild/protobuf'
import { ModelError, type NDArray, np } from '@cotangent/autodiff'
import { importOnnx } from '@cotangent/autodiff/onnx'
import { checkGrads } from '@cotangent/autodiff/testing'
import { AttributeProtoSchema, type ModelProto, ModelProtoSchema, type NodeProto, NodeProtoSchema } from 'onnx-buf'
import { describe, expect, test } from 'vitest'

type Attribute = readonly [name: string, field: Readonly<Record<string, unknown>>]
const int = (name: string, i: number | bigint): Attribute => [name, { type: 2, i: BigInt(i) }]
const ints = (name: string, values: readonly (number | bigint)[]): Attribute => [
  name,
  { type: 7, ints: values.map(BigInt) },
]
const float = (name: string, f: number): Attribute => [name, { type: 1, f }]
const floats = (name: string, values: readonly number[]): Attribute => [name, { type: 6, floats: [...values] }]
const strings = (name: string, values: readonly string[]): Attribute => [
  name,
  { type: 8, strings: values.map((s) => new TextEncoder().encode(s)) },
]

const node = (opType: string, input: string[], output: string[], ...attributes: Attribute[]): NodeProto =>
  create(NodeProtoSchema, {
    opType,
    input,
    output,
    attribute: attributes.map(([name, field]) => create(AttributeProtoSchema, { name, ...field })),
  })

/** A model of these nodes: inputs are float32 of any shape. */
function modelOf(inputs: readonly string[], outputs: readonly string[], nodes: NodeProto[], version = 23) {
  const type = { value: { case: 'tensorType', value: { elemType: 1 } } } as const
  const model = create(ModelProtoSchema, {
    irVersion: 10n,
    opsetImport: [{ domain: '', version: BigInt(version) }],
    graph: {
      name: 'g',
      node: nodes,
      input: inputs.map((name) => ({ name, type })),
      output: outputs.map((name) => ({ name, type })),
    },
  } as never) as ModelProto
  const { params, call } = importOnnx(toBinary(ModelProtoSchema, model))
  return (...xs: NDArray[]): NDArray[] => call(params, ...xs)
}

test('whole numbers of a constant have all their bits: the largest is the end of a slice', () => {
  const [low, high] = [-(2n ** 63n), 2n ** 63n - 1n]
  const run = modelOf(
    ['x'],
    ['y'],
    [
      node('Constant', [], ['start'], ints('value_ints', [-2])),
      node('Constant', [], ['end'], ints('value_ints', [high])),
      node('Slice', ['x', 'start', 'end'], ['y']),
    ],
  )
  expect(run(np.array([1, 2, 3]))[0]!.jsSync()).toEqual([2, 3])
  const values = modelOf(
    [],
    ['several', 'one'],
    [
      node('Constant', [], ['several'], ints('value_ints', [high, low, 2n ** 53n + 1n])),
      node('Constant', [], ['one'], int('value_int', high - 2n)),
    ],
  )
  const [several, one] = values()
  expect([...several!.dataSync()]).toEqual([high, low, 2n ** 53n + 1n])
  expect([...one!.dataSync()]).toEqual([high - 2n])
})

describe('attention', () => {
  const q = np.sin(np.arange(12)).reshape([1, 1, 3, 4])
  const k = np.cos(np.arange(12)).reshape([1, 1, 3, 4])
  const v = np.arange(6).reshape([1, 1, 3, 2])

  test('a query that sees no key gives zeros, and its gradients are numbers', async () => {
    const run = modelOf(['q', 'k', 'v', 'm'], ['y'], [node('Attention', ['q', 'k', 'v', 'm'], ['y'])])
    const mask = np.array([
      [-Infinity, -Infinity, -Infinity],
      [0, -Infinity, -Infinity],
      [0, 0, 0],
    ])
    const y = run(q, k, v, mask)[0]!.jsSync() as number[][][][]
    expect(y[0]![0]!.slice(0, 2)).toEqual([
      [0, 0],
      [0, 1],
    ])
    await checkGrads((a: NDArray, b: NDArray, c: NDArray) => run(a, b, c, mask)[0]!, [q, k, v])
  })

  test('what was seen before comes before the keys, and causal queries see it all', () => {
    const nodes = [node('Attention', ['q', 'k', 'v', '', 'pk', 'pv'], ['y', 'nk', 'nv'], int('is_causal', 1))]
    const run = modelOf(['q', 'k', 'v', 'pk', 'pv'], ['y', 'nk', 'nv'], nodes)
    const cut = (x: NDArray, from: number, to: number): NDArray => x.slice(null, null, [from, to])
    const [y, keys, values] = run(cut(q, 2, 3), cut(k, 2, 3), cut(v, 2, 3), cut(k, 0, 2), cut(v, 0, 2))
    expect(keys!.jsSync()).toEqual(k.jsSync())
    expect(values!.jsSync()).toEqual(v.jsSync())
    const whole = modelOf(['q', 'k', 'v'], ['y'], [node('Attention', ['q', 'k', 'v'], ['y'], int('is_causal', 1))])
    expect(y!.jsSync()).toEqual(cut(whole(q, k, v)[0]!, 2, 3).jsSync())
  })

  test('heads that do not fit are refused by the name of the node', () => {
    const run = modelOf(['q', 'k', 'v'], ['y'], [node('Attention', ['q', 'k', 'v'], ['y'])])
    const two = np.zeros([1, 2, 3, 4])
    expect(() => run(np.zeros([1, 3, 3, 4]), two, two)).toThrow('Attention: 2 heads of keys for 3 of queries')
    const flat = np.zeros([1, 3, 4])
    expect(() => run(flat, flat, flat)).toThrow('Attention: an operand has the shape [1, 3, 4], and q_num_heads is un')
  })
})

describe('recurrent layers', () => {
  const x = np.array([[[1]], [[-2]]])
  const one = np.ones([1, 1, 1])
  const rnn = (...attributes: Attribute[]) =>
    modelOf(['x', 'w', 'r'], ['y'], [node('RNN', ['x', 'w', 'r'], ['y'], int('hidden_size', 1), ...attributes)], 14)

  test.each([
    ['Relu', [], [1, 0]],
    ['LeakyRelu', [floats('activation_alpha', [0.5])], [1, -0.5]],
    ['Affine', [floats('activation_alpha', [2]), floats('activation_beta', [1])], [3, 3]],
    ['HardSigmoid', [], [0.7, 0.24]],
  ] as const)('%s is an activation', (name, attributes, expected) => {
    const [y] = rnn(strings('activations', [name]), ...attributes)(x, one, one)
    const got = y!.reshape([2]).jsSync() as number[]
    expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 6))
  })

  test('what is not supported is refused by name', () => {
    expect(() => rnn(strings('activations', ['ScaledTanh']))(x, one, one)).toThrow(ModelError)
    expect(() => rnn(strings('activations', ['ScaledTanh']))(x, one, one)).toThrow('activation ScaledTanh is not supp')
    expect(() => rnn(strings('activations', ['Relu', 'Relu']))(x, one, one)).toThrow('Relu, Relu; it needs 1')
    expect(() => rnn(float('clip', 1))(x, one, one)).toThrow('it clips')
  })
})

test('batch normalization in training mode takes the statistics of the batch, and moves the others', () => {
  const run = modelOf(
    ['x', 's', 'b', 'm', 'v'],
    ['y', 'nm', 'nv'],
    [
      node(
        'BatchNormalization',
        ['x', 's', 'b', 'm', 'v'],
        ['y', 'nm', 'nv'],
        int('training_mode', 1),
        float('momentum', 0.75),
      ),
    ],
    15,
  )
  const [y, mean, variance] = run(np.array([[1], [5]]), np.array([2]), np.array([3]), np.array([7]), np.array([8]))
  const got = y!.reshape([2]).jsSync() as number[]
  expect(got[0]).toBeCloseTo(1, 4)
  expect(got[1]).toBeCloseTo(5, 4)
  expect(mean!.jsSync()).toEqual([6])
  expect(variance!.jsSync()).toEqual([7])
})

test.each([
  ['linear', [4.631579, 5.52381, 5.026316]],
  ['cubic', [4.376719, 5.679998, 5.03742]],
] as const)('a %s filter reaches over all entries where fewer are wanted, as PyTorch’s does', (mode, expected) => {
  const resize = node(
    'Resize',
    ['x', '', '', 'sizes'],
    ['y'],
    int('antialias', 1),
    ints('axes', [0]),
    ['mode', { type: 3, s: new TextEncoder().encode(mode) }],
    // Entries beyond the ends do not count.
    int('exclude_outside', 1),
  )
  const run = modelOf(['x'], ['y'], [node('Constant', [], ['sizes'], ints('value_ints', [3])), resize])
  const got = run(np.array([1, 8, 2, 9, 3, 7, 5, 4]))[0]!.jsSync() as number[]
  expect(got).toHaveLength(3)
  expected.forEach((value, i) => expect(got[i]).toBeCloseTo(value, 5))
})

test('a sequence whose entries are taken one by one is the array’s parts', () => {
  const index = (i: number): NodeProto => node('Constant', [], [`i${i}`], int('value_int', i))
  const split = (...attributes: Attribute[]) =>
    modelOf(
      ['x'],
      ['first', 'last'],
      [
        node('Constant', [], ['size'], int('value_int', 2)),
        node('SplitToSequence', ['x', 'size'], ['s'], ...attributes),
        index(0),
        index(-1),
        node('SequenceAt', ['s', 'i0'], ['first']),
        node('SequenceAt', ['s', 'i-1'], ['last']),
      ],
    )
  const x = np.arange(10).reshape([2, 5])
  const [first, last] = split(int('axis', 1))(x)
  expect(first!.jsSync()).toEqual([
    [0, 1],
    [5, 6],
  ])
  expect(last!.jsSync()).toEqual([[4], [9]])
  expect(() => split(int('axis', 2))(x)).toThrow('axis 2 of an operand with 2 axes')
  // A sequence that something else reads is none that is known.
  const nodes = [node('SplitToSequence', ['x'], ['s']), node('SequenceLength', ['s'], ['n'])]
  expect(() => modelOf(['x'], ['n'], nodes)).toThrow('SplitToSequence of operator set 23')
})
