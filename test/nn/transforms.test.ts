import { jit, np, type NDArray, random, treeMap } from '@cotangent/autodiff'
import * as nn from '@cotangent/nn'
import { type GradientTransformation, schedules, transforms } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import { expectGolden, type GoldenArray, goldenCases, goldenNumbers, type GoldenTree } from '../helpers/golden.ts'

interface Case {
  readonly fn: 'data' | 'transformation' | 'optimizer' | 'schedule'
  readonly name: string
  readonly gradients: readonly GoldenTree[]
  readonly updates: readonly GoldenTree[]
  readonly steps: readonly (GoldenTree & number)[]
  readonly values: readonly number[]
  readonly params: GoldenTree
}

interface Params {
  readonly a: NDArray
  readonly b: readonly [NDArray, NDArray]
}

const cases = goldenCases<Case>('nn/optax.json')
const array = (g: GoldenTree): NDArray => {
  const { data, shape } = g as GoldenArray
  return np.array(goldenNumbers(data!), { shape, dtype: 'float32' })
}
const toParams = (g: GoldenTree): Params => {
  const { a, b } = g as { a: GoldenTree; b: readonly GoldenTree[] }
  return { a: array(a), b: [array(b[0]!), array(b[1]!)] }
}
const start = toParams(cases[0]!.params)
const gradients = cases[0]!.gradients.map(toParams)

