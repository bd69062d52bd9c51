import { jit, makeJaxpr, type NDArray, np } from '@cotangent/autodiff'
import { arraysOf } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import '../../helpers/matchers.ts'
import { build, evaluate, expressions, show } from './expressions.ts'
import { forAll } from '../../helpers/draws.ts'

const edges = arraysOf([2, 3], 'float32', { edges: true })

test('simplified programs give the bits of unsimplified ones', async () => {
  await forAll(
    fc.tuple(expressions, edges, edges),
    ([expression, x, y]) => {
      const expected = evaluate(expression, [x, y])
      const f = (a: NDArray, b: NDArray): NDArray => build(expression, [a, b])
      expect(jit(f, { device: 'js' })(x, y), show(expression)).toBeIdentical(expected)
      expect(f(x, y), show(expression)).toBeIdentical(expected)
    },
    20,
  )
})

const x = np.array([NaN, Infinity, -Infinity, 0, -0, 1, -1, 1e-45, 3e38])
const compiled = (f: (x: NDArray) => NDArray): NDArray => jit(f, { device: 'js' })(x)
const equations = (f: (x: NDArray) => NDArray): string[] =>
  makeJaxpr(f)(x).equations.map((equation) => equation.primitive.name)

describe('what is not simplified, because it would change NaN, infinity or the sign of zero', () => {
  const cases: [string, (x: NDArray) => NDArray, string, number[]][] = [
    ['x − x', (y) => y.sub(y), 'sub', [NaN, NaN, NaN, 0, 0, 0, 0, 0, 0]],
    ['x · 0', (y) => y.mul(0), 'mul', [NaN, NaN, NaN, 0, -0, 0, -0, 0, 0]],
    ['x + 0', (y) => y.add(0), 'add', [NaN, Infinity, -Infinity, 0, 0, 1, -1, 1e-45, 3e38]],
    ['0 + x', (y) => np.add(0, y), 'add', [NaN, Infinity, -Infinity, 0, 0, 1, -1, 1e-45, 3e38]],
    ['0 − x', (y) => np.subtract(0, y), 'sub', [NaN, -Infinity, Infinity, 0, 0, -1, 1, -1e-45, -3e38]],
    ['x − (−0)', (y) => y.sub(-0), 'sub', [NaN, Infinity, -Infinity, 0, 0, 1, -1, 1e-45, 3e38]],
    ['x / x', (y) => y.div(y), 'div', [NaN, NaN, NaN, NaN, NaN, 1, 1, 1, 1]],
    ['0 / x', (y) => np.divide(0, y), 'div', [NaN, 0, -0, NaN, NaN, 0, -0, 0, 0]],
    ['x = x', (y) => y.eq(y), 'eq', [0, 1, 1, 1, 1, 1, 1, 1, 1]],
  ]
  test.each(cases)('%s', (_, f, primitive, expected) => {
    expect(equations(f)).toContain(primitive)
    expect(compiled(f).astype('float32')).toBeIdentical(np.array(Float32Array.from(expected)))
  })
})

describe('what is simplified, being exact', () => {
  const cases: [string, (x: NDArray) => NDArray][] = [
    ['x + (−0)', (y) => y.add(-0)],
    ['(−0) + x', (y) => np.add(-0, y)],
    ['x − 0', (y) => y.sub(0)],
    ['x · 1', (y) => y.mul(1)],
    ['1 · x', (y) => np.multiply(1, y)],
    ['x / 1', (y) => y.div(1)],
    ['−(−x)', (y) => y.neg().neg()],
    ['x¹', (y) => y.pow(1)],
    ['where(c, x, x)', (y) => np.where(y.gt(0), y, y)],
    ['x as its own dtype', (y) => y.astype('float32')],
    ['reshape and back', (y) => y.reshape([3, 3]).reshape([9])],
    ['transpose twice', (y) => y.reshape([3, 3]).T.T.reshape([9])],
    ['all of x', (y) => y.slice([0, 9])],
    ['x alone concatenated', (y) => np.concatenate([y])],
    ['the sum over an axis of length 1', (y) => y.reshape([9, 1]).sum(1)],
  ]
  test.each(cases)('%s is x', (_, f) => {
    expect(equations(f)).toEqual([])
    expect(compiled(f)).toBeIdentical(x)
  })

  test('integers lose x + 0, which has no sign of zero', () => {
    const i = np.array([0, 5, -3], { dtype: 'int32' })
    expect(makeJaxpr((y: NDArray) => y.add(0))(i).equations).toEqual([])
  })

  test('a slice of a slice is one slice, also where it is empty', () => {
    const f = (y: NDArray): NDArray => y.slice([0, 5, 2]).slice([3, 3])
    expect(jit(f, { device: 'js' })(x).shape).toEqual([0])
    const g = (y: NDArray): NDArray => y.slice([1, 9, 2]).slice([1, 4, 2])
    expect(makeJaxpr(g)(x).equations.length).toBe(1)
    expect(compiled(g)).toBeIdentical(x.slice([3, 8, 4]))
  })

  test('sums start at −0, so that a sum of one number is that number', () => {
    expect(np.sum(np.array([-0]))).toBeIdentical(np.array(-0))
    expect(np.sum(np.array([-0, -0]))).toBeIdentical(np.array(-0))
    expect(np.sum(np.array([-0, 0]))).toBeIdentical(np.array(0))
    expect(np.sum(np.zeros([0]))).toBeIdentical(np.array(0))
    expect(np.cumsum(np.array([-0, -0, 0]))).toBeIdentical(np.array([-0, -0, 0]))
  })
})
