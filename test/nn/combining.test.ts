import {
  grad,
  jit,
  legacyRandom,
  np,
  type NDArray,
  random,
  ShapeError,
  TreeError,
  treeMap,
  ValueError,
  vmap,
} from '@cotangent/autodiff'
import {
  type AnyLayer,
  AvgPool,
  BatchNorm,
  Conv,
  Conv1D,
  ConvTranspose,
  Dense,
  type DenseParams,
  Dropout,
  elementwise,
  FanInConcat,
  FanInSum,
  FanOut,
  Flatten,
  GeneralConv,
  Identity,
  type Layer,
  leakyRelu,
  LogSoftmax,
  MaxPool,
  named,
  parallel,
  type ParamsOf,
  Relu,
  serial,
  shapeDependent,
  silu,
  summary,
  SumPool,
  Tanh,
} from '@cotangent/nn'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import '../helpers/matchers.ts'
import { draws } from '../helpers/draws.ts'

const key = random.PRNGKey(0)

describe('a convolutional network', () => {
  const model = serial(
    Conv(4, [3, 3], { padding: 'SAME' }),
    BatchNorm(),
    Relu,
    MaxPool([2, 2], { strides: [2, 2] }),
    FanOut(2),
    parallel(Conv(3, [1, 1]), serial(Conv(5, [3, 3], { padding: 'SAME' }), Tanh)),
    FanInConcat(),
    AvgPool([2, 2], { strides: [2, 2], padding: 'SAME' }),
    ConvTranspose(2, [2, 2], { strides: [2, 2] }),
    Flatten,
    Dense(3),
    LogSoftmax,
  )
  const [init, apply] = model
  const [outputShape, params] = init(key, [-1, 8, 8, 2])
  const x = random.normal(random.PRNGKey(1), [3, 8, 8, 2])
  const loss = (p: typeof params, inputs: NDArray): NDArray => apply(p, inputs).square().mean()

  test('keeps the batch open until it is known', () => {
    expect(outputShape).toEqual([-1, 3])
    expect(apply(params, x).shape).toEqual([3, 3])
  })

  test('has typed parameters, also in its branches', () => {
    expectTypeOf(params[10]).toEqualTypeOf<DenseParams>()
    expectTypeOf(params[5][1][0][0]).toEqualTypeOf<NDArray>()
    expectTypeOf<ParamsOf<typeof model>[4]>().toEqualTypeOf<readonly []>()
    const gradient = grad(loss)(params, x)
    expect(gradient[5][1][0][0].shape).toEqual([3, 3, 4, 5])
  })

  test.each(['js', 'cpu'] as const)('gives the same values and gradients compiled for %s', async (device) => {
    const [value, [gradParams, gradX]] = [apply(params, x), grad(loss, { argnums: [0, 1] })(params, x)]
    const compiled = jit(
      (p: typeof params, inputs: NDArray) => [apply(p, inputs), grad(loss, { argnums: [0, 1] })(p, inputs)] as const,
      { device },
    )
    const [y, [gp, gx]] = compiled(params, x)
    await gx.ready()
    expect(await y.ready()).toBeAllclose(value, { rtol: 1e-5, atol: 1e-5 })
    expect(gx).toBeAllclose(gradX, { rtol: 1e-4, atol: 1e-6 })
    for (const [a, b] of [
      [gp[0][0], gradParams[0][0]],
      [gp[1][1], gradParams[1][1]],
      [gp[8][0], gradParams[8][0]],
      [gp[10][1], gradParams[10][1]],
    ] as const) {
      expect(await a.ready()).toBeAllclose(b, { rtol: 1e-4, atol: 1e-6 })
    }
  })

  test('is batched over data and over parameters', () => {
    const stack = np.stack([x, x.mul(2)])
    const each = stack.unstack(2).map((one) => apply(params, one))
    expect(vmap(apply, { inAxes: [null, 0] })(params, stack)).toBeAllclose(np.stack(each), { rtol: 1e-5, atol: 1e-6 })
    const both = treeMap((p: NDArray) => np.stack([p, p.mul(0.5)]), params) as typeof params
    const half = treeMap((p: NDArray) => p.mul(0.5), params) as typeof params
    const expected = np.stack([apply(params, x), apply(half, x)])
    expect(vmap(apply, { inAxes: [0, null] })(both, x)).toBeAllclose(expected, { rtol: 1e-5, atol: 1e-6 })
  })
})

