import { grad, hessian, jit, jvp, lax, NDArray, np, special, stats, vmap } from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'
import * as nn from '@cotangent/nn'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { goldenNumbers } from '../helpers/golden.ts'
import '../helpers/matchers.ts'

interface Encoded {
  readonly shape: readonly number[]
  /** float64 unless it is another. */
  readonly dtype?: string
  readonly data: readonly (number | boolean | string)[]
}
interface Case {
  readonly fn: string
  readonly args: readonly Encoded[]
  readonly held?: readonly number[]
  readonly out: Encoded
  readonly d1?: Encoded
  readonly d2?: Encoded
}
type Fn = (...args: NDArray[]) => NDArray

const { cases } = JSON.parse(readFileSync(new URL('../fixtures/autodiff/special.json', import.meta.url), 'utf8')) as {
  cases: Case[]
}

const decode = ({ shape, dtype = 'float64', data }: Encoded): NDArray =>
  np.array(Float64Array.from(goldenNumbers(data)), { shape, dtype: dtype === 'int64' ? 'int32' : (dtype as DType) })

/** The functions that the generating script writes as a lambda. */
const described: Readonly<Record<string, Fn>> = {
  'special.multigammaln': (a) => special.multigammaln(a!, 3),
  'special.expn': (x) => special.expn(3, x!),
  'special.bernoulli': () => special.bernoulli(9),
  'stats.multinomial.logpmf': (p) =>
    stats.multinomial.logpmf(np.array(Int32Array.of(1, 3, 2)), np.array(Int32Array.of(6)).at(0), p!),
}
const functionOf = (fn: string): Fn =>
  described[fn] ??
  (fn.split('.').reduce<unknown>((space, name) => (space as Readonly<Record<string, unknown>>)[name], {
    lax,
    nn,
    np,
    special,
    stats,
  }) as Fn)

/** Where JAX itself is right to fewer digits. */
const values: Readonly<Record<string, number>> = {
  'lax.randomGammaGrad': 1e-9,
  'special.logsumexp': 1e-12,
  'special.bernoulli': 1e-6,
}
const derivatives: Readonly<Record<string, number>> = {
  'special.zeta': 1e-7,
  'special.logNdtr': 1e-5,
  'special.beta': 1e-6,
  'special.betaln': 1e-7,
}

const along =
  (f: Fn): Fn =>
  (...xs) =>
    jvp(
      f,
      xs,
      xs.map((x) => np.onesLike(x)),
    )[1] as NDArray

describe('JAX and SciPy, in float64', () => {
  test.each(cases.map((c, i) => [`${c.fn} ${i}`, c] as const))('%s', (_, c) => {
    const args = c.args.map(decode)
    const free = args.map((x, i) => x.dtype === 'float64' && c.held?.includes(i) !== true)
    const call = functionOf(c.fn)
    const f: Fn = (...xs) => {
      let next = 0
      return call(...args.map((x, i) => (free[i] === true ? (xs[next++] as NDArray) : x)))
    }
    const xs = args.filter((_x, i) => free[i])
    const check = (got: NDArray, expected: Encoded, rtol: number): void => {
      const tolerance = { rtol, atol: rtol / 10 }
      expect(got.shape).toEqual(expected.shape)
      expect(got.astype('float64')).toBeAllclose(decode(expected).astype('float64'), tolerance)
    }
    check(f(...xs), c.out, values[c.fn] ?? 1e-11)
    if (c.d1 !== undefined) check(along(f)(...xs), c.d1, derivatives[c.fn] ?? 1e-9)
    if (c.d2 !== undefined) check(along(along(f))(...xs), c.d2, derivatives[c.fn] ?? 1e-8)
  })
})

const f64 = (...values: number[]): NDArray => np.array(Float64Array.from(values))

