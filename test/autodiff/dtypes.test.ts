import { checkpoint, grad, jit, lax, type NDArray, np, vjp, vmap } from '@cotangent/autodiff'
import { array, type DType, fromHost, hostData } from '@cotangent/autodiff/array'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'

type Number = number | boolean | string

interface Case {
  readonly op: string
  readonly dtype: DType
  readonly to?: DType
  readonly args: readonly (readonly Number[])[]
  readonly out: readonly Number[]
}

const { cases } = JSON.parse(readFileSync(new URL('../fixtures/autodiff/dtypes.json', import.meta.url), 'utf8')) as {
  cases: Case[]
}

const specials: Readonly<Record<string, number>> = { nan: NaN, inf: Infinity, '-inf': -Infinity }
const read = (value: Number): number | bigint | boolean =>
  typeof value === 'string' ? (specials[value] ?? BigInt(value)) : value
const arrayOf = (values: readonly Number[], dtype: DType): NDArray => array(values.map(read), { dtype })

/** The numbers as JavaScript has them, booleans as numbers. */
const numbers = (x: NDArray): (number | bigint)[] => (x.jsSync() as (number | bigint | boolean)[]).map(plain)
const plain = (value: number | bigint | boolean): number | bigint =>
  typeof value === 'boolean' ? Number(value) : value

describe('as JAX has it', () => {
  const operations = lax as unknown as Readonly<Record<string, (...x: NDArray[]) => NDArray>>
  for (const { op, dtype, to, args, out } of cases) {
    test(`${op} ${dtype}${to === undefined ? '' : ` to ${to}`}`, () => {
      const operands = args.map((values) => arrayOf(values, dtype))
      const name = op.replace('np.', '')
      const reduce = { sum: np.sum, prod: np.prod, cumsum: np.cumsum }[name]
      const got =
        to !== undefined
          ? operands[0]!.astype(to)
          : reduce !== undefined
            ? reduce(operands[0]!, { dtype })
            : operations[op]!(...operands)
      expect(got.dtype).toBe(to ?? (op === 'lt' ? 'bool' : dtype))
      const expected = out.map(read).map(plain)
      numbers(got.reshape([-1])).forEach((x, i) => expect(x, `${args.map((a) => a[i]).join()}`).toBe(expected[i]))
    })
  }
})

const floatsOf16: readonly DType[] = ['float16', 'bfloat16']
const integersOf64: readonly DType[] = ['int64', 'uint64']

describe('floats of 16 bits', () => {
  test.each(floatsOf16)('%s: every pattern of bits is kept on the way through float32', (dtype) => {
    const bits = Uint16Array.from({ length: 65536 }, (_, i) => i)
    const x = fromHost(bits, [65536], dtype as 'float16')
    const back = hostData(x.astype('float32').astype(dtype)) as Uint16Array
    const isNaNPattern = (b: number): boolean => (dtype === 'float16' ? (b & 0x7fff) > 0x7c00 : (b & 0x7fff) > 0x7f80)
    expect(bits.findIndex((b, i) => !isNaNPattern(b) && back[i] !== b)).toBe(-1)
    expect(np.sum(np.isnan(x)).item()).toBe(dtype === 'float16' ? 2 * 1023 : 2 * 127)
  })

  test('compute in float32 and round the result', () => {
    const x = np.array([1 / 3, 60000, 1e-7], { dtype: 'float16' })
    expect(x.mul(x)).toBeIdentical(np.array([0.11108398, Infinity, 0], { dtype: 'float16' }))
    expect(np.sum(np.full([4096], 1, { dtype: 'float16' })).item()).toBe(4096)
    expect(x.toString()).toBe('NDArray([ 0.3333,   60000, 1.19e-7], float16[3])')
    expect(x.dataSync()).toBeInstanceOf(Float32Array)
  })

  test('have derivatives in their own dtype', () => {
    const slope = grad((x: NDArray) => np.sum(np.tanh(x)))(np.array([0.5, 1], { dtype: 'bfloat16' }))
    expect(slope.dtype).toBe('bfloat16')
    expect(slope).toBeAllclose([1 - Math.tanh(0.5) ** 2, 1 - Math.tanh(1) ** 2], { atol: 1e-2, rtol: 0 })
  })

  test.each(floatsOf16)('%s goes through a compiled program', async (dtype) => {
    const x = np.array([0.1, -2, 30], { dtype })
    const f = (y: NDArray): NDArray => y.mul(y).add(1)
    const got = jit(f)(x)
    expect(got.dtype).toBe(dtype)
    expect(await got.ready()).toBeIdentical(f(x))
  })
})

