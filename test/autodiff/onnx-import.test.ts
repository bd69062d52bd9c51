import {
  DTypeError,
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
import { exportOnnx, importOnnx, type ModelParams } from '@cotangent/autodiff/onnx'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import { decode, expectNear, modelNames, readModel } from '../helpers/imported.ts'

describe('networks of PyTorch and Keras give the same here', () => {
  test.each(modelNames)('%s', async (name) => {
    const { bytes, facts } = readModel(name)
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
  const { bytes, facts } = readModel('mlp-dynamo')
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
    const cnn = importOnnx(readModel('cnn-script').bytes)
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

test('what was imported and trained is written again', async () => {
  const model = importOnnx(readModel('cnn-script').bytes)
  const image = decode(readModel('cnn-script').facts.inputs['image']!)
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
  const model = importOnnx(readModel('summaries-dynamo').bytes)
  const [init, apply] = model.layer
  const [shape, params] = init(null, [10])
  expect(shape).toEqual([2])
  expect(params).toBe(model.params)
  expect(apply(params, np.ones([4, 10])).shape).toEqual([4, 2])
  expect(init(null, [-1, 10])[0]).toEqual([-1, 2])
  expect(init(null, [5, 10])[0]).toEqual([5, 2])
})
