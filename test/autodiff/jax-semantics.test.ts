import {
  checkpoint,
  customJvp,
  customVjp,
  grad,
  jacfwd,
  jit,
  lax,
  linalg,
  type NDArray,
  np,
  special,
  stats,
  ValueError,
  vmap,
} from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'

const lists = (arrays: readonly NDArray[]): unknown[] => arrays.map((x) => x.jsSync())
const int32 = (...values: number[]): NDArray => np.array(Int32Array.from(values))

describe('zeros have the sign that JAX gives them', () => {
  test('the greater of −0 and 0 is 0, and the smaller −0, also where they are set', () => {
    const at = int32(0, 1)
    const x = np.array([-0, 0])
    expect(x.maxAt(at, [0, -0])).toBeIdentical(np.array([0, 0]))
    expect(x.minAt(at, [0, -0])).toBeIdentical(np.array([-0, -0]))
  })

  test('what associativeScan gives has no −0: its entries are put between each other by adding zeros', () => {
    const product = (x: NDArray): NDArray => lax.associativeScan((a, b) => a.mul(b), x)
    expect(product(np.array([0, -1, 2]))).toBeIdentical(np.array([0, 0, 0]))
    expect(product(np.array([-0]))).toBeIdentical(np.array([-0]))
  })
})

describe('rules of one’s own inside loops that the interpreter runs', () => {
  const tenfold: (x: NDArray) => NDArray = customJvp((x: NDArray) => np.sin(x), {
    jvp: ([x], [dx]) => [tenfold(x), dx.mul(10)],
  })
  const residual: (x: NDArray) => NDArray = customVjp((x: NDArray) => np.sin(x), {
    forward: (x): [NDArray, NDArray] => [residual(x), x],
    backward: (x, ct) => [ct.mul(x).mul(10)],
  })
  const through = (f: (x: NDArray) => NDArray) => (xs: NDArray) => lax.scan((c, x) => [f(c.mul(x)), c], 1, xs)[0]

  // JAX's values.
  test.each([
    ['customJvp', tenfold, [6000, 252.44128, 9.937182]],
    ['customVjp', residual, [30102.664, 1266.5259, 29.624283]],
  ] as const)('%s', (_, f, expected) => {
    expect(grad(through(f))(np.array([1, 2, 3]))).toBeAllclose([...expected], { rtol: 1e-5 })
    expect(lax.foriLoop(0, 2, (_i, x) => f(x), 2)).toBeAllclose(0.78907233, { rtol: 1e-6 })
  })

  test('a checkpoint has its gradient there', () => {
    const f = (a: NDArray): NDArray =>
      lax
        .scan(
          checkpoint((c: NDArray, x: NDArray) => [np.sin(c.mul(x)).mul(a), c] as const),
          a,
          np.array([1, 2, 3]),
        )[1]
        .sum()
    expect(grad(f)(0.7)).toBeAllclose(3.9882088, { rtol: 1e-5 })
  })
})

describe('entries of a batch at a place of their own', () => {
  const rows = np.array([
    [1, 2, 3],
    [4, 5, 6],
  ])
  const labels = int32(2, 0)

  test('by a scalar index, compiled', async () => {
    const at = vmap((row: NDArray, label: NDArray) => row.at(label))
    expect(at(rows, labels)).toBeIdentical(np.array([3, 4]))
    expect(await jit(at)(rows, labels).js()).toEqual([3, 4])
    expect(await jit(vmap((row: NDArray, i: NDArray) => np.take(row, i)))(rows, labels).js()).toEqual([3, 4])
    expect(await jit(vmap((row: NDArray) => np.nanmedian(row)))(rows).js()).toEqual([2, 5])
  })

  test('the cross entropy of labels has JAX’s gradient, compiled', async () => {
    const loss = (logits: NDArray): NDArray =>
      vmap((row: NDArray, label: NDArray) => special.logSoftmax(row).at(label))(logits, labels).mean()
    const g = jit(grad(loss))(rows)
    await g.ready()
    expect(g).toBeAllclose(
      [
        [-0.045015287, -0.1223642, 0.16737948],
        [0.45498472, -0.1223642, -0.3326205],
      ],
      { rtol: 1e-5 },
    )
  })
})

