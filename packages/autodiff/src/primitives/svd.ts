import { ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { showShape } from '../array/shape.ts'
import { definePrimitive, notLinear, type Primitive, type Tangent } from '../core/primitive.ts'
import { bind } from '../core/trace.ts'
import { eachMatrix, transposed } from '../interpreter/matrices.ts'
import { completed, svdOf } from '../interpreter/svd.ts'
import { add, div, mul, sub } from './arithmetic.ts'
import { full, like, zerosLike } from './broadcast.ts'
import { eq } from './comparison.ts'
import { convert } from './convert.ts'
import {
  allFinite,
  alongColumns,
  alongRows,
  batchMatrices,
  checkMatrixFloat,
  diagonalOf,
  identity,
  lowerMatrices,
  orNaN,
  product,
  swap,
} from './matrices.ts'
import { complete, orthogonalize } from './svd-steps.ts'

type SvdParams = { readonly fullMatrices: boolean; readonly computeUv: boolean }

/**
 * The singular value decomposition of [..., m, n]: the singular values, descending, and with `computeUv` before and
 * after them U and Vᵀ, min(m, n) vectors each, or all m and n with `fullMatrices`. The sign of each pair of vectors is
 * that of the last entry of u which is not small. Derivatives are those for distinct singular values.
 */
export const svdPrimitive: Primitive<SvdParams> = definePrimitive<SvdParams>({
  name: 'svd',
  abstractEval([x], { fullMatrices, computeUv }) {
    const { shape, dtype } = checkMatrixFloat('svd', x!)
    const [m, n] = shape.slice(-2) as [number, number]
    const k = Math.min(m, n)
    const of = (...sizes: number[]): { shape: number[]; dtype: typeof dtype } => ({
      shape: [...shape.slice(0, -2), ...sizes],
      dtype,
    })
    if (!computeUv) return [of(k)]
    return [of(k), of(m, fullMatrices ? m : k), of(fullMatrices ? n : k, n)]
  },
  evaluate: (inputs, avals, { fullMatrices, computeUv }, outputs) =>
    eachMatrix(inputs, avals, outputs, [1, 2, 2], (x) => {
      const { values, u, v } = svdOf(x!)
      if (!computeUv) return [values]
      const whole = fullMatrices ? [completed(u, u.rows), completed(v, v.rows)] : [u, v]
      return [values, whole[0]!.data, transposed(whole[1]!).data]
    }),
  jvp([x], [dx], params) {
    const outputs = bind(svdPrimitive, [x!], params)
    if (!dx) return { outputs, tangents: outputs.map(() => null) }
    const [m, n] = x!.shape.slice(-2) as [number, number]
    if (params.computeUv && params.fullMatrices && m !== n) {
      throw new ValueError(
        `svd: the full matrices U and V of ${showShape(x!.shape)} have no derivative, for their last columns are not determined; use fullMatrices: false`,
      )
    }
    return { outputs, tangents: tangentsOf(dx, svd(x!, { fullMatrices: false }), params.computeUv) }
  },
  transpose: notLinear,
  batch: (inputs, dims, params, size) => batchMatrices(inputs, dims, size, (x) => bind(svdPrimitive, [x!], params)),
  lower: lowerMatrices('svd', ([x], { fullMatrices, computeUv }) => {
    const ok = allFinite(x!)
    const [u, values, v] = orthogonalizeAny(x!)
    if (!computeUv) return [orNaN(ok, values)]
    const whole = fullMatrices ? [complete(u), complete(v)] : [u, v]
    return [values, whole[0]!, swap(whole[1]!)].map((y) => orNaN(ok, y))
  }),
})

/** A matrix without entries has no singular vectors. */
function orthogonalizeAny(x: NDArray): [NDArray, NDArray, NDArray] {
  const [m, n] = x.shape.slice(-2) as [number, number]
  if (Math.min(m, n) > 0) return orthogonalize(x)
  const none = (...sizes: number[]): NDArray => full([...x.shape.slice(0, -2), ...sizes], 0, x.dtype)
  return [none(m, 0), none(0), none(n, 0)]
}

type Svd<T> = [u: T, s: T, vt: T]

/**
 * The singular value decomposition: U, the singular values (descending), and Vᵀ.
 *
 * @see JAX's `jax.lax.linalg.svd`
 * @example
 * const [u, s, vt] = lax.linalg.svd(np.array([[0, 2], [1, 0]]))
 * s // [2, 1]
 */
export function svd(x: NDArray, { fullMatrices = true }: { readonly fullMatrices?: boolean } = {}): Svd<NDArray> {
  const [s, u, vt] = bind(svdPrimitive, [x], { fullMatrices, computeUv: true }) as Svd<NDArray>
  return [u, s, vt]
}

/** The singular values alone, descending. */
export const singularValues = (x: NDArray): NDArray =>
  bind(svdPrimitive, [x], { fullMatrices: false, computeUv: false })[0]!

/** JAX's rule (after Giles, NA-08-01), for the reduced decomposition. */
function tangentsOf(dx: NDArray, [u, s, vt]: Svd<NDArray>, computeUv: boolean): Tangent[] {
  const v = swap(vt)
  const change = product(swap(u), dx, v)
  const ds = diagonalOf(change)
  if (!computeUv) return [ds]
  const { shape } = change
  const one = identity(shape, dx.dtype)
  const [across, down] = [alongColumns(s, shape), alongRows(s, shape)]
  // F_ij = 1 / (s_j² − s_i²)
  const gaps = mul(add(across, down), sub(across, down))
  const f = sub(div(like(gaps, 1), add(gaps, one)), one)
  const [right, left] = [mul(across, change), mul(down, change)]
  const zero = convert(eq(s, zerosLike(s)), s.dtype)
  const inverse = sub(div(like(s, 1), add(s, zero)), zero)
  const onDiagonal = mul(div(sub(change, swap(change)), like(change, 2)), mul(one, alongRows(inverse, shape)))
  let du = product(u, add(mul(f, add(right, swap(right))), onDiagonal))
  let dv = product(v, mul(f, add(left, swap(left))))
  const [m, n] = dx.shape.slice(-2) as [number, number]
  const beyond = (moved: NDArray, base: NDArray): NDArray =>
    div(sub(moved, product(base, swap(base), moved)), alongColumns(s, moved.shape))
  if (m > n) du = add(du, beyond(product(dx, v), u))
  if (n > m) dv = add(dv, beyond(product(swap(dx), u), v))
  return [ds, du, swap(dv)]
}