describe('shapes', () => {
  test('that init tells are those that apply gives', () => {
    const size = fc.integer({ min: 1, max: 3 })
    const padding = fc.constantFrom('SAME', 'VALID')
    const pair = fc.tuple(size, size)
    const makers = [
      ([f, s, p]: [number[], number[], 'SAME' | 'VALID']) => Conv(2, f, { strides: s, padding: p }),
      ([f, s, p]: [number[], number[], 'SAME' | 'VALID']) => ConvTranspose(2, f, { strides: s, padding: p }),
      ([f, s, p]: [number[], number[], 'SAME' | 'VALID']) => MaxPool(f, { strides: s, padding: p }),
      ([f, s, p]: [number[], number[], 'SAME' | 'VALID']) => SumPool(f, { strides: s, padding: p }),
    ]
    fc.assert(
      fc.property(fc.nat(3), fc.tuple(pair, pair, padding), fc.integer({ min: 3, max: 6 }), size, (which, o, n, c) => {
        const [init, apply] = makers[which]!(o as never) as unknown as Layer<readonly NDArray[]>
        const [shape, params] = init(key, [-1, n, n + 1, c])
        expect(apply(params, np.ones([2, n, n + 1, c])).shape).toEqual([2, ...shape.slice(1)])
      }),
      draws(40),
    )
  })

  test('of lists go through FanOut, parallel and the fans', () => {
    const model = serial(
      FanOut(3),
      parallel(
        Dense(4),
        Identity,
        shapeDependent((s) => Dense(2 * s.at(-1)!)),
      ),
      FanInConcat(),
    )
    const [shape, params] = model[0](key, [-1, 5])
    expect(shape).toEqual([-1, 19])
    expect(model[1](params, np.ones([2, 5])).shape).toEqual([2, 19])
    expectTypeOf(params[1][2]).toEqualTypeOf<DenseParams>()
  })
})

test('a batch of none goes through', () => {
  const [init, apply] = serial(Conv(2, [2, 2]), MaxPool([2, 2]), BatchNorm(), AvgPool([1, 1]), Flatten, Dense(3))
  const [shape, params] = init(key, [0, 4, 4, 1])
  expect([shape, apply(params, np.ones([0, 4, 4, 1])).shape]).toEqual([
    [0, 3],
    [0, 3],
  ])
})

test('elementwise makes a layer of any function', () => {
  const [, apply] = serial(
    elementwise(silu),
    elementwise((x) => leakyRelu(x, 0.5)),
  )
  expect(apply([[], []], np.array([-1, 2]))).toBeAllclose([-0.2689414 * 0.5, 1.7615942])
})

test('each layer of parallel draws from a key of its own, as in JAX', () => {
  const model = serial(FanOut(2), parallel(Dropout(0.5), Dropout(0.5)), FanInSum)
  const rng = legacyRandom.PRNGKey(4)
  const sum = model[1]([[], [[], []], []], np.ones([64]), { rng, random: legacyRandom })
  const [, second] = legacyRandom.split(rng, 3).unstack(3)
  const [a, b] = legacyRandom.split(second, 2).unstack(2)
  const draw = (k: typeof rng): NDArray => np.where(legacyRandom.bernoulli(k, 0.5, [64]), 2, 0)
  expect(sum).toBeAllclose(draw(a).add(draw(b)))
})

