import { grad, hessian, jacrev, jit, jvp, lax, makeJaxpr, NDArray, np, vjp, vmap } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'
import { expectSame } from '../helpers/device-law.ts'

const int32 = (...values: number[]): NDArray<'int32'> => np.array(Int32Array.from(values))
const x = np.array([10, 20, 30])
const m = np.arange(12).reshape([3, 4])

/** What a compiled function gives on the cpu is what it gives here. */
async function expectCompiled(f: (...xs: NDArray[]) => NDArray | NDArray[], ...args: NDArray[]): Promise<void> {
  const listOf = (y: NDArray | NDArray[]): NDArray[] => (Array.isArray(y) ? y : [y])
  const got = await Promise.all(listOf(jit(f)(...args) as NDArray | NDArray[]).map((y) => y.ready()))
  listOf(f(...args)).forEach((y, i) => expectSame(got[i]!, y))
}

describe('taking', () => {
  test('a traced index takes one entry', () => {
    const f = jit((y: NDArray, i: NDArray) => y.at(i), { device: 'js' })
    expect(f(m, np.array(-1).astype('int32')).jsSync()).toEqual([8, 9, 10, 11])
    expect(vmap((y: NDArray, i: NDArray) => y.at(i))(m, int32(3, 0, -1)).jsSync()).toEqual([3, 4, 11])
  })

  test('one array of indices is one node of the program', () => {
    const text = makeJaxpr((y: NDArray, i: NDArray) => y.slice(null, i))(m, int32(1, 0)).toString()
    expect(text.match(/gather/g)).toHaveLength(1)
    expect(text).not.toContain('transpose')
  })

  test('the second derivative of a gather adds up what is taken twice', () => {
    const h = hessian((y: NDArray) =>
      y
        .slice(int32(0, 0, 2))
        .square()
        .sum(),
    )(x)
    expect(h.jsSync()).toEqual([
      [4, 0, 0],
      [0, 0, 0],
      [0, 0, 2],
    ])
  })

  test('an index outside takes the nearest entry, whose derivative it does not reach', () => {
    const f = (y: NDArray): NDArray => y.slice(int32(0, 7))
    expect(f(x).jsSync()).toEqual([10, 30])
    expect(jvp(f, [x], [np.ones([3])])[1].jsSync()).toEqual([1, 1])
    expect(vjp(f, x)[1](np.ones([2]))[0]!.jsSync()).toEqual([1, 0, 0])
    const clipped = (y: NDArray): NDArray => y.get(int32(0, 7), { mode: 'clip' })
    expect(vjp(clipped, x)[1](np.ones([2]))[0]!.jsSync()).toEqual([1, 0, 1])
  })

  test('what is filled in has no derivative', () => {
    const filled = (y: NDArray): NDArray => np.take(y, int32(1, 9)).sum()
    expect(grad((y: NDArray) => np.where(np.isnan(filled(y)), y.sum(), 0))(x).jsSync()).toEqual([1, 1, 1])
    expect(jacrev((y: NDArray) => np.take(y, int32(1, 9)))(x).jsSync()).toEqual([
      [0, 1, 0],
      [0, 0, 0],
    ])
  })

  test('uint32 indices count from the front', () => {
    expect(x.slice(np.array(Uint32Array.of(2, 4294967295))).jsSync()).toEqual([30, 30])
  })

  test('rows of an array without columns are empty', () => {
    expect(np.zeros([3, 0]).slice(int32(1, 2, 5)).shape).toEqual([3, 0])
    expect(np.zeros([0, 2]).slice(int32()).shape).toEqual([0, 2])
  })

  test('compiled for the cpu, indices of every kind take the same', async () => {
    const i = int32(2, 0, -1, 9)
    const cube = np.arange(24).reshape([2, 3, 4])
    await expectCompiled((y, k) => y.slice(null, k), cube, i)
    await expectCompiled((y, k) => y.slice(k, '...', k), cube, i)
    await expectCompiled((y, k) => y.slice([null, null, -1], k, [3, 0, -2]), cube, i)
    await expectCompiled((y, k) => y.slice(0, [1, null], k), cube, i)
    await expectCompiled((y, k) => y.at(k.at(1)), cube, i)
    await expectCompiled((y, k) => np.take(y, k, { axis: 1 }), cube, i)
    await expectCompiled((y, k) => vmap((z: NDArray, j: NDArray) => z.slice(null, j))(y, k.slice([0, 2])), cube, i)
    await expectCompiled((y, k) => grad((z: NDArray) => z.slice(null, k).square().sum())(y), cube, i)
  })
})