describe('a Gaussian of several variables', () => {
  test('is NaN where the covariance has two negative eigenvalues, and a positive determinant', () => {
    expect(
      stats.multivariateNormal.logpdf(
        [0, 0],
        [0, 0],
        [
          [-1, 0],
          [0, -1],
        ],
      ),
    ).toBeAllclose(NaN)
  })

  test('is 0 at infinity', () => {
    const covariance = [
      [2, 0.5],
      [0.5, 1],
    ]
    expect(stats.multivariateNormal.pdf([0, -Infinity], [0, 0], covariance)).toBeAllclose(0)
  })
})

describe('arguments by place and by name', () => {
  test('a location and a scale are given by place or by name', () => {
    const expected = stats.norm.logpdf(1, 0.5, 2)
    expect(stats.norm.logpdf(1, { loc: 0.5, scale: 2 })).toBeIdentical(expected)
    expect(stats.gamma.logpdf(3, 2, { scale: 2 })).toBeIdentical(stats.gamma.logpdf(3, 2, 0, 2))
    expect(() => stats.norm.logpdf(1, { mean: 1 } as never)).toThrow(/no option mean/)
  })

  test('a diagonal is given by place or as { k }', () => {
    const x = np.ones([2, 2])
    for (const f of [np.tril, np.triu, np.diag, np.diagflat] as const) {
      expect(f(x, { k: 1 })).toBeIdentical(f(x, 1))
      expect(() => f(x, { k: 0.5 })).toThrow(ValueError)
    }
  })

  test('a shape and an order of axes stand in a list, or one by one', () => {
    const x = np.arange(6)
    expect(x.reshape(2, -1)).toBeIdentical(x.reshape([2, 3]))
    expect(x.reshape(1, 2, 3).transpose(2, 0, 1).shape).toEqual([3, 1, 2])
    expect(() => x.reshape(6, 2)).toThrow(/12|\[6, 2\]/)
  })

  const x = np.ones([2, 2])
  const wrong = <T>(value: T): never => value as never
  test.each<[string, () => unknown]>([
    ['np.sum(x, 0)', () => np.sum(x, wrong(0))],
    ['np.mean(x, -1)', () => np.mean(x, wrong(-1))],
    ['np.argmax(x, 1)', () => np.argmax(x, wrong(1))],
    ['np.cumsum(x, 0)', () => np.cumsum(x, wrong(0))],
    ['np.cumprod(x, 0)', () => np.cumprod(x, wrong(0))],
    ['np.concatenate([x, x], 1)', () => np.concatenate([x, x], wrong(1))],
    ['np.stack([x, x], 1)', () => np.stack([x, x], wrong(1))],
    ['np.zeros([2], "int32")', () => np.zeros([2], wrong('int32'))],
    ['np.ones(2, 3)', () => np.ones(wrong(2), wrong(3))],
    ['np.array([1], "int32")', () => np.array([1], wrong('int32'))],
    ['np.roll(x, 1, 0)', () => np.roll(x, 1, wrong(0))],
    ['np.round(x, 2)', () => np.round(x, wrong(2))],
    ['np.sum(x, { keepDims })', () => np.sum(x, wrong({ axis: 0, keepDims: true }))],
    ['np.sum(x, { dim })', () => np.sum(x, wrong({ dim: 0 }))],
    ['linalg.norm(x, 1)', () => linalg.norm(x, wrong(1))],
    ['special.softmax(x, 0)', () => special.softmax(x, wrong(0))],
    ['vmap(f, 0)', () => vmap(np.sin, wrong(0))],
    ['vmap(f, [0, null])', () => vmap(np.add, wrong([0, null]))],
    ['grad(f, 1)', () => grad((y: NDArray) => y.sum(), wrong(1))],
    ['grad(f, { argNums })', () => grad((y: NDArray) => y.sum(), wrong({ argNums: 1 }))],
    ['jacfwd(f, 1)', () => jacfwd((y: NDArray) => y, wrong(1))],
    ['jit(f, { staticArgnames })', () => jit((y: NDArray) => y, wrong({ staticArgnames: ['y'] }))],
    ['lax.scan(…, 3)', () => lax.scan((c, y) => [c, y], 0, x, wrong(3))],
  ])('%s is refused, and not taken without the option', (_, f) => {
    expect(f).toThrow(/option/)
  })
})

