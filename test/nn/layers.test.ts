import {
  grad,
  jit,
  legacyRandom,
  np,
  type NDArray,
  random,
  ShapeError,
  TreeError,
  treeLeaves,
  ValueError,
  vmap,
} from '@cotangent/autodiff'
import {
  Dense,
  type DenseParams,
  Dropout,
  Flatten,
  initializers,
  LeakyRelu,
  type ParamsOf,
  Relu,
  serial,
} from '@cotangent/nn'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import '../helpers/matchers.ts'
import { draws } from '../helpers/draws.ts'

const key = random.PRNGKey(0)
const model = serial(Dense(8), LeakyRelu, Dense(2))
const [init, apply] = model
const [, params] = init(key, [3])

describe('serial', () => {
  test('its parameters are a typed tuple, and so is a gradient in them', () => {
    expectTypeOf(params).toEqualTypeOf<readonly [DenseParams, readonly [], DenseParams]>()
    expectTypeOf<ParamsOf<typeof model>>().toEqualTypeOf<readonly [DenseParams, readonly [], DenseParams]>()
    const loss = (p: typeof params): NDArray =>
      apply(p, np.ones([5, 3]))
        .square()
        .sum()
    const [[w1, b1], none, [w2]] = grad(loss)(params)
    expectTypeOf(w1).toEqualTypeOf<NDArray>()
    expect([w1.shape, b1.shape, none, w2.shape]).toEqual([[3, 8], [8], [], [8, 2]])
  })

  test('shapes of parameters and outputs follow from the input shape', () => {
    const size = fc.integer({ min: 1, max: 6 })
    fc.assert(
      fc.property(
        fc.array(fc.oneof(size, fc.constant(-1)), { maxLength: 2 }),
        size,
        size,
        size,
        (lead, n, hidden, out) => {
          const [initModel, applyModel] = serial(Dense(hidden), Relu, Dense(out))
          const [outputShape, [[w1, b1], , [w2, b2]]] = initModel(key, [...lead, n])
          expect(outputShape).toEqual([...lead, out])
          expect([w1, b1, w2, b2].map((x) => x.shape)).toEqual([[n, hidden], [hidden], [hidden, out], [out]])
          const batch = lead.map((k) => (k === -1 ? 2 : k))
          expect(applyModel([[w1, b1], [], [w2, b2]], np.ones([...batch, n])).shape).toEqual([...batch, out])
        },
      ),
      draws(30),
    )
  })

  test('a batch is each of its rows', () => {
    const x = random.normal(random.PRNGKey(1), [6, 3])
    const direct = apply(params, x)
    expect(vmap(apply, { inAxes: [null, 0] })(params, x)).toBeAllclose(direct)
    expect(np.stack(x.unstack(6).map((row) => apply(params, row)))).toBeAllclose(direct)
    expect(apply(params, x.reshape([2, 3, 3]))).toBeAllclose(direct.reshape([2, 3, 2]))
  })

  test('it compiles', async () => {
    const x = random.normal(random.PRNGKey(1), [6, 3])
    const f = jit((p: typeof params, inputs: NDArray) => apply(p, inputs))
    expect(await f(params, x).ready()).toBeAllclose(apply(params, x), { rtol: 1e-5 })
  })

  test('models are made under jit and vmap too', async () => {
    const keys = random.split(key, 4)
    const initOf = (k: typeof key): typeof params => init(k, [3])[1]
    const stacked = jit(vmap(initOf))(keys)
    const each = keys.unstack(4).map(initOf)
    for (const [i, leaf] of treeLeaves(stacked).entries()) {
      const alone = np.stack(each.map((p) => treeLeaves(p)[i] as NDArray))
      expect(await (leaf as NDArray).ready()).toBeAllclose(alone, { rtol: 3e-6 })
    }
  })

  test('the layout of random numbers and the dtype are chosen at init', () => {
    const first = (r: typeof random): number => init(key, [3], { random: r })[1][0][0].at(0, 0).item()
    expect(first(random)).toBe(params[0][0].at(0, 0).item())
    expect(first(legacyRandom)).not.toBe(first(random))
    expect(init(key, [3], { dtype: 'float64' })[1][2][1].dtype).toBe('float64')
  })
})

