import { grad, np } from '@cotangent/autodiff'
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
    const slope = grad((w) => np.take(w, often).mul(0.1).sum())(np.ones([2]))
    expect(slope.jsSync()).toEqual([Math.fround(1_000_000 * Math.fround(0.1)), 0])
  })
})
