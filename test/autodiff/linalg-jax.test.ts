import { grad, jvp, lax, linalg, type NDArray, np, vjp } from '@cotangent/autodiff'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import '../helpers/matchers.ts'
import { decode, type Encoded, goldenCotangent, goldenTangent } from './golden/cases.ts'

type Written = readonly [shape: readonly number[], data: Encoded['data'], dtype?: string]

const encoded = ([shape, data, dtype = 'float64']: Written): Encoded => ({ shape, dtype, data: data! })

/** One call with its results: test/fixtures/autodiff/make_linalg.py made them. */
interface Case {
  readonly fn: string
  readonly args: readonly Encoded[]
  readonly out: readonly Encoded[]
  /** Left out where there is hvp. */
  readonly jvp?: readonly Encoded[]
  readonly vjp?: readonly Encoded[]
  readonly hvp?: readonly Encoded[]
}

const { cases: written } = JSON.parse(
  readFileSync(new URL('../fixtures/autodiff/linalg.json', import.meta.url), 'utf8'),
) as { cases: (Record<string, Written[]> & { fn: string })[] }

const cases = written.map(({ fn, ...arrays }) => ({
  fn,
  ...Object.fromEntries(Object.entries(arrays).map(([key, list]) => [key, (list as Written[]).map(encoded)])),
})) as Case[]

type Fn = (...args: NDArray[]) => NDArray | readonly NDArray[]

const abs = np.abs
const magnitudes = ([w, v]: [NDArray, NDArray]): NDArray[] => [w, abs(v)]
const svdMagnitudes = ([u, s, vt]: [NDArray, NDArray, NDArray]): NDArray[] => [abs(u), s, abs(vt)]

const functions: Readonly<Record<string, Fn>> = {
  cholesky: (x) => linalg.cholesky(x!),
  'cholesky upper': (x) => linalg.cholesky(x!, { upper: true }),
  'cholesky lower triangle': (x) => linalg.cholesky(x!, { symmetrizeInput: false }),
  qr: (x) => linalg.qr(x!),
  'qr complete': (x) => linalg.qr(x!, { mode: 'complete' }),
  'qr r': (x) => linalg.qr(x!, { mode: 'r' }),
  eigh: (x) => magnitudes(linalg.eigh(x!)),
  'eigh U': (x) => magnitudes(linalg.eigh(x!, { UPLO: 'U', symmetrizeInput: false })),
  eigvalsh: (x) => linalg.eigvalsh(x!),
  svd: (x) => svdMagnitudes(linalg.svd(x!, { fullMatrices: false })),
  svdvals: (x) => linalg.svdvals(x!),
  'svd hermitian': (x) => svdMagnitudes(linalg.svd(x!, { hermitian: true })),
  'svd product': (x) => {
    const [u, s, vt] = linalg.svd(x!, { fullMatrices: false })
    return u.mul(np.sin(s)).matmul(vt)
  },
  pinv: (x) => linalg.pinv(x!),
  'pinv hermitian': (x) => linalg.pinv(x!, { hermitian: true }),
  'pinv rtol': (x) => linalg.pinv(x!, { rtol: 0.3 }),
  matrixRank: (x) => linalg.matrixRank(x!),
  'matrixRank rtol': (x) => linalg.matrixRank(x!, { rtol: 1.5 }),
  lu: (x) => lax.linalg.lu(x!),
  plu: (x) => linalg.lu(x!).slice(1),
  permuted: (x) => linalg.lu(x!, { permuteL: true }),
  luSolve: (x, b) => linalg.luSolve(linalg.luFactor(x!), b!),
  'luSolve T': (x, b) => linalg.luSolve(linalg.luFactor(x!), b!, { trans: 'T' }),
  inv: (x) => linalg.inv(x!),
  solve: (x, b) => linalg.solve(x!, b!),
  det: (x) => linalg.det(x!),
  slogdet: (x) => linalg.slogdet(x!),
  solveTriangular: (x, b) => linalg.solveTriangular(x!, b!),
  'solveTriangular lower T unit': (x, b) =>
    linalg.solveTriangular(x!, b!, { trans: 'T', lower: true, unitDiagonal: true }),
  'triangularSolve right': (x, b) =>
    lax.linalg.triangularSolve(x!, b!, { leftSide: false, lower: true, transposeA: true }),
  choSolve: (x, b) => linalg.choSolve(linalg.choFactor(x!), b!),
  'choSolve lower': (x, b) => linalg.choSolve(linalg.choFactor(x!, { lower: true }), b!),
  'matrixPower 5': (x) => linalg.matrixPower(x!, 5),
  'matrixPower -2': (x) => linalg.matrixPower(x!, -2),
  'matrixPower 0': (x) => linalg.matrixPower(x!, 0),
  expm: (x) => linalg.expm(x!),
  'expm triangular': (x) => linalg.expm(x!, { upperTriangular: true }),
  lstsq: (x, b) => linalg.lstsq(x!, b!),
  'lstsq rcond': (x, b) => linalg.lstsq(x!, b!, { rcond: 0.4 }),
  multiDot: (...xs) => linalg.multiDot(xs),
  tensorinv: (x) => linalg.tensorinv(x!.reshape([2, 2, 4])),
  tensorsolve: (x, b) => linalg.tensorsolve(x!.reshape([2, 2, 4]), b!.reshape([2, 2])),
  cond: (x) => linalg.cond(x!),
  'cond -2': (x) => linalg.cond(x!, { p: -2 }),
  'cond 1': (x) => linalg.cond(x!, { p: 1 }),
  'cond fro': (x) => linalg.cond(x!, { p: 'fro' }),
  'cond nuc': (x) => linalg.cond(x!, { p: 'nuc' }),
  cross: (x, y) => linalg.cross(x!, y!),
  'cross axis 0': (x, y) => linalg.cross(x!, y!, { axis: 0 }),
  vecdot: (x, y) => linalg.vecdot(x!, y!),
  outer: (x, y) => linalg.outer(x!, y!),
  blockDiag: (x, y) => linalg.blockDiag(x!, y!, 3),
  toeplitz: (x, y) => linalg.toeplitz(x!, y!),
  'toeplitz c': (x) => linalg.toeplitz(x!),
  'diagonal 1': (x) => linalg.diagonal(x!, { offset: 1 }),
  'diagonal -1': (x) => linalg.diagonal(x!, { offset: -1 }),
  'diagonal 9': (x) => linalg.diagonal(x!, { offset: 9 }),
  'trace -1': (x) => linalg.trace(x!, { offset: -1 }),
  matrixTranspose: (x) => linalg.matrixTranspose(x!),
  'vectorNorm 3 axes': (x) => linalg.vectorNorm(x!, { ord: 3, axis: [0, 2], keepdims: true }),
  'norm axis': (x) => linalg.norm(x!, { axis: 1, keepdims: true }),
  'norm all': (x) => linalg.norm(x!),
  'norm 1 axes': (x) => linalg.norm(x!, { ord: 1, axis: [2, 0] }),
  'norm -1 axes': (x) => linalg.norm(x!, { ord: -1, axis: [2, 0] }),
  'norm -Infinity axes': (x) => linalg.norm(x!, { ord: -Infinity, axis: [2, 0] }),
  'norm nuc axes': (x) => linalg.norm(x!, { ord: 'nuc', axis: [2, 0], keepdims: true }),
}

