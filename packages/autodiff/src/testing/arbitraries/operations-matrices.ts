import type { NDArray } from '../../array/ndarray.ts'
import * as lax from '../../lax/index.ts'
import * as linalg from '../../linalg/index.ts'
import * as np from '../../numpy/index.ts'
import { few, type Operations, rowsOf, held } from './operation.ts'

const eye = (n: number, like: NDArray): NDArray => np.eye(n).astype(like.dtype)

/** A small matrix with a heavy diagonal of different numbers: far from singular, its eigenvalues apart. */
function regular(x: NDArray): NDArray {
  const v = few(x, 3)
  const n = v.size
  const diagonal = np.diag(
    np
      .arange(n, { dtype: v.dtype as 'float64' })
      .mul(3)
      .add(4),
  )
  return np.outer(v, np.cos(v)).mul(0.5).add(diagonal)
}
const symmetric = (x: NDArray): NDArray => {
  const a = regular(x)
  return a.add(a.T).mul(0.5)
}
/** As many numbers as the matrix has rows. */
const right = (a: NDArray, y: NDArray): NDArray => np.resize(held(y.reshape([-1])), [a.shape[0] as number])

/** Linear algebra on matrices that are far from singular. */
export const matrixOperations: Operations = {
  solve: (x, y) => linalg.solve(regular(x), right(regular(x), y)),
  solveTriangular: (x, y, n) => {
    const a = regular(x)
    return linalg.solveTriangular(a, right(a, y), { lower: n % 2 === 0, trans: n > 1 ? 1 : 0 })
  },
  inverse: (x) => linalg.inv(regular(x)),
  determinant: (x) => linalg.det(regular(x)).mul(0.02),
  slogdet: (x) => linalg.slogdet(regular(x))[1],
  eigenvalues: (x) => linalg.eigvalsh(symmetric(x)).mul(0.2),
  eigenprojection: (x) => {
    const [, v] = linalg.eigh(symmetric(x))
    return v.mul(v)
  },
  singularValues: (x) => linalg.svdvals(regular(x)).mul(0.2),
  singularProjection: (x) => {
    const [u, s, vt] = linalg.svd(regular(x), { fullMatrices: false }) as [NDArray, NDArray, NDArray]
    return u.mul(np.sin(s)).matmul(vt)
  },
  orthogonal: (x) => {
    const [q, r] = linalg.qr(regular(x))
    return q.mul(0.5).add(r.mul(0.1))
  },
  triangularFactors: (x) => {
    const [, l, u] = linalg.lu(regular(x)) as [NDArray, NDArray, NDArray]
    return l.add(u.mul(0.1))
  },
  choleskySolve: (x, y) => linalg.choSolve(linalg.choFactor(symmetric(x)), right(symmetric(x), y)),
  pseudoInverse: (x) => linalg.pinv(regular(x)),
  exponential: (x) => linalg.expm(np.outer(few(x, 2), few(x, 2)).mul(0.2)),
  matrixPower: (x, _, n) => linalg.matrixPower(regular(x).mul(0.1), n),
  multiDot: (x, y) =>
    linalg.multiDot([
      rowsOf(held(x)),
      rowsOf(held(x)).T,
      np
        .ones([rowsOf(x).shape[0] as number, 1])
        .astype(x.dtype)
        .mul(np.mean(held(y))),
    ]),
  batchedProduct: (x, y) => {
    const [a, b] = [regular(x).mul(0.2), regular(y).mul(0.2)]
    const n = Math.min(a.shape[0] as number, b.shape[0] as number)
    const pair = (m: NDArray): NDArray => np.stack([m.slice([0, n], [0, n]), eye(n, m)])
    return lax.dotGeneral(pair(a), pair(b), { contract: [[2], [1]], batch: [[0], [0]] })
  },
  einsumBatch: (x, y) => {
    const [a, b] = [few(x, 2), few(y, 3)]
    return np.einsum('bi,bj,b->ij', np.stack([a, np.sin(a)]), np.stack([b, np.cos(b)]), np.resize(b, [2]))
  },
  norm: (x) => linalg.norm(regular(x)).mul(0.2),
  cross: (x, y) => np.cross(np.resize(held(x), [3]), np.resize(held(y), [3])),
  covariance: (x, y) => np.cov(np.stack([np.resize(held(x), [3]), np.resize(held(y), [3])])),
}
