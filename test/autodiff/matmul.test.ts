import { np, type NDArray } from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'
import { expect, test } from 'vitest'

/** Small whole numbers, whose products and sums every dtype holds exactly. */
const whole = (shape: readonly number[], salt: number, dtype: DType): NDArray => {
  const n = shape.reduce((a, b) => a * b, 1)
  const values = Float64Array.from({ length: n }, (_, i) => ((i * 7 + salt) % 11) - (dtype === 'uint32' ? 0 : 5))
  return np.array(values, { dtype, shape: [...shape] })
}

function product(x: NDArray, y: NDArray): number[] {
  const [batch, m, k] = x.shape as [number, number, number]
  const n = y.shape[2]!
  const [a, b] = [x.dataSync(), y.dataSync()]
  return Array.from({ length: batch * m * n }, (_, at) => {
    const [entry, i, j] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n]
    let sum = 0
    for (let p = 0; p < k; p++) sum += a[(entry * m + i) * k + p]! * b[(entry * k + p) * n + j]!
    return sum
  })
}

// One or more of each way it is computed: few products, few columns, few rows, blocks with rows and columns left over.
test.each([
  [3, 2, 4, 3],
  [1, 70, 131, 1],
  [2, 40, 67, 5],
  [1, 1, 90, 70],
  [2, 3, 41, 30],
  [1, 4, 64, 256],
  [2, 7, 131, 300],
  [1, 33, 66, 6],
  [1, 0, 3, 4],
  [1, 20, 0, 60],
])('the product of %d stacks of %d × %d and as many columns as %d is exact', (batch, m, k, n) => {
  for (const dtype of ['float32', 'float64', 'int32', 'uint32'] as const) {
    const [x, y] = [whole([batch, m, k], 1, dtype), whole([batch, k, n], 4, dtype)]
    expect([...np.matmul(x, y).dataSync()]).toEqual(product(x, y))
  }
})

test('NaN and infinities come through', () => {
  const x = np.ones([8, 40]).mul(np.where(np.arange(40).eq(3), Infinity, 1))
  const y = np
    .where(np.arange(40).eq(7), NaN, 1)
    .reshape([40, 1])
    .mul(np.ones([40, 20]))
  expect([...np.matmul(x, np.ones([40, 20])).dataSync()].every((v) => v === Infinity)).toBe(true)
  expect([...np.matmul(np.ones([8, 40]), y).dataSync()].every(Number.isNaN)).toBe(true)
})