function functionOf(name: string): Fn {
  const known = functions[name]
  if (known !== undefined) return known
  const [, order] = /^norm (\S+)$/.exec(name)!
  const ord = order === 'fro' || order === 'nuc' ? order : Number(order)
  return (x) => linalg.norm(x!, { ord })
}

const listOf = (x: NDArray | readonly NDArray[]): NDArray[] =>
  Array.isArray(x) ? [...(x as NDArray[])] : [x as NDArray]
const isDouble = (c: Case): boolean => [...c.args, ...c.out].every((x) => x.dtype !== 'float32')

function expectAll(what: string, got: readonly NDArray[], wanted: readonly Encoded[], tolerance: object): void {
  expect(
    got.map((x) => `${x.dtype}[${x.shape.join()}]`),
    what,
  ).toEqual(wanted.map((x) => `${x.dtype}[${x.shape.join()}]`))
  got.forEach((x, i) => expect(x, what).toBeAllclose(decode(wanted[i]!), tolerance))
}

describe('values and derivatives of linear algebra are JAX’s', () => {
  cases.forEach((c, index) => {
    test(`${index} ${c.fn}(${c.args.map((x) => `${x.dtype}[${x.shape.join(', ')}]`).join(', ')})`, () => {
      const f = (...xs: NDArray[]): NDArray[] => listOf(functionOf(c.fn)(...xs))
      const args = c.args.map(decode)
      const close = isDouble(c) ? { rtol: 1e-6, atol: 1e-9 } : { rtol: 2e-5, atol: 2e-6 }
      const slopes = isDouble(c) ? { rtol: 2e-6, atol: 1e-8 } : { rtol: 1e-4, atol: 1e-5 }
      expectAll('values', f(...args), c.out, close)
      if (c.vjp === undefined) return
      if (c.jvp !== undefined) expectAll('jvp', jvp(f, args, args.map(goldenTangent))[1] as NDArray[], c.jvp, slopes)
      const [y, pullback] = vjp(f, ...args)
      expectAll('vjp', pullback(y.map(goldenCotangent)), c.vjp, slopes)
      if (c.hvp === undefined) return
      const loss = (...xs: NDArray[]): NDArray =>
        f(...xs)
          .map((o) => np.sum(o.mul(goldenCotangent(o))))
          .reduce((a, b) => a.add(b))
      const gradient = grad(loss, { argnums: args.map((_, i) => i) }) as unknown as (...xs: NDArray[]) => NDArray[]
      const along = jvp((...xs: NDArray[]) => gradient(...xs), args, args.map(goldenTangent))[1]
      expectAll('hvp', along, c.hvp, slopes)
    })
  })
})
