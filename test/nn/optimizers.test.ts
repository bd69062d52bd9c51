import { DTypeError, jit, np, type NDArray, ShapeError, TreeError, vmap } from '@cotangent/autodiff'
import {
  adagrad,
  adam,
  adamax,
  adamw,
  type AnyOptimizer,
  momentum,
  nesterov,
  type Optimizer,
  rmsprop,
  rmspropMomentum,
  schedules,
  sgd,
  sm3,
} from '@cotangent/nn'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import '../helpers/matchers.ts'
import { draws } from '../helpers/draws.ts'

const number = fc.double({ min: -10, max: 10, noNaN: true })

/** Adam as the paper writes it, on plain numbers. */
function adamByHand(
  x0: number[],
  gradients: number[][],
  stepSize: number,
  b1: number,
  b2: number,
  eps: number,
): number[] {
  const [x, m, v] = [[...x0], x0.map(() => 0), x0.map(() => 0)]
  gradients.forEach((g, t) => {
    for (let i = 0; i < x.length; i++) {
      m[i] = b1 * m[i]! + (1 - b1) * g[i]!
      v[i] = b2 * v[i]! + (1 - b2) * g[i]! ** 2
      const mean = m[i]! / (1 - b1 ** (t + 1))
      const square = v[i]! / (1 - b2 ** (t + 1))
      x[i] = x[i]! - (stepSize * mean) / (Math.sqrt(square) + eps)
    }
  })
  return x
}

const float64 = (x: number[]): NDArray => np.array(x, { dtype: 'float64' })

test('adam is the formula of the paper, its steps counted by numbers and by arrays', () => {
  const pair = fc.tuple(number, number)
  fc.assert(
    fc.property(
      pair,
      fc.array(pair, { minLength: 1, maxLength: 6 }),
      fc.double({ min: 1e-4, max: 1, noNaN: true }),
      fc.double({ min: 0, max: 0.99, noNaN: true }),
      fc.double({ min: 0.5, max: 0.9999, noNaN: true }),
      (x0, gradients, stepSize, b1, b2) => {
        const [init, update, getParams] = adam({ stepSize, b1, b2, eps: 1e-6 })
        const expected = adamByHand(x0, gradients, stepSize, b1, b2, 1e-6)
        for (const step of [(t: number) => t, (t: number) => np.array(t, { dtype: 'int32' })]) {
          let state = init(float64(x0))
          gradients.forEach((g, t) => (state = update(step(t), float64(g), state)))
          expect(getParams(state).dtype).toBe('float64')
          expect(getParams(state)).toBeAllclose(expected, { rtol: 1e-11, atol: 1e-11 })
        }
      },
    ),
    draws(50),
  )
})

