import { DTypeError, np, random, ShapeError, TreeError, ValueError } from '@cotangent/autodiff'
import * as nn from '@cotangent/nn'
import { initializers, schedules, transforms } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import { type Call, type Calls, faultsOf, options } from '../helpers/wrong-kinds.ts'

const key = random.PRNGKey(0)
const x = np.array([
  [0.5, 0.25],
  [1, -1],
])
const image = np.ones([1, 3, 3, 1])
const { Dense, Relu } = nn
const call = (f: unknown): Call => f as Call
/** What draws, as an object that is not taken apart. */
const source = Object.create(random) as typeof random
const initOptions = options({ random: source, dtype: 'float32' })
const applyOptions = options({ rng: key, random: source })

/** A layer: how it is made, its shape and parameters, and its outputs. */
function layerCalls(
  name: string,
  make: unknown,
  args: readonly unknown[],
  input: unknown,
  shape: unknown,
): [string, Calls[string]][] {
  const [init, apply] = (typeof make === 'function' ? call(make)(...args) : make) as [Call, Call]
  const [, params] = init(key, shape) as [unknown, unknown]
  const made: [string, Calls[string]][] =
    typeof make !== 'function'
      ? []
      : [
          [
            name,
            [
              (...given) => {
                const [begin, run] = nn.serial(call(make)(...given) as never) as unknown as [Call, Call]
                const [, own] = begin(key, shape) as [unknown, unknown]
                return run(own, input, { rng: key })
              },
              ...args,
            ],
          ],
        ]
  return [
    ...made,
    [`${name}, init`, [init, key, shape, initOptions]],
    [`${name}, apply`, [apply, params, input, applyOptions]],
  ]
}

const convolution = (rank: number): unknown[] => [
  2,
  Array.from({ length: rank }, () => 2),
  options({
    strides: Array.from({ length: rank }, () => 1),
    padding: 'SAME',
    wInit: initializers.glorotNormal(),
    bInit: initializers.zeros,
  }),
]
const pool = (name: string) =>
  layerCalls(
    name,
    (nn as unknown as Record<string, unknown>)[name],
    [
      [2, 2],
      options({
        strides: [1, 1],
        padding: [
          [1, 0],
          [0, 0],
        ],
        spec: 'NHWC',
      }),
    ],
    image,
    [1, 3, 3, 1],
  )
const conv = (name: string, rank: number) =>
  layerCalls(
    name,
    (nn as unknown as Record<string, unknown>)[name],
    convolution(rank),
    np.ones([1, ...Array.from({ length: rank }, () => 3), 1]),
    [1, ...Array.from({ length: rank }, () => 3), 1],
  )
const general = (name: string) =>
  layerCalls(
    name,
    (nn as unknown as Record<string, unknown>)[name],
    [['NCH', 'OIH', 'NHC'], 2, [2], options({ strides: [1], padding: [[1, 0]] })],
    np.ones([1, 1, 3]),
    [1, 1, 3],
  )
const activations = Object.entries(nn)
  .filter(([, value]) => Array.isArray(value))
  .map(([name]) => name)
  .filter((name) => name !== 'FanInSum')