describe('special functions', () => {
  test('the logarithm of the gamma function keeps its digits beside its zeros', () => {
    // ln Γ(1 + h) = −γ h + …, ln Γ(2 + h) = (1 − γ) h + …
    const h = 2 ** -40
    const [one, two] = [...lax.lgamma(f64(1 + h, 2 + h)).dataSync()]
    expect(one! / h).toBeCloseTo(-0.5772156649, 10)
    expect(two! / h).toBeCloseTo(1 - 0.5772156649, 10)
  })

  test('trigamma is right far left of 0, where a sum from there has no digits', () => {
    const slope = grad((x: NDArray) => lax.digamma(x))(f64(-50.5).at(0))
    expect(slope.item()).toBeCloseTo(Math.PI ** 2 - 1 / 51, 3)
  })

  test('a derivative of the incomplete gamma function in its shape is that of differences', () => {
    const p = (a: number): number => lax.igamma(f64(a), f64(1.7)).dataSync()[0]!
    const slope = lax.igammaGradA(f64(2.3), f64(1.7)).dataSync()[0]!
    expect(slope).toBeCloseTo((p(2.3 + 1e-4) - p(2.3 - 1e-4)) / 2e-4, 8)
  })

  test('tails keep their digits', () => {
    expect(special.erfc(f64(20)).dataSync()[0]).toBeCloseTo(0, 170)
    expect(special.erfc(f64(20)).dataSync()[0]! / 5.3958656116079e-176).toBeCloseTo(1, 12)
    expect(special.logNdtr(f64(-1000)).dataSync()[0]).toBeCloseTo(-500007.8266948, 6)
    expect(grad((x: NDArray) => special.logNdtr(x))(f64(-1000).at(0)).item()).toBeCloseTo(1000.000999998, 8)
  })

  test('logsumexp: weights, axes, signs and nothing', () => {
    const x = np.array([
      [1000, 1000],
      [-Infinity, -Infinity],
    ])
    expect(special.logsumexp(x, { axis: 1 }).jsSync()).toEqual([expect.closeTo(1000.6931, 3), -Infinity])
    expect(special.logsumexp(x, { axis: -1, keepdims: true }).shape).toEqual([2, 1])
    const [size, sign] = special.logsumexp([0, Math.log(3)], { b: [1, -1], returnSign: true })
    expect(size.item()).toBeCloseTo(Math.LN2, 6)
    expect(sign.item()).toBe(-1)
    expect(special.logsumexp([0, 1], { b: [1, -1] }).item()).toBeNaN()
    expect(special.logsumexp(np.zeros([0])).item()).toBe(-Infinity)
    expect(special.logsumexp([1, 5], { where: [true, false] }).item()).toBe(1)
  })

  test('the derivatives of softmax are those of its formula, to second order', () => {
    const f = (x: NDArray): NDArray => special.logsumexp(x)
    const p = nn.softmax(f64(0.3, -1, 2))
    expect(grad(f)(f64(0.3, -1, 2))).toBeAllclose(p, { rtol: 1e-14, atol: 1e-15 })
    const expected = np.diag(p).sub(np.outer(p, p))
    expect(hessian(f)(f64(0.3, -1, 2))).toBeAllclose(expected, { rtol: 1e-13, atol: 1e-15 })
  })

  test('a likelihood compiles, with its gradient and over a batch', async () => {
    const loss = (theta: NDArray, x: NDArray): NDArray => {
      const [a, b] = theta.unstack(2)
      return stats.gamma.logpdf(x, a!, 0, b!).sum().neg()
    }
    const batch = vmap(grad(loss), { inAxes: [0, null] })
    const [theta, x] = [np.array([[2, 1], [0.7, 3]]), np.array([0.5, 1, 4])] // biome-ignore format: a matrix
    const eager = batch(theta, x)
    expect(await jit(batch)(theta, x).data()).toEqual(expect.anything())
    expect(await jit(batch)(theta, x).ready()).toBeAllclose(eager, { rtol: 1e-5, atol: 1e-5 })
  })
})

describe('integers and bits', () => {
  const i32 = (...values: number[]): NDArray => np.array(Int32Array.from(values))
  test('bits are counted, and shifted with their sign', () => {
    expect(lax.populationCount(i32(0, 1, -1, 255, -2147483648)).jsSync()).toEqual([0, 1, 32, 8, 1])
    expect(lax.clz(i32(0, 1, -1, 255)).jsSync()).toEqual([32, 31, 0, 24])
    expect(lax.shiftRightArithmetic(i32(-8, -8, 8, -8), i32(1, 40, 1, -1)).jsSync()).toEqual([-4, -1, 4, -1])
    expect(np.rightShift(i32(-8, 8), i32(1, 2)).jsSync()).toEqual([-4, 2])
    expect(np.bitwiseCount(i32(-7)).jsSync()).toEqual([3])
  })
  test('divisors, multiples and powers are exact', () => {
    expect(np.gcd(i32(12, 0, -18, 1836311903), i32(18, 5, 12, 1134903170)).jsSync()).toEqual([6, 5, 6, 1])
    expect(np.lcm(i32(4, 0, -6), i32(6, 3, 4)).jsSync()).toEqual([12, 0, 12])
    expect(np.power(i32(2, -3, 0, 0, 5), i32(10, 3, 0, 2, 0)).jsSync()).toEqual([1024, -27, 1, 0, 1])
    expect(np.mod(i32(7, -7), i32(0, 2)).jsSync()).toEqual([0, 1])
  })
  test('booleans stay booleans where NumPy keeps them', () => {
    const [p, q] = [np.array([true, true, false]), np.array([true, false, false])]
    expect(np.add(p, q).dtype).toBe('bool')
    expect(np.add(p, q).jsSync()).toEqual([true, true, false])
    expect(np.multiply(p, q).jsSync()).toEqual([true, false, false])
    expect(np.maximum(p, q).dtype).toBe('bool')
  })
})

