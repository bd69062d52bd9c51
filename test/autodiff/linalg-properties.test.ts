import { grad, jit, lax, linalg, type NDArray, np, random, vmap } from '@cotangent/autodiff'
import { arraysOf } from '@cotangent/autodiff/testing/arbitraries'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'
import { forAll } from '../helpers/draws.ts'

const close = { rtol: 1e-11, atol: 1e-11 }

/** Matrices of doubles with any leading axis; small whole numbers among them make many of them singular. */
const matrices = (size = 6, square = false): fc.Arbitrary<NDArray> =>
  fc
    .tuple(
      fc.array(fc.integer({ min: 1, max: 2 }), { maxLength: 1 }),
      fc.integer({ min: 1, max: size }),
      fc.integer({ min: 1, max: size }),
      fc.boolean(),
    )
    .chain(([lead, m, n, whole]) => {
      const shape = [...lead, m, square ? m : n]
      return whole
        ? arraysOf(shape, 'int32', { min: -2, max: 2 }).map((x) => x.astype('float64'))
        : arraysOf(shape, 'float64')
    })

const swap = linalg.matrixTranspose
const eye = (n: number): NDArray => np.eye(n, { dtype: 'float64' })
const expectOrthonormal = (q: NDArray): void => {
  const n = q.shape[q.ndim - 1]!
  expect(swap(q).matmul(q)).toBeAllclose(np.broadcastTo(eye(n), [...q.shape.slice(0, -2), n, n]), close)
}

describe('decompositions give the matrix back', () => {
  test('L Lᵀ = A, and Uᵀ U = A', () =>
    forAll(matrices(6, true), (x) => {
      const a = x.matmul(swap(x)).add(eye(x.shape[x.ndim - 1]!))
      const l = linalg.cholesky(a)
      expect(l.matmul(swap(l))).toBeAllclose(a, close)
      expect(np.triu(l, 1)).toBeAllclose(np.zerosLike(l))
      expect(linalg.cholesky(a, { upper: true })).toBeIdentical(swap(l))
    }))

  test('P L U = A, with L and U triangular and no factor above 1', () =>
    forAll(matrices(), (a) => {
      const [p, l, u] = linalg.lu(a)
      expect(p.matmul(l).matmul(u)).toBeAllclose(a, close)
      expect(np.triu(l, 1)).toBeAllclose(np.zerosLike(l))
      expect(np.tril(u, -1)).toBeAllclose(np.zerosLike(u))
      expect(np.max(np.abs(l)).item()).toBe(1)
    }))

  test('Q R = A, Qᵀ Q = 1 and R is triangular, reduced and complete', () =>
    forAll(matrices(), (a) => {
      for (const mode of ['reduced', 'complete'] as const) {
        const [q, r] = linalg.qr(a, { mode })
        expect(q.matmul(r)).toBeAllclose(a, close)
        expect(np.tril(r, -1)).toBeAllclose(np.zerosLike(r))
        expectOrthonormal(q)
      }
    }))

  test('V w Vᵀ = A and Vᵀ V = 1 for symmetric A, the eigenvalues ascending', () =>
    forAll(matrices(6, true), (x) => {
      const a = x.add(swap(x)).div(2)
      const [w, v] = linalg.eigh(x)
      expect(v.mul(np.expandDims(w, -2)).matmul(swap(v))).toBeAllclose(a, close)
      expectOrthonormal(v)
      const values = linalg.eigvalsh(x)
      const gaps = values
        .slice(...values.shape.slice(1).map(() => null), [1, null])
        .sub(values.slice(...values.shape.slice(1).map(() => null), [0, -1]))
      expect(np.all(gaps.ge(0)).item()).toBe(1)
    }))

  test('U s Vᵀ = A, UᵀU = 1 and VᵀV = 1, also of lower rank, the singular values descending and not negative', () =>
    forAll(matrices(), (a) => {
      const [u, s, vt] = linalg.svd(a, { fullMatrices: false })
      expect(u.mul(np.expandDims(s, -2)).matmul(vt)).toBeAllclose(a, close)
      expectOrthonormal(u)
      expectOrthonormal(swap(vt))
      expect(np.all(s.ge(0)).item()).toBe(1)
      const k = s.shape[s.ndim - 1]!
      if (k > 1) {
        const lead = s.shape.slice(1).map(() => null)
        expect(np.all(s.slice(...lead, [0, -1]).ge(s.slice(...lead, [1, null]))).item()).toBe(1)
      }
      const [wholeU, , wholeVt] = linalg.svd(a)
      expectOrthonormal(wholeU)
      expectOrthonormal(swap(wholeVt))
      expect(wholeU.shape[wholeU.ndim - 1]).toBe(a.shape[a.ndim - 2])
    }))

  test('P of pinv is Penrose’s: A P A = A, P A P = P, A P and P A symmetric', () =>
    forAll(matrices(4), (a) => {
      const p = linalg.pinv(a)
      const loose = { rtol: 1e-8, atol: 1e-8 }
      const [ap, pa] = [a.matmul(p), p.matmul(a)]
      expect(ap.matmul(a)).toBeAllclose(a, loose)
      expect(pa.matmul(p)).toBeAllclose(p, loose)
      expect(swap(ap)).toBeAllclose(ap, loose)
      expect(swap(pa)).toBeAllclose(pa, loose)
    }))
})