describe('what does not fit is refused by the layer it does not fit', () => {
  test.each([
    [
      () => apply(params, np.ones([5, 4])),
      ShapeError,
      /Dense\(8\): the inputs \[5, 4\] end in 4, but the weights \[3, 8\] take 3/,
    ],
    [() => apply(params, np.ones([])), ShapeError, /the inputs \[\] end in no axis/],
    [() => init(key, []), ShapeError, /Dense\(8\): the input shape is \[\]/],
    [() => init(key, [3, -1]), ShapeError, /the input shape is \[3, -1\]; its last axis must be a known/],
    [() => apply([params[0]] as never, np.ones([3])), TreeError, /1 entry for 3 layers/],
    [() => Dense(0), ValueError, /Dense\(0\): the number of outputs/],
    [() => Dense(2.5), ValueError, /positive whole number/],
    [() => Dropout(0), ValueError, /share of numbers to keep/],
    [() => Dropout(0.5)[1]([], np.ones([3])), ValueError, /Dropout\(0.5\): training needs a key.*rng/],
    [() => Flatten[0](key, []), ShapeError, /it needs a batch axis/],
    [() => initializers.glorotNormal()(key, [3]), ShapeError, /weights of shape \[3\] have no axes -2 and -1/],
    [() => init(random.split(key, 2), [3]), ShapeError, /the key is uint32\[2, 2\]/],
  ] as const)('%#', (f, error, message) => {
    expect(f).toThrow(error)
    expect(f).toThrow(message)
  })
})

test('LeakyRelu is one product with a slope, whose derivative at 0 is 1', () => {
  const f = (x: NDArray): NDArray => LeakyRelu[1]([], x)
  expect(f(np.array([-2, -0, 0, 3]))).toBeAllclose([-0.02, 0, 0, 3])
  expect(vmap(grad(f))(np.array([-2, 0, 3]))).toBeAllclose([0.01, 1, 1])
})

test('Relu has derivative 0 at 0 and lets NaN through', () => {
  const f = (x: NDArray): NDArray => Relu[1]([], x)
  expect(f(np.array([-2, 0, 3, NaN]))).toBeAllclose([0, 0, 3, NaN])
  expect(vmap(grad(f))(np.array([-2, 0, 3]))).toBeAllclose([0, 0, 1])
})

describe('initializers', () => {
  const std = (x: NDArray): number => np.std(x).item()
  const { glorotNormal, glorotUniform, heNormal, heUniform, lecunNormal, lecunUniform, varianceScaling } = initializers
  const shape = [200, 300]
  test.each([
    ['glorotNormal', glorotNormal(), 1 / 250],
    ['glorotUniform', glorotUniform(), 1 / 250],
    ['heNormal', heNormal(), 2 / 200],
    ['heUniform', heUniform(), 2 / 200],
    ['lecunNormal', lecunNormal(), 1 / 200],
    ['lecunUniform', lecunUniform(), 1 / 200],
    ['inAxis, outAxis', lecunNormal({ inAxis: 1, outAxis: 0 }), 1 / 300],
    ['fanGeoAvg', varianceScaling({ scale: 1, mode: 'fanGeoAvg', distribution: 'normal' }), 1 / Math.sqrt(60_000)],
    ['fanOut', varianceScaling({ scale: 3, mode: 'fanOut', distribution: 'uniform' }), 3 / 300],
  ])('%s has the variance it promises', (_, initializer, variance) => {
    expect(std(initializer(key, shape))).toBeCloseTo(Math.sqrt(variance), 3)
  })

  test('a window counts in the fans', () => {
    expect(std(lecunNormal()(key, [3, 3, 20, 400]))).toBeCloseTo(Math.sqrt(1 / 180), 3)
  })

  test('constants and plain distributions', () => {
    expect(initializers.zeros(key, [2]).jsSync()).toEqual([0, 0])
    expect(initializers.ones(key, [2], { dtype: 'float64' }).dtype).toBe('float64')
    expect(std(initializers.normal(0.5)(key, [5000]))).toBeCloseTo(0.5, 1)
    expect(initializers.uniform(2)(key, [5000]).max().item()).toBeLessThan(2)
    expect(initializers.truncatedNormal(0.1)(key, [5000]).max().item()).toBeLessThan(0.2)
  })
})
