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
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'

const seed = fc.integer({ min: -(2 ** 40), max: 2 ** 40 })
const smallShape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
const runs = { numRuns: 40 }

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
