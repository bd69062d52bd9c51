import { schedules } from '@cotangent/nn'
import { type Call, type Calls, options } from '../../helpers/wrong-kinds.ts'
import { call } from './given.ts'

/** A schedule: how it is made with its first size, and its size at a step. */
const scheduleCalls = (name: string, make: unknown, ...given: unknown[]): [string, Calls[string]][] => [
  [name, [(...own) => (call(make)(...own) as Call)(3), ...given]],
  [`${name}, at a step`, [call(make)(...given) as Call, 3]],
]
const cycle = { initValue: 0, peakValue: 1, warmupSteps: 2, decaySteps: 5, endValue: 0, exponent: 1 }
const onecycle = { transitionSteps: 10, peakValue: 1, pctStart: 0.3, divFactor: 25, finalDivFactor: 100 }
export const scheduled: Calls = Object.fromEntries([
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