describe('large, badly scaled and batched matrices', () => {
  const normal = (shape: number[], seed = 0): NDArray => random.normal(random.PRNGKey(seed), shape).astype('float64')

  test('200 × 200: eigenvectors and singular vectors to ten digits', () => {
    const x = normal([200, 200])
    const [w, v] = linalg.eigh(x)
    const symmetric = x.add(x.T).div(2)
    const loose = { rtol: 0, atol: 1e-10 }
    expect(v.mul(w).matmul(v.T)).toBeAllclose(symmetric, loose)
    const [u, s, vt] = linalg.svd(x)
    expect(u.mul(s).matmul(vt)).toBeAllclose(x, loose)
    expect(u.T.matmul(u)).toBeAllclose(eye(200), loose)
  })

  test.each([1e-200, 1e-150, 1e150, 1e200])('entries of size %d neither overflow nor vanish', (size) => {
    const x = normal([4, 4])
    const scaled = x.mul(size)
    expect(linalg.svdvals(scaled).div(size)).toBeAllclose(linalg.svdvals(x), close)
    expect(linalg.eigvalsh(scaled).div(size)).toBeAllclose(linalg.eigvalsh(x), close)
    expect(linalg.qr(scaled)[0]).toBeAllclose(linalg.qr(x)[0], close)
    expect(linalg.qr(scaled, { mode: 'r' }).div(size)).toBeAllclose(linalg.qr(x, { mode: 'r' }), close)
  })

  test('a small singular value is right beside a large one: Hilbert’s matrix of 8', () => {
    const hilbert = np.array(
      Float64Array.from({ length: 64 }, (_, i) => 1 / (Math.floor(i / 8) + (i % 8) + 1)),
      { shape: [8, 8] },
    )
    const s = linalg.svdvals(hilbert)
    expect(s.at(7).item() / 1.1115389663e-10).toBeCloseTo(1, 6)
    expect(linalg.cond(hilbert).item() / 1.5257575538e10).toBeCloseTo(1, 5)
  })

  test('a batch of none gives none', () => {
    const none = np.zeros([0, 3, 3])
    expect(linalg.svd(none).map((x) => x.shape)).toEqual([
      [0, 3, 3],
      [0, 3],
      [0, 3, 3],
    ])
    expect(linalg.eigh(none)[0].shape).toEqual([0, 3])
    expect(linalg.expm(none).shape).toEqual([0, 3, 3])
    expect(linalg.solve(none, np.zeros([0, 3, 2])).shape).toEqual([0, 3, 2])
  })

  test('one matrix for many right-hand sides is factored once for all, and gives what each gives', () => {
    const a = normal([3, 3])
    const b = normal([5, 4, 3, 2], 1)
    const each = vmap(vmap((y: NDArray) => linalg.solve(a, y)))(b)
    expect(linalg.solve(a, b)).toBeAllclose(each, close)
    expect(a.matmul(each)).toBeAllclose(b, close)
  })

  test('the exponential of an antisymmetric matrix is a rotation, that of a sum of commuting ones a product', () => {
    const turn = linalg.expm(np.array(Float64Array.of(0, -2, 2, 0), { shape: [2, 2] }))
    expect(turn).toBeAllclose(
      [
        [Math.cos(2), -Math.sin(2)],
        [Math.sin(2), Math.cos(2)],
      ],
      close,
    )
    const x = normal([3, 3]).mul(3)
    const half = linalg.expm(x.div(2))
    expect(half.matmul(half)).toBeAllclose(linalg.expm(x), { rtol: 1e-10, atol: 1e-9 })
  })
})

