import {
  grad,
  hessian,
  jacfwd,
  jacrev,
  jit,
  jvp,
  linalg,
  NDArray,
  np,
  ShapeError,
  vjp,
  vmap,
} from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'
import { plain } from '../helpers/primitive-cases.ts'

const inv = (x: NDArray): NDArray => linalg.inv(x)
const det = (x: NDArray): NDArray => linalg.det(x)

type D = 'float32' | 'float64'
const both: readonly D[] = ['float32', 'float64']
const tolerance = { float32: { rtol: 2e-5, atol: 2e-5 }, float64: { rtol: 1e-11, atol: 1e-11 } }

const choose = (n: number, k: number): number => (k === 0 ? 1 : (choose(n, k - 1) * (n - k + 1)) / k)
/** Pascal's symmetric matrix: its determinant is 1, and its inverse is whole. */
const pascal = (n: number, dtype: D): NDArray =>
  np.array(
    Float64Array.from({ length: n * n }, (_, i) => choose(Math.floor(i / n) + (i % n), i % n)),
    { shape: [n, n], dtype },
  )
/** Far from singular, with pivots off the diagonal. */
const mixed = (n: number, dtype: D, lead: readonly number[] = []): NDArray => {
  const shifted = np.concatenate([np.eye(n).astype(dtype).slice([1, n]), np.eye(n).astype(dtype).slice([0, 1])])
  return plain([...lead, n, n], dtype)
    .mul(0.3)
    .add(shifted.mul(3))
}

/** Leibniz's sum over permutations: slow, and certain. */
function leibniz(x: readonly number[], n: number, row = 0, taken: readonly number[] = []): number {
  if (row === n) return 1
  let sum = 0
  for (let j = 0; j < n; j++) {
    if (taken.includes(j)) continue
    const sign = taken.filter((t) => t > j).length % 2 === 0 ? 1 : -1
    sum += sign * x[row * n + j]! * leibniz(x, n, row + 1, [...taken, j])
  }
  return sum
}

