import {
  DTypeError,
  jit,
  lax,
  np,
  type NDArray,
  random,
  ShapeError,
  TreeError,
  ValueError,
  vmap,
} from '@cotangent/autodiff'
import {
  adam,
  adamw,
  addDecayedWeights,
  applyUpdates,
  chain,
  clipByGlobalNorm,
  clipGrads,
  globalNorm,
  initializers,
  l2Norm,
  masked,
  momentum,
  optimizer,
  partition,
  scale,
  scaleByAdam,
  scaleByLearningRate,
  scaleBySchedule,
  scaleByTrustRatio,
  schedules,
  sgd,
  sm3,
  trace,
  transforms,
} from '@cotangent/nn'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import '../helpers/matchers.ts'
import { draws } from '../helpers/draws.ts'

interface Params {
  readonly w: NDArray
  readonly b: readonly [NDArray]
}
const params: Params = { w: np.array([[1, -2, 3]]), b: [np.array([0.5])] }
const gradients: Params = { w: np.array([[2, 2, -1]]), b: [np.array([4])] }

describe('a gradient transformation', () => {
  test('keeps the type of the parameters, as an optimizer too', () => {
    const [updates] = scale(2).update(gradients, [], params)
    expectTypeOf(updates).toEqualTypeOf<Params>()
    const [init, update, getParams] = optimizer(scale(-1))
    expectTypeOf(getParams(update(0, gradients, init(params)))).toEqualTypeOf<Params>()
  })

  test('in a chain is what they are one after the other', () => {
    const number = fc.double({ min: -4, max: 4, noNaN: true })
    fc.assert(
      fc.property(fc.array(number, { minLength: 3, maxLength: 3 }), number, number, (g, a, b) => {
        const both = chain(scale(a), chain(), scale(b))
        const x = np.array(g, { dtype: 'float64' })
        expect(both.update(x, both.init(x))[0]).toBeAllclose(x.mul(a).mul(b), { rtol: 1e-12 })
      }),
      draws(30),
    )
  })

  test('adam as a transformation is the optimizer adam', () => {
    const [init, update, getParams] = adam({ stepSize: 0.1 })
    const [begin, step, paramsOf] = optimizer(transforms.adam({ learningRate: 0.1 }))
    let [a, b] = [init(params), begin(params)]
    for (let i = 0; i < 5; i++) [a, b] = [update(i, gradients, a), step(i, gradients, b)]
    expect(getParams(a).w).toBeAllclose(paramsOf(b).w, { rtol: 1e-6 })
  })

  test('takes float64 with its digits, and leaves the dtypes of parameters', () => {
    const x = np.array([1, 2], { dtype: 'float64' })
    const [init, update, getParams] = adamw({ stepSize: schedules.constant(0.1), weightDecay: 0 })
    const next = getParams(update(0, np.array([0.3, -7], { dtype: 'float64' }), init(x)))
    expect(next.dtype).toBe('float64')
    expect(next).toBeAllclose([0.9, 2.1], { rtol: 1e-8 })
    const half = np.ones([2], { dtype: 'float16' })
    expect(applyUpdates(half, np.array([0.5, 1])).dtype).toBe('float16')
  })

  test('is batched: several trainings at once', () => {
    const [init, update, getParams] = optimizer(chain(clipByGlobalNorm(1), scaleByAdam(), scaleByLearningRate(0.1)))
    const train = (x: NDArray): NDArray => {
      let state = init(x)
      for (let i = 0; i < 3; i++) state = update(i, getParams(state).mul(2), state)
      return getParams(state)
    }
    const starts = np.array([
      [1, -2],
      [0.1, 0.2],
    ])
    expect(vmap(train)(starts)).toBeAllclose(np.stack(starts.unstack(2).map(train)))
  })

  test('a masked one passes the others on, and keeps no state for them', () => {
    const { init, update } = masked(trace(0.5), { w: true, b: false })
    const [, state] = update(gradients, init(params))
    const [updates, next] = update(gradients, state)
    expect(updates.w).toBeAllclose([[3, 3, -1.5]])
    expect(updates.b[0]).toBe(gradients.b[0])
    expect((next as { inner: { trace: { b: unknown } } }).inner.trace.b).toBe(null)
  })

  test('a learning rate may be traced', async () => {
    const step = (rate: NDArray): NDArray => {
      const [init, update, getParams] = optimizer(transforms.sgd({ learningRate: rate }))
      return getParams(update(0, np.array([2, 4]), init(np.array([1, 1]))))
    }
    expect(vmap(step)(np.array([0, 0.5]))).toBeAllclose([
      [1, 1],
      [0, -1],
    ])
    expect(await jit(step)(np.array(0.5)).ready()).toBeAllclose([0, -1])
    expect(sgd({ stepSize: np.array(0.5) })[1](0, np.array([2]), { params: np.array([1]) }).params).toBeAllclose([0])
  })
})

