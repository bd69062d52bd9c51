import { DTypeError, np, ShapeError, TreeError, ValueError } from '@cotangent/autodiff'
import * as nn from '@cotangent/nn'
import { initializers, schedules, transforms } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import { type Swept, testWrongKinds } from '../helpers/wrong-kinds.ts'
import { functions } from './kinds/functions.ts'
import { key, x } from './kinds/given.ts'
import { initialized } from './kinds/initializers.ts'
import { layers } from './kinds/layers.ts'
import { optimizers } from './kinds/optimizers.ts'
import { scheduled } from './kinds/schedules.ts'
import { transformations } from './kinds/transformations.ts'

const { Dense, Relu } = nn

const modules: Readonly<Record<string, Swept>> = {
  'layers, functions and optimizers': [nn, { ...transformations, ...layers, ...functions, ...optimizers }],
  transforms: [transforms, transformations],
  schedules: [schedules, scheduled],
  initializers: [initializers, initialized],
}

testWrongKinds(modules)

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