const mask = { a: true, b: false }
const matricesAndScalars = (tree: unknown): unknown => treeMap((x: NDArray) => x.ndim !== 1, tree)
const line = schedules.linear(0.1, { endValue: 0.01, transitionSteps: 3 })
const t = transforms
const transformations: Readonly<Record<string, GradientTransformation>> = {
  'identity()': t.identity(),
  'setToZero()': t.setToZero(),
  'scale(-0.3)': t.scale(-0.3),
  'scaleByLearningRate(0.1)': t.scaleByLearningRate(0.1),
  'scaleByLearningRate(linear)': t.scaleByLearningRate(line),
  'scaleByLearningRate(0.1,noflip)': t.scaleByLearningRate(0.1, { flipSign: false }),
  'scaleBySchedule(linear)': t.scaleBySchedule(line),
  'scaleBySign()': t.scaleBySign(),
  'scaleByTrustRatio()': t.scaleByTrustRatio(),
  'scaleByTrustRatio(0.5,0.2,0.1)': t.scaleByTrustRatio({ minNorm: 0.5, trustCoefficient: 0.2, eps: 0.1 }),
  'scaleByAdam()': t.scaleByAdam(),
  'scaleByAdam(0.8,0.99,1e-4,1e-3)': t.scaleByAdam({ b1: 0.8, b2: 0.99, eps: 1e-4, epsRoot: 1e-3 }),
  'scaleByAdam(nesterov)': t.scaleByAdam({ nesterov: true }),
  'scaleByAdam(bfloat16)': t.scaleByAdam({ muDtype: 'bfloat16' }),
  'scaleByAmsgrad()': t.scaleByAmsgrad(),
  'scaleByAdamax()': t.scaleByAdamax(),
  'scaleByBelief()': t.scaleByBelief(),
  'scaleByLion()': t.scaleByLion(),
  'scaleByRms()': t.scaleByRms(),
  'scaleByRms(0.8,1e-3,0.5)': t.scaleByRms({ decay: 0.8, eps: 1e-3, initialScale: 0.5 }),
  'scaleByRms(outside,corrected)': t.scaleByRms({ epsInSqrt: false, biasCorrection: true }),
  'scaleByStddev()': t.scaleByStddev({ eps: 1e-3 }),
  'scaleByStddev(outside,corrected)': t.scaleByStddev({
    decay: 0.8,
    eps: 1e-2,
    epsInSqrt: false,
    biasCorrection: true,
    initialScale: 1,
  }),
  'scaleByRss()': t.scaleByRss(),
  'trace(0.9)': t.trace(0.9),
  'trace(0.9,nesterov)': t.trace(0.9, { nesterov: true }),
  'ema(0.9)': t.ema(0.9),
  'ema(0.9,biased)': t.ema(0.9, { debias: false }),
  'addDecayedWeights(0.1)': t.addDecayedWeights(0.1),
  'addDecayedWeights(0.1,mask)': t.addDecayedWeights(0.1, { mask }),
  'addDecayedWeights(0.1,function)': t.addDecayedWeights(0.1, { mask: matricesAndScalars }),
  'clip(0.5)': t.clip(0.5),
  'clipByGlobalNorm(1.5)': t.clipByGlobalNorm(1.5),
  'clipByBlockRms(0.5)': t.clipByBlockRms(0.5),
  'centralize()': t.centralize(),
  'masked(adam)': t.masked(t.adam({ learningRate: 0.1 }), mask),
  'partition()': t.partition(
    { w: t.adam({ learningRate: 0.1 }), b: t.sgd({ learningRate: 0.2 }) },
    { a: 'w', b: ['b', 'w'] },
  ),
  'addNoise()': t.addNoise({ eta: 0.1, gamma: 0.55, key: random.PRNGKey(3) }),
  'sgd(0.1)': t.sgd({ learningRate: 0.1 }),
  'sgd(0.1,0.9)': t.sgd({ learningRate: 0.1, momentum: 0.9 }),
  'sgd(0.1,0.9,nesterov)': t.sgd({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
  'adam(0.1)': t.adam({ learningRate: 0.1 }),
  'adam(linear)': t.adam({ learningRate: line }),
  'adamw(0.1)': t.adamw({ learningRate: 0.1 }),
  'adamw(0.1,0.05,mask)': t.adamw({ learningRate: 0.1, weightDecay: 0.05, mask }),
  'adamw(linear,function)': t.adamw({
    learningRate: line,
    b1: 0.8,
    b2: 0.9,
    weightDecay: 0.5,
    mask: matricesAndScalars,
  }),
  'adamax(0.1)': t.adamax({ learningRate: 0.1 }),
  'amsgrad(0.1)': t.amsgrad({ learningRate: 0.1 }),
  'adabelief(0.1)': t.adabelief({ learningRate: 0.1 }),
  'lion(0.1)': t.lion({ learningRate: 0.1 }),
  'lamb(0.1)': t.lamb({ learningRate: 0.1, weightDecay: 0.1 }),
  'lars(0.1)': t.lars({ learningRate: 0.1, weightDecay: 0.1, trustCoefficient: 0.5 }),
  'adagrad(0.1)': t.adagrad({ learningRate: 0.1 }),
  'rmsprop(0.1)': t.rmsprop({ learningRate: 0.1 }),
  'rmsprop(0.1,momentum)': t.rmsprop({ learningRate: 0.1, momentum: 0.9, nesterov: true }),
  'rmsprop(0.1,centered)': t.rmsprop({ learningRate: 0.1, centered: true, eps: 1e-3 }),
  'chain(clipByGlobalNorm(1),adamw(0.1))': t.chain(t.clipByGlobalNorm(1), t.adamw({ learningRate: 0.1 })),
  'chain(trace,addDecayedWeights,schedule)': t.chain(
    t.trace(0.9),
    t.addDecayedWeights(0.1, { mask }),
    t.scaleByLearningRate(line),
  ),
}

const named = (fn: Case['fn']): (readonly [string, Case])[] =>
  cases.filter((c) => c.fn === fn).map((c) => [c.name, c] as const)

describe('gradient transformations give the numbers of optax', () => {
  test('each has a case', () =>
    expect(named('transformation').map(([name]) => name)).toEqual(Object.keys(transformations)))

  describe.each(named('transformation'))('%s', (name, c) => {
    // A mean kept in bfloat16 has 8 bits; float32 elsewhere, where 1 − 0.999^t cancels.
    const tolerance = name.includes('bfloat16') ? { rtol: 1e-4, atol: 1e-5 } : { rtol: 2e-5, atol: 2e-6 }
    const { init, update } = transformations[name]!
    test('eagerly', () => {
      let [params, state] = [start, init(start)]
      gradients.forEach((g, i) => {
        const [updates, next] = update(g, state, params)
        expectGolden(updates, c.updates[i]!, tolerance, `updates ${i}`)
        ;[params, state] = [nn.applyUpdates(params, updates), next]
      })
      expectGolden(params, c.params, tolerance, 'params')
    })

    test.each(['js', 'cpu'] as const)('as an optimizer, compiled for %s', async (device) => {
      const [begin, step, getParams] = nn.optimizer(transformations[name]!)
      const compiled = jit((i: NDArray, g: Params, state: ReturnType<typeof begin<Params>>) => step(i, g, state), {
        device,
      })
      let state = begin(start)
      for (const [i, g] of gradients.entries()) {
        state = compiled(np.array(i, { dtype: 'int32' }), g, state)
        await getParams(state).a.ready()
      }
      const { a, b } = getParams(state)
      await Promise.all([a, ...b].map((x) => x.ready()))
      expectGolden(getParams(state), c.params, tolerance, 'params')
    })
  })
})

const optimizers: Readonly<Record<string, nn.AnyOptimizer>> = {
  sgd: nn.sgd({ stepSize: 0.1 }),
  momentum: nn.momentum({ stepSize: 0.1, mass: 0.9 }),
  nesterov: nn.nesterov({ stepSize: 0.1, mass: 0.8 }),
  adagrad: nn.adagrad({ stepSize: 0.1, momentum: 0.5 }),
  rmsprop: nn.rmsprop({ stepSize: 0.1, gamma: 0.8, eps: 1e-4 }),
  rmspropMomentum: nn.rmspropMomentum({ stepSize: 0.1, gamma: 0.8, eps: 1e-4, momentum: 0.7 }),
  adam: nn.adam({ stepSize: schedules.inverseTimeDecay(0.1, { decaySteps: 2, decayRate: 0.5 }) }),
  adamax: nn.adamax({ stepSize: 0.1, b1: 0.8 }),
  sm3: nn.sm3({ stepSize: schedules.exponentialDecay(0.1, { decaySteps: 3, decayRate: 0.5 }), momentum: 0.8 }),
}

describe('optimizers give the numbers of JAX on nested parameters', () => {
  test('all are here', () => expect(named('optimizer').map(([name]) => name)).toEqual(Object.keys(optimizers)))
  describe.each(named('optimizer'))('%s', (name, c) => {
    const [init, update, getParams] = optimizers[name] as unknown as nn.Optimizer<'momentum'>
    const tolerance = { rtol: 1e-5, atol: 1e-6 }
    test('eagerly', () => {
      let state = init(start)
      gradients.forEach((g, i) => {
        state = update(i, g, state as never)
        expectGolden(getParams(state), c.steps[i]!, tolerance, `step ${i}`)
      })
    })
    test('compiled', async () => {
      const compiled = jit((i: NDArray, g: Params, state: ReturnType<typeof init<Params>>) =>
        update(i, g, state as never),
      )
      let state = init(start)
      for (const [i, g] of gradients.entries()) {
        state = compiled(np.array(i, { dtype: 'int32' }), g, state) as never
        const { a, b } = getParams(state) as unknown as Params
        await Promise.all([a, ...b].map((x) => x.ready()))
        expectGolden(getParams(state), c.steps[i]!, tolerance, `step ${i}`)
      }
    })
  })
})

const warm = { initValue: 0, peakValue: 1, warmupSteps: 5 }
const everySchedule: Readonly<Record<string, schedules.Schedule>> = {
  'linear(1,0.1,10)': schedules.linear(1, { endValue: 0.1, transitionSteps: 10 }),
  'linear(0,2,7,3)': schedules.linear(0, { endValue: 2, transitionSteps: 7, transitionBegin: 3 }),
  'cosineDecay(0.5,10)': schedules.cosineDecay(0.5, { decaySteps: 10 }),
  'cosineDecay(0.5,13,0.1,2)': schedules.cosineDecay(0.5, { decaySteps: 13, alpha: 0.1, exponent: 2 }),
  join: schedules.join(
    [schedules.constant(1), schedules.linear(1, { endValue: 0, transitionSteps: 4 }), schedules.constant(0.25)],
    [5, 12],
  ),
  'warmupConstant(0.1,1,6)': schedules.warmupConstant({ initValue: 0.1, peakValue: 1, warmupSteps: 6 }),
  'warmupCosineDecay(0,1,5,20)': schedules.warmupCosineDecay({ ...warm, decaySteps: 20 }),
  'warmupCosineDecay(0.1,0.8,3,17,0.05,1.5)': schedules.warmupCosineDecay({
    initValue: 0.1,
    peakValue: 0.8,
    warmupSteps: 3,
    decaySteps: 17,
    endValue: 0.05,
    exponent: 1.5,
  }),
  'warmupExponentialDecay(0,1,5,4,0.5)': schedules.warmupExponentialDecay({
    ...warm,
    transitionSteps: 4,
    decayRate: 0.5,
  }),
  'warmupExponentialDecay(0,1,5,4,0.5,2,staircase,0.2)': schedules.warmupExponentialDecay({
    ...warm,
    transitionSteps: 4,
    decayRate: 0.5,
    transitionBegin: 2,
    staircase: true,
    endValue: 0.2,
  }),
  'cosineOnecycle(20,1)': schedules.cosineOnecycle({ transitionSteps: 20, peakValue: 1 }),
  'cosineOnecycle(20,1,0.5,10,100)': schedules.cosineOnecycle({
    transitionSteps: 20,
    peakValue: 1,
    pctStart: 0.5,
    divFactor: 10,
    finalDivFactor: 100,
  }),
  'linearOnecycle(20,1)': schedules.linearOnecycle({ transitionSteps: 20, peakValue: 1 }),
  'linearOnecycle(25,2,0.2,0.6,10,100)': schedules.linearOnecycle({
    transitionSteps: 25,
    peakValue: 2,
    pctStart: 0.2,
    pctFinal: 0.6,
    divFactor: 10,
    finalDivFactor: 100,
  }),
  'piecewiseInterpolate(linear)': schedules.piecewiseInterpolate('linear', 1, [
    [4, 0.5],
    [9, 0.1],
  ]),
  'piecewiseInterpolate(cosine)': schedules.piecewiseInterpolate('cosine', 1, [
    [4, 0.5],
    [9, 3],
  ]),
  sgdr: schedules.sgdr([
    { initValue: 0, peakValue: 1, warmupSteps: 2, decaySteps: 8 },
    { initValue: 0.1, peakValue: 0.5, warmupSteps: 3, decaySteps: 12 },
  ]),
}

describe('schedules give the numbers of optax', () => {
  test('all are here', () => expect(named('schedule').map(([name]) => name)).toEqual(Object.keys(everySchedule)))
  test.each(named('schedule'))('%s', (name, c) => {
    const schedule = everySchedule[name]!
    const tolerance = { rtol: 1e-5, atol: 2e-7 }
    expect(c.steps.map((step) => schedule(step) as number)).toBeAllclose([...c.values], tolerance)
    const traced = jit((step: NDArray) => np.asarray(schedule(step)), { device: 'js' })
    const atArrays = c.steps.map((step) => traced(np.array(step, { dtype: 'int32' })).item())
    expect(atArrays).toBeAllclose([...c.values], tolerance)
    // A number is a number inside a compiled function too.
    const constant = jit((x: NDArray) => x.mul(schedule(c.steps[7]!)), { device: 'js' })
    expect(constant(np.ones([])).item()).toBeCloseTo(c.values[7]!, 5)
  })
})

test('a warm-up of no steps is none', () => {
  // optax 0.2.5: warmup_cosine_decay_schedule(0., 1., 0, 10) and warmup_exponential_decay_schedule(0., 1., 0, 10, .5).
  const cosine = schedules.warmupCosineDecay({ initValue: 0, peakValue: 1, warmupSteps: 0, decaySteps: 10 })
  expect([0, 1, 2, 5].map((t) => cosine(t) as number)).toBeAllclose([1, 0.97552824, 0.9045085, 0.5], { rtol: 1e-6 })
  const decay = { initValue: 0, peakValue: 1, warmupSteps: 0, transitionSteps: 10, decayRate: 0.5 }
  const exponential = schedules.warmupExponentialDecay(decay)
  expect([0, 1, 2, 5].map((t) => exponential(t) as number)).toBeAllclose([1, 0.933033, 0.87055057, 0.70710677], {
    rtol: 1e-6,
  })
  // Alone it has nothing to reach.
  expect(() => schedules.warmupConstant({ initValue: 0, peakValue: 1, warmupSteps: 0 })).toThrow(
    'warmupConstant: warmupSteps must be a positive number of steps, not 0',
  )
})
