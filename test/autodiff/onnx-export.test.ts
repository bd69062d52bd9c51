import { fromBinary } from '@bufbuild/protobuf'
import { jit, ModelError, NDArray, np, shapeDtypeStruct } from '@cotangent/autodiff'
import { exportOnnx, importOnnx } from '@cotangent/autodiff/onnx'
import { ModelProtoSchema } from 'onnx-buf'
import { describe, expect, test } from 'vitest'
import { checkBytes } from '../../packages/autodiff/src/onnx/lowering/model.ts'
import { expectSame } from '../helpers/device-law.ts'
import { mlp, runModel } from '../helpers/exported.ts'
import { plain } from '../helpers/primitive-cases.ts'

describe('a function of jit', () => {
  const x = np.array([1, 2, 3])
  test('is exported as the function is, and with the values of its static arguments', async () => {
    const f = (a: NDArray): NDArray => np.sin(a).mul(2)
    expect(exportOnnx(jit(f), [x])).toEqual(exportOnnx(f, [x]))
    const power = (a: NDArray, n: number, g: (b: NDArray) => NDArray): NDArray => g(np.power(a, n))
    const fixed = jit(power, { staticArgnums: [1, -1] })
    for (const n of [2, 3]) {
      const model = exportOnnx(fixed, [shapeDtypeStruct([3]), n, np.negative])
      expect(model).toEqual(fixed.lower(x, n, np.negative).toOnnx())
      expectSame((await runModel(model, { 'arguments[0]': x }))['output']!, np.power(x, n).neg())
    }
    const named = jit((kind: string, a: NDArray) => (kind === 'max' ? a.max(1) : a.min(1)), { staticArgnums: 0 })
    const model = exportOnnx(named, ['min', { shape: [1, 3], dtype: 'float32' }], {
      dynamicAxes: { 'arguments[1]': { 0: 'batch' } },
    })
    const rows = np.array([[3, 1, 2], [5, 6, 4]]) // biome-ignore format: a matrix
    expectSame((await runModel(model, { 'arguments[1]': rows }))['output']!, np.array([1, 4]))
  })

  test('is refused a static argument that can change, and options, by name', () => {
    const f = jit((a: NDArray, n: number) => a.mul(n), { staticArgnums: 1 })
    expect(() => exportOnnx(f, [x, np.array(2) as never])).toThrow(
      'jit: static argument 1 is a NDArray, which can change',
    )
    expect(() => exportOnnx(f, [x, 2], { dynamicBatch: 3 as never })).toThrow('exportOnnx: dynamicBatch is 3')
    expect(() => exportOnnx(f, 3 as never)).toThrow('exportOnnx: the arguments are a list')
  })
})

test('more numbers than a file holds are refused before it is written', () => {
  const tensor = (byteLength: number): { data: { byteLength: number } } => ({ data: { byteLength } })
  expect(() => checkBytes([tensor(2 ** 30), tensor(2 ** 30)])).toThrow(ModelError)
  expect(() => checkBytes([tensor(2 ** 30), tensor(2 ** 30)])).toThrow('2.00 GiB, and an .onnx file holds 2 GiB')
  expect(() => checkBytes([tensor(2 ** 30)])).not.toThrow()
})

