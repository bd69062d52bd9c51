import { grad, jit, lax, type NDArray, np, random, vmap } from '@cotangent/autodiff'
import { checkGrads, checkJit, checkVmap } from '@cotangent/autodiff/testing'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'

const int = (...values: number[]): NDArray => np.array(Int32Array.from(values))
const logaddexp = (x: NDArray, y: NDArray): NDArray => np.log(np.exp(x).add(np.exp(y)))

describe('reduceWindow', () => {
  const x = np.array([1, -2, 3, 5, 4, -6])

  test('takes any function of scalars, and a name', () => {
    const windows = [3]
    expect(lax.reduceWindow(x, 0, (a, b) => a.add(b), windows)).toBeAllclose([2, 6, 12, 3])
    expect(lax.reduceWindow(x, 0, 'add', windows)).toBeAllclose([2, 6, 12, 3])
    expect(lax.reduceWindow(x, 1, 'mul', windows)).toBeAllclose([-6, -30, 60, -120])
    const sums = lax.reduceWindow(x.mul(0.1), -Infinity, logaddexp, windows, [2])
    expect(sums).toBeAllclose([
      Math.log(Math.exp(0.1) + Math.exp(-0.2) + Math.exp(0.3)),
      Math.log(Math.exp(0.3) + Math.exp(0.5) + Math.exp(0.4)),
    ])
  })

  test('a function that makes an array of its own is one of scalars all the same', () => {
    const one = (a: NDArray, b: NDArray): NDArray => a.add(b).add(np.zeros([]))
    expect(lax.reduceWindow(x, 0, one, [3])).toBeAllclose([2, 6, 12, 3])
  })

  test('begins with the initial value, once, and leaves the padding out', () => {
    const ones = np.ones([3])
    expect(lax.reduceWindow(ones, 10, lax.add, [3], [1], 'SAME')).toBeAllclose([12, 13, 12])
    const weighted = (a: NDArray, b: NDArray): NDArray => a.add(b.mul(2))
    expect(lax.reduceWindow(np.arange(3), 10, weighted, [3], [1], [[2, 2]])).toBeAllclose([10, 12, 16, 16, 14])
    expect(lax.reduceWindow(x, 2, lax.max, [2])).toBeAllclose([2, 3, 5, 5, 4])
  })

  test('works on booleans and on the bits of integers', () => {
    const b = np.array([true, false, false, true])
    expect(lax.reduceWindow(b, false, lax.bitwiseOr, [2])).toBeAllclose([true, false, true])
    expect(lax.reduceWindow(b, true, lax.bitwiseAnd, [2], [1], 'SAME')).toBeAllclose([false, false, false, true])
    expect(lax.reduceWindow(b, false, 'max', [2], [2], [[2, 0]])).toBeAllclose([false, true, true])
    expect(lax.reduceWindow(b, false, 'xor', [3])).toBeAllclose([true, true])
    expect(lax.reduceWindow(int(6, 3, 5), -1, 'and', [2])).toBeAllclose([2, 1])
    expect(lax.reduceWindow(int(6, 3, 5), 0, 'or', [2])).toBeAllclose([7, 7])
    expect(lax.reduceWindow(int(6, 3, 5), -Infinity, 'max', [2], [1], 'SAME')).toBeAllclose([6, 5, 5])
  })

  test('a tree of operands is reduced by a function of two such trees: the largest, and where it is', () => {
    type Entry = { value: NDArray; index: NDArray }
    const larger = (a: Entry, b: Entry): Entry => ({
      value: np.where(a.value.ge(b.value), a.value, b.value),
      index: np.where(a.value.ge(b.value), a.index, b.index),
    })
    const operand = { value: x, index: np.arange(6, { dtype: 'int32' }) }
    const init = { value: -Infinity, index: -1 }
    const found = lax.reduceWindow(operand, init, larger, [3], [1], 'SAME')
    expect(found.value).toBeAllclose([1, 3, 5, 5, 5, 4])
    expect(found.index).toBeAllclose([0, 2, 3, 3, 3, 4])
    expect(found.index.dtype).toBe('int32')
  })

  test('any function is differentiated, batched and compiled', async () => {
    const operand = np.array([0.3, -0.7, 1.1, 0.2, 0.9, -0.4], { dtype: 'float64' }).reshape([2, 3])
    const functions = [
      (y: NDArray) => lax.reduceWindow(y, -Infinity, logaddexp, [2, 2], [1, 1], [[1, 0], [0, 1]]), // biome-ignore format: pairs
      (y: NDArray) => lax.reduceWindow(y, 1, 'mul', [1, 2], [1, 2], 'SAME'),
      (y: NDArray) => lax.reduceWindow(y, 0.5, lax.add, [2, 1]),
    ]
    for (const f of functions) {
      await checkGrads(f, [operand], { order: 2 })
      await checkJit(jit(f) as never, [operand])
      await checkVmap(f as never, [np.stack([operand, operand.mul(2)])], { inAxes: [0] })
    }
  })

  test('of equal entries the first in the window has the derivative', () => {
    const total = (y: NDArray): NDArray => lax.reduceWindow(y, -Infinity, 'max', [2, 2], [2, 2]).sum()
    expect(grad(total)(np.ones([2, 4]))).toBeAllclose([
      [1, 0, 1, 0],
      [0, 0, 0, 0],
    ])
  })
})