const layers: Calls = Object.fromEntries([
  ...layerCalls('Dense', Dense, [2, options({ wInit: initializers.normal(), bInit: initializers.zeros })], x, [2, 2]),
  ...conv('Conv', 2),
  ...conv('Conv1D', 1),
  ...conv('Conv3D', 3),
  ...conv('ConvTranspose', 2),
  ...conv('Conv1DTranspose', 1),
  ...conv('Conv3DTranspose', 3),
  ...general('GeneralConv'),
  ...general('GeneralConvTranspose'),
  ...pool('MaxPool'),
  ...pool('SumPool'),
  ...pool('AvgPool'),
  ...layerCalls(
    'BatchNorm',
    nn.BatchNorm,
    [
      options({
        axis: [0],
        epsilon: 0.1,
        center: true,
        scale: true,
        betaInit: initializers.zeros,
        gammaInit: initializers.ones,
      }),
    ],
    x,
    [2, 2],
  ),
  ...layerCalls('Dropout', nn.Dropout, [0.5, 'train'], x, [2, 2]),
  ...layerCalls('elementwise', nn.elementwise, [nn.silu], x, [2, 2]),
  ...layerCalls('named', nn.named, ['Own', Dense(2)], x, [2, 2]),
  ...layerCalls('serial', nn.serial, [Dense(2), Relu], x, [2, 2]),
  ...layerCalls(
    'parallel',
    nn.parallel,
    [Dense(2), Relu],
    [x, x],
    [
      [2, 2],
      [2, 2],
    ],
  ),
  ...layerCalls('shapeDependent', nn.shapeDependent, [() => Dense(2)], x, [2, 2]),
  ...layerCalls('FanOut', nn.FanOut, [2], x, [2, 2]),
  ...layerCalls(
    'FanInConcat',
    nn.FanInConcat,
    [-1],
    [x, x],
    [
      [2, 2],
      [2, 2],
    ],
  ),
  ...layerCalls(
    'FanInSum',
    nn.FanInSum,
    [],
    [x, x],
    [
      [2, 2],
      [2, 2],
    ],
  ),
  ...activations.flatMap((name) => layerCalls(name, (nn as unknown as Record<string, unknown>)[name], [], x, [2, 2])),
])

const functions: Calls = {
  ...Object.fromEntries(
    (
      'relu relu6 hardTanh hardSigmoid hardSilu hardSwish sparsePlus sparseSigmoid identity sigmoid softplus logSigmoid ' +
      'softSign silu swish mish tanh log1mexp selu'
    )
      .split(' ')
      .map((name) => [name, [call((nn as unknown as Record<string, unknown>)[name]), x]]),
  ),
  leakyRelu: [call(nn.leakyRelu), x, 0.1],
  squareplus: [call(nn.squareplus), x, 4],
  elu: [call(nn.elu), x, 1],
  celu: [call(nn.celu), x, 1],
  gelu: [call(nn.gelu), x, options({ approximate: true })],
  glu: [call(nn.glu), x, options({ axis: 1 })],
  softmax: [call(nn.softmax), x, options({ axis: 1, where: true })],
  logSoftmax: [call(nn.logSoftmax), x, options({ axis: 1, where: true })],
  logsumexp: [call(nn.logsumexp), x, options({ axis: 1, keepdims: true, b: x })],
  logmeanexp: [call(nn.logmeanexp), x, options({ axis: 1, keepdims: true })],
  standardize: [call(nn.standardize), x, options({ axis: 1, mean: 0, variance: 1, epsilon: 0.1 })],
  oneHot: [call(nn.oneHot), np.array([0, 1], { dtype: 'int32' }), 3, options({ axis: 0, dtype: 'float32' })],
  dotProductAttention: [
    call(nn.dotProductAttention),
    np.ones([2, 1, 2]),
    np.ones([2, 1, 2]),
    np.ones([2, 1, 2]),
    options({
      bias: np.ones([1, 2, 2]),
      mask: np.array(true),
      scale: 1,
      isCausal: true,
      querySeqLengths: np.array([2], { dtype: 'int32' }),
      keyValueSeqLengths: np.array([2], { dtype: 'int32' }),
      localWindowSize: [1, 1],
    }),
  ],
  summary: [call(nn.summary), nn.serial(Dense(2), Relu), [2, 2]],
  'summary, many inputs': [call(nn.summary), nn.parallel(Dense(2), Relu), [[2], [2]]],
  saveParams: [call(nn.saveParams), { a: x, b: [x] }, options({ metadata: { epoch: '7' } })],
  saveParamsWhenReady: [call(nn.saveParamsWhenReady), { a: x }, options({ metadata: { epoch: '7' } })],
  loadParams: [call(nn.loadParams), nn.saveParams({ a: x, b: [x] }), { a: x, b: [x] }],
  readSafetensors: [call(nn.readSafetensors), nn.saveParams({ a: x })],
  writeSafetensors: [call(nn.writeSafetensors), { a: x }, { epoch: '7' }],
  l2Norm: [call(nn.l2Norm), { a: x, b: [x] }],
  globalNorm: [call(nn.globalNorm), { a: x, b: [x] }],
  clipGrads: [call(nn.clipGrads), { a: x, b: [x] }, 1],
  applyUpdates: [call(nn.applyUpdates), { a: x }, { a: x }],
}