test('l2Norm and clipGrads have the dtype of the gradients and bound their norm', () => {
  const number = fc.double({ min: -1e3, max: 1e3, noNaN: true })
  fc.assert(
    fc.property(
      fc.array(number, { minLength: 1, maxLength: 4 }),
      number,
      fc.double({ min: 0.1, max: 10, noNaN: true }),
      (a, b, most) => {
        const tree = { a: np.array(a, { dtype: 'float64' }), b: [np.array(b, { dtype: 'float64' })] }
        const norm = Math.hypot(...a, b)
        expect(l2Norm(tree)).toBeAllclose(norm, { rtol: 1e-12 })
        expect(globalNorm(tree)).toBeAllclose(norm, { rtol: 1e-12 })
        for (const clipped of [clipGrads(tree, most), clipByGlobalNorm(most).update(tree, [])[0]]) {
          expect(clipped.a.dtype).toBe('float64')
          expect(l2Norm(clipped)).toBeAllclose(Math.min(norm, most), { rtol: 1e-6 })
        }
      },
    ),
    draws(30),
  )
})

describe('norms of trees', () => {
  const half = (x: number[]): NDArray => np.array(x).astype('bfloat16')
  test.each([
    ['nothing', {}, 0, 'float32'],
    ['no numbers', [np.zeros([0, 3]), []], 0, 'float32'],
    ['scalars', { a: 3, b: [np.array(4, { dtype: 'float64' })] }, 5, 'float64'],
    // As JAX 0.10.2 says.
    ['bfloat16', { a: half([3, 4.3]), b: half([-0.5]) }, 5.28125, 'bfloat16'],
    ['complex numbers', { a: np.array([3, 4]).mul(lax.complex(np.array(0.6), np.array(0.8))) }, 5, 'float32'],
    ['whole numbers', { a: np.array([3, 4], { dtype: 'int32' }) }, 5, 'float32'],
  ] as const)('of %s', (_, tree, norm, dtype) => {
    for (const found of [l2Norm(tree), globalNorm(tree)]) {
      expect(found.dtype).toBe(dtype)
      expect(found.astype('float32')).toBeAllclose(norm, { rtol: 1e-6 })
    }
  })

  test('clipping keeps shares of whole numbers, and zeros', () => {
    const whole = clipGrads({ a: np.array([3, 4], { dtype: 'int32' }) }, 1)
    expect(whole.a).toBeAllclose([0.6, 0.8])
    for (const zeros of [clipGrads([np.zeros([2])], 0), clipByGlobalNorm(0).update([np.zeros([2])], [])[0]]) {
      expect(zeros[0]).toBeIdentical(np.zeros([2]))
    }
    expect(clipGrads({ a: half([30, 40]), b: 0 }, 5).a.dtype).toBe('bfloat16')
    expect(clipGrads({ a: half([30, 40]), b: 0 }, 5).a.astype('float32')).toBeAllclose([3, 4])
  })
})