describe('lax takes what JAX’s lax takes', () => {
  test('numbers beside arrays have their dtype, scalars are broadcast', () => {
    expect(lax.add(np.ones([2]), 1)).toBeIdentical(np.array([2, 2]))
    expect(lax.max(int32(0, 2), 1)).toBeIdentical(int32(1, 2))
    expect(lax.clamp(0, np.array([-1, 0.5]), 2)).toBeIdentical(np.array([0, 0.5]))
    expect(lax.select(true, np.ones([2]), np.zeros([2]))).toBeIdentical(np.ones([2]))
    expect(lax.betainc(1, 2, np.array([0.3, 0.3]))).toBeAllclose([0.51, 0.51])
    expect(() => lax.add(np.ones([2]), int32(1, 1))).toThrow(/float32/)
    expect(() => lax.mul(np.ones([2, 3]), np.ones([3]))).toThrow(/shape|\[3\]/)
  })

  test('positions, ranges and dimension numbers are given as JAX has them', () => {
    expect(lax.pad(np.ones([2]), 0, [[1, -1, 1]])).toBeIdentical(np.array([0, 1, 0]))
    expect(lax.slice(np.arange(6).reshape([2, 3]), [0, 1], [2, 3], [1, 2])).toBeIdentical(np.array([[1], [4]]))
    expect(lax.sliceInDim(np.arange(5), -3, null, 2)).toBeIdentical(np.array([2, 4]))
    expect(lax.broadcastedIota('int32', [2, 2], 1)).toBeIdentical(
      np.array(
        [
          [0, 1],
          [0, 1],
        ],
        { dtype: 'int32' },
      ),
    )
    expect(
      lax.dotGeneral(np.ones([2, 3]), np.ones([3]), [
        [[1], [0]],
        [[], []],
      ]),
    ).toBeIdentical(np.array([3, 3]))
    expect(lax.reducePrecision(1.23, 5, 3)).toBeIdentical(np.array(1.25))
    expect(lax.cumsum(np.ones([2]), 0, { reverse: true })).toBeIdentical(np.array([2, 1]))
    expect(lax.cumsum(np.ones([2]), 0, { reverse: false })).toBeIdentical(np.array([1, 2]))
    expect(lax.cummax(np.array([1, 3, 2]))).toBeIdentical(np.array([1, 3, 3]))
  })

  test('shapes change as JAX’s do', () => {
    const x = np.arange(24).reshape([2, 3, 4])
    expect(lax.collapse(x, 1).shape).toEqual([2, 12])
    expect(lax.collapse(x, 0, -1).shape).toEqual([6, 4])
    expect(lax.expandDims(x, [0, -1]).shape).toEqual([1, 2, 3, 4, 1])
    expect(lax.broadcast(np.ones([2]), [3]).shape).toEqual([3, 2])
    expect(lax.broadcastToRank(np.ones([2]), 3).shape).toEqual([1, 1, 2])
    expect(lax.split(x, [1, 2], 1).map((part) => part.shape)).toEqual([
      [2, 1, 4],
      [2, 2, 4],
    ])
    expect(() => lax.split(x, [1, 1], 1)).toThrow(/\[1, 1\]/)
    expect(lax.dot(np.ones([2, 3]), np.ones([3]))).toBeIdentical(np.array([3, 3]))
    expect(() => lax.dot(x, np.ones([4]))).toThrow(/matmul/)
    expect(lax.batchMatmul(x, np.ones([2, 4, 1])).shape).toEqual([2, 3, 1])
    expect(lax.full([2], 3, 'int32')).toBeIdentical(int32(3, 3))
  })
})