const params = { a: x, b: [np.ones([])] }
/** An optimizer: how it is made, and its three functions. */
const optimizerCalls = (name: string, make: unknown, given: unknown): [string, Calls[string]][] => {
  const [init, update, getParams] = call(make)(given) as [Call, Call, Call]
  const state = init(params)
  const used: Call = (own) => {
    const [begin, step] = call(make)(own) as [Call, Call]
    return step(1, params, begin(params))
  }
  return [
    [name, [used, given]],
    [`${name}, init`, [init, params]],
    [`${name}, update`, [update, 1, params, state]],
    [`${name}, getParams`, [getParams, state]],
  ]
}
const decay = { b1: 0.9, b2: 0.99, eps: 1e-8 }
const optimizers: Calls = Object.fromEntries([
  ...optimizerCalls('sgd', nn.sgd, options({ stepSize: 0.1 })),
  ...optimizerCalls('momentum', nn.momentum, options({ stepSize: np.array(0.1), mass: 0.9 })),
  ...optimizerCalls('nesterov', nn.nesterov, options({ stepSize: 0.1, mass: 0.9 })),
  ...optimizerCalls('adagrad', nn.adagrad, options({ stepSize: 0.1, momentum: 0.9 })),
  ...optimizerCalls('rmsprop', nn.rmsprop, options({ stepSize: 0.1, gamma: 0.9, eps: 1e-8 })),
  ...optimizerCalls(
    'rmspropMomentum',
    nn.rmspropMomentum,
    options({ stepSize: 0.1, gamma: 0.9, eps: 1e-8, momentum: 0.9 }),
  ),
  ...optimizerCalls('adam', nn.adam, options({ stepSize: () => 0.1, ...decay })),
  ...optimizerCalls('adamax', nn.adamax, options({ stepSize: 0.1, ...decay })),
  ...optimizerCalls('sm3', nn.sm3, options({ stepSize: 0.1, momentum: 0.9 })),
  ...optimizerCalls(
    'adamw',
    nn.adamw,
    options({ stepSize: 0.1, ...decay, weightDecay: 0.1, mask: { a: true, b: [false] } }),
  ),
  ...optimizerCalls('optimizer', nn.optimizer, transforms.scale(2)),
])