describe('integers of 64 bits', () => {
  test.each(integersOf64)('%s keeps every bit', (dtype) => {
    const large = dtype === 'int64' ? [2n ** 62n + 1n, -(2n ** 63n)] : [2n ** 64n - 1n, 2n ** 53n + 1n]
    const x = np.array(large, { dtype })
    expect(x.jsSync()).toEqual(large)
    const width = Math.max(...large.map((n) => String(n).length))
    const printed = large.map((n) => String(n).padStart(width)).join(', ')
    expect(x.toString()).toBe(`NDArray([${printed}], ${dtype}[2])`)
    expect(x.slice([null, null, -1]).reshape([2, 1]).T.jsSync()).toEqual([large.toReversed()])
    expect(np.take(x, np.array([1], { dtype: 'int32' })).jsSync()).toEqual([large[1]])
  })

  test('wrap around', () => {
    const most = np.array([2n ** 63n - 1n], { dtype: 'int64' })
    expect(most.add(1).jsSync()).toEqual([-(2n ** 63n)])
    expect(most.mul(most).jsSync()).toEqual([1n])
    expect(np.dot(most, most).jsSync()).toBe(1n)
  })

  test('are summed to the last bit on the cpu', async () => {
    for (const list of [
      [2n ** 60n + 1n, 1n, 1n],
      [2n ** 62n, 2n ** 62n, 5n],
      [-(2n ** 63n), -5n, 2n],
    ]) {
      const x = np.array(list, { dtype: 'int64' })
      const total = BigInt.asIntN(
        64,
        list.reduce((a, b) => a + b),
      )
      expect(np.sum(x).jsSync()).toBe(total)
      expect(await jit(np.sum)(x).js()).toBe(total)
      expect(await jit(np.sum)(x.astype('uint64')).js()).toBe(BigInt.asUintN(64, total))
    }
  })

  test('have exact limits, fill values and extremes of nothing', () => {
    expect(np.iinfo('int64')).toMatchObject({ bits: 64, min: -(2n ** 63n), max: 2n ** 63n - 1n })
    expect(np.iinfo('uint64').max).toBe(2n ** 64n - 1n)
    expect(np.iinfo('int8')).toMatchObject({ bits: 8, min: -128, max: 127 })
    const x = np.array([5n, 7n])
    const outside = np.array(Int32Array.of(9))
    expect(np.take(x, outside).jsSync()).toEqual([-(2n ** 63n)])
    expect(np.take(x.astype('uint64'), outside).jsSync()).toEqual([2n ** 64n - 1n])
    expect(np.take(x, outside, { fillValue: 2n ** 60n + 1n }).jsSync()).toEqual([2n ** 60n + 1n])
    expect(np.full([1], 2n ** 60n + 1n, { dtype: 'int64' }).jsSync()).toEqual([2n ** 60n + 1n])
    expect(np.max(x, { where: [false, false], initial: -(2n ** 62n) - 1n }).jsSync()).toBe(-(2n ** 62n) - 1n)
    expect(lax.reduce(x, 2n ** 62n + 1n, lax.max, [0]).jsSync()).toBe(2n ** 62n + 1n)
  })

  test('as indices do not come round again', () => {
    const x = np.array([1, 2, 3])
    const far = np.array([2n ** 32n + 1n, -(2n ** 32n), 1n])
    expect(np.take(x, far)).toBeIdentical(np.array([NaN, NaN, 2]))
    expect(vmap((i: NDArray) => x.slice(i))(far)).toBeIdentical(np.array([3, 1, 2]))
    expect(lax.switch(np.array(2n ** 32n), [() => np.array(0), () => np.array(1)]).item()).toBe(1)
  })

  test('take bare numbers and BigInts, and refuse what they cannot hold', () => {
    const x = np.array([1n, 2n])
    expect(x.dtype).toBe('int64')
    expect(x.mul(3).jsSync()).toEqual([3n, 6n])
    expect(x.add(2n ** 60n).jsSync()).toEqual([2n ** 60n + 1n, 2n ** 60n + 2n])
    expect(x.mul(0.5)).toBeIdentical(np.array([0.5, 1]))
    expect(() => x.astype('uint64').add(-1)).toThrow('uint64 cannot hold the number -1')
  })

  test('are typed as what they give', () => {
    const data: BigInt64Array = np.zeros([2], { dtype: 'int64' }).dataSync()
    expect(data).toEqual(new BigInt64Array(2))
    const numbersOfAny: Float32Array | Uint8Array = (np.zeros([2]) as NDArray).dataSync() as Float32Array
    expect(numbersOfAny).toEqual(new Float32Array(2))
  })

  test('are refused by functions of real numbers', () => {
    expect(() => lax.sin(np.zeros([2], { dtype: 'int64' }))).toThrow('sin: int64 is not possible here')
    expect(np.sin(np.zeros([2], { dtype: 'int64' }))).toBeIdentical(np.array([0, 0]))
  })

  test('go through a compiled program', async () => {
    const x = np.array([2n ** 40n + 1n, -3n])
    expect(await jit((y: NDArray) => y.mul(y).sub(1))(x).js()).toEqual([2n ** 41n, 8n])
  })
})