describe('summary', () => {
  const model = serial(
    Conv(4, [3, 3]),
    Relu,
    FanOut(2),
    parallel(Identity, serial(Conv(4, [1, 1]), Tanh)),
    FanInSum,
    Flatten,
    shapeDependent((shape) => Dense(shape.at(-1)! > 100 ? 2 : 1)),
  )
  const told = summary(model, [-1, 8, 8, 1])

  test('counts what init makes, without making it', () => {
    const [shape, params] = model[0](key, [-1, 8, 8, 1])
    let count = 0
    treeMap((p: NDArray) => (count += p.size), params)
    expect([told.parameters, told.outputShape]).toEqual([count, shape])
    expect(told.rows.map(({ parameters }) => parameters)).toEqual([40, 0, 0, 0, 20, 0, 0, 0, 290])
    expect(told.rows[4]).toEqual({
      place: 'serial[3] parallel[1] serial[0]',
      layer: 'Conv(4, [1, 1])',
      inputShape: [-1, 6, 6, 4],
      outputShape: [-1, 6, 6, 4],
      parameters: 20,
    })
  })

  test('prints a table', () => {
    expect(String(summary(serial(Conv(4, [3, 3]), FanOut(2), FanInSum, Flatten, Dense(200)), [-1, 8, 8, 1]))).toBe(
      [
        '           layer            output shape                    parameters',
        '──────────────────────────────────────────────────────────────────────',
        'serial[0]  Conv(4, [3, 3])  [-1, 6, 6, 4]                           40',
        'serial[1]  FanOut(2)        ([-1, 6, 6, 4], [-1, 6, 6, 4])           0',
        'serial[2]  FanInSum         [-1, 6, 6, 4]                            0',
        'serial[3]  Flatten          [-1, 144]                                0',
        'serial[4]  Dense(200)       [-1, 200]                           29,000',
        '──────────────────────────────────────────────────────────────────────',
        '           total                                                29,040',
      ].join('\n'),
    )
  })

  test('of one layer has no places, and thousands have commas', () => {
    expect(String(summary(Dense(1e6), [1e6]))).toBe(
      [
        'layer           output shape         parameters',
        '───────────────────────────────────────────────',
        'Dense(1000000)  [1000000]     1,000,001,000,000',
        '───────────────────────────────────────────────',
        'total                         1,000,001,000,000',
      ].join('\n'),
    )
  })

  test('takes one layer, and layers of one’s own', () => {
    const own: Layer<readonly [NDArray]> = [
      (k, shape) => [shape, [random.normal(k, shape.slice(1))]],
      ([w], x) => x.mul(w),
    ]
    expect(summary(Dense(2), [3]).rows).toEqual([
      { place: '', layer: 'Dense(2)', inputShape: [3], outputShape: [2], parameters: 8 },
    ])
    expect(summary(serial(own, named('Scale', own)), [2, 3]).rows.map(({ layer }) => layer)).toEqual([
      'a layer without a name',
      'Scale',
    ])
  })

  test('throws what init throws, where it arises', () => {
    const texts: Layer<never> = [(_, shape) => [shape, 'text' as never], (_, x) => x]
    expect(() => summary(serial(Relu, named('Texts', texts)), [2])).toThrow(/^serial\[1\] Texts: .* is a string/)
    expect(() => summary(serial(Relu, serial(Conv(4, [9, 9]))), [-1, 8, 8, 1])).toThrow(
      /^serial\[1\] serial\[0\] Conv\(4, \[9, 9\]\): inputs of shape \[-1, 8, 8, 1\] give outputs of shape \[-1, 0, 0, 4\]/,
    )
  })
})

