import { grad, jit, type Key, legacyRandom, np, type NDArray, valueAndGrad } from '@cotangent/autodiff'
import * as nn from '@cotangent/nn'
import {
  adam,
  type AnyOptimizer,
  adamax,
  clipGrads,
  Dense,
  l2Norm,
  momentum,
  type Optimizer,
  schedules,
  serial,
  sgd,
  Tanh,
} from '@cotangent/nn'
import { describe, expect, test } from 'vitest'
import { expectGolden, type GoldenArray, goldenCases, goldenNumbers, type GoldenTree } from '../helpers/golden.ts'

interface Case {
  readonly fn: string
  readonly w0?: GoldenArray
  readonly key: readonly number[]
  readonly steps: readonly (GoldenArray & number)[]
  readonly values?: readonly GoldenArray[]
  readonly losses?: readonly GoldenArray[]
  readonly final: GoldenTree
  readonly tree: GoldenTree
  readonly out: GoldenTree
}

const cases = goldenCases<Case>('nn/stax.json').filter((c) => c.fn.startsWith('optimizers.'))
const named = (select: (c: Case) => boolean): (readonly [string, Case])[] =>
  cases.filter(select).map((c) => [c.fn.slice('optimizers.'.length), c] as const)

const optimizers: Readonly<Record<string, AnyOptimizer>> = {
  'sgd(0.1)': sgd({ stepSize: 0.1 }),
  'momentum(0.1,0.9)': momentum({ stepSize: 0.1, mass: 0.9 }),
  'nesterov(0.05,0.9)': nn.nesterov({ stepSize: 0.05, mass: 0.9 }),
  'adagrad(0.1)': nn.adagrad({ stepSize: 0.1 }),
  'adagrad(0.1,momentum=0.5)': nn.adagrad({ stepSize: 0.1, momentum: 0.5 }),
  'rmsprop(0.01)': nn.rmsprop({ stepSize: 0.01 }),
  'rmsprop(0.01,0.95,1e-6)': nn.rmsprop({ stepSize: 0.01, gamma: 0.95, eps: 1e-6 }),
  'rmsprop_momentum(0.01)': nn.rmspropMomentum({ stepSize: 0.01 }),
  'adam(1e-3)': adam({ stepSize: 1e-3 }),
  'adam(0.1,0.8,0.99,1e-6)': adam({ stepSize: 0.1, b1: 0.8, b2: 0.99, eps: 1e-6 }),
  'adamax(0.01)': adamax({ stepSize: 0.01 }),
  'sm3(0.1)': nn.sm3({ stepSize: 0.1 }),
  'adam(exponential_decay(0.1,2,0.5))': adam({
    stepSize: schedules.exponentialDecay(0.1, { decaySteps: 2, decayRate: 0.5 }),
  }),
  'sgd(piecewise_constant([2,4],[0.1,0.05,0.01]))': sgd({
    stepSize: schedules.piecewiseConstant([2, 4], [0.1, 0.05, 0.01]),
  }),
}

const A = np.array([
  [3, 1, 0],
  [1, 2, 0.5],
  [0, 0.5, 1],
])
const b = np.array([1, -1, 2])
const loss = (w: NDArray): NDArray => np.dot(w, np.dot(A, w)).mul(0.5).sub(np.dot(b, w)).add(w.pow(4).sum().mul(0.1))

const goldenToArray = (g: GoldenArray): NDArray =>
  np.array(goldenNumbers(g.data!), { shape: g.shape, dtype: 'float32' })

