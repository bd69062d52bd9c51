import { checkGrads } from '@cotangent/autodiff/testing'
import { grad, jit, lax, linalg, makeJaxpr, type NDArray, np, vmap } from '@cotangent/autodiff'
import fc from 'fast-check'
import { describe, expect, expectTypeOf, test } from 'vitest'
import '../helpers/matchers.ts'
import { forAll } from '../helpers/draws.ts'

const int = (values: readonly unknown[]): NDArray => np.array(values as number[], { dtype: 'int32' })

/** The sum over all labels that the output lacks, entry by entry. */
function einsumByLoops(text: string, operands: readonly NDArray[], sizes: Readonly<Record<string, number>>): number[] {
  const [left, output] = text.split('->') as [string, string]
  const terms = left.split(',')
  const labels = [...new Set(text.replaceAll(/[^a-z]/g, ''))]
  const out = new Array<number>(output.split('').reduce((n, l) => n * sizes[l]!, 1)).fill(0)
  const flat = (term: string, index: Record<string, number>): number =>
    term.split('').reduce((at, l) => at * sizes[l]! + index[l]!, 0)
  const data = operands.map((x) => x.dataSync())
  const visit = (depth: number, index: Record<string, number>): void => {
    if (depth === labels.length) {
      out[flat(output, index)]! += terms.reduce((product, term, i) => product * data[i]![flat(term, index)]!, 1)
      return
    }
    const label = labels[depth]!
    for (let i = 0; i < sizes[label]!; i++) visit(depth + 1, { ...index, [label]: i })
  }
  visit(0, {})
  return out
}

