import { type Key, legacyRandom, type NDArray, np, random } from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'
import { threefry2x32 } from '../../../packages/autodiff/src/primitives/threefry.ts'
import { arrayOf, type Call, caseList, floats } from './operands.ts'

const { cases, add } = caseList()
export const randomCases = cases

const shapesOf = (dtype: DType): NDArray => arrayOf([0.02, 0.7, 1, 3.5, 60], dtype)
const odd = (dtype: DType): NDArray => arrayOf([0, -1, NaN, Infinity, -0.5, 1e-20], dtype)

for (const r of [random, legacyRandom]) {
  const key: Key = r.PRNGKey(3)
  const gamma = (a: NDArray): NDArray => r.gamma(key, a, undefined, { dtype: a.dtype as 'float32' })
  const loggamma = (a: NDArray): NDArray => r.loggamma(key, a, undefined, { dtype: a.dtype as 'float32' })
  const smooth = (d: DType): NDArray[] => [shapesOf(d)]
  add('random_gamma', floats, gamma as Call, (d) => [shapesOf(d)], `${r.layout}`, smooth)
  add('random_gamma', floats, gamma as Call, (d) => [odd(d)], `${r.layout} edges`)
  add('random_gamma', floats, loggamma as Call, (d) => [shapesOf(d)], `${r.layout} logarithm`, smooth)
  add('random_gamma', floats, gamma as Call, (d) => [np.zeros([0, 2], { dtype: d })], `${r.layout} empty`)
}

/** Words of key and counter. */
const words = (d: DType): NDArray[] =>
  [0, 1, 2, 3].map((turn) => {
    const list = [0, 4294967295, 2147483648, 123456789]
    return arrayOf([...list.slice(turn), ...list.slice(0, turn)], d)
  })
add('threefry2x32', ['uint32'], threefry2x32 as unknown as Call, words)
add('threefry2x32', ['uint32'], threefry2x32 as unknown as Call, () => [0, 1, 2, 3].map(() => np.zeros([0], { dtype: 'uint32' })), 'empty') // biome-ignore format: one call
