import { type Key, legacyRandom, type NDArray, np, random } from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'
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