describe('sm3', () => {
  const [init, update, getParams] = sm3({ stepSize: 0.1 })
  test('keeps one accumulator an axis', () => {
    const state = init({ w: np.ones([2, 3]), c: 1 })
    expect(state.accumulators.w.map(({ shape }) => shape)).toEqual([[2], [3]])
    expect(state.accumulators.c.map(({ shape }) => shape)).toEqual([[1]])
    const next = update(0, { w: np.ones([2, 3]), c: np.array(2) }, state)
    expect(next.accumulators.w[1]).toBeAllclose([1, 1, 1])
    expect(getParams(next).w).toBeAllclose(np.full([2, 3], 0.99))
  })
  test('on vectors without momentum is adagrad', () => {
    const [begin, step, paramsOf] = transforms.optimizer(
      transforms.adagrad({ learningRate: 0.1, initialAccumulatorValue: 0, eps: 0 }),
    )
    const [first, next, final] = sm3({ stepSize: 0.1, momentum: 0 })
    const g = np.array([1, -2, 0.5])
    let [a, b] = [begin(g), first(g)]
    for (let i = 0; i < 3; i++) [a, b] = [step(i, g.mul(i + 1), a), next(i, g.mul(i + 1), b)]
    expect(final(b)).toBeAllclose(paramsOf(a), { rtol: 1e-6 })
  })
})