describe('einsum', () => {
  const term = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'd'), maxLength: 3 })
  const call = fc
    .record({
      terms: fc.array(term, { minLength: 1, maxLength: 4 }),
      sizes: fc.record({ a: fc.nat(3), b: fc.nat(3), c: fc.integer({ min: 1, max: 3 }), d: fc.constant(2) }),
      kept: fc.shuffledSubarray(['a', 'b', 'c', 'd']),
      optimize: fc.constantFrom('auto' as const, 'greedy' as const, 'optimal' as const, false),
    })
    .map(({ terms, sizes, kept, optimize }) => {
      const text = `${terms.join()}->${kept.filter((label) => terms.join('').includes(label)).join('')}`
      const operands = terms.map((t, i) => {
        const shape = t.split('').map((label) => sizes[label as 'a'])
        const size = shape.reduce((a, b) => a * b, 1)
        return int(Array.from({ length: size }, (_, k) => ((k * (i + 3)) % 7) - 3)).reshape(shape)
      })
      return { text, operands, sizes, optimize }
    })

  test('gives what loops over all labels give, in whatever order it contracts', () => {
    return forAll(
      call,
      ({ text, operands, sizes, optimize }) => {
        const got = np.einsum(text, ...operands, { optimize })
        expect([...got.dataSync()]).toEqual(einsumByLoops(text, operands, sizes).map((n) => n | 0))
      },
      8,
    )
  })

  test('stretches axes of length 1, under a label and under the ellipsis', () => {
    expect(np.einsum('ij,ij->i', [[1], [2]], np.ones([2, 3])).jsSync()).toEqual([3, 6])
    expect(np.einsum('...i,...i', np.ones([2, 1, 3]), np.ones([4, 3])).shape).toEqual([2, 4])
    expect(np.einsum('i...,i...', np.ones([3, 1]), np.ones([3, 2])).jsSync()).toEqual([3, 3])
  })

  test('without an arrow keeps the labels that appear once, in alphabetical order', () => {
    expect(np.einsum('ba', [[1, 2, 3]]).shape).toEqual([3, 1])
    expect(np.einsum('kj,ik', np.ones([2, 3]), np.ones([4, 2])).shape).toEqual([4, 3])
    expect(np.einsum('b...a', np.ones([2, 5, 3])).shape).toEqual([5, 3, 2])
  })

  test('keeps dtypes: numbers are weak, booleans stay', () => {
    expect(np.einsum('i,->i', int([1, 2]), 3).dtype).toBe('int32')
    expect(np.einsum('i,i', Float64Array.of(1, 2), [1, 2]).dtype).toBe('float64')
    expect(np.einsum('ij,j->i', [[true, false]], [true, true]).dtype).toBe('bool')
  })

  test('contracts in the order with the fewest multiplications', () => {
    const chain = [np.ones([10, 100]), np.ones([100, 5]), np.ones([5, 50])] as const
    const [path, { naiveCost, optimizedCost, largestIntermediate }] = np.einsumPath('ij,jk,kl->il', ...chain)
    expect(path).toEqual([
      [0, 1],
      [0, 1],
    ])
    expect(optimizedCost).toBe(10 * 100 * 5 + 10 * 5 * 50)
    expect(naiveCost).toBe(2 * 10 * 100 * 5 * 50)
    expect(largestIntermediate).toBe(500)
    const [left, { optimizedCost: costOfLeft }] = np.einsumPath(
      'ij,jk,k->i',
      ...([np.ones([9, 9]), np.ones([9, 9]), np.ones([9])] as const),
      { optimize: false },
    )
    expect(left).toEqual([
      [0, 1],
      [0, 1],
    ])
    expect(costOfLeft).toBe(729 + 81)
    // Ten matrices go greedily.
    const many = 'ab,bc,cd,de,ef,fg,gh,hi,ij,jk->ak'
    const [greedy] = np.einsumPath<string>(many, ...many.split(',').map(() => np.ones([2, 2])))
    expect(greedy).toHaveLength(9)
  })

  test('is products of matrices, not of all entries', () => {
    const f = (a: NDArray, b: NDArray, c: NDArray): NDArray => np.einsum('ij,jk,kl->il', a, b, c)
    const jaxpr = String(makeJaxpr(f)(np.ones([2, 3]), np.ones([3, 4]), np.ones([4, 5])))
    expect(jaxpr.match(/dot_general/g)).toHaveLength(2)
    expect(jaxpr).not.toMatch(/mul|reduce_sum/)
  })

  test('takes as many operands as subscripts that are written out', () => {
    const wrong = (): void => {
      // @ts-expect-error one operand is missing
      np.einsum('ij,jk', [[1]])
      // @ts-expect-error there is no such option
      np.einsum('i', [1], { optimise: true })
    }
    expect(wrong).toThrow()
    expectTypeOf(np.einsum<'i,i->'>)
      .parameter(1)
      .toExtend<Parameters<typeof np.sum>[0]>()
  })
})

describe('order statistics', () => {
  const values = fc.array(fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 }), {
    minLength: 1,
    maxLength: 30,
  })

  test('are those of the sorted entries', () => {
    return forAll(
      fc.tuple(values, fc.double({ min: 0, max: 1, noNaN: true })),
      ([list, q]) => {
        const sorted = list.toSorted((a, b) => a - b)
        const place = Math.fround(Math.fround(q) * (list.length - 1))
        const [low, high] = [sorted[Math.floor(place)]!, sorted[Math.ceil(place)]!]
        expect(np.quantile(list, q, { method: 'lower' })).toBeAllclose(low, { rtol: 0, atol: 0 })
        expect(np.quantile(list, q, { method: 'higher' })).toBeAllclose(high, { rtol: 0, atol: 0 })
        const between = low + (high - low) * (place - Math.floor(place))
        expect(np.quantile(list, q)).toBeAllclose(between, { rtol: 1e-5, atol: 1e-4 })
      },
      4,
    )
  })

  test('take a NaN for unknown, and the nan functions leave it out', () => {
    expect(np.median([3, NaN, 1]).item()).toBeNaN()
    expect(np.nanmedian([3, NaN, 1]).item()).toBe(2)
    expect(np.nanmedian([NaN, NaN]).item()).toBeNaN()
  })

  test('put the axis of several quantiles first, and keep reduced axes where asked', () => {
    const x = np.ones([2, 3, 4])
    expect(np.quantile(x, [0.1, 0.9], { axis: 1 }).shape).toEqual([2, 2, 4])
    expect(np.quantile(x, [0.1, 0.9], { axis: [0, 2], keepdims: true }).shape).toEqual([2, 1, 3, 1])
    expect(np.quantile(x, 0.1, { keepdims: true }).shape).toEqual([1, 1, 1])
  })
})

