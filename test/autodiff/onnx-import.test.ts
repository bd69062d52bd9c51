import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import {
  CotangentError,
  DTypeError,
  evalShape,
  grad,
  jit,
  ModelError,
  type NDArray,
  np,
  ShapeError,
  TreeError,
  treeMap,
  ValueError,
  valueAndGrad,
  vmap,
} from '@cotangent/autodiff'
import { checkGrads } from '@cotangent/autodiff/testing'
import {
  exportOnnx,
  importOnnx,
  type ModelParams,
  supportedOperators,
  UnsupportedOperatorError,
} from '@cotangent/autodiff/onnx'
import fc from 'fast-check'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import {
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  TensorProtoSchema,
} from 'onnx-buf'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'

const folder = fileURLToPath(new URL('../fixtures/autodiff/onnx/', import.meta.url))

interface Encoded {
  readonly dtype: 'float32' | 'int64'
  readonly shape: readonly number[]
  readonly data: readonly number[]
}
interface Facts {
  readonly inputs: Readonly<Record<string, Encoded>>
  readonly outputs: readonly Encoded[]
  readonly cotangents: readonly Encoded[]
  readonly inputGradients: Readonly<Record<string, Encoded>>
  readonly parameterGradients: Readonly<Record<string, Encoded>>
}

const decode = ({ dtype, shape, data }: Encoded): NDArray =>
  np.array([...data], { dtype, shape: [...shape] }) as NDArray
const names = readdirSync(folder)
  .filter((file) => file.endsWith('.onnx'))
  .map((file) => file.slice(0, -5))
const read = (name: string): { bytes: Uint8Array; facts: Facts } => ({
  bytes: readFileSync(`${folder}${name}.onnx`),
  facts: JSON.parse(readFileSync(`${folder}${name}.json`, 'utf8')) as Facts,
})

async function expectNear(got: NDArray, expected: Encoded, what: string): Promise<void> {
  expect(got.shape, what).toEqual(expected.shape)
  const data = await got.data()
  const scale = expected.data.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-2)
  expected.data.forEach((v, i) => {
    if (!(Math.abs(Number(data[i]) - v) <= 3e-5 * scale)) expect.fail(`${what}[${i}] is ${data[i]}, expected ${v}`)
  })
}

describe('networks of PyTorch and Keras give the same here', () => {
  test.each(names)('%s', async (name) => {
    const { bytes, facts } = read(name)
    const model = importOnnx(bytes)
    const inputs = Object.values(facts.inputs).map(decode)
    const outputs = model.call(model.params, ...inputs)
    expect(outputs).toHaveLength(facts.outputs.length)
    for (const [i, y] of outputs.entries()) await expectNear(y, facts.outputs[i]!, `output ${i}`)
    const loss = (params: Readonly<Record<string, NDArray>>, ...xs: NDArray[]): NDArray =>
      model
        .call(params, ...xs)
        .map((y, i) => y.mul(decode(facts.cotangents[i]!)).sum())
        .reduce((a, b) => a.add(b))
    const float = inputs.every((x) => x.dtype === 'float32')
    const argnums = float ? [0, ...inputs.map((_, i) => i + 1)] : [0]
    for (const device of ['cpu', 'js'] as const) {
      const run = jit((p: Readonly<Record<string, NDArray>>, ...xs: NDArray[]) => model.call(p, ...xs), { device })
      for (const [i, y] of run(model.params, ...inputs).entries())
        await expectNear(y, facts.outputs[i]!, `${device}: output ${i}`)
      const gradient = jit(grad(loss as never, { argnums } as never) as never, { device }) as unknown as (
        ...args: unknown[]
      ) => [Record<string, NDArray>, ...NDArray[]]
      const [ofParams, ...ofInputs] = gradient(model.params, ...inputs)
      const wanted = Object.entries(facts.parameterGradients).filter(([key]) => ofParams[key] !== undefined)
      for (const [key, value] of wanted) await expectNear(ofParams[key]!, value, `${device}: gradient of ${key}`)
      for (const [i, value] of Object.values(facts.inputGradients).entries())
        await expectNear(ofInputs[i]!, value, `${device}: gradient of input ${i}`)
      if (name.endsWith('-script')) expect(wanted.length).toBe(Object.keys(facts.parameterGradients).length)
    }
  })
})