/** A transformation: how it is made, and its two functions. */
const transformationCalls = (name: string, make: unknown, ...given: unknown[]): [string, Calls[string]][] => {
  const { init, update } = call(make)(...given) as { init: Call; update: Call }
  const state = init(params)
  const used: Call = (...own) => {
    const made = call(make)(...own) as { init: Call; update: Call }
    return made.update(params, made.init(params), params)
  }
  return [
    [name, [used, ...given]],
    [`${name}, init`, [init, params]],
    [`${name}, update`, [update, params, state, params]],
  ]
}
const rate = { learningRate: 0.1 }
const mask = { a: true, b: [false] }
const squares = { decay: 0.9, eps: 1e-8, initialScale: 0.1, epsInSqrt: true, biasCorrection: true }
const t = transforms
const transformations: Calls = Object.fromEntries([
  ...transformationCalls('chain', t.chain, t.scale(2), t.trace(0.5)),
  ...transformationCalls('identity', t.identity),
  ...transformationCalls('setToZero', t.setToZero),
  ...transformationCalls('masked', t.masked, t.trace(0.5), mask),
  ...transformationCalls('partition', t.partition, { p: t.trace(0.5), q: t.scale(2) }, { a: 'p', b: ['q'] }),
  ...transformationCalls('scale', t.scale, 2),
  ...transformationCalls('scaleBySchedule', t.scaleBySchedule, () => 0.1),
  ...transformationCalls('scaleByLearningRate', t.scaleByLearningRate, 0.1, options({ flipSign: true })),
  ...transformationCalls('scaleBySign', t.scaleBySign),
  ...transformationCalls(
    'scaleByTrustRatio',
    t.scaleByTrustRatio,
    options({ minNorm: 0, trustCoefficient: 1, eps: 0 }),
  ),
  ...transformationCalls(
    'scaleByAdam',
    t.scaleByAdam,
    options({ ...decay, epsRoot: 0, muDtype: 'float32', nesterov: false }),
  ),
  ...transformationCalls('scaleByAmsgrad', t.scaleByAmsgrad, options({ ...decay, epsRoot: 0 })),
  ...transformationCalls('scaleByAdamax', t.scaleByAdamax, options(decay)),
  ...transformationCalls('scaleByBelief', t.scaleByBelief, options({ ...decay, epsRoot: 0 })),
  ...transformationCalls('scaleByLion', t.scaleByLion, options({ b1: 0.9, b2: 0.9, muDtype: 'float32' })),
  ...transformationCalls('scaleByRms', t.scaleByRms, options(squares)),
  ...transformationCalls('scaleByStddev', t.scaleByStddev, options(squares)),
  ...transformationCalls('scaleByRss', t.scaleByRss, options({ initialAccumulatorValue: 0.1, eps: 1e-7 })),
  ...transformationCalls('trace', t.trace, 0.9, options({ nesterov: true, accumulatorDtype: 'float32' })),
  ...transformationCalls('ema', t.ema, 0.9, options({ debias: true, accumulatorDtype: 'float32' })),
  ...transformationCalls('addNoise', t.addNoise, options({ eta: 0.1, gamma: 0.5, key, random: source })),
  ...transformationCalls('addDecayedWeights', t.addDecayedWeights, 0.1, options({ mask })),
  ...transformationCalls('clip', t.clip, 1),
  ...transformationCalls('clipByGlobalNorm', t.clipByGlobalNorm, 1),
  ...transformationCalls('clipByBlockRms', t.clipByBlockRms, 1),
  ...transformationCalls('centralize', t.centralize),
  ...transformationCalls('zeroNans', t.zeroNans),
  ...transformationCalls(
    'sgd',
    t.sgd,
    options({ ...rate, momentum: 0.9, nesterov: true, accumulatorDtype: 'float32' }),
  ),
  ...transformationCalls(
    'adam',
    t.adam,
    options({ ...rate, ...decay, epsRoot: 0, muDtype: 'float32', nesterov: true }),
  ),
  ...transformationCalls(
    'adamw',
    t.adamw,
    options({ ...rate, ...decay, epsRoot: 0, muDtype: 'float32', nesterov: true, weightDecay: 0.1, mask }),
  ),
  ...transformationCalls('adamax', t.adamax, options({ ...rate, ...decay })),
  ...transformationCalls('amsgrad', t.amsgrad, options({ ...rate, ...decay, epsRoot: 0 })),
  ...transformationCalls('adabelief', t.adabelief, options({ ...rate, ...decay, epsRoot: 0 })),
  ...transformationCalls(
    'lion',
    t.lion,
    options({ ...rate, b1: 0.9, b2: 0.9, muDtype: 'float32', weightDecay: 0.1, mask }),
  ),
  ...transformationCalls('lamb', t.lamb, options({ ...rate, ...decay, epsRoot: 0, weightDecay: 0.1, mask })),
  ...transformationCalls(
    'lars',
    t.lars,
    options({
      ...rate,
      weightDecay: 0.1,
      weightDecayMask: mask,
      trustCoefficient: 0.1,
      eps: 0.1,
      trustRatioMask: mask,
      momentum: 0.9,
      nesterov: true,
    }),
  ),
  ...transformationCalls('adagrad', t.adagrad, options({ ...rate, initialAccumulatorValue: 0.1, eps: 1e-7 })),
  ...transformationCalls(
    'rmsprop',
    t.rmsprop,
    options({ ...rate, ...squares, centered: true, momentum: 0.9, nesterov: true }),
  ),
  ['optimizer', [t.optimizer, t.scale(1)]],
  ['globalNorm', [t.globalNorm, params]],
  ['applyUpdates', [call(t.applyUpdates), params, params]],
])