describe('names and what is written in the model', () => {
  const f = (p: { w: NDArray; b: NDArray }, x: NDArray) => ({ y: x.mul(p.w).add(p.b), same: x, c: np.array([1, 2]) })
  const example: [{ w: NDArray; b: NDArray }, NDArray] = [{ w: np.ones([2]), b: np.zeros([2]) }, np.zeros([2])]

  test('paths are the names, unless others are given', async () => {
    const names = (model: Uint8Array): string[][] => {
      const { graph } = fromBinary(ModelProtoSchema, model)
      return [graph!.input.map((v) => v.name), graph!.output.map((v) => v.name)]
    }
    expect(names(exportOnnx(f, example))).toEqual([
      ['arguments[0].b', 'arguments[0].w', 'arguments[1]'],
      ['output.c', 'output.same', 'output.y'],
    ])
    expect(
      names(
        jit(f)
          .lower(...example)
          .toOnnx(),
      ),
    ).toEqual(names(exportOnnx(f, example)))
    const given = { inputNames: ['b', 'w', 'x'], outputNames: ['c', 'same', 'y'] }
    const model = exportOnnx(f, example, given)
    expect(names(model)).toEqual([given.inputNames, given.outputNames])
    const out = await runModel(model, { w: np.array([2, 3]), b: np.array([1, 1]), x: np.array([5, 7]) })
    expect([out['y']!.jsSync(), out['same']!.jsSync(), out['c']!.jsSync()]).toEqual([
      [11, 22],
      [5, 7],
      [1, 2],
    ])
  })
  test('operator set 21, IR 10, and the metadata', () => {
    const model = fromBinary(ModelProtoSchema, exportOnnx(mlp, [np.zeros([1, 10])], { metadata: { fiducial: '0, 1' } }))
    expect(model.opsetImport.map((o) => [o.domain, Number(o.version)])).toEqual([['', 21]])
    expect(Number(model.irVersion)).toBe(10)
    expect(model.producerName).toBe('cotangent')
    expect(model.metadataProps.map((p) => [p.key, p.value])).toEqual([['fiducial', '0, 1']])
  })
  test('too few names, and a name given twice, are refused', () => {
    expect(() => exportOnnx(f, example, { inputNames: ['a'] })).toThrow(/1 names for 3 arrays/)
    expect(() => exportOnnx(f, example, { outputNames: ['a', 'b', 'a'] })).toThrow('"a" twice')
    expect(() => exportOnnx(np.tanh, [np.zeros([2])], { inputNames: ['x'], outputNames: ['x'] })).toThrow(
      '"x" names an input and an output',
    )
  })
  test.each([
    [{ names: 3 }, "names is 3; it must be names by path, as { 'arguments[0]': 'data' }"],
    [{ names: ['x'] }, 'names is a Array; it must be names by path'],
    [{ dynamicAxes: 3 }, "dynamicAxes is 3; it must be names of axes by input, as { data: { 0: 'batch' } }"],
    [{ metadata: null }, "metadata is null; it must be text by key, as { author: 'A. Turing' }"],
    [{ metadata: { a: 1 } }, 'metadata is a Object; it must be text by key'],
    [{ inputNames: 'a' }, 'inputNames is "a"; it must be a list of names, as [\'data\']'],
    [{ outputNames: null }, 'outputNames is null; it must be a list of names'],
    [{ dynamicBatch: 1 }, 'dynamicBatch is 1; it must be true or false'],
    [{ names: { 'arguments[0]': null } }, 'null is no name'],
    [{ names: { output: '' } }, '"" is no name'],
    [{ inputNames: [undefined] }, 'undefined is no name'],
    [{ dynamicAxes: { 'arguments[0]': { '': 'n' } } }, 'dynamicAxes names axes'],
  ])('options of another form are refused: %j', (options, message) => {
    expect(() => exportOnnx((x) => x, [np.ones([2, 3])], options as object)).toThrow(`exportOnnx: ${message}`)
  })

  test('objects without a prototype are options as others are', () => {
    const bare = <T extends object>(fields: T): T => Object.assign(Object.create(null) as T, fields)
    const model = exportOnnx((x) => np.tanh(x), [np.ones([2, 3])], {
      names: bare({ 'arguments[0]': 'data' }),
      dynamicAxes: bare({ data: bare({ 0: 'n' }) }),
      metadata: bare({ author: 'A. Turing' }),
    })
    const { inputs, metadata } = importOnnx(model)
    expect(inputs.map(({ name, shape }) => [name, shape])).toEqual([['data', ['n', 3]]])
    expect(metadata).toEqual({ author: 'A. Turing' })
  })

  test('arguments that are no list are refused', () => {
    expect(() => exportOnnx((x) => x, np.ones([2, 3]) as never)).toThrow(
      'exportOnnx: the arguments are a list with an array or a struct for each, not a NDArray',
    )
  })

  test('names may be any, also those that values within the model would have', async () => {
    const x = np.array([1, 2])
    const g = (v: NDArray): NDArray => np.tanh(v).mul(2).add(3)
    for (const [input, output] of [
      ['v0', 'c0'],
      ['c1', 'v2'],
      ['v1', 'v3'],
    ] as const) {
      const model = exportOnnx(g, [x], { inputNames: [input], outputNames: [output] })
      expectSame((await runModel(model, { [input]: x }))[output] as NDArray, g(x))
    }
  })
  test('big captured arrays stay in the model', async () => {
    const big = plain([64, 64], 'float32')
    const model = jit((x: NDArray) => x.matmul(big))
      .lower(np.zeros([1, 64]))
      .toOnnx()
    const x = plain([1, 64], 'float32', 3)
    expectSame((await runModel(model, { 'arguments[0]': x }))['output'] as NDArray, x.matmul(big))
  })
})

test.each(['float16', 'bfloat16'] as const)(
  'a %s file runs with all optimizers of the runtime: conversions stand before transposes',
  async (dtype) => {
    // As a conversion after a transpose, a factor of a product ended the process.
    const scales = np.sin(np.arange(15)).reshape([3, 5, 1]).astype(dtype)
    const f = (x: NDArray, y: NDArray): NDArray =>
      scales
        .mul(x.T.reshape([3, 1, 16]))
        .transpose([2, 0, 1])
        .matmul(y)
        .astype('float32')
    const x = np.sin(np.arange(48)).reshape([16, 3])
    const y = np.cos(np.arange(10)).reshape([5, 2])
    const g = (a: NDArray, b: NDArray): NDArray => f(a.astype(dtype), b.astype(dtype))
    const model = exportOnnx(g, [x, y], { inputNames: ['x', 'y'], outputNames: ['z'] })
    const { node } = fromBinary(ModelProtoSchema, model).graph!
    const turned = node.filter((n) => n.opType === 'Transpose').flatMap((n) => n.output)
    expect(turned.length).toBeGreaterThan(0)
    expect(node.filter((n) => n.opType === 'Cast' && turned.includes(n.input[0]!))).toEqual([])
    const got = (await runModel(model, { x, y }))['z'] as NDArray
    expect(got.sub(g(x, y)).abs().max().item()).toBeLessThan(0.01)
  },
)