describe('updates', () => {
  test('of an entry that is named twice the last value remains, and has the derivative', () => {
    const f = (v: NDArray): NDArray => x.set(int32(0, 0), v)
    expect(f(np.array([1, 2])).jsSync()).toEqual([2, 20, 30])
    expect(jacrev(f)(np.array([1, 2])).jsSync()).toEqual([
      [0, 1],
      [0, 0],
      [0, 0],
    ])
  })

  test('a number is set under a traced mask, and where it is, the array has no derivative', () => {
    const f = (y: NDArray): NDArray => y.set(y.gt(15), 0).sum()
    expect(grad(f)(x).jsSync()).toEqual([1, 0, 0])
    expect(
      vmap((y: NDArray) => y.addAt(y.lt(5), 100))(m)
        .at(0)
        .jsSync(),
    ).toEqual([100, 101, 102, 103])
    expect(
      m
        .maxAt(m.at(0).lt(2).reshape([4]).slice([0, 3]), [9, 9, 9, 9])
        .at(0)
        .jsSync(),
    ).toEqual([9, 9, 9, 9])
  })

  test('values are broadcast to what the index takes', () => {
    expect(
      m
        .set([null, [0, 2]], 7)
        .at(2)
        .jsSync(),
    ).toEqual([7, 7, 10, 11])
    expect(m.set([null, 1], [1, 2, 3]).slice(null, 1).jsSync()).toEqual([1, 2, 3])
    expect(m.set([[null, null, 2]], [[0], [1]]).jsSync()).toEqual([
      [0, 0, 0, 0],
      [4, 5, 6, 7],
      [1, 1, 1, 1],
    ])
    expect(x.set('...', [1, 2, 3]).jsSync()).toEqual([1, 2, 3])
    expect(x.set([[null, null, -1]], [1, 2, 3]).jsSync()).toEqual([3, 2, 1])
    expect(x.set([np.newaxis, [0, 2]], [[5, 6]]).jsSync()).toEqual([5, 6, 30])
  })

  test('a value takes the dtype of the array', () => {
    const whole = int32(1, 2, 3)
    expect(whole.set(0, 7).dtype).toBe('int32')
    expect(whole.set([[0, 2]], [8, 9]).jsSync()).toEqual([8, 9, 3])
    expect(whole.addAt(0, np.array(true)).jsSync()).toEqual([2, 2, 3])
    expect(np.array(Float64Array.of(0)).set(0, 0.1).jsSync()).toEqual([0.1])
    expect(np.array([true, true]).set(1, false).jsSync()).toEqual([true, false])
  })

  test('subAt, divAt, powAt and mulAt change the entries at the index', () => {
    expect(x.subAt(int32(0, 0), 1).jsSync()).toEqual([8, 20, 30])
    expect(x.divAt(0, 4).jsSync()).toEqual([2.5, 20, 30])
    expect(x.powAt([[0, 2]], 2).jsSync()).toEqual([100, 400, 30])
    expect(grad((v: NDArray) => x.mulAt(1, v).sum())(2)).toBeAllclose(20)
  })

  test('the tangent of an extreme is shared by all that reach it', () => {
    const f = (y: NDArray, v: NDArray): NDArray => y.maxAt(int32(1, 1), v)
    const [, tangent] = jvp(f, [x, np.array([20, 20])], [np.array([1, 2, 3]), np.array([5, 8])])
    expect(tangent.jsSync()).toEqual([1, 5, 3])
  })

  test('compiled for the cpu, updates of every kind are the same', async () => {
    const i = int32(2, 0, 2, -1, 9)
    const cube = np.arange(24).reshape([2, 3, 4])
    const v = np.linspace(1, 2, 10).reshape([2, 5])
    for (const name of ['set', 'addAt', 'mulAt', 'minAt', 'maxAt'] as const) {
      await expectCompiled((y, k, u) => y[name]([null, k, 1], u), cube, i, v)
      await expectCompiled((y, k, u) => y[name]([1, [null, null, -1], k.slice([0, 2])], u.at(0, 0)), cube, i, v)
      await expectCompiled(
        (y, k, u) => vmap((z: NDArray, w: NDArray) => z[name](k, w.reshape([5, 1])))(y, u),
        cube,
        i,
        v,
      )
    }
    await expectCompiled(
      (y) =>
        y.set(
          [
            [0, 1],
            [1, 3],
            [2, null],
          ],
          5,
        ),
      cube,
    )
    await expectCompiled((y, k, u) => grad((w: NDArray) => y.set([null, k, 1], w).square().sum())(u), cube, i, v)
  })
})