describe('a model can be used as any function', () => {
  const { bytes, facts } = read('mlp-dynamo')
  const model = importOnnx(bytes)
  const x = decode(facts.inputs['data']!)

  test('it says what it takes and gives', () => {
    expect(model.inputs).toEqual([{ name: 'data', dtype: 'float32', shape: ['batch', 6] }])
    expect(model.outputs.map((v) => [v.dtype, v.shape])).toEqual([['float32', ['batch', 2]]])
    expect(Object.keys(model.params).sort()).toEqual(
      [0, 2, 4].flatMap((i) => [`layers.${i}.bias`, `layers.${i}.weight`]),
    )
    expect(model.operatorSet).toBe(20)
    expect(model.producer).toContain('pytorch')
  })

  test('under vmap, and in a batch of another size', async () => {
    const rows = vmap((row: NDArray) => model.apply(model.params, row.reshape([1, 6])).reshape([2]))(x)
    await expectNear(rows, facts.outputs[0]!, 'rows')
    expect(model.apply(model.params, np.zeros([0, 6])).shape).toEqual([0, 2])
    expect(model.apply(model.params, np.concatenate([x, x])).shape).toEqual([6, 2])
  })

  test('it has derivatives of every order', async () => {
    await checkGrads((p: ModelParams, v: NDArray) => np.sin(model.apply(p, v)).sum(), [model.params, x], { order: 2 })
  })

  test('training goes on from its parameters', () => {
    const wanted = np.zeros([3, 2])
    const loss = (p: ModelParams): NDArray => model.apply(p, x).sub(wanted).square().sum()
    let params = model.params
    const losses: number[] = []
    for (let i = 0; i < 20; i++) {
      const [value, slope] = valueAndGrad(loss)(params)
      losses.push(value.item() as number)
      params = treeMap((p: NDArray, g: NDArray) => p.sub(g.mul(0.02)), params, slope) as ModelParams
    }
    expect(losses.at(-1)!).toBeLessThan(0.3 * losses[0]!)
    expect(model.apply(model.params, x).sub(decode(facts.outputs[0]!)).abs().max().item()).toBeLessThan(1e-5)
  })

  test.each(['parameters', 'externalData'])('%s is a function', (option) => {
    const bytes = exportOnnx((x) => x, [np.ones([2])])
    expect(() => importOnnx(bytes, { [option]: 3 } as object)).toThrow(
      `importOnnx: ${option} is 3; it must be a function`,
    )
  })

  test('which initializers are parameters can be said', () => {
    const head = importOnnx(bytes, { parameters: (name) => name.startsWith('layers.4') })
    expect(Object.keys(head.params).sort()).toEqual(['layers.4.bias', 'layers.4.weight'])
    expect(head.apply(head.params, x).jsSync()).toEqual(model.apply(model.params, x).jsSync())
    // The statistics of the training are none by themselves.
    const cnn = importOnnx(read('cnn-script').bytes)
    expect(Object.keys(cnn.params)).toContain('norm1.weight')
    expect(Object.keys(cnn.params)).not.toContain('norm1.running_var')
  })

  const misuse: readonly (readonly [string, () => unknown, abstract new (...args: never[]) => Error, RegExp])[] = [
    ['too few parameters', () => model.apply({}, x), TreeError, /layers\.0\.weight.* are missing/],
    ['odd parameters', () => model.apply({ ...model.params, w: x }, x), TreeError, /w are not the model's/],
    [
      'a parameter of another shape',
      () => model.apply({ ...model.params, 'layers.0.bias': np.zeros([4]) }, x),
      ShapeError,
      /layers\.0\.bias has the shape \[4\], not \[5\]/,
    ],
    ['no parameters', () => model.apply(null as never, x), TreeError, /model\.params/],
    [
      'another shape',
      () => model.apply(model.params, np.zeros([3, 5])),
      ShapeError,
      /data is \[batch, 6\]; .* \[3, 5\]/,
    ],
    ['another dtype', () => model.apply(model.params, x.astype('float64')), DTypeError, /x\.astype\("float32"\)/],
    ['too many inputs', () => model.apply(model.params, x, x), ValueError, /takes 1 inputs \(data\), not 2/],
    ['an unknown option', () => importOnnx(bytes, { trainable: [] } as never), ValueError, /no option trainable/],
    ['text', () => importOnnx('model.onnx' as never), ModelError, /the bytes of an \.onnx file/],
    ['no bytes', () => importOnnx(new Uint8Array()), ModelError, /no graph/],
    ['other bytes', () => importOnnx(new TextEncoder().encode('%PDF-1.4 …')), ModelError, /no \.onnx file/],
  ]
  test.each(misuse)('%s: refused', (_, run, type, message) => {
    expect(run).toThrow(type)
    expect(run).toThrow(message)
  })
})

describe('files that are not as they should be', () => {
  /** A model of one output, changed. */
  function changed(change: (model: ModelProto) => void): Uint8Array {
    const model = fromBinary(ModelProtoSchema, read('mlp-script').bytes)
    change(model)
    return toBinary(ModelProtoSchema, model)
  }

  test('all operators that are not known are named at once', () => {
    const bytes = changed(({ graph }) => {
      graph!.node[0]!.opType = 'GemmFast'
      graph!.node[0]!.domain = 'com.example'
      graph!.node[1]!.opType = 'NonMaxSuppression'
      graph!.node[2]!.opType = 'NonMaxSuppression'
    })
    let error: unknown
    try {
      importOnnx(bytes)
    } catch (e) {
      error = e
    }
    expect(error).toBeInstanceOf(UnsupportedOperatorError)
    const { operators, message } = error as UnsupportedOperatorError
    expect(operators.map(({ operator, domain, version, nodes }) => [operator, domain, version, nodes.length])).toEqual([
      ['GemmFast', 'com.example', 0, 1],
      ['NonMaxSuppression', '', 17, 2],
    ])
    expect(message).toContain('com.example.GemmFast')
    expect(message).toContain('docs/onnx.md')
  })

  const broken: readonly (readonly [string, (model: ModelProto) => void, RegExp])[] = [
    [
      'values that nothing makes',
      ({ graph }) => void (graph!.node[1]!.input[0] = 'nothing'),
      /"nothing", which nothing before it makes/,
    ],
    [
      'a value made twice',
      ({ graph }) => void (graph!.node[1]!.output[0] = graph!.node[0]!.output[0]!),
      /which is there already/,
    ],
    ['a missing output', ({ graph }) => void (graph!.output[0]!.name = 'gone'), /nothing makes the output "gone"/],
    [
      'too few numbers',
      ({ graph }) => void (graph!.initializer[0]!.dims = [500n, 6n]),
      /has 120 bytes for the shape \[500, 6\], which takes 12000/,
    ],
    [
      'more than a file holds',
      ({ graph }) => void (graph!.initializer[0]!.dims = [2n ** 40n]),
      /which no file can hold/,
    ],
    ['a negative size', ({ graph }) => void (graph!.initializer[0]!.dims = [-1n]), /which no file can hold/],
    [
      'text in a tensor',
      ({ graph }) => void (graph!.initializer[0]!.dataType = 8),
      /is of string, which there is no dtype for/,
    ],
    [
      'numbers elsewhere',
      ({ graph }) => void (graph!.initializer[0]!.dataLocation = 1),
      /externalData: \(location\) => bytes/,
    ],
    [
      'an operator set of the future',
      ({ opsetImport }) => void (opsetImport[0]!.version = 99n),
      /operator set 99; 7 to 28 are supported/,
    ],
    ['no operator set', (model) => void (model.opsetImport = []), /which operator sets/],
  ]
  test.each(broken)('%s: refused', (_, change, message) => {
    const bytes = changed(change)
    expect(() => importOnnx(bytes)).toThrow(ModelError)
    expect(() => importOnnx(bytes)).toThrow(message)
  })

  test('numbers in another file are read from it', async () => {
    const { bytes, facts } = read('mlp-script')
    const stored: Uint8Array[] = []
    const moved = changed(({ graph }) => {
      let offset = 0
      for (const tensor of graph!.initializer) {
        stored.push(tensor.rawData)
        const length = tensor.rawData.byteLength
        const entries = { location: 'weights.bin', offset: String(offset), length: String(length) }
        tensor.externalData = Object.entries(entries).map(([key, value]) =>
          create(StringStringEntryProtoSchema, { key, value }),
        )
        tensor.dataLocation = 1
        tensor.rawData = new Uint8Array()
        offset += length
      }
    })
    const file = Buffer.concat(stored)
    const model = importOnnx(moved, {
      externalData: (location) => {
        expect(location).toBe('weights.bin')
        return file
      },
    })
    await expectNear(model.apply(model.params, decode(facts.inputs['data']!)), facts.outputs[0]!, 'output')
    expect(() => importOnnx(moved, { externalData: () => file.subarray(8) })).toThrow(/which has/)
    expect(bytes.length).toBeGreaterThan(moved.length - 600)
  })

  test('a shape that would take all memory is refused, also deep in the graph', () => {
    const model = importOnnx(exportOnnx((v: NDArray) => np.tile(v, [2, 3]).sum(), [np.ones([4, 4])]))
    expect(model.apply(model.params, np.ones([4, 4])).item()).toBe(96)
    const bomb = changed(({ graph }) => {
      const node = graph!.node[0]!
      graph!.node.length = 0
      graph!.node.push(
        create(NodeProtoSchema, {
          opType: 'ConstantOfShape',
          input: ['sizes'],
          output: ['big'],
        }),
        create(NodeProtoSchema, {
          ...node,
          opType: 'ReduceSum',
          input: ['big'],
          output: [graph!.output[0]!.name],
          attribute: [],
        }),
      )
      graph!.initializer.push(
        create(TensorProtoSchema, { name: 'sizes', dims: [2n], dataType: 7, int64Data: [2n ** 30n, 2n ** 30n] }),
      )
    })
    const { params, call } = importOnnx(bomb)
    expect(() => call(params, np.zeros([3, 6]))).toThrow(/its result would have the shape \[1073741824, 1073741824\]/)
  })

  test('bytes changed at random give a model or one of our errors', () => {
    const originals = ['mlp-script', 'attention-script', 'cnn-dynamo', 'unet-script', 'recurrent-dynamo'].map(read)
    const edits = fc.array(fc.tuple(fc.nat(1 << 20), fc.nat(255)), { minLength: 1, maxLength: 6 })
    fc.assert(
      fc.property(fc.constantFrom(...originals), edits, fc.boolean(), ({ bytes, facts }, changes, cut) => {
        const copy = Uint8Array.from(bytes)
        for (const [at, value] of changes) copy[at % copy.length] = value
        try {
          const model = importOnnx(cut ? copy.subarray(0, changes[0]![0] % copy.length) : copy)
          evalShape(model.call, model.params, ...Object.values(facts.inputs).map(decode))
        } catch (error) {
          if (!(error instanceof CotangentError)) throw error
        }
      }),
      { numRuns: Number(process.env['COTANGENT_RUNS'] ?? 150) },
    )
  })

  test('nodes changed at random give numbers or one of our errors', () => {
    const originals = ['mlp-script', 'attention-script', 'cnn-dynamo', 'unet-script', 'recurrent-dynamo'].map(read)
    const odd = fc.constantFrom(0n, -1n, 1n, 2n, 7n, 1_000_000n, 2n ** 31n, -(2n ** 63n), 2n ** 63n - 1n)
    const edit = fc.record({
      node: fc.nat(),
      input: fc.nat(),
      kind: fc.constantFrom('operator', 'attribute', 'left out', 'swapped', 'dims', 'constant'),
      operator: fc.constantFrom(...supportedOperators),
      value: odd,
    })
    fc.assert(
      fc.property(
        fc.constantFrom(...originals),
        fc.array(edit, { minLength: 1, maxLength: 3 }),
        ({ bytes, facts }, edits) => {
          const model = fromBinary(ModelProtoSchema, bytes)
          const graph = model.graph!
          for (const { node: n, input, kind, operator, value } of edits) {
            const node = graph.node[n % graph.node.length]!
            const at = input % Math.max(1, node.input.length)
            const tensor = graph.initializer[input % graph.initializer.length]!
            if (kind === 'operator') node.opType = operator
            if (kind === 'left out') node.input[at] = ''
            if (kind === 'swapped') node.input[at] = tensor.name
            if (kind === 'dims') tensor.dims.reverse()
            for (const a of node.attribute) {
              if (kind === 'attribute') Object.assign(a, { i: value, ints: a.ints.map(() => value) })
              if (kind === 'constant' && a.t?.dataType === 7)
                a.t.rawData = new Uint8Array(BigInt64Array.from({ length: a.t.rawData.length / 8 }, () => value).buffer)
            }
          }
          try {
            const { params, call } = importOnnx(toBinary(ModelProtoSchema, model))
            call(params, ...Object.values(facts.inputs).map(decode))
          } catch (error) {
            if (!(error instanceof CotangentError)) throw error
            expect(error.cause ?? new Error()).not.toBeInstanceOf(TypeError)
          }
        },
      ),
      { numRuns: Number(process.env['COTANGENT_RUNS'] ?? 150) },
    )
  })
})

test('what was imported and trained is written again', async () => {
  const model = importOnnx(read('cnn-script').bytes)
  const image = decode(read('cnn-script').facts.inputs['image']!)
  const params = treeMap((p: NDArray) => p.mul(1.1), model.params) as ModelParams
  const bytes = exportOnnx((v: NDArray) => model.apply(params, v), [image], {
    names: { 'arguments[0]': 'image', output: 'scores' },
    dynamicAxes: { image: { 0: 'batch' } },
  })
  const session = await InferenceSession.create(bytes)
  const { scores } = await session.run({ image: new Tensor('float32', image.dataSync() as Float32Array, image.shape) })
  const expected = model.apply(params, image)
  await expectNear(
    expected,
    { dtype: 'float32', shape: scores!.dims, data: [...(scores!.data as Float32Array)] },
    'scores',
  )
  await session.release()
})

test('a network is a layer: it begins with its own parameters', () => {
  const model = importOnnx(read('summaries-dynamo').bytes)
  const [init, apply] = model.layer
  const [shape, params] = init(null, [10])
  expect(shape).toEqual([2])
  expect(params).toBe(model.params)
  expect(apply(params, np.ones([4, 10])).shape).toEqual([4, 2])
  expect(init(null, [-1, 10])[0]).toEqual([-1, 2])
  expect(init(null, [5, 10])[0]).toEqual([5, 2])
})
