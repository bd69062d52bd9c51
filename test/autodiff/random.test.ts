import {
  DTypeError,
  grad,
  jit,
  type Key,
  legacyRandom,
  makeJaxpr,
  np,
  type NDArray,
  random,
  ShapeError,
  TracerError,
  valueAndJacfwd,
  ValueError,
  vmap,
} from '@cotangent/autodiff'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import '../helpers/matchers.ts'
import { draws } from '../helpers/draws.ts'

const seed = fc.integer({ min: -(2 ** 40), max: 2 ** 40 })
const smallShape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
const runs = draws(40)

test('seeds count modulo 2^32, as in JAX with 64-bit integers off', () => {
  const key = (s: number | NDArray): unknown => random.PRNGKey(s).jsSync()
  expect(key(-1)).toEqual([0, 4294967295])
  expect(key(2 ** 32 + 5)).toEqual([0, 5])
  expect(key(np.array(-1, { dtype: 'int32' }))).toEqual([0, 4294967295])
  expect(key(np.array(7, { dtype: 'uint32' }))).toEqual([0, 7])
  expect(vmap((s: NDArray) => random.PRNGKey(s))(np.array([3, -2], { dtype: 'int32' })).jsSync()).toEqual([
    [0, 3],
    [0, 4294967294],
  ])
})

test('the two layouts differ in all but keys of numbers', () => {
  const key = random.PRNGKey(3)
  expect(random.foldIn(key, 1)).toBeIdentical(legacyRandom.foldIn(key, 1))
  expect(random.split(key).jsSync()).not.toEqual(legacyRandom.split(key).jsSync())
  expect(random.normal(key).item()).not.toBe(legacyRandom.normal(key).item())
})

test.each([random, legacyRandom])('float64 has 52 random bits', (r) => {
  const x = [...r.uniform(r.PRNGKey(0), [200], { dtype: 'float64' }).dataSync()]
  expect(x.some((v) => Math.fround(v) !== v)).toBe(true)
  expect(x.every((v) => Number.isInteger(v * 2 ** 52))).toBe(true)
})

