import { type DType, jit, lax, type NDArray, np } from '@cotangent/autodiff'
import { describe, expect, test, vi } from 'vitest'

const N = 4 * 4096 + 777

const numbers = (n: number, salt = 0): number[] =>
  Array.from(
    { length: n },
    (_, i) => Math.sin(12.9898 * i + salt) * 43758.5453 - Math.round(Math.sin(12.9898 * i + salt) * 43758.5453),
  )

/** Numbers with the edges among them. */
const edged = (n: number): Float64Array => {
  const out = Float64Array.from(numbers(n), (x) => 40 * x)
  ;[NaN, Infinity, -Infinity, -0, 0, 1e-310, 3e38].forEach((x, i) => (out[i * 1001] = x))
  return out
}

const long = (dtype: DType): NDArray => np.array(edged(N)).astype(dtype)

/** Where two arrays first differ, in a sign of a zero too; −1 nowhere. */
const firstDifference = (a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>): number =>
  a.length === b.length ? Array.prototype.findIndex.call(a, (x: unknown, i: number) => !Object.is(x, b[i])) : a.length

type Program = (x: NDArray, y: NDArray) => readonly NDArray[]

const programs: Readonly<Record<string, Program>> = {
  'a chain': (x, y) => [x.mul(2).add(1).mul(x).sub(y)],
  'values that are read later': (x, y) => {
    const a = x.mul(y)
    const b = a.add(x)
    const c = b.mul(a).sub(b)
    return [c, a, c.sum(), b.add(y.max())]
  },
  'conditions and other dtypes in between': (x, y) => {
    const counted = x.gt(y).astype('int32').add(y.le(0).astype('int32'))
    return [np.where(x.gt(0), x, y).mul(counted.astype(x.dtype)), counted, x.astype('int32').mul(3).astype('int8')]
  },
  'more steps than one loop takes': (x, y) => {
    let z = x
    for (let i = 0; i < 40; i++) z = np.minimum(z.mul(y).add(i % 3), y.add(3))
    return [z, z.sub(x)]
  },
  'numbers of one element': (x, y) => [
    x
      .add(y.at(5))
      .mul(y.sum())
      .sub(x.mul(y.at(7))),
  ],
  'something else in the middle': (x, y) => [
    x
      .add(y)
      .reshape([N, 1])
      .mul(2)
      .sub(np.cumsum(y.mul(x)).reshape([N, 1]))
      .add(1),
  ],
}

describe('equations on long arrays that run together give the numbers of each by itself, bit for bit', () => {
  for (const [name, program] of Object.entries(programs)) {
    test.each(['float32', 'float64', 'int32', 'uint32', 'uint8', 'int16', 'float16', 'int64'] as const)(
      `${name}, %s`,
      (dtype) => {
        const [x, y] = [long(dtype), np.flip(long(dtype))]
        const kept = [x.dataSync(), y.dataSync()]
        const expected = program(x, y).map((z) => z.dataSync())
        const compiled = jit((a: NDArray, b: NDArray) => [...program(a, b)], { device: 'js' })
        for (let again = 0; again < 3; again++) {
          const places = compiled(x, y).map((z, i) => firstDifference(z.dataSync(), expected[i]!))
          expect(places).toEqual(expected.map(() => -1))
        }
        expect(firstDifference(x.dataSync(), kept[0]!)).toBe(-1)
        expect(firstDifference(y.dataSync(), kept[1]!)).toBe(-1)
      },
    )
  }

  test('also where the page forbids to make code', async () => {
    vi.resetModules()
    const real = globalThis.Function
    const forbidden = function Function(): never {
      throw new EvalError('unsafe-eval')
    }
    forbidden.prototype = real.prototype
    vi.stubGlobal('Function', forbidden)
    try {
      const fresh = await import('@cotangent/autodiff')
      const x = fresh.np.array(Float32Array.from(edged(N)))
      const f = (z: NDArray): NDArray => fresh.np.where(z.gt(0), z.mul(z).add(1), z.neg()) as NDArray
      const compiled = fresh.jit(f, { device: 'js' })
      for (let again = 0; again < 2; again++) expect(firstDifference(compiled(x).dataSync(), f(x).dataSync())).toBe(-1)
      expect(fresh.np.sum(fresh.np.ones([3, 4]), { axis: 0 }).jsSync()).toEqual([3, 3, 3, 3])
    } finally {
      vi.unstubAllGlobals()
      vi.resetModules()
    }
  })
})

