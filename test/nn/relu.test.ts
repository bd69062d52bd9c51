import { grad, jit, type NDArray, np } from '@cotangent/autodiff'
import { relu } from '@cotangent/nn'
import { describe, expect, test } from 'vitest'

describe('relu', () => {
  test('what is infinite behind a unit at rest does not become NaN in the gradient', async () => {
    const slope = grad((x: NDArray) => np.sqrt(relu(x)).sum())
    const x = np.array([-1, 0.25, -Infinity])
    expect(slope(x).jsSync()).toEqual([0, 1, 0])
    expect(await jit(slope)(x).js()).toEqual([0, 1, 0])
  })

  test('it has no value where its operand has none, and keeps integers', () => {
    expect(relu([NaN, -Infinity, Infinity]).jsSync()).toEqual([NaN, 0, Infinity])
    const integers = relu(np.array(Int32Array.of(-3, 4)))
    expect([integers.dtype, integers.jsSync()]).toEqual(['int32', [0, 4]])
  })
})
