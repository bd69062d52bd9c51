import type { NDArray } from '../array/ndarray.ts'
import { rankTolerance } from '../interpreter/svd.ts'
import { mul, neg } from './arithmetic.ts'
import { like, reduceSum, zerosLike } from './broadcast.ts'
import { concatenate } from './concatenate.ts'
import { gt, lt, select } from './comparison.ts'
import { normalized, withZeros } from './eigh-steps.ts'
import { alongAll, alongColumns, diagonalOf, entryAt, identity, product, swap } from './matrices.ts'
import { qrByColumns } from './qr-steps.ts'
import { ordering, pairs, rotation, signsOf, sweepsFor, type Turn, turnOf } from './rotations.ts'
import { sliceAxis } from './slicing.ts'
import { sqrt } from './transcendental.ts'

/** The singular value decomposition by operations, as `svdOf` has it on the host. */

interface State {
  readonly w: NDArray
  readonly v: NDArray
}

/** All pairs of columns are rotated to be orthogonal. */
function step({ w, v }: State, turn: Turn): State {
  const [p, q] = pairs(w)
  const sum = (x: NDArray, y: NDArray): NDArray => reduceSum(mul(x, y), [x.ndim - 2])
  const j = rotation(turn, sum(p, p), sum(q, q), sum(p, q))
  return { w: product(w, j), v: product(v, j) }
}

/** U, the singular values and V of matrices [..., m, n] of finite numbers, min(m, n) columns each. */
export function orthogonalize(x: NDArray): [u: NDArray, values: NDArray, v: NDArray] {
  const [m, n] = x.shape.slice(-2) as [number, number]
  if (m < n) {
    const [u, values, v] = orthogonalize(swap(x))
    const signs = alongColumns(signsOf(v), v.shape)
    return [mul(v, signs), values, mul(u, alongColumns(signsOf(v), u.shape))]
  }
  const last = x.ndim - 1
  const { scaled, scale } = normalized(x)
  const even = Math.max(2, n + (n % 2))
  const w = withZeros(scaled, 0, even - n)
  const turn = turnOf(even, x.dtype)
  let state: State = { w, v: identity([...x.shape.slice(0, -2), even, even], x.dtype) }
  if (n > 1) for (let k = 0; k < sweepsFor(even) * (even - 1); k++) state = step(state, turn)
  const columns = sliceAxis(state.w, last, 0, n)
  const norms = sqrt(reduceSum(mul(columns, columns), [last - 1]))
  const order = ordering(neg(norms))
  const values = reduceSum(mul(order, swap(alongColumns(norms, order.shape))), [last - 1])
  const [basis, r] = qrByColumns(product(columns, order), false)
  const signs = signsOf(basis)
  const v = product(sliceAxis(sliceAxis(state.v, last, 0, n), last - 1, 0, n), order)
  const diagonal = diagonalOf(r)
  const least = alongAll(mul(entryAt(values, 0), like(entryAt(values, 0), rankTolerance(m, n))), values.shape)
  const along = mul(signs, select(lt(diagonal, zerosLike(diagonal)), like(signs, -1), like(signs, 1)))
  const followed = select(gt(values, least), along, signsOf(v))
  return [
    mul(basis, alongColumns(signs, basis.shape)),
    mul(values, alongAll(scale, values.shape)),
    mul(v, alongColumns(followed, v.shape)),
  ]
}

/** Orthonormal columns completed to a basis. */
export function complete(x: NDArray): NDArray {
  const [rows, columns] = x.shape.slice(-2) as [number, number]
  if (rows === columns) return x
  const [q] = qrByColumns(x, true)
  const rest = sliceAxis(q, x.ndim - 1, columns, rows)
  return concatenate([x, mul(rest, alongColumns(signsOf(rest), rest.shape))], x.ndim - 1)
}
