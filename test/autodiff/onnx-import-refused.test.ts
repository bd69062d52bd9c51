import { create, fromBinary, toBinary } from '@bufbuild/protobuf'
import { CotangentError, evalShape, ModelError, type NDArray, np } from '@cotangent/autodiff'
import { exportOnnx, importOnnx, supportedOperators, UnsupportedOperatorError } from '@cotangent/autodiff/onnx'
import fc from 'fast-check'
import {
  type ModelProto,
  ModelProtoSchema,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  TensorProtoSchema,
} from 'onnx-buf'
import { describe, expect, test } from 'vitest'
import { decode, expectNear, readModel } from '../helpers/imported.ts'
import { draws } from '../helpers/draws.ts'

describe('files that are not as they should be', () => {
  /** A model of one output, changed. */
  function changed(change: (model: ModelProto) => void): Uint8Array {
    const model = fromBinary(ModelProtoSchema, readModel('mlp-script').bytes)
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
    const { bytes, facts } = readModel('mlp-script')
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
    const originals = ['mlp-script', 'attention-script', 'cnn-dynamo', 'unet-script', 'recurrent-dynamo'].map(readModel)
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
      draws(150),
    )
  })

  test('nodes changed at random give numbers or one of our errors', () => {
    const originals = ['mlp-script', 'attention-script', 'cnn-dynamo', 'unet-script', 'recurrent-dynamo'].map(readModel)
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
      draws(150),
    )
  })
})