describe('derivatives are right, to second order', () => {
  const x = np.array(
    [
      [0.5, -1.25, 2],
      [1.5, 0.75, -0.5],
    ],
    { dtype: 'float64' },
  )
  const v = np.array([1, -2, 0.5], { dtype: 'float64' })
  test.each<[string, (...xs: NDArray[]) => NDArray, NDArray[]]>([
    ['einsum', (a, b) => np.einsum('ij,kj,j->ik', a!, a!, b!), [x, v]],
    ['a diagonal', (a) => np.einsum('ii->i', np.matmul(a!.T, a!)).square(), [x]],
    ['percentile', (a) => np.percentile(a!, [20, 55], { axis: 1 }).square(), [x]],
    ['interp', (a) => np.interp(a!, [-2, 0, 1, 3], a!.ravel().slice([0, 4])), [x]],
    ['corrcoef', (a) => np.corrcoef(a!), [x]],
    ['nanvar', (a) => np.nanvar(np.concatenate([a!, [[NaN, 1, 2]]]), { axis: 0 }), [x]],
    ['pad', (a) => np.pad(a!.square(), 2, { mode: 'reflect', reflectType: 'odd' }), [x]],
    ['average', (a, b) => np.average(a!, { weights: b!.square(), axis: 1 }), [x, v]],
    ['polymul', (a, b) => np.polymul(a!.ravel(), b!), [x, v]],
    ['gradient', (a, b) => np.gradient(a!, b!.square().cumsum(), { axis: 1 }), [x, v]],
    ['cross and kron', (a, b) => np.kron(np.cross(a!, b!), b!), [x, v]],
  ])('%s', async (_, f, args) => {
    await checkGrads(f as (...args: unknown[]) => unknown, args)
  })
})

describe('reductions', () => {
  test('of nothing', () => {
    expect(np.max(np.zeros([0, 2]), { axis: 0, initial: 3 }).jsSync()).toEqual([3, 3])
    expect(np.nanmean(np.zeros([0])).item()).toBeNaN()
    expect(np.var(np.zeros([0])).item()).toBeNaN()
    expect(np.sum(np.zeros([0])).item()).toBe(0)
  })
  test('keep bool where NumPy does, and take the lowest integer where nothing is', () => {
    expect(np.max([true, false]).dtype).toBe('bool')
    expect(np.sum([true, true]).jsSync()).toBe(2)
    expect(np.sum([0, 2], { dtype: 'bool' }).jsSync()).toBe(true)
    expect(np.max(int([-5]), { where: [false], initial: -2147483648 }).item()).toBe(-2147483648)
  })
  test('differentiate only the entries that take part', () => {
    const f = (x: NDArray): NDArray => np.sum(x.square(), { where: [true, false, true], initial: 1 })
    expect(grad(f)(np.array([1, 2, 3])).jsSync()).toEqual([2, 0, 6])
    const m = (x: NDArray): NDArray => np.max(x, { where: [true, false, true], initial: -10 })
    expect(grad(m)(np.array([1, 9, 3])).jsSync()).toEqual([0, 0, 1])
  })
})