describe.each(both)('%s', (dtype) => {
  const close = tolerance[dtype]

  test('the inverse of Pascal’s matrix', () => {
    const inverse = linalg.inv(pascal(4, dtype))
    const expected = [
      [4, -6, 4, -1],
      [-6, 14, -11, 3],
      [4, -11, 10, -3],
      [-1, 3, -3, 1],
    ]
    expect(inverse).toBeAllclose(expected, { rtol: 1e-5, atol: 1e-5 })
    expect(inverse.dtype).toBe(dtype)
  })

  test.each([1, 2, 3, 4, 5, 7, 12])('inverse and determinant of %i × %i', (n) => {
    const a = mixed(n, dtype)
    expect(linalg.inv(a).matmul(a)).toBeAllclose(np.eye(n), close)
    if (n > 7) return
    const det = leibniz([...a.dataSync()], n)
    expect(linalg.det(a)).toBeAllclose(det, close)
    const [sign, logAbs] = linalg.slogdet(a)
    expect(sign.item()).toBe(Math.sign(det))
    expect(logAbs).toBeAllclose(Math.log(Math.abs(det)), close)
  })

  test('leading axes are a batch, and so is vmap', () => {
    const a = mixed(4, dtype, [2, 3])
    const each = (f: (x: NDArray) => NDArray): NDArray =>
      np.stack([0, 1].map((i) => np.stack([0, 1, 2].map((j) => f(a.slice(i, j))))))
    for (const f of [linalg.inv, linalg.det, (x: NDArray) => linalg.slogdet(x)[1]]) {
      expect(f(a)).toBeIdentical(each(f))
      expect(vmap(vmap(f), { inAxes: 1, outAxes: 1 })(a)).toBeIdentical(each(f))
    }
  })

  test('derivatives are the formulas’, forward and in reverse', () => {
    const a = mixed(5, dtype)
    const da = plain([5, 5], dtype, 2)
    const x = linalg.inv(a)
    const value = linalg.det(a)
    const slope = np.trace(x.matmul(da))
    expect(jvp(inv, [a], [da])[1]).toBeAllclose(x.matmul(da).matmul(x).neg(), close)
    expect(jvp(det, [a], [da])[1]).toBeAllclose(value.mul(slope), close)
    const [[,], [dsign, dlog]] = jvp((m: NDArray) => linalg.slogdet(m), [a], [da])
    expect(dsign).toBeAllclose(0)
    expect(dlog).toBeAllclose(slope, close)
    const [, pullback] = vjp(inv, a)
    expect(pullback(da)[0]).toBeAllclose(x.T.matmul(da).matmul(x.T).neg(), close)
    expect(grad(det)(a)).toBeAllclose(x.T.mul(value), close)
    expect(grad((m: NDArray) => linalg.slogdet(m)[1])(a)).toBeAllclose(x.T, close)
  })

  test('second derivatives: ∂² ln|A| / ∂Aᵢⱼ ∂Aₖₗ = −X_ₗᵢ X_ⱼₖ', () => {
    const a = mixed(4, dtype)
    const x = linalg.inv(a)
    const h = hessian((m: NDArray) => linalg.slogdet(m)[1])(a)
    const expected = np.tensordot(x, x, 0).neg().transpose([1, 2, 3, 0])
    expect(h).toBeAllclose(expected, close)
    expect(jacfwd(grad(det))(a)).toBeAllclose(jacrev(grad(det))(a), close)
  })

  test('a singular matrix has determinant 0 with sign 0 and logarithm −∞, and no inverse', () => {
    const a = np.array(
      [
        [1, 2, 3, 4],
        [2, 4, 6, 8],
        [0, 1, 0, 1],
        [1, 0, 0, 1],
      ],
      { dtype },
    )
    expect(linalg.det(a).item()).toBe(0)
    const [sign, logAbs] = linalg.slogdet(a)
    expect([sign.item(), logAbs.item()]).toEqual([0, -Infinity])
    expect([...linalg.inv(a).dataSync()].some((v) => Number.isFinite(v) && v !== 0)).toBe(false)
  })

  test('NaN stays', () => {
    const a = mixed(4, dtype).add(np.array([0, 0, NaN, 0], { dtype }))
    expect(linalg.det(a).item()).toBeNaN()
    expect([...linalg.inv(a).dataSync()].every(Number.isNaN)).toBe(true)
  })

  test('solve names itself when the matrix is not square', () => {
    expect(() => linalg.solve(np.ones([2, 3]), np.ones([3]))).toThrow(
      'solve: takes a square matrix (with any leading axes), not [2, 3]',
    )
  })

  test('solve takes a vector and columns, with derivatives', () => {
    const a = mixed(5, dtype)
    const b = plain([5, 2], dtype, 1)
    expect(a.matmul(linalg.solve(a, b))).toBeAllclose(b, close)
    expect(a.matmul(linalg.solve(a, b.slice(null, 0)))).toBeAllclose(b.slice(null, 0), close)
    expect(linalg.solve(mixed(4, dtype, [3]), plain([4, 2], dtype)).shape).toEqual([3, 4, 2])
    // dx = A⁻¹ (db − dA x)
    const [da, db] = [plain([5, 5], dtype, 3), plain([5, 2], dtype, 4)]
    const [x, dx] = jvp((m: NDArray, y: NDArray) => linalg.solve(m, y), [a, b], [da, db])
    expect(dx).toBeAllclose(linalg.solve(a, db.sub(da.matmul(x))), close)
  })

  test('compiled, it is the same', async () => {
    const a = mixed(5, dtype, [2])
    const f = (m: NDArray) => ({ inv: linalg.inv(m), det: linalg.det(m), slogdet: linalg.slogdet(m) })
    const [compiled, eager] = [jit(f)(a), f(a)]
    await Promise.all([compiled.inv, compiled.det, ...compiled.slogdet].map((x) => x.ready()))
    expect(compiled.inv).toBeAllclose(eager.inv, close)
    expect(compiled.det).toBeAllclose(eager.det, close)
    expect(compiled.slogdet[0]).toBeIdentical(eager.slogdet[0])
    expect(compiled.slogdet[1]).toBeAllclose(eager.slogdet[1], close)
    const loss = (m: NDArray): NDArray => np.sum(linalg.inv(m).mul(m.square())).add(np.sum(linalg.slogdet(m)[1]))
    expect(await jit(grad(loss))(a).ready()).toBeAllclose(grad(loss)(a), close)
    expect(await grad(jit(loss))(a).ready()).toBeAllclose(grad(loss)(a), close)
    expect(await jit(vmap(det))(a).ready()).toBeAllclose(linalg.det(a), close)
    const h = hessian((m: NDArray) => linalg.slogdet(m)[1])
    expect(await jit(h)(a.at(0)).ready()).toBeAllclose(h(a.at(0)), close)
  })

  test('compiled, a singular matrix is the same', async () => {
    const a = np.array(
      [
        [1, 2, 3, 4],
        [2, 4, 6, 8],
        [0, 1, 0, 1],
        [1, 0, 0, 1],
      ],
      { dtype },
    )
    const [sign, logAbs] = jit((m: NDArray) => linalg.slogdet(m))(a)
    expect([await sign.js(), await logAbs.js(), await jit(det)(a).js()]).toEqual([0, -Infinity, 0])
    expect(await jit(inv)(a).ready()).toBeIdentical(linalg.inv(a))
  })

  test('a batch of no matrices gives none', async () => {
    const none = np.zeros([0, 4, 4], { dtype })
    expect(linalg.inv(none).shape).toEqual([0, 4, 4])
    expect((await jit(inv)(none).ready()).shape).toEqual([0, 4, 4])
    expect((await jit(det)(none).ready()).shape).toEqual([0])
  })
})

test('what is not square, and what does not fit, is refused with its shape', () => {
  expect(() => linalg.inv(np.zeros([4, 5]))).toThrow(ShapeError)
  expect(() => linalg.det(np.zeros([4]))).toThrow('[4]')
  expect(() => linalg.solve(np.eye(4), np.zeros([3]))).toThrow('b is a vector of 4')
})

describe('matrices of very small and very large numbers', () => {
  test.each([1e-30, 1e-12, 1e12, 1e30])(
    'of size %d have inverses, log-determinants and their derivatives',
    async (size) => {
      const small = np
        .array([
          [2, 1],
          [1, 3],
        ])
        .mul(size)
      const expected = [0.6, -0.2, -0.2, 0.4].map((v) => v / size)
      const close = (found: ArrayLike<number>, wanted: readonly number[]): void =>
        wanted.forEach((v, i) => expect(Math.abs((found[i] as number) - v)).toBeLessThanOrEqual(Math.abs(v) * 2e-6))
      close(linalg.inv(small).dataSync(), expected)
      close(await jit((m: NDArray) => linalg.inv(m))(small).data(), expected)
      const [sign, logDet] = linalg.slogdet(small)
      expect(sign.item()).toBe(1)
      expect(logDet.item()).toBeCloseTo(Math.log(5) + 2 * Math.log(size), 4)
      // d ln |A| = tr(A⁻¹ dA)
      close(grad((m: NDArray) => linalg.slogdet(m)[1])(small).dataSync(), expected)
      close(await jit(grad((m: NDArray) => linalg.slogdet(m)[1]))(small).data(), expected)
    },
  )
})