describe('what does not fit is refused', () => {
  const adamState = scaleByAdam().init(params)
  test.each([
    [() => scale(2).update({ w: null, b: 'x' } as never, []), TreeError, /scale: updates.b is a string/],
    [
      () => applyUpdates(params, { w: params.w } as never),
      TreeError,
      /applyUpdates: the updates are \{w: \*\}, the parameters \{b: \[\*\], w: \*\}/,
    ],
    [
      () => applyUpdates(params, { ...params, w: np.ones([2, 3]) }),
      ShapeError,
      /applyUpdates: updates.w is \[2, 3\], in the parameters it is \[1, 3\]/,
    ],
    [
      () => addDecayedWeights(0.1).update(gradients, []),
      TreeError,
      /addDecayedWeights: it needs the parameters; call update\(updates, state, params\)/,
    ],
    [() => scaleByTrustRatio().update(gradients, []), TreeError, /scaleByTrustRatio: it needs the parameters/],
    [() => scaleByAdam().update(gradients, []), TreeError, /scaleByAdam: the state has no mu, nu/],
    [() => scaleByAdam().update(gradients, null), TreeError, /scaleByAdam: the state has no mu, nu/],
    [
      () => scaleByAdam().update({ w: gradients.w } as never, adamState),
      TreeError,
      /scaleByAdam: the updates are \{w: \*\}, mu of the state/,
    ],
    [
      () => chain(scale(1), scale(2)).update(gradients, [[]]),
      TreeError,
      /chain: the state of 2 transformations is a list of 1/,
    ],
    [
      () => masked(scale(1), { w: true }).init(params),
      TreeError,
      /masked: the mask does not fit the parameters at params;/,
    ],
    [() => masked(scale(1), { w: true, b: [1] }).init(params), TreeError, /at params.b\[0\]/],
    [() => masked(scale(1), true).update(gradients, []), TreeError, /masked: the state has no inner/],
    [() => partition({ a: scale(1) }, 'c').init(params), ValueError, /no transformation for the label 'c', only for a/],
    [() => partition({ a: scale(1) }, 3).init(params), TreeError, /a label is 3/],
    [() => optimizer(adam({ stepSize: 1 }) as never), ValueError, /it takes a gradient transformation/],
    [() => optimizer(undefined as never), ValueError, /it takes a gradient transformation/],
    [
      () => optimizer(scale(1))[0]({ n: np.array(1, { dtype: 'int32' }) }),
      DTypeError,
      /optimizer: params.n is int32; only floats can be trained/,
    ],
    [
      () => optimizer(scale(1))[1](0, [params.w] as never, optimizer(scale(1))[0](params)),
      TreeError,
      /optimizer: the gradients are \[\*\]/,
    ],
    [
      () => transforms.adamw({ learningRate: 0.1, weight_decay: 1 } as never),
      ValueError,
      /adamw has no option weight_decay/,
    ],
    [() => transforms.sgd({} as never), ValueError, /scaleByLearningRate: the step size is undefined/],
    [() => transforms.sgd(0.1 as never), ValueError, /sgd: options are given by name/],
    [() => scaleBySchedule('fast' as never), ValueError, /scaleBySchedule: the step size is "fast"/],
    [
      () => adam({} as never),
      ValueError,
      /adam: the step size is undefined; give a number or a schedule, as \{ stepSize: 1e-3 \}/,
    ],
    [() => adam(undefined as never), ValueError, /adam: options are given by name/],
    [() => momentum({ stepSize: 0.1 } as never), ValueError, /momentum: the mass is undefined/],
    [
      () => sm3({ stepSize: 0.1 })[1](0, [params.w] as never, sm3({ stepSize: 0.1 })[0](params) as never),
      TreeError,
      /sm3: the gradients are \[\*\]/,
    ],
    [
      () => schedules.linear(1, { endValue: 0, transitionSteps: 0 }),
      ValueError,
      /linear: transitionSteps must be a positive number of steps, not 0/,
    ],
    [() => schedules.cosineDecay(1, { decaySteps: -1 }), ValueError, /cosineDecay: decaySteps must be a positive/],
    [
      () => schedules.warmupCosineDecay({ initValue: 0, peakValue: 1, warmupSteps: 5, decaySteps: 5 }),
      ValueError,
      /decaySteps without the warm-up must be a positive/,
    ],
    [
      () => schedules.join([schedules.constant(1)], [3]),
      ValueError,
      /1 schedules need 0 boundaries between them, 1 were given/,
    ],
    [() => schedules.piecewiseInterpolate('cubic' as never, 1, []), ValueError, /the kind is "cubic"/],
    [
      () =>
        schedules.piecewiseInterpolate('linear', 1, [
          [5, 1],
          [4, 1],
        ]),
      ValueError,
      /the boundary \[4, 1\] must be a step after 5/,
    ],
    [
      () => schedules.exponentialDecay(0.1, { decaySteps: 10 } as never),
      ValueError,
      /exponentialDecay: decayRate is undefined; it must be a number/,
    ],
    [
      () => schedules.exponentialDecay(0.1, undefined as never),
      ValueError,
      /exponentialDecay: options are given by name/,
    ],
    [
      () => schedules.polynomialDecay(0.1, { decaySteps: 0, finalStepSize: 0 }),
      ValueError,
      /polynomialDecay: decaySteps must be a positive number/,
    ],
    [
      () => schedules.inverseTimeDecay(0.1, { decaySteps: 2, decayRate: 1, stair: true } as never),
      ValueError,
      /inverseTimeDecay has no option stair/,
    ],
    [() => schedules.linear(1, { transitionSteps: 3 } as never), ValueError, /linear: endValue is undefined/],
    [
      () => sgd({ stepSize: () => undefined as never })[1](0, params.w, { params: params.w }),
      ValueError,
      /sgd: the schedule gives undefined/,
    ],
    [() => schedules.sgdr([]), ValueError, /there are no cycles/],
    [
      () => initializers.orthogonal()(random.PRNGKey(0), [3]),
      ShapeError,
      /orthogonal: the shape \[3\] has no rows and columns/,
    ],
    [
      () => initializers.deltaOrthogonal()(random.PRNGKey(0), [3, 3, 4, 2]),
      ShapeError,
      /deltaOrthogonal: the shape \[3, 3, 4, 2\] must be a window/,
    ],
    [
      () =>
        initializers.varianceScaling({ scale: 1, mode: 'in' as never, distribution: 'normal' })(
          random.PRNGKey(0),
          [2, 2],
        ),
      ValueError,
      /the mode is "in"/,
    ],
    [
      () =>
        initializers.varianceScaling({ scale: 1, mode: 'fanIn', distribution: 'gauss' as never })(
          random.PRNGKey(0),
          [2, 2],
        ),
      ValueError,
      /the distribution is "gauss"/,
    ],
  ] as const)('%#', (f, error, message) => {
    expect(f as () => unknown).toThrow(error)
    expect(f as () => unknown).toThrow(message)
  })
})