describe('repeating and padding', () => {
  test('counts may be traced where the length is given', async () => {
    const f = (counts: NDArray): NDArray => np.repeat([10, 20, 30], counts, { totalRepeatLength: 5 })
    expect(f(int([2, 0, 1])).jsSync()).toEqual([10, 10, 30, 30, 30])
    expect(await jit(f)(int([0, 9, 1])).js()).toEqual([20, 20, 20, 20, 20])
    expect(
      vmap(f)(
        int([
          [1, 1, 1],
          [4, 1, 0],
        ]),
      ).jsSync(),
    ).toEqual([
      [10, 20, 30, 30, 30],
      [10, 10, 10, 10, 20],
    ])
  })
  test('a function fills rows, one axis after the other', () => {
    const ones = np.pad([[5]], 1, {
      mode: (row, [before, after]) =>
        np.pad(row.slice([before, row.size - after]), [before, after], { constantValues: 1 }),
    })
    expect(ones.jsSync()).toEqual([
      [1, 1, 1],
      [1, 5, 1],
      [1, 1, 1],
    ])
  })
  test('the constants around an array have derivatives', () => {
    const f = (c: NDArray): NDArray => np.pad([1, 2], [1, 2], { constantValues: c }).square().sum()
    expect(grad(f)(np.array([3, 5])).jsSync()).toEqual([6, 20])
  })
})

describe('functions of functions', () => {
  test('vectorize broadcasts all but the axes of the signature', () => {
    const f = np.vectorize((a, b) => [a.mul(b), a.sum()] as const, { signature: '(n),()->(n),()' })
    const [product, total] = f(np.ones([4, 1, 3]), np.array([1, 2]))
    expect([product.shape, total.shape]).toEqual([
      [4, 2, 3],
      [4, 2],
    ])
    const scaled = np.vectorize((a, b) => a.mul(b).sum(), { excluded: [1] })
    expect(scaled([1, 2], np.array([1, 10])).jsSync()).toEqual([11, 22])
  })
  test('applyAlongAxis puts the axes of the result in the place of the axis', () => {
    const f = (row: NDArray): NDArray => np.outer(row, row)
    expect(np.applyAlongAxis(f, 1, np.ones([2, 3, 4])).shape).toEqual([2, 3, 3, 4])
    expect(np.applyAlongAxis(f, -1, np.ones([2, 3])).shape).toEqual([2, 3, 3])
  })
  test('piecewise takes the last condition that is true', () => {
    const x = np.array([-1, 0.5, 2])
    expect(np.piecewise(x, [x.lt(1), x.lt(0)], [(y) => y.mul(10), 7]).jsSync()).toEqual([7, 5, 0])
  })
})

describe('dtypes', () => {
  test.each([
    ['bool', 'int32', true],
    ['int32', 'float64', true],
    ['int32', 'float32', false],
    ['uint32', 'int32', false],
    ['float64', 'float32', false],
    ['float32', 'int32', false],
  ] as const)('canCast of %s to %s is %s, as NumPy’s', (from, to, can) => {
    expect(np.canCast(from, to)).toBe(can)
  })
  test('the limits are those of IEEE 754 and of two’s complement', () => {
    expect(np.finfo('float32').max).toBe(3.4028234663852886e38)
    expect(np.finfo('float32').tiny).toBe(1.1754943508222875e-38)
    expect(np.finfo(np.array(Float64Array.of(1))).eps).toBe(Number.EPSILON)
    expect(np.finfo('float64').max).toBe(Number.MAX_VALUE)
    expect(np.finfo('float64').smallestSubnormal).toBe(Number.MIN_VALUE)
    expect([np.finfo('float32').precision, np.finfo('float64').precision]).toEqual([6, 15])
    expect([np.iinfo('int32').min, np.iinfo('uint32').max]).toEqual([-2147483648, 4294967295])
  })
  test('resultType knows weak numbers', () => {
    expect(np.resultType(1, 'int32')).toBe('int32')
    expect(np.resultType(1.5, 'int32')).toBe('float32')
    expect(np.resultType('float64', [1])).toBe('float64')
    expect(np.resultType(1)).toBe('float32')
  })
})