describe('compiled, it is the same', () => {
  const x = np.array(
    Float64Array.from({ length: 18 }, (_, i) => Math.sin(3.7 * i + 0.3 * i * i)),
    { shape: [2, 3, 3] },
  )
  const b = np.array(Float64Array.of(1, -2, 0.5))
  const empty = (...shape: number[]): NDArray => np.zeros(shape, { dtype: 'float64' })
  const listOf = (y: NDArray | readonly NDArray[]): readonly NDArray[] => (Array.isArray(y) ? y : [y as NDArray])

  const calls: Record<string, [(...xs: NDArray[]) => NDArray | NDArray[], ...NDArray[]]> = {
    blockDiag: [(y) => linalg.blockDiag(y!.at(0), 2), x],
    choSolve: [(y, z) => linalg.choSolve(linalg.choFactor(y!.matmul(linalg.matrixTranspose(y!))), z!), x, b],
    cond: [(y) => [linalg.cond(y!), linalg.cond(y!, { p: 1 })], x],
    cross: [(y, z) => linalg.cross(y!, z!), x, b],
    expm: [(y) => linalg.expm(y!.mul(4)), x],
    lstsq: [(y, z) => linalg.lstsq(y!.at(0).slice(null, [0, 2]), z!), x, b],
    lu: [(y) => linalg.lu(y!), x],
    luSolve: [(y, z) => linalg.luSolve(linalg.luFactor(y!), z!, { trans: 1 }), x, b],
    luPivotsToPermutation: [(y) => lax.linalg.luPivotsToPermutation(lax.linalg.lu(y!)[1], 3), x],
    matrixRank: [(y) => linalg.matrixRank(y!, { hermitian: true }), x],
    'norms of all orders': [
      (y) => (['fro', 'nuc', 1, -1, 2, -2, Infinity, -Infinity] as const).map((ord) => linalg.matrixNorm(y!, { ord })),
      x,
    ],
    'svd of symmetric matrices': [(y) => linalg.svd(y!, { hermitian: true }), x],
    toeplitz: [(y) => linalg.toeplitz(y!), x],
    'the derivative of the determinant where it is 0': [
      vmap(grad((m: NDArray) => linalg.det(linalg.blockDiag(m, 0)))),
      x,
    ],
    'svd of nothing': [(y) => linalg.svd(y!), empty(0, 3)],
    'qr of nothing': [(y) => linalg.qr(y!, { mode: 'complete' }), empty(3, 0)],
    'lu of nothing': [(y) => lax.linalg.lu(y!), empty(3, 0)],
    'slogdet of nothing': [(y) => linalg.slogdet(y!), empty(2, 0, 0)],
    'eigh of nothing': [(y) => linalg.eigh(y!), empty(0, 0)],
    'pinv of nothing': [(y) => linalg.pinv(y!), empty(0, 2)],
    'solve with nothing': [(y, z) => linalg.solve(y!, z!), x, empty(3, 0)],
  }

  test.each(Object.entries(calls))('%s', async (_, [f, ...operands]) => {
    const expected = listOf(f(...operands))
    const got = listOf(jit(f)(...operands) as NDArray | NDArray[])
    expect(got.map((y) => [y.dtype, y.shape])).toEqual(expected.map((y) => [y.dtype, y.shape]))
    for (const [i, y] of got.entries()) expect(await y.ready()).toBeAllclose(expected[i]!, { rtol: 1e-10, atol: 1e-11 })
  })
})

describe('compiled decompositions of hard matrices', () => {
  const columns = linalg.qr(random.normal(random.PRNGKey(2), [8, 8]).astype('float64'))[0]
  const withValues = (...values: number[]): NDArray =>
    columns.mul(np.array(Float64Array.from(values))).matmul(columns.T)
  const one = np.ones([6], { dtype: 'float64' })

  const hard: Record<string, NDArray> = {
    'with values near each other, and of both signs': withValues(1, 1, 1, 1 + 1e-9, 2, 2, 2, -3),
    'with values of sixteen orders of magnitude': withValues(1, 1e-2, 1e-4, 1e-6, 1e-8, 1e-10, 1e-12, 1e-16),
    'of rank 1': linalg.outer(one, one),
  }

  test.each(Object.entries(hard))('%s', async (_, x) => {
    const f = jit((y: NDArray) => {
      const [u, s, vt] = linalg.svd(y)
      const [w, v] = linalg.eigh(y)
      const again = [u.mul(s).matmul(vt), v.mul(w).matmul(v.T)]
      return { s, w, again, ones: [u.T.matmul(u), vt.matmul(vt.T), v.T.matmul(v)] }
    })
    const { s, w, again, ones } = f(x)
    const loose = { rtol: 0, atol: 1e-12 }
    for (const y of again) expect(await y.ready()).toBeAllclose(x, loose)
    for (const y of ones) expect(await y.ready()).toBeAllclose(eye(x.shape[0]!), loose)
    expect(await s.ready()).toBeAllclose(linalg.svdvals(x), loose)
    expect(await w.ready()).toBeAllclose(linalg.eigvalsh(x), loose)
  })
})
