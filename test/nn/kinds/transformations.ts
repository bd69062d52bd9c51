import { transforms } from '@cotangent/nn'
import { type Call, type Calls, options } from '../../helpers/wrong-kinds.ts'
import { call, key, source } from './given.ts'
import { decay, params } from './optimizers.ts'

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
export const transformations: Calls = Object.fromEntries([
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