describe('slices with traced starts', () => {
  test('a start that is known makes a plain slice', () => {
    const text = makeJaxpr((y: NDArray) => lax.dynamicSlice(y, [1, -2], [2, 2]))(m).toString()
    expect(text).not.toContain('dynamic')
    expect(lax.dynamicSlice(m, [1, -2], [2, 2]).jsSync()).toEqual([
      [6, 7],
      [10, 11],
    ])
  })

  test('lax slices and updates along one axis', () => {
    const start = np.array(5).astype('int32')
    expect(lax.dynamicSliceInDim(m, start, 2, 1).shape).toEqual([3, 2])
    expect(lax.dynamicIndexInDim(m, start, 0, false).jsSync()).toEqual([8, 9, 10, 11])
    expect(lax.dynamicUpdateIndexInDim(x, np.array(1), start, 0).jsSync()).toEqual([10, 20, 1])
    expect(lax.dynamicUpdateSliceInDim(x, np.array([1, 2]), start, 0).jsSync()).toEqual([10, 1, 2])
  })
})

describe('sorting', () => {
  test('zeros of either sign are alike: they stay in order, alone or with others', () => {
    const zeros = np.array([0, 1, -0, -1, -0, 0, NaN, -Infinity])
    const sorted = np.array([-Infinity, -1, 0, -0, -0, 0, 1, NaN])
    expect(np.sort(zeros)).toBeIdentical(sorted)
    expect(lax.sortKeyVal(zeros, zeros)[1]).toBeIdentical(sorted)
    expect(np.sort(np.stack([zeros, zeros], { axis: 1 }), { axis: 0 }).slice(null, 1)).toBeIdentical(sorted)
  })

  test('the derivative of a sort follows the entries', () => {
    const f = (y: NDArray): NDArray =>
      np
        .sort(y)
        .mul(np.array([1, 2, 3]))
        .sum()
    expect(grad(f)(np.array([5, 1, 3])).jsSync()).toEqual([3, 1, 2])
  })

  test('the largest are found along any axis', () => {
    const [values, indices] = lax.topK(m, 2, { axis: 0 })
    expect(values.at(0).jsSync()).toEqual([8, 9, 10, 11])
    expect(indices.jsSync()).toEqual([
      [2, 2, 2, 2],
      [1, 1, 1, 1],
    ])
    expect(grad((y: NDArray) => lax.topK(y, 1)[0].sum())(np.array([1, 4, 4])).jsSync()).toEqual([0, 1, 0])
  })

  test('long lines stay in order where entries are alike', () => {
    const keys = np.array(Int32Array.from({ length: 1000 }, (_, i) => (i * i) % 7))
    const order = np.argsort(keys).dataSync()
    const data = keys.dataSync()
    for (let i = 1; i < order.length; i++) {
      const [a, b] = [order[i - 1]!, order[i]!]
      expect(data[a]! < data[b]! || (data[a] === data[b] && a < b)).toBe(true)
    }
  })

  test('searching by halves finds what comparing with all does', () => {
    const sorted = np.sort(np.sin(np.arange(100)).mul(5).astype('int32'))
    const values = np.arange(-7, 8).astype('int32')
    for (const side of ['left', 'right'] as const) {
      const byHalves = np.searchsorted(sorted, values, { side, method: 'scan' })
      expect(byHalves).toBeIdentical(np.searchsorted(sorted, values, { side, method: 'compareAll' }))
    }
    const most = int32(1, 2147483647, 2147483647)
    expect(np.searchsorted(most, int32(2147483647), { side: 'right', method: 'scan' }).jsSync()).toEqual([3])
  })

  test('the sorter says in which order an array is sorted', () => {
    const a = np.array([3, 1, 2])
    expect(np.searchsorted(a, [2.5], { sorter: np.argsort(a) }).jsSync()).toEqual([2])
  })
})