describe('states', () => {
  interface Params {
    readonly w: NDArray
    readonly layers: readonly [readonly [NDArray, NDArray], readonly []]
  }
  const params: Params = { w: np.ones([2, 3]), layers: [[np.zeros([2]), np.ones([])], []] }
  const [init, update, getParams] = adam({ stepSize: 0.1 })

  test('are trees of the type of the parameters', () => {
    const state = init(params)
    expectTypeOf(state.m).toEqualTypeOf<Params>()
    expectTypeOf(getParams(state)).toEqualTypeOf<Params>()
    expect(Object.keys(state)).toEqual(['params', 'm', 'v'])
    expect(Object.keys(sgd({ stepSize: 1 })[0](params))).toEqual(['params'])
    expect(getParams(state).w).toBe(params.w)
    const next = update(0, params, state)
    expectTypeOf(next).toEqualTypeOf<typeof state>()
    expect(next.params.w).toBeAllclose(np.full([2, 3], 0.9))
    // A gradient of 0 moves nothing.
    expect(next.params.layers[0][0]).toBeIdentical(np.zeros([2]))
    expect(state.m.w).toBeIdentical(np.zeros([2, 3]))
  })

  test('go through jit, with the step traced, and give the same numbers', async () => {
    const state = init(params)
    const step = jit((i: NDArray, g: Params, s: typeof state) => update(i, g, s))
    const one = step(np.array(0, { dtype: 'int32' }), params, state)
    const two = step(np.array(1, { dtype: 'int32' }), params, one)
    const direct = update(1, params, update(0, params, state))
    expect(await two.params.w.ready()).toBeAllclose(direct.params.w)
    expect(await two.v.w.ready()).toBeAllclose(direct.v.w)
  })

  test('go through vmap: several trainings at once', () => {
    const train = (x: NDArray): NDArray => {
      let state = init({ x })
      for (let i = 0; i < 3; i++) state = update(i, { x: state.params.x.mul(2) }, state)
      return state.params.x
    }
    const starts = np.array([1, -2, 3])
    expect(vmap(train)(starts)).toBeAllclose(np.stack(starts.unstack(3).map(train)))
  })

  test('keep the dtype of the parameters, whatever that of the schedule', () => {
    const stepSize = (): NDArray => np.array(0.5, { dtype: 'float64' })
    for (const make of [sgd({ stepSize }), adam({ stepSize }), adamax({ stepSize })]) {
      const state = make[0](np.ones([2]))
      expect(make[1](0, np.ones([2]), state as never).params.dtype).toBe('float32')
    }
  })

  test.each(['float16', 'bfloat16', 'float64'] as const)(
    'of %s parameters stay so, and go where float32 goes',
    (dtype) => {
      const rate = { stepSize: 0.1 }
      const every: readonly AnyOptimizer[] = [
        sgd(rate),
        momentum({ ...rate, mass: 0.9 }),
        nesterov({ ...rate, mass: 0.9 }),
        adagrad(rate),
        rmsprop(rate),
        rmspropMomentum(rate),
        adam(rate),
        adamax(rate),
        sm3(rate),
        adamw(rate),
      ]
      const gradient = (t: number): NDArray => np.array([0.5, -0.25, 1]).mul(t + 1)
      for (const optimizer of every) {
        const [begin, step, paramsOf] = optimizer as unknown as Optimizer
        for (const count of [(t: number) => t, (t: number) => np.array(t, { dtype: 'int32' })]) {
          let [state, exact] = [begin(np.ones([3], { dtype })), begin(np.ones([3]))]
          for (let t = 0; t < 3; t++) {
            state = step(count(t), gradient(t).astype(dtype), state)
            exact = step(t, gradient(t), exact)
          }
          expect(paramsOf(state).dtype).toBe(dtype)
          expect(paramsOf(state).astype('float32')).toBeAllclose(paramsOf(exact), { rtol: 0.02, atol: 0.02 })
        }
      }
    },
  )

  test('take parameters that are plain numbers', () => {
    const state = init({ a: 1, b: [2, 3] })
    expect(getParams(state).b[1]!.item()).toBe(3)
  })
})

describe('what does not fit is refused', () => {
  const params = { w: np.ones([2, 3]), b: np.ones([3]) }
  const [init, update] = momentum({ stepSize: 0.1, mass: 0.9 })
  const state = init(params)
  test.each([
    [
      () => update(0, { w: params.w } as never, state),
      TreeError,
      /momentum: the gradients are \{w: \*\}, the parameters \{b: \*, w: \*\}/,
    ],
    [
      () => update(0, { w: np.ones([3, 2]), b: params.b }, state),
      ShapeError,
      /momentum: gradients.w is \[3, 2\], in the parameters it is \[2, 3\]/,
    ],
    [
      () => update(0, { w: params.w, b: params.b.astype('float64') }, state),
      DTypeError,
      /gradients.b is float64, its parameters are float32/,
    ],
    [
      () => init([np.ones([2], { dtype: 'int32' })]),
      DTypeError,
      /momentum: params\[0\] is int32; only floats can be trained/,
    ],
    [() => update(np.ones([2]), params, state), ShapeError, /the step has shape \[2\]/],
    [() => schedules.piecewiseConstant([1, 2], [1, 2]), Error, /2 boundaries need 3 values, 2 were given/],
    [() => schedules.piecewiseConstant([2, 1], [1, 2, 3]), Error, /do not increase/],
  ] as const)('%#', (f, error, message) => {
    expect(f).toThrow(error)
    expect(f).toThrow(message)
  })
})