/** A schedule: how it is made with its first size, and its size at a step. */
const scheduleCalls = (name: string, make: unknown, ...given: unknown[]): [string, Calls[string]][] => [
  [name, [(...own) => (call(make)(...own) as Call)(3), ...given]],
  [`${name}, at a step`, [call(make)(...given) as Call, 3]],
]
const cycle = { initValue: 0, peakValue: 1, warmupSteps: 2, decaySteps: 5, endValue: 0, exponent: 1 }
const onecycle = { transitionSteps: 10, peakValue: 1, pctStart: 0.3, divFactor: 25, finalDivFactor: 100 }
const scheduled: Calls = Object.fromEntries([
  ...scheduleCalls('constant', schedules.constant, 0.1),
  ...scheduleCalls('exponentialDecay', schedules.exponentialDecay, 0.1, options({ decaySteps: 2, decayRate: 0.5 })),
  ...scheduleCalls(
    'inverseTimeDecay',
    schedules.inverseTimeDecay,
    0.1,
    options({ decaySteps: 2, decayRate: 0.5, staircase: true }),
  ),
  ...scheduleCalls(
    'polynomialDecay',
    schedules.polynomialDecay,
    0.1,
    options({ decaySteps: 2, finalStepSize: 0.1, power: 1 }),
  ),
  ...scheduleCalls('piecewiseConstant', schedules.piecewiseConstant, [2, 4], [1, 2, 3]),
  ...scheduleCalls('linear', schedules.linear, 1, options({ endValue: 0, transitionSteps: 3, transitionBegin: 1 })),
  ...scheduleCalls('cosineDecay', schedules.cosineDecay, 1, options({ decaySteps: 3, alpha: 0.1, exponent: 1 })),
  ...scheduleCalls('join', schedules.join, [() => 1, schedules.constant(2)], [2]),
  ...scheduleCalls('warmupConstant', schedules.warmupConstant, options({ initValue: 0, peakValue: 1, warmupSteps: 2 })),
  ...scheduleCalls('warmupCosineDecay', schedules.warmupCosineDecay, options(cycle)),
  ...scheduleCalls(
    'warmupExponentialDecay',
    schedules.warmupExponentialDecay,
    options({
      initValue: 0,
      peakValue: 1,
      warmupSteps: 2,
      transitionSteps: 3,
      decayRate: 0.5,
      transitionBegin: 1,
      staircase: true,
      endValue: 0.1,
    }),
  ),
  ...scheduleCalls('cosineOnecycle', schedules.cosineOnecycle, options(onecycle)),
  ...scheduleCalls('linearOnecycle', schedules.linearOnecycle, options({ ...onecycle, pctFinal: 0.8 })),
  ...scheduleCalls('piecewiseInterpolate', schedules.piecewiseInterpolate, 'linear', 1, [
    [2, 0.5],
    [4, 0.1],
  ]),
  ...scheduleCalls('sgdr', schedules.sgdr, [cycle, cycle]),
])

/** An initializer: how it is made, and the parameters it makes. */
const initializerCalls = (name: string, make: unknown, ...given: unknown[]): [string, Calls[string]][] => {
  const shape = name === 'deltaOrthogonal' ? [3, 2, 2] : [2, 2, 2]
  return [
    [name, [(...own) => (call(make)(...own) as Call)(key, shape), ...given]],
    [`${name}, called`, [call(make)(...given) as Call, key, shape, initOptions]],
  ]
}
const fans = { inAxis: -2, outAxis: -1, batchAxis: [0] }
const initialized: Calls = Object.fromEntries([
  ...initializerCalls('constant', initializers.constant, 1),
  ...initializerCalls('normal', initializers.normal, 1),
  ...initializerCalls('truncatedNormal', initializers.truncatedNormal, 1, -1, 1),
  ...initializerCalls('uniform', initializers.uniform, 1),
  ...initializerCalls(
    'varianceScaling',
    initializers.varianceScaling,
    options({ scale: 1, mode: 'fanAvg', distribution: 'normal', ...fans }),
  ),
  ...Object.keys(initializers)
    .filter((name) => /(Normal|Uniform)$/.test(name) && name !== 'truncatedNormal')
    .flatMap((name) =>
      initializerCalls(name, (initializers as unknown as Record<string, unknown>)[name], options(fans)),
    ),
  ...initializerCalls('orthogonal', initializers.orthogonal, 1, -1),
  ...initializerCalls('deltaOrthogonal', initializers.deltaOrthogonal, 1, -1),
  ['zeros', [call(initializers.zeros), key, [2], initOptions]],
  ['ones', [call(initializers.ones), key, [2], initOptions]],
])

