import type { NDArray } from '../array/ndarray.ts'
import { definePrimitive, notLinear, type Primitive } from '../core/primitive.ts'
import { bind } from '../core/trace.ts'
import { eachMatrix } from '../interpreter/matrices.ts'
import { qrOf } from '../interpreter/qr.ts'
import { add, sub } from './arithmetic.ts'
import { full } from './broadcast.ts'
import { concatenate } from './concatenate.ts'
import { batchMatrices, checkMatrixFloat, identity, lowerMatrices, lowerPart, product, swap } from './matrices.ts'
import { qrByColumns } from './qr-steps.ts'
import { sliceAxis } from './slicing.ts'
import { solve } from './solve.ts'
import { triangularSolve } from './triangular-solve.ts'

type QrParams = { readonly fullMatrices: boolean }
type Qr<T> = [q: T, r: T]

/**
 * QR decomposition of [..., m, n]: orthonormal columns Q and upper triangular R, min(m, n) of them or all m with
 * `fullMatrices`. The diagonal of R may be negative.
 */
export const qrPrimitive: Primitive<QrParams> = definePrimitive<QrParams>({
  name: 'qr',
  abstractEval([x], { fullMatrices }) {
    const { shape, dtype } = checkMatrixFloat('qr', x!)
    const [m, n] = shape.slice(-2) as [number, number]
    const width = fullMatrices ? m : Math.min(m, n)
    const lead = shape.slice(0, -2)
    return [
      { shape: [...lead, m, width], dtype },
      { shape: [...lead, width, n], dtype },
    ]
  },
  evaluate: (inputs, avals, { fullMatrices }, outputs) =>
    eachMatrix(inputs, avals, outputs, [2, 2], (x) => {
      const { q, r } = qrOf(x!, fullMatrices ? x!.rows : Math.min(x!.rows, x!.columns))
      return [q.data, r.data]
    }),
  jvp([x], [dx], { fullMatrices }) {
    const outputs = qr(x!, { fullMatrices })
    return { outputs, tangents: dx ? tangentsOf(x!, dx, outputs, fullMatrices) : [null, null] }
  },
  transpose: notLinear,
  batch: (inputs, dims, params, size) => batchMatrices(inputs, dims, size, (x) => qr(x!, params)),
  lower: lowerMatrices('qr', ([x], { fullMatrices }) => qrByColumns(x!, fullMatrices)),
})

/**
 * QR decomposition: Q with orthonormal columns, R upper triangular, Q R = x.
 *
 * @see JAX's `jax.lax.linalg.qr`
 * @example
 * const [q, r] = lax.linalg.qr(np.array([[3, 0], [4, 5]]))
 * r // [[-5, -4], [0, 3]]
 */
export const qr = (x: NDArray, { fullMatrices = true }: Partial<QrParams> = {}): Qr<NDArray> =>
  bind(qrPrimitive, [x], { fullMatrices }) as Qr<NDArray>

/** The tangents of Q [..., m, n] and R [..., n, n], m ≥ n. */
function thin(q: NDArray, r: NDArray, dx: NDArray): Qr<NDArray> {
  const right = triangularSolve(r, dx)
  const inside = product(swap(q), right)
  const lower = lowerPart(inside, -1)
  // Qᵀ dQ is antisymmetric, dR R⁻¹ upper triangular.
  const turn = sub(lower, swap(lower))
  return [add(product(q, sub(turn, inside)), right), product(sub(inside, turn), r)]
}

function tangentsOf(x: NDArray, dx: NDArray, [q, r]: Qr<NDArray>, fullMatrices: boolean): Qr<NDArray> {
  const [m, n] = x.shape.slice(-2) as [number, number]
  const [rows, columns] = [x.ndim - 2, x.ndim - 1]
  if (m < n) {
    const [dq, left] = thin(q, sliceAxis(r, columns, 0, m), sliceAxis(dx, columns, 0, m))
    // R₂ = Qᵀ X₂
    const right = add(product(swap(dq), sliceAxis(x, columns, m, n)), product(swap(q), sliceAxis(dx, columns, m, n)))
    return [dq, concatenate([left, right], columns)]
  }
  if (!fullMatrices || m === n) return thin(q, r, dx)
  const inner = sliceAxis(q, columns, 0, n)
  const rest = sliceAxis(q, columns, n, m)
  const [dInner, dr] = thin(inner, sliceAxis(r, rows, 0, n), dx)
  const zeros = full([...x.shape.slice(0, -2), m - n, n], 0, x.dtype)
  return [concatenate([dInner, restTangent(inner, rest, dInner)], columns), concatenate([dr, zeros], rows)]
}

/**
 * The tangent of the columns that complete Q, as the reflections determine them: with Z = Q₂₁ (Q₁₁ − 1)⁻¹ it is
 * dQ₁ Zᵀ − (Q₁ + Q₂ Z) (dQ₂₁ − Z dQ₁₁)ᵀ (arXiv:2409.13374, as in JAX).
 */
function restTangent(inner: NDArray, rest: NDArray, dInner: NDArray): NDArray {
  const [m, n] = inner.shape.slice(-2) as [number, number]
  const rows = inner.ndim - 2
  const top = (x: NDArray): NDArray => sliceAxis(x, rows, 0, n)
  const bottom = (x: NDArray): NDArray => sliceAxis(x, rows, n, m)
  const square = sub(top(inner), identity(top(inner).shape, inner.dtype))
  const turned = solve(square, swap(bottom(inner)), true)
  const z = swap(turned)
  const change = sub(bottom(dInner), product(z, top(dInner)))
  return sub(product(dInner, turned), product(add(inner, product(rest, z)), swap(change)))
}
