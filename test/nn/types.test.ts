import { evalShape, grad, jit, type Key, type NDArray, np, random, type Shape, vmap } from '@cotangent/autodiff'
import * as nn from '@cotangent/nn'
import {
  adam,
  BatchNorm,
  Conv,
  type ConvParams,
  Dense,
  type DenseParams,
  FanInConcat,
  FanInSum,
  FanOut,
  Identity,
  type InputOf,
  type Layer,
  loadParams,
  named,
  optimizer,
  type OutputOf,
  parallel,
  type ParamsOf,
  saveParams,
  serial,
  shapeDependent,
  summary,
  Tanh,
  transforms,
} from '@cotangent/nn'
import { describe, expect, expectTypeOf, test } from 'vitest'

// Types are checked by the compiler; what runs here shows that the values have them.
type None = readonly []

describe('layers are typed by their parameters, inputs and outputs', () => {
  test('parameters that a layer does not have are empty', () => {
    expectTypeOf<ParamsOf<ReturnType<typeof BatchNorm>>[0]>().toEqualTypeOf<NDArray | None>()
    const [, [none]] = BatchNorm({ center: false })[0](random.PRNGKey(0), [-1, 3, 3, 1])
    expectTypeOf(none).toEqualTypeOf<None>()
    const [, [beta, gamma]] = BatchNorm({ axis: 0, scale: false })[0](random.PRNGKey(0), [-1, 3])
    expectTypeOf(beta).toEqualTypeOf<NDArray>()
    expectTypeOf(gamma).toEqualTypeOf<None>()
    expect([none, beta.shape, gamma]).toEqual([[], [3], []])
  })

  test('FanOut and parallel give tuples, what joins them takes lists', () => {
    expectTypeOf<OutputOf<ReturnType<typeof FanOut<3>>>>().toEqualTypeOf<[NDArray, NDArray, NDArray]>()
    const both = parallel(Dense(2), Identity)
    expectTypeOf<InputOf<typeof both>>().toEqualTypeOf<readonly [NDArray, NDArray]>()
    expectTypeOf<OutputOf<typeof both>>().toEqualTypeOf<readonly [NDArray, NDArray]>()
    expectTypeOf<InputOf<typeof FanInSum>>().toEqualTypeOf<readonly NDArray[]>()
    const [shapes] = both[0](random.PRNGKey(0), [[3], [4]])
    expectTypeOf(shapes).toEqualTypeOf<readonly [Shape, Shape]>()
    expect(shapes).toEqual([[2], [4]])
    // @ts-expect-error -- one array where there must be two
    expect(() => both[0](random.PRNGKey(0), [3])).toThrow('parallel: the input shapes have 1 entry')
  })

  test('serial takes what its first layer takes and gives what its last one gives', () => {
    const branches = serial(Dense(4), FanOut(2))
    expectTypeOf<OutputOf<typeof branches>>().toEqualTypeOf<[NDArray, NDArray]>()
    const joined = serial(parallel(Dense(2), serial(Dense(3), Tanh)), FanInConcat())
    expectTypeOf<InputOf<typeof joined>>().toEqualTypeOf<readonly [NDArray, NDArray]>()
    expectTypeOf<OutputOf<typeof joined>>().toEqualTypeOf<NDArray>()
    expectTypeOf<ParamsOf<typeof joined>>().toEqualTypeOf<
      readonly [readonly [DenseParams, readonly [DenseParams, None]], None]
    >()
    const [shape, [[, [[w]]]]] = joined[0](random.PRNGKey(0), [[3], [4]])
    expect([shape, w.shape]).toEqual([[5], [4, 3]])
  })

  test('a layer that depends on the shape has the parameters and outputs of what it makes', () => {
    const layer = shapeDependent((shape) => serial(Dense(shape.at(-1)!), FanOut(2)))
    expectTypeOf<ParamsOf<typeof layer>>().toEqualTypeOf<readonly [DenseParams, None]>()
    expectTypeOf<OutputOf<typeof layer>>().toEqualTypeOf<[NDArray, NDArray]>()
    const model = serial(layer, FanInSum)
    const [, params] = model[0](random.PRNGKey(0), [3])
    expectTypeOf(params).toEqualTypeOf<readonly [readonly [DenseParams, None], None]>()
    expect(model[1](params, np.ones([3])).shape).toEqual([3])
  })

  test('named layers and layers of one’s own keep their types', () => {
    const scale: Layer<{ readonly factor: NDArray }> = [
      (_, shape) => [shape, { factor: np.ones([]) }],
      ({ factor }, x) => x.mul(factor),
    ]
    const model = serial(named('Scale', scale), named('Head', serial(Dense(2), Tanh)))
    expectTypeOf<ParamsOf<typeof model>>().toEqualTypeOf<
      readonly [{ readonly factor: NDArray }, readonly [DenseParams, None]]
    >()
    expect(summary(model, [3]).rows.map(({ layer }) => layer)).toEqual(['Scale', 'Head'])
  })
})

describe('parameters keep their type', () => {
  const model = serial(Conv(2, [2, 2]), nn.Relu, nn.Flatten, Dense(2))
  type Params = readonly [ConvParams, None, None, DenseParams]
  const key = random.PRNGKey(0)
  const [, params] = model[0](key, [-1, 3, 3, 1])
  const x = np.ones([2, 3, 3, 1])
  const loss = (p: Params): NDArray => model[1](p, x).square().sum()

  /** That a value has the type of the parameters, which have its type; and that it is not `any`. */
  type Same<T> = 0 extends 1 & T ? never : Params extends T ? unknown : never
  const areParams = <T extends Params>(_: T & Same<T>): void => undefined

  test('through transformations', () => {
    expectTypeOf(params).toEqualTypeOf<Params>()
    areParams(grad(loss)(params))
    areParams(jit((p: Params) => grad(loss)(p), { device: 'js' })(params))
    const init = (k: Key): Params => model[0](k, [-1, 3, 3, 1])[1]
    areParams(vmap(init)(random.split(key, 2)))
    expect(evalShape(init, key)[3][0].shape).toEqual([8, 2])
  })

  test('through optimizers, transformations and files', () => {
    const [begin, update, getParams] = adam({ stepSize: 0.1 })
    const state = begin(params)
    areParams(state.m)
    expectTypeOf<keyof typeof state>().toEqualTypeOf<'params' | 'm' | 'v'>()
    const next = update(0, grad(loss)(params), state)
    areParams(getParams(next))
    const [first, step, last] = optimizer(transforms.lamb({ learningRate: 0.1 }))
    areParams(last(step(0, grad(loss)(params), first(params))))
    areParams(nn.clipGrads(params, 1))
    areParams(nn.applyUpdates(params, params))
    areParams(loadParams(saveParams(params), params))
    expect(getParams(next)[0][0].shape).toEqual([2, 2, 1, 2])
    // @ts-expect-error -- the gradient of another model
    expect(() => update(0, [params[0]], state)).toThrow('the gradients are')
  })

  test('in networks of many layers', () => {
    const deep = serial(
      ...([Dense(2), Tanh, Dense(2), Tanh, Dense(2), Tanh, Dense(2), Tanh, Dense(2), Tanh, Dense(2), Tanh] as const),
      serial(serial(serial(serial(serial(Dense(3)))))),
    )
    const [, made] = deep[0](key, [2])
    expectTypeOf(made[12][0][0][0][0][0]).toEqualTypeOf<DenseParams>()
    expect(made[12][0][0][0][0][0][0].shape).toEqual([2, 3])
  })
})