describe('methods', () => {
  const x = np.array([
    [1, 5, 3],
    [4, 2, 6],
  ])
  test('are the functions', () => {
    expect(x.var(0)).toBeIdentical(np.var(x, { axis: 0 }))
    expect(x.std({ ddof: 1 })).toBeIdentical(np.std(x, { ddof: 1 }))
    expect(x.sum({ where: x.gt(3), initial: 1 }).item()).toBe(16)
    expect(x.max({ axis: 0, where: x.lt(5), initial: 0 }).jsSync()).toEqual([4, 2, 3])
    expect(x.ptp(1).jsSync()).toEqual([4, 4])
    expect(x.argmax(1).jsSync()).toEqual([1, 2])
    expect(x.argmin().item()).toBe(0)
    expect(x.cumsum(1).jsSync()).toEqual([
      [1, 6, 9],
      [4, 6, 12],
    ])
    expect(x.clip(2, 4).jsSync()).toEqual([
      [2, 4, 3],
      [4, 2, 4],
    ])
    expect(x.clip(null, 2).max().item()).toBe(2)
    expect(x.div(4).round().jsSync()).toEqual([
      [0, 1, 1],
      [1, 0, 2],
    ])
    expect(x.flatten().shape).toEqual([6])
    expect(x.swapaxes(0, -1).shape).toEqual([3, 2])
    expect(x.repeat(2, 0).shape).toEqual([4, 3])
    expect(x.repeat([1, 2, 0, 0, 0, 1]).jsSync()).toEqual([1, 5, 5, 6])
    expect(x.trace(1).item()).toBe(11)
    expect(x.diagonal(-1).jsSync()).toEqual([4])
  })
  test('say how large an array is, and give one number', () => {
    expect([x.itemsize, x.nbytes]).toEqual([4, 24])
    expect(x.item(1, -1)).toBe(6)
    expect(() => x.item()).toThrow('x.item(0, 1)')
  })
  test('a copy outlives what it was copied from', () => {
    const first = np.array([1, 2])
    const second = first.copy()
    first[Symbol.dispose]()
    expect(second.jsSync()).toEqual([1, 2])
  })
})

test('diag and diagonal are each other’s inverse, at any diagonal', () => {
  for (const k of [-3, -1, 0, 2]) expect(np.diag(np.diag([1, 2, 3], k), k).jsSync()).toEqual([1, 2, 3])
  expect(np.diag(np.zeros([0]), 2).jsSync()).toEqual([
    [0, 0],
    [0, 0],
  ])
  expect(np.diagonal(np.ones([2, 3]), { offset: 5 }).shape).toEqual([0])
})

test('order F goes through the first axis first', () => {
  const x = np.array([
    [1, 2, 3],
    [4, 5, 6],
  ])
  expect(np.ravel(x, { order: 'F' }).jsSync()).toEqual([1, 4, 2, 5, 3, 6])
  expect(np.reshape(x, [3, -1], { order: 'F' }).jsSync()).toEqual([
    [1, 5],
    [4, 3],
    [2, 6],
  ])
})

test('products of complex vectors conjugate the first one', () => {
  const x = lax.complex(np.array([1, 2]), np.array([1, 0]))
  const y = lax.complex(np.array([0, 1]), np.array([1, 1]))
  const product = { re: 3, im: 3 }
  expect(np.vecdot(x, y).jsSync()).toEqual(product)
  expect(linalg.vecdot(x, y).jsSync()).toEqual(product)
  expect(np.vecmat(x, np.stack([y, y], { axis: 1 })).jsSync()).toEqual([product, product])
  expect(np.matvec(np.stack([x, y]), y).jsSync()).toEqual([
    { re: 1, im: 3 },
    { re: -1, im: 2 },
  ])
})

test('arrays are equal when shapes and entries are', () => {
  expect(np.arrayEqual([1, NaN], [1, NaN]).jsSync()).toBe(false)
  expect(np.arrayEqual([1, NaN], [1, NaN], { equalNan: true }).jsSync()).toBe(true)
  expect(np.arrayEqual([1, 2], [[1, 2]]).jsSync()).toBe(false)
  expect(np.arrayEquiv([1, 2], [1, 2, 3]).jsSync()).toBe(false)
})
