import { CotangentError, np, random } from '@cotangent/autodiff'
import * as nn from '@cotangent/nn'
import { adam, chain, Conv, Dense, Dropout, initializers, schedules, serial, sgd, transforms } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'

const key = random.PRNGKey(0)
const x = np.ones([2])
/** What a user without a type checker might write. */
const odd = (value: unknown): never => value as never

describe('what is of another type is refused by name, with what to write instead', () => {
  const [init, update, getParams] = sgd({ stepSize: 0.1 })
  const [initDropout, drop] = Dropout(0.5)
  test.each<[what: string, run: () => unknown, message: RegExp]>([
    ['an initializer', () => Dense(2, { wInit: odd(0.1) }), /^Dense\(2\): wInit is 0\.1; it must be an initializer/],
    ['an initializer', () => Conv(2, [3, 3], { wInit: odd(null) }), /wInit is null; it must be an initializer/],
    [
      'an initializer',
      () => nn.BatchNorm({ gammaInit: odd('ones') }),
      /gammaInit is "ones"; it must be an initializer/,
    ],
    ['a filter', () => Conv(2, odd(null)), /the filter shape must be a list of positive whole numbers, not null/],
    ['a layout', () => nn.GeneralConv(odd('NHC'), 2, [3]), /the layout is "NHC"; it must name the axes/],
    ['padding', () => Conv(1, [1, 1], { padding: odd(1) })[0](key, [1, 4, 4, 1]), /the padding 1 must be "SAME"/],
    ['a spec', () => nn.MaxPool([2, 2], { spec: odd(3) }), /the spec 3 must have 4 letters/],
    ['axes', () => nn.BatchNorm({ axis: odd('0') }), /the axes "0" must be whole numbers/],
    ['axes twice', () => nn.BatchNorm({ axis: [0, 0] }), /the axes 0, 0 must be whole numbers, each once/],
    ['a function', () => nn.elementwise(odd(undefined)), /elementwise: it takes a function of arrays, not undefined/],
    ['a layer', () => nn.named('Own', odd(null)), /named: 'Own' is given to a layer \[init, apply\]/],
    ['random', () => serial(Dense(2))[0](key, [2], { random: odd(Math) }), /it must be random or legacyRandom/],
    ['options', () => drop(initDropout(key, [2])[1], x, odd(null)), /Dropout\(0\.5\): options are given by name/],
    ['options', () => nn.softmax(x, odd(-1)), /softmax: options are given by name, as \{ axis: … \}, not as -1/],
    ['an axis', () => nn.softmax(x, { axis: odd('x') }), /axis "x" is out of range/],
    [
      'a decay',
      () => adam({ stepSize: 0.1, b1: odd('0.9') }),
      /adam: b1 is "0\.9"; it must be a number from 0 to below 1/,
    ],
    ['no number', () => transforms.scaleByRms({ decay: Number.NaN }), /scaleByRms: decay is NaN; it must be a number/],
    ['a step size', () => adam({ stepSize: Number.NaN }), /adam: the step size is NaN; give a number or a schedule/],
    ['a step', () => update(odd('0'), x, init(x)), /sgd: the step is "0"; it must be a number or a scalar array/],
    [
      'a state',
      () => update(0, x, odd(null)),
      /sgd: the state has no params: it is null; use the one that its own init/,
    ],
    ['a state', () => getParams(odd(undefined)), /sgd: the state has no params/],
    ['a transformation', () => chain(odd(sgd({ stepSize: 1 }))), /chain: it takes a gradient transformation/],
    ['labels', () => transforms.partition(odd(null), 'a'), /partition: it takes transformations by label/],
    ['a list', () => schedules.join(odd(schedules.constant(1)), []), /join: it takes a list of schedules/],
    ['a step', () => schedules.linear(1, { endValue: 0, transitionSteps: 1 })(odd('1')), /schedule: the step is "1"/],
    [
      'a shape',
      () => initializers.glorotNormal()(key, odd(3)),
      /initializers.glorotNormal: the shape is 3; a shape is a list/,
    ],
    ['metadata', () => nn.saveParams(x, { metadata: odd(null) }), /metadata must be texts by name/],
    ['tensors', () => nn.writeSafetensors(odd(null)), /it takes arrays by name/],
  ])('%s', (_, run, message) => {
    expect(run).toThrow(CotangentError)
    expect(run).toThrow(message)
  })
})