const modules: Readonly<Record<string, readonly [module: object, calls: Calls]>> = {
  'layers, functions and optimizers': [nn, { ...transformations, ...layers, ...functions, ...optimizers }],
  transforms: [transforms, transformations],
  schedules: [schedules, scheduled],
  initializers: [initializers, initialized],
}

describe.each(Object.entries(modules))(
  '%s: whatever is given, what comes is an error of ours, or none',
  (_, [module, calls]) => {
    test.each(Object.keys(calls))('%s', async (name) => {
      expect(await faultsOf(name, calls[name]!)).toEqual([])
    })

    test('every function is called', () => {
      const called = new Set(Object.keys(calls).map((name) => name.replace(/,.*/, '')))
      const missing = Object.entries(module as Record<string, unknown>)
        .filter(([name, f]) => typeof f === 'function' && !called.has(name))
        .map(([name]) => name)
      expect(missing).toEqual([])
    })
  },
)

const odd = (value: unknown): never => value as never

describe('messages name the function, what was given, and what it takes', () => {
  const own: nn.AnyLayer = [() => undefined as never, () => undefined]
  const still = { init: () => [], update: () => undefined } as never
  const [initAdam, updateAdam] = nn.adam({ stepSize: 0.1 })
  const state = initAdam({ w: x })
  const { glorotNormal } = initializers
  test.each<[given: string, run: () => unknown, error: abstract new (...args: never[]) => Error, message: string]>([
    ['a key', () => Dense(2)[0](odd(3), [2]), DTypeError, 'Dense(2): random.split: the key is 3, a key is uint32[2]'],
    ['a key', () => nn.serial(Dense(2))[0](odd(null), [2]), DTypeError, 'serial: random.split: the key is null'],
    [
      'a key',
      () => nn.serial(nn.Dropout(0.5))[1]([[]], x, { rng: odd(x) }),
      DTypeError,
      'serial: random.split: the key is float32[2, 2]',
    ],
    [
      'an option',
      () => Relu[1]([], x, odd({ training: true })),
      ValueError,
      'Relu has no option training; it has rng, random',
    ],
    [
      'an option of apply, for init',
      () => Dense(2)[0](key, [2], odd({ rng: key })),
      ValueError,
      'Dense(2) has no option rng; it has random, dtype',
    ],
    [
      'a dtype',
      () => Dense(2)[0](key, [2], { dtype: odd('int32') }),
      ValueError,
      'Dense(2): dtype is "int32"; it must be a float dtype',
    ],
    [
      'a flag',
      () => nn.BatchNorm({ center: odd('no') }),
      ValueError,
      'BatchNorm: center is "no"; it must be true or false',
    ],
    [
      'an init that gives nothing',
      () => nn.serial(Relu, nn.named('Own', own))[0](key, [2]),
      TreeError,
      'serial[1] Own: its init gave undefined; it must give [outputShape, params]',
    ],
    [
      'an init that gives nothing',
      () => nn.summary(nn.parallel(own), odd([[2]])),
      TreeError,
      'parallel[0] its init gave undefined',
    ],
    [
      'no function',
      () => nn.shapeDependent(odd(Dense(2))),
      ValueError,
      'shapeDependent: it takes a function of the input shape that gives a layer, not [a function,a function]',
    ],
    [
      'a function that gives no layer',
      () => nn.shapeDependent(odd(() => Dense))[0](key, [2]),
      TreeError,
      'shapeDependent: its function gave a function; it must give a layer [init, apply]',
    ],
    [
      'an initializer of another shape',
      () => Dense(2, { wInit: () => np.ones([3]) })[0](key, [4]),
      ShapeError,
      'Dense(2): wInit gave an array of shape [3]; it must give an array of the shape it takes, [4, 2]',
    ],
    [
      'an initializer that gives no array',
      () => nn.Conv(2, [1, 1], { bInit: odd(() => 0) })[0](key, [1, 2, 2, 1]),
      ShapeError,
      'Conv(2, [1, 1]): bInit gave 0; it must give an array of the shape it takes, [1, 1, 1, 2]',
    ],
    [
      'a function that changes the shape',
      () => nn.elementwise((a) => a.sum(0))[1]([], x),
      ShapeError,
      'elementwise: the function gave shape [2] for inputs of shape [2, 2]; it must keep it',
    ],
    [
      'too many copies',
      () => nn.FanOut(1e12),
      ValueError,
      'FanOut(1000000000000): the number of copies must be a positive whole number up to 65536',
    ],
    ['an axis', () => nn.FanInConcat(0.5), ValueError, 'FanInConcat(0.5): the axis must be a whole number'],
    [
      'an option of another initializer',
      () => glorotNormal(odd({ scale: 2 })),
      ValueError,
      'initializers.glorotNormal has no option scale; it has inAxis, outAxis, batchAxis',
    ],
    [
      'axes that are not there',
      () => glorotNormal({ inAxis: 3 })(key, [2, 2]),
      ShapeError,
      'initializers.glorotNormal: weights of shape [2, 2] have no axes 3 and -1',
    ],
    [
      'no axes',
      () => glorotNormal({ batchAxis: odd('0') }),
      ValueError,
      'batchAxis is "0"; it must be an axis or a list of axes',
    ],
    [
      'bounds the wrong way round',
      () => initializers.truncatedNormal(1, 2, -2),
      ValueError,
      'initializers.truncatedNormal: lower is 2, upper -2; it must be larger',
    ],
    ['a number', () => nn.named(odd(3), Relu), ValueError, 'named: the name is 3; it must be text'],
    [
      'several step sizes',
      () => nn.sgd({ stepSize: np.ones([2]) }),
      ShapeError,
      'sgd: the step size has shape [2]; it must be a number or a scalar array',
    ],
    [
      'a schedule of several sizes',
      () => transforms.scaleByLearningRate(() => np.ones([2])).update(x, { count: np.array(0) }),
      ShapeError,
      'scaleByLearningRate: what the schedule gives has shape [2]',
    ],
    [
      'no step',
      () => updateAdam(Number.NaN, { w: x }, state),
      ValueError,
      'adam: the step is NaN; it must be a number',
    ],
    ['a step before 0', () => updateAdam(-1, { w: x }, state), ValueError, 'adam: the step is -1; it must be a number'],
    [
      'a mean that keeps all',
      () => nn.adam({ stepSize: 0.1, b1: 1 }),
      ValueError,
      'adam: b1 is 1; it must be a number from 0 to below 1',
    ],
    [
      'a state of other parameters',
      () => updateAdam(0, { w: x }, { ...state, v: { w: np.ones([3]) } }),
      ShapeError,
      'adam: v of the state.w is [3], in the parameters it is [2, 2]',
    ],
    [
      'a norm below 0',
      () => nn.clipGrads({ w: x }, -1),
      ValueError,
      'clipGrads: maxNorm is -1; it must be a number, and not below 0',
    ],
    [
      'a transformation that gives nothing',
      () => nn.chain(still).update(x, [[]]),
      TreeError,
      'chain: the update of a transformation gave undefined; it must give [updates, state]',
    ],
    [
      'boundaries out of order',
      () => schedules.join([schedules.constant(1), schedules.constant(2), schedules.constant(3)], [4, 2]),
      ValueError,
      'join: the boundaries [4, 2] do not increase',
    ],
    [
      'too few steps',
      () => schedules.cosineOnecycle({ transitionSteps: 2, peakValue: 1 }),
      ValueError,
      'cosineOnecycle: the boundary [0, 25] must be a step after 0',
    ],
    [
      'no classes',
      () => nn.oneHot([0], -1),
      ValueError,
      'oneHot: the number of classes is -1; it must be a whole number',
    ],
    [
      'no window',
      () => nn.dotProductAttention(x, x, x, { localWindowSize: odd({}) }),
      ShapeError,
      'dotProductAttention: the query [2, 2]',
    ],
  ])('%s', (_, run, error, message) => {
    expect(run).toThrow(error)
    expect(run).toThrow(message)
  })
})