describe('functions of indices', () => {
  test('roll by a traced shift is roll by the number', () => {
    for (const by of [0, 1, -5, 7]) {
      expect(
        jit((k: NDArray) => np.roll(m, k, { axis: 1 }), { device: 'js' })(np.array(by).astype('int32')),
      ).toBeIdentical(np.roll(m, by, { axis: 1 }))
    }
    expect(
      np
        .roll(m, [1, 2], { axis: [0, 1] })
        .at(0, 0)
        .item(),
    ).toBe(10)
  })

  test('triangles, diagonals and grids have NumPy’s indices', () => {
    expect(m.slice(...np.triuIndices(3, { k: 1, m: 4 })).jsSync()).toEqual([1, 2, 3, 6, 7, 11])
    expect(np.trilIndicesFrom(m, -1).map((i) => i.jsSync())).toEqual([
      [1, 2, 2],
      [0, 0, 1],
    ])
    expect(np.diagIndicesFrom(np.zeros([2, 2, 2]))).toHaveLength(3)
    expect(np.indices([2, 3]).shape).toEqual([2, 2, 3])
    expect(m.slice(...np.ix([0, 2], [true, false, false, true])).jsSync()).toEqual([
      [0, 3],
      [8, 11],
    ])
  })

  test('indices of a shape become flat ones, and back', () => {
    const flat = int32(0, 5, 23, 24, -1, -30)
    const parts = np.unravelIndex(flat, [2, 3, 4])
    expect(parts.map((i) => i.jsSync())).toEqual([
      [0, 0, 1, 1, 1, 0],
      [0, 1, 2, 2, 2, 0],
      [0, 1, 3, 3, 3, 0],
    ])
    expect(np.ravelMultiIndex(parts, [2, 3, 4]).jsSync()).toEqual([0, 5, 23, 23, 23, 0])
    expect(np.ravelMultiIndex([int32(1), int32(2)], [2, 3], { order: 'F' }).jsSync()).toEqual([5])
    expect(np.ravelMultiIndex([int32(3), int32(-1)], [2, 3], { mode: 'wrap' }).jsSync()).toEqual([5])
  })

  test('where with a condition alone says where it is true', () => {
    expect(np.where(np.array([0, 3, 0, 1])).map((i) => i.jsSync())).toEqual([[1, 3]])
    expect(np.argwhere(5).shape).toEqual([1, 0])
  })

  test('compiled for the cpu, they are the same', async () => {
    const y = np.array([3, NaN, -1, 3, 0.5, 2])
    await expectCompiled(
      (z) => np.unique(z, { size: 6, returnInverse: true, returnCounts: true, returnIndex: true }),
      y,
    )
    await expectCompiled((z) => np.nonzero(z.gt(0), { size: 4 }), y)
    await expectCompiled((z) => np.histogram(z, { bins: 3, range: [-1, 3] }), y)
    await expectCompiled((z) => np.searchsorted(np.arange(40), z), y)
    await expectCompiled((z) => np.digitize(z, [-1, 0, 2]), y)
    await expectCompiled((z) => np.argsort(z, { descending: true }), y)
    await expectCompiled((z) => np.partition(z, 2), y)
    await expectCompiled((z) => np.takeAlongAxis(z, np.argsort(z)), y)
    await expectCompiled((z) => np.roll(z, 2).addAt(0, 1), y)
    await expectCompiled((z) => np.insert(np.delete(z, 1), 2, [7, 8]), y)
    await expectCompiled((z) => np.choose(int32(0, 1, 0, 1, 5, -1), [z, z.neg()], { mode: 'clip' }), y)
  })
})