describe.each([
  ['random', random],
  ['legacyRandom', legacyRandom],
])('%s', (_, r) => {
  test('vmap over keys stacks the draws', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 4 }), smallShape, (s, n, shape) => {
        const keys = r.split(r.PRNGKey(s), n)
        const rows = keys.unstack(n) as Key[]
        const stacked = (f: (key: Key) => NDArray): void => {
          expect(vmap(f)(keys)).toBeIdentical(np.stack(rows.map(f)))
        }
        stacked((key) => r.normal(key, shape))
        stacked((key) => r.uniform(key, shape, { minval: -1, maxval: np.ones(shape), dtype: 'float64' }))
        stacked((key) => r.split(key, shape))
        stacked((key) => r.bits(key, shape, { bitWidth: 8 }))
        stacked((key) => r.randint(key, shape, 0, 10))
        stacked((key) => r.foldIn(key, 5))
      }),
      runs,
    )
  })

  test('uniform numbers lie in their range', () => {
    fc.assert(
      fc.property(
        seed,
        fc.float({ min: -100, max: 100, noNaN: true }),
        fc.float({ min: 0, max: 10, noNaN: true }),
        (s, low, width) => {
          const maxval = Math.fround(low + width)
          const x = [...r.uniform(r.PRNGKey(s), [50], { minval: low, maxval }).dataSync()]
          // As in JAX, rounding may reach the end of the range.
          expect(x.every((v) => v >= low && v <= Math.max(low, maxval))).toBe(true)
          const unit = [...r.uniform(r.PRNGKey(s), [50]).dataSync()]
          expect(unit.every((v) => v >= 0 && v < 1 && Number.isInteger(v * 2 ** 23))).toBe(true)
        },
      ),
      runs,
    )
  })

  test('truncated normal numbers lie strictly within their bounds', () => {
    fc.assert(
      fc.property(
        seed,
        fc.float({ min: -6, max: 6, noNaN: true }),
        fc.float({ min: Math.fround(0.01), max: 4, noNaN: true }),
        (s, low, width) => {
          const high = Math.fround(low + width)
          for (const bounds of [
            [low, high],
            [np.array(low), np.array(high)],
          ] as const) {
            const x = [...r.truncatedNormal(r.PRNGKey(s), bounds[0], bounds[1], [50]).dataSync()]
            expect(x.every((v) => v > low && v < high)).toBe(true)
          }
        },
      ),
      runs,
    )
  })

  test('whole numbers lie in their range, and hit all of a small one', () => {
    const x = [...r.randint(r.PRNGKey(1), [500], -3, 4).dataSync()]
    expect([...new Set(x)].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3])
    expect(r.randint(r.PRNGKey(1), [3], 5, 5).jsSync()).toEqual([5, 5, 5])
    const wide = [...r.randint(r.PRNGKey(1), [500], 2 ** 31, 2 ** 32 - 1, { dtype: 'uint32' }).dataSync()]
    expect(wide.every((v) => v >= 2 ** 31)).toBe(true)
  })

  test('sample moments are those of the distributions', () => {
    const n = 20_000
    const moments = (x: NDArray): [number, number] => [x.mean().item(), np.std(x).item()]
    const key = r.PRNGKey(42)
    const near = { rtol: 0, atol: 0.03 }
    expect(moments(r.normal(key, [n]))).toBeAllclose([0, 1], near)
    expect(moments(r.uniform(key, [n]))).toBeAllclose([0.5, Math.sqrt(1 / 12)], near)
    expect(moments(r.exponential(key, [n]))).toBeAllclose([1, 1], near)
    expect(moments(r.gumbel(key, [n]))).toBeAllclose([0.5772, Math.PI / Math.sqrt(6)], near)
    expect(moments(r.laplace(key, [n]))).toBeAllclose([0, Math.SQRT2], near)
    expect(r.bernoulli(key, 0.2, [n]).mean().item()).toBeCloseTo(0.2, 1)
    expect(moments(r.beta(key, 2, 3, [n]))).toBeAllclose([0.4, 0.2], near)
    expect(moments(r.poisson(key, 4, [n]).astype('float32'))).toBeAllclose([4, 2], { rtol: 0, atol: 0.05 })
    expect(moments(r.poisson(key, 400, [n]).astype('float32'))).toBeAllclose([400, 20], { rtol: 0, atol: 0.5 })
    expect(moments(r.binomial(key, 100, 0.8, [n]))).toBeAllclose([80, 4], { rtol: 0, atol: 0.1 })
    const vectors = r.multivariateNormal(
      key,
      [1, -1],
      [
        [4, 1],
        [1, 1],
      ],
      [n],
      { method: 'svd' },
    )
    expect(np.cov(vectors, { rowvar: false })).toBeAllclose(
      [
        [4, 1],
        [1, 1],
      ],
      { rtol: 0, atol: 0.15 },
    )
  })

  test('keys may be traced: derivatives go through the parameters alone', () => {
    const key = r.PRNGKey(5)
    const simulate = (k: Key, theta: NDArray): NDArray => {
      const [mu, sigma] = theta.unstack(2)
      return r.normal(k, [4]).mul(np.sqrt(sigma)).add(mu)
    }
    const [value, jacobian] = valueAndJacfwd(simulate, { argnums: 1 })(key, np.array([1, 4]))
    const z = r.normal(key, [4])
    expect(value).toBeAllclose(z.mul(2).add(1))
    expect(jacobian).toBeAllclose(np.stack([np.ones([4]), z.div(4)], { axis: 1 }))
    const mean = (scale: NDArray): NDArray => r.uniform(key, [8], { maxval: scale }).sum()
    expect(grad(mean)(2)).toBeAllclose(r.uniform(key, [8]).sum())
  })

  test.each(['js', 'cpu'] as const)('compiled for %s it gives the same numbers', async (device) => {
    const keys = r.split(r.PRNGKey(7), 5)
    const all = (key: Key): NDArray[] => [
      r.normal(key, [7]),
      r.normal(key, [6], { dtype: 'float64' }),
      r.truncatedNormal(key, -2, 2, [3, 2]),
      r.gumbel(key, [4]),
      r.cauchy(key, [4]),
      r.gamma(key, [0.3, 1, 20]),
      r.loggamma(key, [0.01, 4], undefined, { dtype: 'float64' }),
      r.beta(key, [0.3, 2], 3),
      r.multivariateNormal(
        key,
        [1, 2],
        [
          [2, 1],
          [1, 3],
        ],
        [2],
        { method: 'eigh' },
      ),
      r.orthogonal(key, 2),
      r.ball(key, 2, 2, [3]),
      r.wald(key, 2, [3]),
      r.normal(key, [5], { dtype: 'float16' }).astype('float32'),
    ]
    const exactly = (key: Key): NDArray[] => [
      r.split(key, 3),
      r.foldIn(key, 9),
      r.bits(key, [5]),
      r.bits(key, [5], { bitWidth: 8 }),
      r.uniform(key, [7]),
      r.uniform(key, [7], { dtype: 'float64' }),
      r.randint(key, [6], -5, 100),
      r.bernoulli(key, 0.3, [6]),
      r.categorical(key, [0.1, 2, -1], { shape: [4] }),
      r.categorical(key, [0.1, 2, -1], { shape: [2], replace: false }),
      r.poisson(key, [0, 0.3, 4, 30]),
      r.binomial(key, 100, [0.05, 0.3, 0.7]),
      r.multinomial(key, 50, [0.2, 0.3, 0.5]),
      r.geometric(key, [0.1, 0.5]),
      r.permutation(key, 7),
      r.permutation(key, np.arange(6).reshape([2, 3]), { axis: 1, independent: true }),
      r.choice(key, [5, 6, 7], [4], { p: [0.2, 0.3, 0.5] }),
      r.choice(key, 7, [4], { replace: false }),
      r.randint(key, [5], -5, 300, { dtype: 'uint8' }),
      r.randint(key, [5], 0, 2 ** 32, { dtype: 'uint32' }),
      r.uniform(key, [5], { dtype: 'bfloat16' }).astype('float32'),
    ]
    for (const [f, tolerance] of [
      [all, { rtol: 1e-5, atol: 1e-6 }],
      [exactly, { rtol: 0, atol: 0 }],
    ] as const) {
      const compiled = jit(vmap(f), { device })(keys)
      const direct = vmap(f)(keys)
      for (const [i, x] of compiled.entries()) expect(await x.ready()).toBeAllclose(direct[i], tolerance)
    }
  })

  test('64 bits are two words, whatever draws them', async () => {
    const key = r.PRNGKey(7)
    const wide = (k: Key): NDArray<'uint64'> => r.bits(k, [3], { bitWidth: 64 })
    const bits = [...wide(key).dataSync()]
    const unit = [...r.uniform(key, [3], { dtype: 'float64' }).dataSync()]
    expect(bits.map((b) => Number(b >> 12n) / 2 ** 52)).toEqual(unit)
    expect([...(await jit(wide, { device: 'cpu' })(key).data())]).toEqual(bits)
    const large = (k: Key): NDArray<'int64'> => r.randint(k, [40], 2 ** 53 - 8, 2 ** 53 - 1, { dtype: 'int64' })
    expect([...large(key).dataSync()].every((x) => x >= 2n ** 53n - 8n && x < 2n ** 53n - 1n)).toBe(true)
  })

  test('vmap over parameters draws for each what it draws for one', () => {
    const key = r.PRNGKey(11)
    const a = np.array([0.3, 2, 30])
    const rows = (f: (x: NDArray) => NDArray): void => {
      expect(vmap(f)(a)).toBeIdentical(np.stack(a.unstack(3).map(f)))
    }
    rows((x) => r.gamma(key, x, [4]))
    rows((x) => r.beta(key, x, 2))
    rows((x) => r.poisson(key, x, [4]))
    rows((x) => r.binomial(key, 40, x.div(31), [4]))
    rows((x) => r.permutation(key, np.arange(4).mul(x)))
    rows((x) => r.choice(key, np.arange(4).mul(x), [3]))
  })

  test('draws through their parameters have the derivatives of their quantiles', () => {
    const key = r.PRNGKey(5)
    // Of the exponential distribution, a = 1, the quantile is −ln(1 − p); a sum of k of them has a = k.
    const mean = (f: (a: NDArray) => NDArray) => (a: NDArray) => f(a).mean()
    expect(grad(mean((a) => r.gamma(key, a, [20_000])))(3).item()).toBeCloseTo(1, 1)
    expect(grad(mean((a) => r.chisquare(key, a, [20_000])))(3).item()).toBeCloseTo(1, 1)
    expect(grad(mean((a) => r.beta(key, a, 2, [20_000])))(2).item()).toBeCloseTo(2 / 16, 2)
    expect(grad(mean((a) => r.poisson(key, a, [50]).astype('float32')))(3).item()).toBe(0)
    expect(grad(mean((p) => r.binomial(key, 60, p, [50])))(0.7).item()).toBe(0)
    expect(
      grad((x: NDArray) => r.permutation(key, x).at(0))(np.array([1, 2, 3]))
        .sum()
        .item(),
    ).toBe(1)
  })

  test('permutations and draws without replacement have every entry once', () => {
    fc.assert(
      fc.property(seed, fc.integer({ min: 1, max: 40 }), (s, n) => {
        const key = r.PRNGKey(s)
        const sorted = (x: NDArray): number[] => [...x.dataSync()].sort((a, b) => a - b)
        const all = Array.from({ length: n }, (_, i) => i)
        expect(sorted(r.permutation(key, n))).toEqual(all)
        expect(sorted(r.choice(key, n, [n], { replace: false }))).toEqual(all)
        expect(sorted(r.choice(key, n, [n], { replace: false, p: np.ones([n]) }))).toEqual(all)
        expect(sorted(r.categorical(key, np.zeros([n]), { shape: [n], replace: false }))).toEqual(all)
      }),
      runs,
    )
  })

  test('odd parameters end in NaN, 0 or ∞, never in an endless loop', () => {
    const key = r.PRNGKey(2)
    const odd = [NaN, Infinity, -Infinity, -0.5, -3, 0]
    expect(r.gamma(key, odd).jsSync()).toEqual(
      [NaN, Infinity, NaN, NaN, NaN, 0].map((x) => (Number.isNaN(x) ? expect.any(Number) : x)),
    )
    expect(r.poisson(key, odd).shape).toEqual([6])
    expect(r.poisson(key, 0).item()).toBe(0)
    expect(r.binomial(key, odd, 0.5).jsSync()).toEqual([NaN, Infinity, NaN, NaN, NaN, 0])
    expect(r.binomial(key, 10, [NaN, -0.5, 1.5, 0, 1]).jsSync()).toEqual([NaN, NaN, NaN, 0, 10])
  })

  test('a draw is few operations', () => {
    const count = (f: (key: Key) => NDArray): number => makeJaxpr(f)(r.PRNGKey(0)).equations.length
    expect(count((key) => r.normal(key, [100]))).toBeLessThanOrEqual(24)
    expect(count((key) => r.split(key, 100))).toBeLessThanOrEqual(16)
  })

  test('bad arguments are refused by name', () => {
    const key = r.PRNGKey(0)
    expect(() => r.PRNGKey(0.5)).toThrow(/random.PRNGKey: the seed is 0.5.*whole number/)
    expect(() => r.PRNGKey(NaN)).toThrow(ValueError)
    expect(() => r.PRNGKey(np.array(1))).toThrow(DTypeError)
    expect(() => r.PRNGKey(np.array([1], { dtype: 'int32' }))).toThrow(/the seed is int32\[1\]; it must be a scalar/)
    expect(() => r.foldIn(key, -1)).toThrow(/the data is -1; it must be a whole number from 0/)
    expect(() => r.normal(r.split(key, 3), [2])).toThrow(
      /random.normal: the key is uint32\[3, 2\], a key is uint32\[2\].*vmap/,
    )
    expect(() => r.normal(r.split(key, 3), [2])).toThrow(ShapeError)
    expect(() => r.uniform(np.ones([2]) as NDArray as Key)).toThrow(/the key is float32\[2\].*PRNGKey/)
    expect(() => r.uniform(np.ones([2]) as NDArray as Key)).toThrow(DTypeError)
    expect(() => r.normal(key, [-1])).toThrow(/random.normal: a shape is a list of non-negative integers, not \[-1\]/)
    expect(() => r.normal(key, [2.5])).toThrow(ShapeError)
    expect(() => r.normal(key, [2], { dtype: 'int32' as 'float32' })).toThrow(
      /random.normal: the dtype is int32.*float64/,
    )
    expect(() => r.bits(key, [2], { bitWidth: 24 as 32 })).toThrow(/bitWidth is 24; it must be 8, 16, 32 or 64/)
    expect(() => r.uniform(key, [2], { minval: np.ones([3]) })).toThrow(/\[3\] does not broadcast to \[2\]/)
    expect(() => r.randint(key, [2], 0, 2 ** 40)).toThrow(/maxval is 1099511627776; int32 holds/)
    expect(() => r.randint(key, [2], 0, np.array(2.5))).toThrow(/maxval is float32; convert/)
    expect(() => r.categorical(key, np.ones([3, 4]), { shape: [4] })).toThrow(/does not end in \[3\]/)
    expect(() => jit((k: Key) => r.normal(k, []).item(), { device: 'js' })(key)).toThrow(TracerError)
  })
})

test('the dtype of a draw is that of the option', () => {
  const key = random.PRNGKey(0)
  expectTypeOf(random.gamma(key, 1)).toEqualTypeOf<NDArray<'float32'>>()
  expectTypeOf(random.beta(key, 1, 2, [], { dtype: 'float64' })).toEqualTypeOf<NDArray<'float64'>>()
  expectTypeOf(random.poisson(key, 1, [], { dtype: 'int16' })).toEqualTypeOf<NDArray<'int16'>>()
  expectTypeOf(random.randint(key, [2], 0, 9, { dtype: 'uint8' })).toEqualTypeOf<NDArray<'uint8'>>()
  expectTypeOf(random.bits(key, [2])).toEqualTypeOf<NDArray<'uint32'>>()
  expectTypeOf(random.bits(key, [2], { dtype: 'uint8' })).toEqualTypeOf<NDArray<'uint8'>>()
  expectTypeOf(random.bits(key, [2], { bitWidth: 64 })).toEqualTypeOf<NDArray<'uint64'>>()
  expect(random.bits(key, [2], { bitWidth: 16 }).dtype).toBe('uint16')
})