describe('sets, places and fits', () => {
  test('sets have NumPy’s entries', () => {
    const [x, y] = [np.array([3, 1, 2, 3, NaN]), np.array([2, 3, 5, NaN])]
    expect(np.isin(x, y)).toBeIdentical(np.array([true, false, true, true, false]))
    expect(np.isin(x, y, { invert: true })).toBeIdentical(np.array([false, true, false, false, true]))
    expect(np.isin(x, [])).toBeIdentical(np.zeros([5], { dtype: 'bool' }))
    expect(np.intersect1d([3, 1, 2, 3], [2, 3])).toBeIdentical(np.array([2, 3]))
    expect(lists(np.intersect1d([3, 1, 2, 3], [2, 3], { returnIndices: true }))).toEqual([
      [2, 3],
      [2, 0],
      [0, 1],
    ])
    expect(np.setdiff1d([3, 1, 2, 3], [2])).toBeIdentical(np.array([1, 3]))
    expect(np.setxor1d([3, 1], [2, 1])).toBeIdentical(np.array([2, 3]))
    expect(np.union1d(int32(3, 1), [2, 1])).toBeIdentical(np.array([1, 2, 3]))
    expect(lists(np.uniqueAll([3, 1, 3]))).toEqual([
      [1, 3],
      [1, 0],
      [1, 0, 1],
      [1, 2],
    ])
    expect(np.uniqueValues([NaN, NaN]).shape).toEqual([2])
  })

  test('values are put and placed one after the other, and again from the first', async () => {
    expect(np.place([1, 2, 3, 4], [true, false, true, true], [7, 8])).toBeIdentical(np.array([7, 2, 8, 7]))
    expect(np.put([1, 2, 3], [0, -1, 5], [7, 8, 9])).toBeIdentical(np.array([7, 2, 8]))
    expect(np.put([1, 2, 3], [4], [7], { mode: 'wrap' })).toBeIdentical(np.array([1, 7, 3]))
    expect(await jit((x: NDArray) => np.place(x, x.gt(1), [0]))(np.array([1, 2, 3])).js()).toEqual([1, 0, 0])
    expect(lists(np.maskIndices(2, np.tril))).toEqual([
      [0, 1, 1],
      [0, 0, 1],
    ])
  })

  test('polynomials through points and from their zeros', () => {
    const x = np.array([0, 1, 2, 3])
    expect(np.polyfit(x, [1, 3, 5, 7], 1)).toBeAllclose([2, 1], { rtol: 1e-5 })
    // NumPy's values.
    expect(np.polyfit(x, [1, 0, 4, 7], 2)).toBeAllclose([1, -0.8, 0.7], { rtol: 1e-4 })
    expect(np.polyfit(x, [1, 0, 4, 7], 1, { w: [1, 2, 1, 1] })).toBeAllclose([2.5, -1.5], { rtol: 1e-4 })
    expect(np.poly([1, 2, 3])).toBeIdentical(np.array([1, -6, 11, -6]))
    expect(grad((zeros: NDArray) => np.poly(zeros).sum())(np.array([2, 3]))).toBeAllclose([2, 1])
  })

  test('spacing, around and i0 have NumPy’s values', () => {
    expect(np.spacing([1, -1, 0, Infinity])).toBeIdentical(np.array([2 ** -23, -(2 ** -23), 2 ** -149, NaN]))
    expect(np.around([1.25], { decimals: 1 })).toBeAllclose([1.2])
    expect(np.i0([0, 1])).toBeAllclose([1, 1.266066])
  })
})