describe('optimizers give the numbers of jax.example_libraries.optimizers', () => {
  const steps = { rtol: 3e-6, atol: 3e-7 }
  describe.each(named((c) => c.w0 !== undefined && c.fn.slice(11) in optimizers))('%s', (name, c) => {
    const [init, update, getParams] = optimizers[name] as unknown as Optimizer
    test('steps counted by numbers', () => {
      let state = init(goldenToArray(c.w0!))
      c.steps.forEach((golden, i) => {
        state = update(i, grad(loss)(getParams(state)), state)
        expectGolden(getParams(state), golden, steps, `step ${i}`)
      })
    })

    test.each(['js', 'cpu'] as const)('steps counted by arrays, compiled for %s', async (device) => {
      const step = jit(
        (i: NDArray, state: ReturnType<typeof init<NDArray>>) => update(i, grad(loss)(getParams(state)), state),
        {
          device,
        },
      )
      let state = init(goldenToArray(c.w0!))
      for (const [i, golden] of c.steps.entries()) {
        state = step(np.array(i, { dtype: 'int32' }), state)
        await getParams(state).ready()
        expectGolden(getParams(state), golden, steps, `step ${i}`)
      }
    })
  })

  test.each(named((c) => c.losses !== undefined && c.fn.slice(11).split(' ')[0]! in optimizers))('%s', (name, c) => {
    const [init, update, getParams] = optimizers[name.split(' ')[0]!] as unknown as Optimizer
    const key = np.array([...c.key], { dtype: 'uint32' }) as Key
    const [initModel, apply] = serial(Dense(6), Tanh, Dense(1))
    const [, params] = initModel(key, [2], { random: legacyRandom })
    const x = legacyRandom.normal(legacyRandom.foldIn(key, 9), [8, 2])
    const y = x.slice(null, [0, 1]).mul(x.slice(null, [1, null]))
    const error = (p: typeof params): NDArray => apply(p, x).sub(y).square().mean()
    let state = init(params)
    c.losses!.forEach((golden, i) => {
      const [value, gradient] = valueAndGrad(error)(getParams(state))
      expectGolden(value, golden, { rtol: 5e-6 }, `loss ${i}`)
      state = update(i, gradient, state)
    })
    expectGolden(getParams(state), c.final, { rtol: 1e-5, atol: 1e-6 }, 'the last parameters')
  })
})

const decay = { decaySteps: 10, decayRate: 0.5 }
const everySchedule: Readonly<Record<string, schedules.Schedule>> = {
  'constant(0.3)': schedules.constant(0.3),
  'exponential_decay(0.1,10,0.5)': schedules.exponentialDecay(0.1, decay),
  'inverse_time_decay(0.1,10,0.5)': schedules.inverseTimeDecay(0.1, decay),
  'inverse_time_decay(0.1,10,0.5,staircase)': schedules.inverseTimeDecay(0.1, { ...decay, staircase: true }),
  'polynomial_decay(0.1,20,0.01,2.0)': schedules.polynomialDecay(0.1, {
    decaySteps: 20,
    finalStepSize: 0.01,
    power: 2,
  }),
  'piecewise_constant([5,15],[1,0.5,0.1])': schedules.piecewiseConstant([5, 15], [1, 0.5, 0.1]),
}

describe('schedules give the numbers of jax.example_libraries.optimizers', () => {
  const present = named((c) => c.values !== undefined)
  test('all are here', () => expect(present.map(([name]) => name)).toEqual(Object.keys(everySchedule)))
  test.each(present)('%s', (name, c) => {
    c.steps.forEach((step, i) => {
      const golden = goldenNumbers(c.values![i]!.data!)[0]!
      expect(everySchedule[name]!(step)).toBeAllclose(golden)
      for (const dtype of ['int32', 'float32'] as const) {
        expect(np.asarray(everySchedule[name]!(np.array(step, { dtype })))).toBeAllclose(golden)
      }
    })
  })
})

describe('norms give the numbers of jax.example_libraries.optimizers', () => {
  const toTree = (golden: GoldenTree): { a: NDArray; b: NDArray[] } => {
    const g = golden as { a: GoldenArray; b: GoldenArray[] }
    return { a: goldenToArray(g.a), b: [goldenToArray(g.b[0]!)] }
  }
  test.each(named((c) => c.fn.includes('l2_norm') || c.fn.includes('clip_grads')))('%s', (name, c) => {
    const tree = toTree(c.tree)
    expectGolden(name === 'l2_norm' ? l2Norm(tree) : clipGrads(tree, 1.5), c.out)
    expect(clipGrads(tree, 1e6).a).toBeIdentical(tree.a)
  })
})
