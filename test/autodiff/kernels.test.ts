import { grad, jit, type NDArray, np } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'

describe('sums of many numbers', () => {
  test('integers wrap, also where the sum is beyond what a double holds', () => {
    const n = 2 ** 22 + 1
    const most = (dtype: 'int32' | 'uint32', value: number): number =>
      np
        .concatenate([np.full([n], value, { dtype }), np.array([3], { dtype })])
        .sum()
        .item()
    // n · (2³² − 1) + 3 = −n + 3 and n · (2³¹ − 1) + 3 = 2³¹ − n + 3 modulo 2³², for odd n
    expect(most('uint32', 2 ** 32 - 1)).toBe(2 ** 32 - n + 3)
    expect(most('int32', 2 ** 31 - 1)).toBe(-(2 ** 31) - n + 3 + 2 ** 32)
  })

  test('entries taken often gather their derivatives in double precision', () => {
    const often = np.zeros([1_000_000], { dtype: 'int32' })
    const slope = grad((w: NDArray) => np.take(w, often).mul(0.1).sum())(np.ones([2]))
    expect(slope.jsSync()).toEqual([Math.fround(1_000_000 * Math.fround(0.1)), 0])
  })
})

describe('floorDivide and mod of floats belong together', () => {
  test.each([
    [1, 0.1, 9],
    [-1, 0.1, -10],
    [1, -0.1, -10],
    [7, 2, 3],
    [-7, 2, -4],
    [5, Infinity, 0],
    [-5, Infinity, -1],
    [1, 0, Infinity],
    [-1, 0, -Infinity],
    [0, 0, NaN],
  ])('%d by %d is %d', async (x, y, expected) => {
    const divide = (a: NDArray, b: NDArray): NDArray => np.floorDivide(a, b)
    expect(divide(np.array(x), np.array(y)).item()).toBe(expected)
    expect(await jit(divide)(np.array(x), np.array(y)).js()).toBe(expected)
  })
})

test('the trace is the sum of the diagonal, of no entries too', () => {
  expect(np.trace(np.zeros([0, 0])).item()).toBe(0)
  expect(
    np
      .trace([
        [1, 2, 3],
        [4, 5, 6],
      ])
      .item(),
  ).toBe(6)
  expect(np.trace(np.ones([2, 3, 3]), { axis1: 1, axis2: 2 }).jsSync()).toEqual([3, 3])
  expect(np.trace(np.ones([2, 3, 4])).jsSync()).toEqual([2, 2, 2, 2])
})

test('split counts negative places from the end', () => {
  expect(np.split([1, 2, 3], [-1]).map((x) => x.jsSync())).toEqual([[1, 2], [3]])
})

test('memory of a number that is still read where it is spread is not written to', () => {
  const f = (x: NDArray, u: NDArray): NDArray => {
    const y = np.sin(x)
    const spread = np.broadcastTo(y, [1])
    const early = u.mul(spread)
    const half = y.mul(0.5)
    return np.cos(early).mul(spread).add(half)
  }
  const [x, u] = [np.array(0.7, { dtype: 'float64' }), np.array([3], { dtype: 'float64' })]
  const y = Math.sin(0.7)
  expect(jit(f, { device: 'js' })(x, u).dataSync()[0]).toBeCloseTo(Math.cos(3 * y) * y + 0.5 * y, 14)
})