describe('narrow integers', () => {
  test('saturate when made of numbers, and wrap when computed with', () => {
    expect(np.array([300, -5], { dtype: 'uint8' }).jsSync()).toEqual([255, 0])
    expect(np.array([200], { dtype: 'uint8' }).add(100).jsSync()).toEqual([44])
    expect(np.array([127], { dtype: 'int8' }).add(1).jsSync()).toEqual([-128])
  })

  test('typed arrays have the dtype of their elements', () => {
    const made = [new Int8Array(1), new Uint8Array(1), new Int16Array(1), new Uint16Array(1), new BigUint64Array(1)]
    expect(made.map((data) => np.array(data).dtype)).toEqual(['int8', 'uint8', 'int16', 'uint16', 'uint64'])
  })
})

describe('complex numbers', () => {
  const z = lax.complex(np.array([1, 3]), np.array([2, -1]))

  test('are read as pairs, printed and added up', () => {
    expect(z.jsSync()).toEqual([
      { re: 1, im: 2 },
      { re: 3, im: -1 },
    ])
    expect(z.toString()).toBe('NDArray([1+2i, 3-1i], complex64[2])')
    expect(z.dataSync()).toEqual(Float32Array.of(1, 2, 3, -1))
    expect(np.sum(z).jsSync()).toEqual({ re: 4, im: 1 })
    expect(np.dot(z, z).jsSync()).toEqual({ re: 5, im: -2 })
    expect(z.div(z).jsSync()).toEqual([
      { re: 1, im: 0 },
      { re: 1, im: 0 },
    ])
  })

  test('have JAX’s derivatives', () => {
    const pull = (f: (x: NDArray) => NDArray, cotangent: NDArray): NDArray => vjp(f, z)[1](cotangent)[0]!
    const one = np.ones([2])
    const mixed = lax.complex(one, one.mul(0.5))
    expect(pull(np.real, one).jsSync()).toEqual([
      { re: 1, im: 0 },
      { re: 1, im: 0 },
    ])
    expect(pull(np.imag, one).jsSync()).toEqual([
      { re: 0, im: -1 },
      { re: 0, im: -1 },
    ])
    expect(pull(np.conj, mixed).dataSync()).toEqual(Float32Array.of(1, -0.5, 1, -0.5))
    expect(pull((x) => x.mul(x), mixed).dataSync()).toEqual(Float32Array.of(0, 5, 7, 1))
    expect(pull(np.abs, one).dataSync()).toEqual(Float32Array.of(0.4472136, -0.8944272, 0.94868326, 0.31622776))
  })

  test('go through a compiled program and its gradient', async () => {
    const power = (x: NDArray): NDArray => np.sum(np.abs(lax.complex(x, x.mul(2))).square())
    const x = np.array([1, -2, 0])
    expect(await jit(power)(x).js()).toBeCloseTo(25, 4)
    expect(await jit(grad(power))(x).ready()).toBeAllclose([10, -20, 0], { rtol: 1e-6 })
    const w = jit((y: NDArray) => y.mul(y))(z)
    expect(w.dtype).toBe('complex64')
    expect(await w.js()).toEqual([
      { re: -3, im: 4 },
      { re: 8, im: -6 },
    ])
  })

  test('have derivatives through branches, loops and gathers, compiled too', async () => {
    const w = lax.complex(np.array([0.5, -0.25]), np.array([0.75, 0.5]))
    /** |z·w³|² in the end, by a loop, a branch and moving entries about. */
    const f = (x: NDArray): NDArray => {
      const start = lax.complex(x, x.mul(2))
      const [last] = lax.scan((c) => [c.mul(w), c], start, null, { length: 3 })
      const chosen = lax.cond(
        np.array(true),
        (c) => c,
        (c) => c.neg(),
        last,
      )
      const moved = np.take(chosen, np.array(Int32Array.of(1, 0)))
      return np.sum(np.abs(moved).square())
    }
    // |x + 2xi|² |w|⁶ = 5x² |w|⁶
    const sizes = [0.5 ** 2 + 0.75 ** 2, 0.25 ** 2 + 0.5 ** 2].map((s) => s ** 3)
    const x = np.array([1, -2])
    const expected = [10 * sizes[0]!, -20 * sizes[1]!]
    expect(grad(f)(x)).toBeAllclose(expected, { rtol: 1e-5 })
    expect(await jit(grad(f))(x).ready()).toBeAllclose(expected, { rtol: 1e-5 })
    const kept = jit((y: NDArray) => checkpoint((z: NDArray) => z.mul(z))(lax.complex(y, y)))
    expect(await kept(x).data()).toEqual(Float32Array.of(0, 2, 0, 8))
  })

  test.each(['eager', 'js', 'cpu', 'wasm'] as const)(
    'the slope of the smallest absolute values is finite: %s',
    async (device) => {
      const f = (x: NDArray, y: NDArray): NDArray => np.abs(lax.complex(x, y)).sum()
      const slope = device === 'eager' ? grad(f) : jit(grad(f), { device })
      const [x, y] = [np.array([1e-45, 3e-40, -3e-30, 0]), np.array([0, 4e-40, 4e-30, 0])]
      expect(await slope(x, y).ready()).toBeAllclose([1, 0.6, -0.6, 0], { rtol: 1e-5 })
    },
  )

  test('are refused where they make no sense', () => {
    expect(() => lax.sort(z)).toThrow('sort: complex64 is not possible here')
    expect(() => lax.topK(z, 1)).toThrow('top_k: complex64 is not possible here')
    expect(() => lax.cummax(z, 0)).toThrow('cummax: complex64 is not possible here')
    expect(() => lax.clamp(z, z, z)).toThrow('clamp: complex64 is not possible here')
    expect(() => jit((x: NDArray) => lax.sort(x))(z)).toThrow('sort: complex64 is not possible here')
    expect(() => lax.lt(z, z)).toThrow(
      'lt: complex64 is not possible here (complex64[2], complex64[2]); take np.real(x)',
    )
    expect(() => z.add(np.ones([2], { dtype: 'float64' }))).toThrow('complex numbers of double precision are not there')
  })
})