describe('what does not fit is refused with its place in the network', () => {
  const net = serial(Conv(4, [3, 3]), Relu, serial(Flatten, Dense(2)))
  const [, params] = net[0](key, [-1, 8, 8, 1])
  const conv = Conv(4, [3, 3])
  const [, kernel] = conv[0](key, [-1, 8, 8, 1])
  const failing = named('Attention', [
    (_, shape) => [shape, []],
    (_, x: NDArray) => np.matmul(x, np.ones([7, 7])),
  ] as Layer<readonly []>)
  const anonymous: Layer<readonly []> = [(_, shape) => [shape, []], (_, x) => np.matmul(x, np.ones([7, 7]))]
  test.each([
    [
      () => net[0](key, [8, 8, 1]),
      ShapeError,
      /^serial\[0\] Conv\(4, \[3, 3\]\): the input shape \[8, 8, 1\] has 3 axes, but "NHWC" names 4/,
    ],
    [
      () => net[0](key, [-1, -1, 8, 1]),
      ShapeError,
      /in the input shape \[-1, -1, 8, 1\] only the batch may be -1, axis 0 of "NHWC"/,
    ],
    [
      () => net[0](key, [-1, 2, 2, 1]),
      ShapeError,
      /inputs of shape \[-1, 2, 2, 1\] give outputs of shape \[-1, 0, 0, 4\]: the filter is larger/,
    ],
    [
      () => net[1](params, np.ones([2, 8, 8, 3])),
      ShapeError,
      /^serial\[0\] Conv\(4, \[3, 3\]\): the inputs \[2, 8, 8, 3\] have 3 channels, but the kernel \[3, 3, 1, 4\] takes 1/,
    ],
    [
      () => net[1](params, np.ones([2, 9, 9, 1])),
      ShapeError,
      /^serial\[2\] serial\[1\] Dense\(2\): the inputs \[2, 196\] end in 196, but the weights \[144, 2\] take 144/,
    ],
    [
      () => net[1](params, np.ones([2, 2, 8, 1])),
      ShapeError,
      /^serial\[0\] Conv\(4, \[3, 3\]\): inputs of shape \[2, 2, 8, 1\] give outputs of shape \[2, 0, 6, 4\]: the filter/,
    ],
    [
      () => MaxPool([3, 3])[1]([], np.ones([2, 2, 2, 1])),
      ShapeError,
      /^MaxPool\(\[3, 3\]\): inputs of shape \[2, 2, 2, 1\] give outputs of shape \[2, 0, 0, 1\]: the window/,
    ],
    [() => net[1](params, np.ones([8, 8, 1])), ShapeError, /the inputs \[8, 8, 1\] have 3 axes, but "NHWC" names 4/],
    [
      () => net[1]([params[0], [], []] as never, np.ones([2, 8, 8, 1])),
      TreeError,
      /^serial\[2\] serial: the parameters have 0 entries for 2 layers/,
    ],
    [() => net[1](null as never, np.ones([2, 8, 8, 1])), TreeError, /^serial: the parameters are no list/],
    [() => net[1](params, [np.ones([1])] as never), TreeError, /the inputs are a list of 1; it takes one array/],
    [() => net[1](params, 3 as never), TreeError, /the inputs are number; it takes one array/],
    [
      () => conv[1]([kernel[0], np.ones([1, 1, 1, 5])], np.ones([1, 8, 8, 1])),
      ShapeError,
      /it has biases of shape \[1, 1, 1, 5\], they must have shape \[1, 1, 1, 4\]/,
    ],
    [
      () => conv[1]([np.ones([2, 2, 1, 4]), kernel[1]], np.ones([1, 8, 8, 1])),
      ShapeError,
      /it has kernels of shape \[2, 2, 1, 4\], they must have shape \[3, 3, 1, 4\]/,
    ],
    [() => conv[1]([] as never, np.ones([1, 8, 8, 1])), TreeError, /its parameters are a list of 0, not \[W, b\]/],
    [() => serial(Relu, failing)[1]([[], []], np.ones([3])), ShapeError, /^serial\[1\] Attention: /],
    [() => serial(Relu, anonymous)[1]([[], []], np.ones([3])), ShapeError, /^serial\[1\] matmul/],
    [
      () => serial(FanOut(2), Dense(3))[0](key, [4] as never),
      ShapeError,
      /^serial\[1\] Dense\(3\): the input shape is \(\[4\], \[4\]\); it takes one array; put FanInSum/,
    ],
    [
      () => serial(FanOut(2), parallel(Dense(3)))[0](key, [4]),
      TreeError,
      /^serial\[1\] parallel: the input shapes have 2 entries for 1 layer; FanOut\(1\)/,
    ],
    [() => parallel(Dense(3))[0](key, [4] as never), ShapeError, /^parallel\[0\] Dense\(3\): the input shape is 4/],
    [
      () => serial(FanOut(2), parallel(Dense(3), Dense(4)), FanInSum)[0](key, [4]),
      ShapeError,
      /^serial\[2\] FanInSum: the shapes \[3\] and \[4\] differ/,
    ],
    [() => FanInSum[1]([], [np.ones([2]), np.ones([3])]), ShapeError, /FanInSum: the shapes \[2\] and \[3\] differ/],
    [() => FanInSum[0](key, [3] as never), TreeError, /FanInSum: the input shapes must be a list/],
    [
      () =>
        FanInConcat(1)[0](key, [
          [-1, 3, 2],
          [-1, 3, 3],
        ]),
      ShapeError,
      /FanInConcat\(1\): the shapes \[-1, 3, 2\] and \[-1, 3, 3\] must be the same but for axis 1/,
    ],
    [
      () =>
        FanInConcat(0)[0](key, [
          [-1, 3],
          [-1, 3],
        ]),
      ShapeError,
      /the sizes of axis 0 must be known/,
    ],
    [
      () => BatchNorm()[0](key, [-1, 3]),
      ShapeError,
      /BatchNorm: the input shape \[-1, 3\] has no axes 0, 1, 2.*BatchNorm\(\{ axis: 0 \}\)/,
    ],
    [
      () => BatchNorm({ axis: 0 })[1]([np.ones([2]), np.ones([2])], np.ones([4, 3])),
      ShapeError,
      /it has factors gamma of shape \[2\], they must have shape \[3\]/,
    ],
    [() => BatchNorm({ axes: 0 } as never), ValueError, /BatchNorm has no option axes/],
    [
      () => MaxPool([2, 2])[0](key, [-1, 8, 1]),
      ShapeError,
      /MaxPool\(\[2, 2\]\): the input shape \[-1, 8, 1\] has 3 axes; there must be 4/,
    ],
    [() => MaxPool([9, 2])[0](key, [-1, 8, 8, 1]), ShapeError, /the window is larger than what it moves over/],
    [() => MaxPool([2, 2], { spec: 'NHW' }), ValueError, /the spec "NHW" must have 4 letters/],
    [() => MaxPool([2, 2], { spec: 'NNHC' }), ValueError, /the spec "NNHC" must have 4 letters, each once/],
    [
      () => Conv(4, [3, 3], { padding: [[1, 1]] }),
      ValueError,
      /Conv\(4, \[3, 3\]\): the padding \[\[1,1\]\] must be "SAME", .* for each axis of the window \[3, 3\]/,
    ],
    [() => MaxPool([2, 2], { padding: [[1, 1]] }), ValueError, /the padding \[\[1,1\]\] must be/],
    [() => MaxPool([2, 0]), ValueError, /the window shape must be a list of positive whole numbers, not \[2, 0\]/],
    [() => MaxPool([2, 2], { strides: [2] }), ValueError, /the strides must be 2 positive whole numbers, not \[2\]/],
    [
      () => Conv(0, [3, 3]),
      ValueError,
      /Conv\(0, \[3, 3\]\): the number of channels that come out must be a positive whole number, not 0/,
    ],
    [() => Conv(4, 3 as never), ValueError, /the filter shape must be a list of positive whole numbers, not 3/],
    [() => Conv(4, [3]), ValueError, /Conv\(4, \[3\]\): convDimensionNumbers: the string "NHWC"/],
    [() => Conv(4, [3, 3], { stride: 2 } as never), ValueError, /Conv has no option stride; it has strides/],
    [
      () => Conv(4, [3, 3], { padding: 'FULL' as never }),
      ValueError,
      /Conv\(4, \[3, 3\]\): the padding "FULL" must be "SAME"/,
    ],
    [() => GeneralConv(['NHWC', 'HWIO', 'NXYC'], 4, [3, 3]), ValueError, /name different spatial axes/],
    [() => Conv1D(4, [3])[0](key, [-1, 8, 8, 1]), ShapeError, /"NHC" names 3/],
    [
      () => Dense(2)[1]([3, 4] as never, np.ones([3])),
      ShapeError,
      /Dense\(2\): it has weights that are no array, they must have shape \[3, 2\]/,
    ],
    [
      () => Dense(2)[1]([np.ones([3, 1]), np.ones([2])], np.ones([3])),
      ShapeError,
      /it has weights of shape \[3, 1\], they must have shape \[3, 2\]/,
    ],
    [() => summary(undefined as never, [3]), TreeError, /summary: the model is no pair/],
    [() => summary(Dense(2), 3 as never), ShapeError, /Dense\(2\): the input shape is 3; a shape is a list/],
    [() => FanOut(0), ValueError, /FanOut\(0\): the number of copies/],
    [() => serial(Dense as never), TreeError, /serial\[0\] is no layer \[init, apply\] but a function; call it/],
    [() => serial(undefined as never), TreeError, /serial\[0\] is no layer \[init, apply\] but undefined/],
    [() => Dropout(0.5, 'use' as never), ValueError, /the mode is "use"; it must be 'train' or 'test'/],
    [() => Dense(3, { winit: 1 } as never), ValueError, /Dense has no option winit/],
  ] as const)('%#', (f, error, message) => {
    expect(f).toThrow(error)
    expect(f).toThrow(message)
  })
})

test('a list of layers that is not a tuple makes a network too', () => {
  const blocks: AnyLayer[] = Array.from({ length: 3 }, () => serial(Dense(4), Relu))
  const [shape, params] = serial(...blocks)[0](key, [2])
  expect([shape, params.length]).toEqual([[4], 3])
})