describe('many entries are sorted by their bits as by comparison', () => {
  const order = (keys: readonly ArrayLike<number>[], n: number): number[] => {
    const compare = (a: number, b: number): number =>
      Number.isNaN(a) || Number.isNaN(b)
        ? Number(Number.isNaN(a)) - Number(Number.isNaN(b))
        : a < b
          ? -1
          : Number(a > b)
    return Array.from({ length: n }, (_, i) => i).sort((i, j) => {
      for (const key of keys) {
        const by = compare(Number(key[i]), Number(key[j]))
        if (by !== 0) return by
      }
      return i - j
    })
  }
  const dtypes = [
    'float32',
    'float64',
    'float16',
    'bfloat16',
    'int8',
    'int16',
    'int32',
    'uint8',
    'uint16',
    'uint32',
    'bool',
  ] as const
  test.each(dtypes)('%s', (dtype) => {
    const n = 3000
    const spread = dtype.startsWith('int32') || dtype.startsWith('uint32') ? 2 ** 30 : 20
    const x = np.array(edged(n).map((v) => v * spread)).astype(dtype)
    const data = x.dataSync()
    const expected = order([data], n)
    expect([...np.argsort(x).dataSync()]).toEqual(expected)
    expect([...np.sort(x).dataSync()].map(String)).toEqual(expected.map((i) => String(data[i])))
  })

  test('by several keys, the last one first, along any axis', () => {
    const n = 1500
    const [a, b] = [numbers(n), numbers(n, 1)].map((x) => Int32Array.from(x, (v) => Math.round(v * 6))) as [
      Int32Array,
      Int32Array,
    ]
    expect([...np.lexsort([np.array(a), np.array(b)]).dataSync()]).toEqual(order([b, a], n))
    const columns = np.stack([np.array(a), np.array(b)], { axis: 1 })
    const sorted = np.argsort(columns, { axis: 0 })
    expect([...sorted.slice(null, 1).dataSync()]).toEqual(order([b], n))
  })

  test('the largest come first, of equals the first', () => {
    const n = 2000
    const data = Float32Array.from(numbers(n), (v) => Math.round(v * 9))
    const expected = Array.from({ length: n }, (_, i) => i).sort((i, j) => data[j]! - data[i]! || i - j)
    expect([...lax.topK(np.array(data), 50)[1].dataSync()]).toEqual(expected.slice(0, 50))
  })
})

describe('elements are moved where they belong, in pieces or one by one', () => {
  const shape = [3, 5, 40]
  const data = Float32Array.from(numbers(600))
  const x = np.array(data).reshape(shape)
  const at = (i: number, j: number, k: number): number => data[(i * 5 + j) * 40 + k]!

  test.each([[[0, 1, 2]], [[0, 2, 1]], [[1, 0, 2]], [[1, 2, 0]], [[2, 0, 1]], [[2, 1, 0]]])(
    'transposed by %j',
    (axes) => {
      const moved = x.transpose(axes)
      const strides = axes.map((axis) => [200, 40, 1][axis]!)
      const [n0, n1, n2] = moved.shape as [number, number, number]
      const expected: number[] = []
      for (let a = 0; a < n0; a++)
        for (let b = 0; b < n1; b++)
          for (let c = 0; c < n2; c++) expected.push(data[a * strides[0]! + b * strides[1]! + c * strides[2]!]!)
      expect([...moved.dataSync()]).toEqual(expected)
    },
  )

  test('a pad that fills, cuts and spreads at once gives its numbers', () => {
    const params = { low: [-1, 2, -3], high: [1, -1, 4], interior: [1, 0, 2] }
    const out = lax.pad(x, np.array(9), params)
    const sizes = [0, 1, 2].map(
      (d) => params.low[d]! + params.high[d]! + shape[d]! + (shape[d]! - 1) * params.interior[d]!,
    )
    expect(out.shape).toEqual(sizes)
    const expected = new Float32Array(sizes[0]! * sizes[1]! * sizes[2]!).fill(9)
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 5; j++)
        for (let k = 0; k < 40; k++) {
          const to = [i, j, k].map((n, d) => params.low[d]! + n * (params.interior[d]! + 1))
          if (to.every((n, d) => n >= 0 && n < sizes[d]!))
            expected[(to[0]! * sizes[1]! + to[1]!) * sizes[2]! + to[2]!] = at(i, j, k)
        }
    expect(out.dataSync()).toEqual(expected)
  })

  test.each([[[0]], [[1]], [[2]], [[0, 1]], [[1, 2]], [[0, 2]], [[0, 1, 2]]])('reduced over %j', (axes) => {
    const kept = [0, 1, 2].filter((axis) => !axes.includes(axis))
    const place = (index: number[]): number => kept.reduce((sum, axis) => sum * shape[axis]! + index[axis]!, 0)
    const count = kept.reduce((n, axis) => n * shape[axis]!, 1)
    const sums = new Float64Array(count)
    const largest = new Float64Array(count).fill(-Infinity)
    const products = new Float64Array(count).fill(1)
    for (let i = 0; i < 3; i++)
      for (let j = 0; j < 5; j++)
        for (let k = 0; k < 40; k++) {
          const to = place([i, j, k])
          sums[to]! += at(i, j, k)
          largest[to] = Math.max(largest[to]!, at(i, j, k))
          products[to]! *= at(i, j, k)
        }
    expect(x.sum(axes).dataSync()).toEqual(Float32Array.from(sums))
    expect(x.max(axes).dataSync()).toEqual(Float32Array.from(largest))
    expect(x.prod(axes).dataSync()).toEqual(Float32Array.from(products))
    const whole = x.mul(1e4).astype('int32')
    const wrapped = whole.mul(1_000_003).sum(axes).dataSync()
    const exact = whole.astype('int64').mul(1_000_003n).sum(axes).astype('int32').dataSync()
    expect(wrapped).toEqual(exact)
  })
})