describe('numbers beside an array of float64 are not rounded to float32', () => {
  const x = np.array(Float64Array.of(0.4, 0.7, 0.9))
  const given: readonly (readonly [name: string, result: NDArray, expected: readonly number[]])[] = [
    ['quantile', np.quantile(x, 0.3), [0.58]],
    ['quantiles', np.quantile(x, [0.3, 0.4]), [0.58, 0.64]],
    ['percentile', np.percentile(x, 30), [0.58]],
    ['pad', np.pad(x, [1, 0], { constantValues: 0.3 }), [0.3, 0.4, 0.7, 0.9]],
    ['a ramp', np.pad(x, [1, 0], { mode: 'linear_ramp', endValues: 0.3 }), [0.3, 0.4, 0.7, 0.9]],
    ['append', np.append(x, 0.3), [0.4, 0.7, 0.9, 0.3]],
    ['insert', np.insert(x, 0, 0.3), [0.3, 0.4, 0.7, 0.9]],
    ['piecewise', np.piecewise(x, [x.gt(0.5)], [0.3, 0.1]), [0.1, 0.3, 0.3]],
    ['diff', np.diff(x, { prepend: 0.3 }), [0.1, 0.3, 0.2]],
    ['ediff1d', np.ediff1d(x, { toEnd: [0.1] }), [0.3, 0.2, 0.1]],
    ['trapezoid', np.trapezoid(x, { dx: 0.3 }), [0.405]],
    ['a list added', np.add(x, [0.1, 0.2, 0.3]), [0.5, 0.9, 1.2]],
    ['divided by a list', np.divide(x, [0.1, 0.1, 0.3]), [4, 7, 3]],
    ['a list divided by it', np.divide([0.8, 2.1, 0.9], x), [2, 3, 1]],
    ['the power of a list', np.power(x, [0.5, 2, 1]), [Math.sqrt(0.4), 0.49, 0.9]],
    ['where', np.where(x.gt(0.5), [0.1, 0.2, 0.3], x), [0.4, 0.2, 0.3]],
    ['dot', np.dot(x, [0.1, 0.1, 0.1]), [0.2]],
    ['cross', np.cross(x, [0.1, 0, 0]), [0, 0.09, -0.07]],
    ['concatenate', np.concatenate([x, [0.1]]), [0.4, 0.7, 0.9, 0.1]],
    ['append to a list', np.append([0.1], x), [0.1, 0.4, 0.7, 0.9]],
    ['stack', np.stack([x, [0.1, 0.2, 0.3]]), [0.4, 0.7, 0.9, 0.1, 0.2, 0.3]],
    ['hstack', np.hstack([x, 0.1]), [0.4, 0.7, 0.9, 0.1]],
    ['vstack', np.vstack([[0.1, 0.2, 0.3], x]), [0.1, 0.2, 0.3, 0.4, 0.7, 0.9]],
    ['dstack', np.dstack([x, [0.1, 0.2, 0.3]]), [0.4, 0.1, 0.7, 0.2, 0.9, 0.3]],
    ['columnStack', np.columnStack([x, [0.1, 0.2, 0.3]]), [0.4, 0.1, 0.7, 0.2, 0.9, 0.3]],
    ['block', np.block([[x, 0.1]]), [0.4, 0.7, 0.9, 0.1]],
    ['union1d', np.union1d(x, [0.1]), [0.1, 0.4, 0.7, 0.9]],
    ['interp', np.interp(x, [0, 1], [0.1, 0.3]), [0.18, 0.24, 0.28]],
    ['trapezoid at points', np.trapezoid(x, [0.1, 0.2, 0.4]), [0.215]],
    ['average', np.average(x, { weights: [0.1, 0.1, 0.8] }), [0.83]],
    ['gradient', np.gradient(x, [0.1, 0.2, 0.3]) as NDArray, [3, 2.5, 2]],
    ['solve', np.linalg.solve(np.eye(3).astype('float64').mul(2), [0.2, 0.4, 0.6]), [0.1, 0.2, 0.3]],
    ['solve of lists', np.linalg.solve([[0.1]], x.slice([0, 1])), [4]],
    ['edges of bins', np.histogramBinEdges(x, { bins: 2, range: [0.1, 0.7] }), [0.1, 0.4, 0.7]],
  ]
  test.each(given)('%s', (_, result, expected) => {
    expect(result.dtype).toBe('float64')
    const numbers = Array.from(result.dataSync(), Number)
    expect(numbers).toHaveLength(expected.length)
    numbers.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 14))
  })

  test('lists alone are float32, also of compiled functions', async () => {
    expect(np.add([0.1], [0.2]).dtype).toBe('float32')
    expect(np.add(np.array(Float32Array.of(0.1)), x.slice([0, 1])).dataSync()[0]).toBe(Math.fround(0.1) + 0.4)
    expect(Array.from(await jit((y: NDArray) => y.add([0.1, 0.2, 0.3]))(x).data())).toEqual([
      0.5, 0.8999999999999999, 1.2,
    ])
  })

  test('integers meet floats of 16 bits in those, as in JAX, and bare numbers of any size', () => {
    const [whole, half] = [np.array(Int32Array.of(1)), np.array([2]).astype('float16')]
    for (const f of [np.divide, np.arctan2, np.hypot, np.logaddexp, np.floatPower]) {
      expect(f(whole, half).dtype).toBe('float16')
      expect(f(np.array([true]), half).dtype).toBe('float16')
      expect(f(whole, 0.5).dtype).toBe('float32')
      expect(f(half, 3).dtype).toBe('float16')
    }
    expect(np.divide(np.array(Int8Array.of(100)), 300).item()).toBeCloseTo(1 / 3, 6)
    expect(np.divide(3, 2).item()).toBe(1.5)
    expect(np.divide(7n, 2).item()).toBe(3.5)
  })

  test('nor do whole numbers make integers float32', () => {
    const n = np.array(Int32Array.of(1, 2 ** 24 + 1))
    for (const y of [np.append(n, 5), np.diff(n, { prepend: 1 }), np.pad(n, 1)]) expect(y.dtype).toBe('int32')
    expect(np.append(n, 5).jsSync()).toEqual([1, 2 ** 24 + 1, 5])
    expect(np.append(n, 0.5).dtype).toBe('float32')
  })
})