describe('reduce', () => {
  test('over known operations, over any axes', () => {
    const x = np.arange(24).reshape([2, 3, 4])
    expect(lax.reduce(x, 0, lax.add, [0, 2])).toBeAllclose([60, 92, 124])
    expect(lax.reduce(x, 100, 'max', [1, 2])).toBeAllclose([100, 100])
    expect(lax.reduce(x, -Infinity, 'max', [1, 2])).toBeAllclose([11, 23])
    expect(lax.reduce(np.ones([0, 2]), 7, lax.add, [0])).toBeAllclose([7, 7])
    expect(lax.reduce(np.array([true, true, true]), false, 'xor', [0])).toBeAllclose(true)
    expect(lax.reduceXor(int(5, 6, 12), [0])).toBeAllclose(15)
    expect(lax.reduceXor(np.ones([0, 2], { dtype: 'int32' }), [0])).toBeAllclose([0, 0])
  })

  test('keeps the order of the entries: maps x ↦ a·x + b, one after the other', () => {
    type Affine = readonly [a: NDArray, b: NDArray]
    const then = ([a, b]: Affine, [c, d]: Affine): Affine => [a.mul(c), b.mul(c).add(d)]
    const a = np.array([2, 3, -1, 0.5, 4])
    const b = np.array([1, -2, 0.5, 3, 1])
    const [slope, offset] = lax.reduce([a, b] as Affine, [1, 0], then, [0])
    let y = 0
    a.dataSync().forEach((factor, i) => (y = factor * y + b.dataSync()[i]!))
    expect(slope).toBeAllclose(-12)
    expect(offset).toBeAllclose(y)
  })

  test('any function is differentiated and compiled', async () => {
    const f = (x: NDArray): NDArray => lax.reduce(x, -Infinity, logaddexp, [1])
    const x = random.normal(random.PRNGKey(0), [2, 5], { dtype: 'float64' })
    await checkGrads(f, [x], { order: 2 })
    await checkJit(jit(f) as never, [x])
  })
})

describe('convolutions', () => {
  const x = np.arange(6).reshape([1, 1, 6])

  test('sum in another dtype, and of booleans give whether any pair is true', () => {
    const i = x.astype('int32')
    const y = lax.conv(i, i.slice(null, null, [1, 3]), [1], 'VALID', { preferredElementType: 'float32' })
    expect(y.dtype).toBe('float32')
    expect(y).toBeAllclose([[[2, 5, 8, 11, 14]]])
    const b = np.array([[[true, false, false, true]]])
    const both = lax.conv(b, np.array([[[true, true]]]), [1], 'VALID')
    expect(both.dtype).toBe('bool')
    expect(both).toBeAllclose([[[true, false, true]]])
  })

  test('float32 sums in double precision', () => {
    const wide = np.array(Float32Array.of(1e8, 1, -1e8)).reshape([1, 1, 3])
    expect(lax.conv(wide, np.ones([1, 1, 3]), [1], 'VALID')).toBeAllclose([[[1]]])
  })

  test('a batch of no entries gives none', () => {
    const f = (a: NDArray, w: NDArray): NDArray => lax.conv(a, w, [1], 'SAME')
    expect(vmap(f)(np.ones([0, 1, 2, 5]), np.ones([0, 3, 2, 2])).shape).toEqual([0, 1, 3, 5])
    expect(vmap(f, { inAxes: [null, 0] })(np.ones([1, 2, 5]), np.ones([0, 3, 2, 2])).shape).toEqual([0, 1, 3, 5])
  })

  test('without windows there are zeros and no derivative', () => {
    const total = (w: NDArray): NDArray => lax.conv(x, w, [1], 'VALID').sum()
    expect(total(np.ones([2, 1, 9]))).toBeAllclose(0)
    expect(grad(total)(np.ones([2, 1, 9]))).toBeAllclose(np.zeros([2, 1, 9]))
  })

  test('an image that no single matrix of patches holds is done in pieces', () => {
    const image = np.sin(np.arange(3 * 90 * 90)).reshape([1, 3, 90, 90])
    const kernel = np.cos(np.arange(2 * 3 * 16 * 16)).reshape([2, 3, 16, 16])
    const y = lax.conv(image, kernel, [1, 1], 'VALID')
    const corner = np.sum(image.slice(null, null, [74, 90], [70, 86]).mul(kernel.slice([1, 2])))
    expect(y.slice(0, 1, 74, 70)).toBeAllclose(corner, { rtol: 1e-4 })
  })
})

test('paddings have JAX’s names', () => {
  expect(lax.padtypeToPads([5, 6, 3], [2, 3, 1], [1, 2, 5], 'SAME')).toEqual([[0, 1], [0, 1], [0, 0]]) // biome-ignore format: pairs
  expect(lax.padtypeToPads([5], [4], [1], 'SAME_LOWER')).toEqual([[2, 1]])
  expect(lax.padtypeToPads([5], [4], [1], 'VALID')).toEqual([[0, 0]])
})

test('layouts are given by letters', () => {
  expect(lax.convDimensionNumbers([1, 8, 8, 3], [3, 3, 3, 16], ['NHWC', 'WHIO', 'NCWH'])).toEqual({
    lhsSpec: [0, 3, 2, 1],
    rhsSpec: [3, 2, 0, 1],
    outSpec: [0, 1, 2, 3],
  })
})
