import { grad, type Key, legacyRandom, np, type NDArray } from '@cotangent/autodiff'
import * as nn from '@cotangent/nn'
import { type AnyLayer, Conv, Dense, Dropout, initializers, type Layer, LeakyRelu, serial } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import { expectGolden, type GoldenArray, goldenCases, type GoldenTree } from '../helpers/golden.ts'

interface Case {
  readonly fn: string
  readonly key: readonly number[]
  readonly input_shape: readonly number[]
  readonly out_shape: readonly number[]
  readonly params: GoldenTree
  readonly x: GoldenArray
  readonly y: GoldenArray
  readonly grad_params: GoldenTree
  readonly grad_x: GoldenArray
}

/** Parameters as the tests see them: pairs of arrays, deep enough for a network. */
type Params = readonly (NDArray | readonly NDArray[])[]

const models: Readonly<Record<string, AnyLayer>> = {
  'Dense(5)': Dense(5),
  'Dense(5) W_init=randn b_init=zeros': Dense(5, {
    wInit: initializers.normal(1e-2),
    bInit: initializers.zeros,
  }),
  Tanh: nn.Tanh,
  Relu: nn.Relu,
  Exp: nn.Exp,
  LogSoftmax: nn.LogSoftmax,
  Softmax: nn.Softmax,
  Softplus: nn.Softplus,
  Sigmoid: nn.Sigmoid,
  Elu: nn.Elu,
  LeakyRelu,
  Selu: nn.Selu,
  Gelu: nn.Gelu,
  Identity: nn.Identity,
  Flatten: nn.Flatten,
  'Flatten img': nn.Flatten,
  'Dropout(0.7)': Dropout(0.7),
  "Dropout(0.7,'test')": Dropout(0.7, 'test'),
  'serial(Dense,LeakyRelu,Dense)': serial(Dense(5), LeakyRelu, Dense(2)),
  'serial(Dense,Dropout,Dense)': serial(Dense(5), Dropout(0.5), Dense(2)),
  'Conv(4,(3,3),(1, 1),VALID)': Conv(4, [3, 3]),
  'Conv(4,(3,3),(2, 2),SAME)': Conv(4, [3, 3], { strides: [2, 2], padding: 'SAME' }),
  'Conv(4,(3,3),(1, 2),VALID)': Conv(4, [3, 3], { strides: [1, 2], padding: 'VALID' }),
  'Conv1D(4,(3,),(1,),SAME)': nn.GeneralConv(['NHC', 'HIO', 'NHC'], 4, [3], { strides: [1], padding: 'SAME' }),
  'ConvTranspose(4,(3,3),(2,2),SAME)': nn.ConvTranspose(4, [3, 3], { strides: [2, 2], padding: 'SAME' }),
  'BatchNorm()': nn.BatchNorm(),
  'BatchNorm(axis=0) dense': nn.BatchNorm({ axis: 0 }),
  'BatchNorm(center=False,scale=False)': nn.BatchNorm({ center: false, scale: false }),
  'MaxPool((2,2))': nn.MaxPool([2, 2]),
  'MaxPool((2,2),(2,2),SAME)': nn.MaxPool([2, 2], { strides: [2, 2], padding: 'SAME' }),
  'AvgPool((3,3),(2,2),SAME)': nn.AvgPool([3, 3], { strides: [2, 2], padding: 'SAME' }),
  'SumPool((2,2),(1,1))': nn.SumPool([2, 2], { strides: [1, 1] }),
  'AvgPool((2,2),(2,2))': nn.AvgPool([2, 2], { strides: [2, 2] }),
  'serial FanOut parallel FanInSum': serial(
    nn.FanOut(2),
    nn.parallel(Dense(5), serial(Dense(5), nn.Tanh)),
    nn.FanInSum,
  ),
  'serial FanOut parallel FanInConcat': serial(nn.FanOut(2), nn.parallel(Dense(5), nn.Identity), nn.FanInConcat()),
  'shape_dependent(Dense(2*last))': nn.shapeDependent((shape) => Dense(2 * shape.at(-1)!)),
  'serial Conv net': serial(
    Conv(4, [3, 3]),
    nn.Relu,
    nn.MaxPool([2, 2], { strides: [2, 2] }),
    nn.Flatten,
    Dense(2),
    nn.LogSoftmax,
  ),
  'seed net init': serial(Dense(40), LeakyRelu, Dense(40), LeakyRelu, Dense(2)),
}

describe('layers give the numbers of stax', () => {
  const cases = goldenCases<Case>('nn/stax.json').filter((c) => c.fn.startsWith('stax.'))
  test('every layer here is in the golden file', () => expect(cases).toHaveLength(Object.keys(models).length))

  test.each(cases.map((c) => [c.fn, c] as const))('%s', (_, c) => {
    const [init, apply] = models[c.fn.slice(5)] as unknown as Layer<Params>
    const key = np.array([...c.key], { dtype: 'uint32' }) as Key
    const [outputShape, params] = init(key, c.input_shape, { random: legacyRandom })
    expect(outputShape).toEqual(c.out_shape)
    expectGolden(params, c.params, { rtol: 3e-6, atol: 1e-8 }, 'params')

    const x = legacyRandom.normal(legacyRandom.foldIn(key, 1), c.input_shape)
    const rng = legacyRandom.foldIn(key, 2)
    const run = (p: Params, inputs: NDArray): NDArray => apply(p, inputs, { rng, random: legacyRandom })
    expectGolden(run(params, x), c.y, { rtol: 2e-6, atol: 2e-6 }, 'y')

    const loss = (p: Params, inputs: NDArray): NDArray => run(p, inputs).square().sum()
    const [gradParams, gradX] = grad(loss, { argnums: [0, 1] })(params, x)
    expectGolden(gradParams, c.grad_params, { rtol: 1e-5, atol: 1e-5 }, 'gradient of the parameters')
    expectGolden(gradX, c.grad_x, { rtol: 1e-5, atol: 1e-5 }, 'gradient of the inputs')
  })
})
