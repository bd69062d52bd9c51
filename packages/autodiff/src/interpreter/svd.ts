import { identityMatrix, isFiniteMatrix, type Matrix, matrix, multiplied, scaleOf, transposed } from './matrices.ts'
import { qrOf } from './qr.ts'
import { arranged, columnSigns } from './signs.ts'

export interface Svd {
  /** Descending. */
  readonly values: Float64Array
  /** The columns u and v with A v = σ u. */
  readonly u: Matrix
  readonly v: Matrix
}

/**
 * The singular value decomposition, min(m, n) vectors on either side: a QR decomposition, and the columns of R rotated
 * pairwise until they are orthogonal (Hestenes and Jacobi). NaN where numbers are not finite.
 */
export function svdOf(x: Matrix): Svd {
  if (x.rows < x.columns) {
    const { values, u, v } = svdOf(transposed(x))
    // The sign is chosen by u.
    const signs = columnSigns(v)
    const order = Array.from(values, (_, i) => i)
    return { values, u: arranged(v, order, signs), v: arranged(u, order, signs) }
  }
  const n = x.columns
  if (!isFiniteMatrix(x)) {
    const nan = (rows: number): Matrix => matrix(rows, n, new Float64Array(rows * n).fill(NaN))
    return { values: new Float64Array(n).fill(NaN), u: nan(x.rows), v: nan(n) }
  }
  const scale = scaleOf(x)
  const { q, r } = qrOf(
    matrix(
      x.rows,
      n,
      x.data.map((value) => value / scale),
    ),
    n,
  )
  const { columns, turns } = orthogonalized(r)
  const norms = Float64Array.from({ length: n }, (_, i) => Math.hypot(...columns.subarray(i * n, (i + 1) * n)))
  const order = Array.from(norms, (_, i) => i).sort((i, j) => norms[j]! - norms[i]!)
  const values = Float64Array.from(order, (i) => norms[i]! * scale)
  // Where a singular value is 0, the reflections complete the basis.
  const basis = qrOf(arranged(transposed(matrix(n, n, columns)), order), n)
  const u = multiplied(q, basis.q)
  const signs = columnSigns(u)
  const v = arranged(transposed(matrix(n, n, turns)), order)
  const free = columnSigns(v)
  const least = rankTolerance(x.rows, n) * (norms[order[0] ?? 0] ?? 0)
  const followed = signs.map((sign, j) =>
    norms[order[j]!]! > least ? sign * (basis.r.data[j * n + j]! < 0 ? -1 : 1) : free[j]!,
  )
  const same = order.map((_, j) => j)
  return { values, u: arranged(u, same, signs), v: arranged(v, same, followed) }
}

/** Singular values up to this share of the largest are rounding. */
export const rankTolerance = (m: number, n: number): number => 2 * Math.max(m, n) * Number.EPSILON

const LIMIT = 40

/** The columns of a square matrix made orthogonal by rotations, and the rotations; both one column a row. */
function orthogonalized(x: Matrix): { columns: Float64Array; turns: Float64Array } {
  const n = x.columns
  const columns = transposed(x).data
  const turns = identityMatrix(n).data
  for (let sweep = 0; sweep < LIMIT; sweep++) {
    let turned = false
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        let alpha = 0
        let beta = 0
        let gamma = 0
        for (let i = 0, a = p * n, b = q * n; i < n; i++, a++, b++) {
          const left = columns[a]!
          const right = columns[b]!
          alpha += left * left
          beta += right * right
          gamma += left * right
        }
        if (Math.abs(gamma) <= Number.EPSILON * Math.sqrt(alpha * beta)) continue
        turned = true
        const ratio = (beta - alpha) / (2 * gamma)
        const t = (ratio < 0 ? -1 : 1) / (Math.abs(ratio) + Math.hypot(1, ratio))
        const cosine = 1 / Math.hypot(1, t)
        rotate(columns, n, p, q, cosine, cosine * t)
        rotate(turns, n, p, q, cosine, cosine * t)
      }
    }
    if (!turned) break
  }
  return { columns, turns }
}

function rotate(x: Float64Array, n: number, p: number, q: number, cosine: number, sine: number): void {
  for (let i = 0, a = p * n, b = q * n; i < n; i++, a++, b++) {
    const left = x[a]!
    const right = x[b]!
    x[a] = cosine * left - sine * right
    x[b] = sine * left + cosine * right
  }
}

/** Orthonormal columns completed to a basis: the reflections of the columns give the rest. */
export function completed(x: Matrix, width: number): Matrix {
  if (x.columns === width) return x
  const { q } = qrOf(x, width)
  const signs = columnSigns(q)
  const out = matrix(x.rows, width)
  for (let i = 0; i < x.rows; i++)
    for (let j = 0; j < width; j++)
      out.data[i * width + j] = j < x.columns ? x.data[i * x.columns + j]! : signs[j]! * q.data[i * width + j]!
  return out
}