describe('floats', () => {
  test('a neighbour is one step away, at the ends of the range too', () => {
    const x = f64(1, 1, 0, -0, Number.MAX_VALUE, Infinity, 5e-324)
    const y = f64(2, 0, 1, -1, Infinity, 0, 0)
    const expected = [1 + 2 ** -52, 1 - 2 ** -53, 5e-324, -5e-324, Infinity, Number.MAX_VALUE, 0]
    expect([...np.nextafter(x, y).dataSync()]).toEqual(expected)
    expect(np.nextafter(np.array([1]), 2).dataSync()[0]).toBe(1 + 2 ** -23)
  })
  test('numbers split into fraction and power of two, and back', () => {
    const x = f64(6, -0.1, 1, 0.5, 1e300, 5e-324, 0, Infinity)
    const [m, e] = np.frexp(x)
    expect([...m.dataSync()].slice(0, 4)).toEqual([0.75, -0.8, 0.5, 0.5])
    expect([...e.dataSync()]).toEqual([3, -3, 1, 0, 997, -1073, 0, 0])
    expect([...np.ldexp(m, e).dataSync()]).toEqual([...x.dataSync()])
  })
  test('what is not a number becomes one', () => {
    expect(np.nanToNum([NaN, Infinity, -Infinity, 1]).jsSync()).toEqual([
      0, 3.4028234663852886e38, -3.4028234663852886e38, 1,
    ])
    expect(np.nanToNum([NaN, Infinity], { nan: 7, posinf: 8 }).jsSync()).toEqual([7, 8])
  })
  test('closeness and equality follow NumPy', () => {
    expect(np.isclose([1, NaN, Infinity], [1 + 1e-6, NaN, Infinity]).jsSync()).toEqual([true, false, true])
    expect(np.allclose([1, NaN], [1, NaN], { equalNan: true }).item()).toBe(1)
    expect(np.arrayEqual([1, 2], [[1, 2]]).item()).toBe(0)
    expect(np.arrayEquiv([1, 2], [[1, 2], [1, 2]]).item()).toBe(1) // biome-ignore format: a matrix
    expect(np.arrayEquiv([1, 2], [1, 2, 3]).item()).toBe(0)
  })
  test('rounding has two methods, and decimals', () => {
    expect(lax.round(np.array([0.5, 1.5, -2.5])).jsSync()).toEqual([1, 2, -3])
    expect(lax.round(np.array([0.5, 1.5, -2.5]), { roundingMethod: 'toNearestEven' }).jsSync()).toEqual([0, 2, -2])
    expect(np.round([123.456], { decimals: -1 }).jsSync()).toEqual([120])
    expect(np.floor(np.array([3], { dtype: 'int32' })).dtype).toBe('int32')
  })
  test('the second derivative of the arcsine has all its digits near 0', () => {
    const second = vmap(grad(grad((x: NDArray) => np.arcsin(x))))(f64(1e-12, 0.3))
    expect(second.dataSync()[0]! / 1e-12).toBeCloseTo(1, 12)
    expect(second.dataSync()[1]).toBeCloseTo(0.3 / (1 - 0.09) ** 1.5, 14)
  })
})

test('fewer bits are those of the smaller formats', () => {
  const x = np.array([1.01, 65519, 65520, 6e-5, 1.00048828125, 1.00146484375, -0, NaN])
  const half = lax.reducePrecision(x, { exponentBits: 5, mantissaBits: 10 })
  expect([...half.dataSync()]).toEqual([1.009765625, 65504, Infinity, 0, 1, 1.001953125, -0, NaN])
  const slope = grad((y: NDArray) => lax.reducePrecision(y, { exponentBits: 8, mantissaBits: 7 }).mul(1.001))
  expect(slope(1.5).item()).toBe(1)
})

test('the exponential integral of order 1 has all derivatives', () => {
  // E₁′ = −e⁻ˣ/x, so E₁″ = e⁻ˣ (1/x + 1/x²) and E₁‴ = −e⁻ˣ (1/x + 2/x² + 2/x³).
  const x = np.array(1.5, { dtype: 'float64' })
  const second = grad(grad(special.exp1))
  expect(second(x).item()).toBeCloseTo(Math.exp(-1.5) * (1 / 1.5 + 1 / 1.5 ** 2), 14)
  expect(grad(second)(x).item()).toBeCloseTo(-Math.exp(-1.5) * (1 / 1.5 + 2 / 1.5 ** 2 + 2 / 1.5 ** 3), 13)
})
