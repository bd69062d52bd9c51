import { isFiniteMatrix, type Matrix, matrix, scaleOf, transposed } from './matrices.ts'
import { arranged, columnSigns } from './signs.ts'

export interface Eigen {
  readonly vectors: Matrix
  /** Ascending. */
  readonly values: Float64Array
}

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, of which the lower triangle is read: Householder's reduction to
 * tridiagonal form and the QL iteration with implicit shifts. NaN where numbers are not finite.
 */
export function eighOf(x: Matrix): Eigen {
  const n = x.rows
  const nothing = { vectors: matrix(n, n, new Float64Array(n * n).fill(NaN)), values: new Float64Array(n).fill(NaN) }
  const scale = scaleOf(x)
  const a = x.data.map((value) => value / scale)
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) a[i * n + j] = a[j * n + i]!
  if (!isFiniteMatrix(matrix(n, n, a))) return nothing
  const reduced = tridiagonal(a, n)
  if (!iterate(reduced, n)) return nothing
  const order = Array.from({ length: n }, (_, i) => i).sort((i, j) => reduced.diagonal[i]! - reduced.diagonal[j]!)
  const vectors = arranged(transposed(matrix(n, n, reduced.rows)), order)
  return {
    values: Float64Array.from(order, (i) => reduced.diagonal[i]! * scale),
    vectors: arranged(
      vectors,
      order.map((_, i) => i),
      columnSigns(vectors),
    ),
  }
}

interface Tridiagonal {
  readonly diagonal: Float64Array
  /** The entries beside the diagonal. */
  readonly beside: Float64Array
  /** The vectors that turn the matrix into this one, one a row. */
  readonly rows: Float64Array
}

/** Reflections from both sides leave a tridiagonal matrix; `a` is overwritten. */
function tridiagonal(a: Float64Array, n: number): Tridiagonal {
  const rows = new Float64Array(n * n)
  for (let i = 0; i < n; i++) rows[i * n + i] = 1
  const v = new Float64Array(n)
  const w = new Float64Array(n)
  for (let k = 0; k < n - 2; k++) {
    let below = 0
    for (let i = k + 2; i < n; i++) below += a[i * n + k]! ** 2
    if (below === 0) continue
    const alpha = a[(k + 1) * n + k]!
    const beta = alpha < 0 ? Math.sqrt(alpha * alpha + below) : -Math.sqrt(alpha * alpha + below)
    const factor = (beta - alpha) / beta
    v.fill(0, 0, k + 1)
    v[k + 1] = 1
    for (let i = k + 2; i < n; i++) v[i] = a[i * n + k]! / (alpha - beta)
    // A ← A − v wᵀ − w vᵀ
    let inner = 0
    for (let i = k; i < n; i++) {
      let sum = 0
      for (let j = k + 1; j < n; j++) sum += a[i * n + j]! * v[j]!
      w[i] = factor * sum
      inner += w[i]! * v[i]!
    }
    for (let i = k; i < n; i++) w[i]! -= 0.5 * factor * inner * v[i]!
    for (let i = k; i < n; i++) for (let j = k; j < n; j++) a[i * n + j]! -= v[i]! * w[j]! + w[i]! * v[j]!
    reflectRows(rows, n, v, factor, k + 1)
  }
  const diagonal = Float64Array.from({ length: n }, (_, i) => a[i * n + i]!)
  const beside = Float64Array.from({ length: n }, (_, i) => (i + 1 < n ? a[(i + 1) * n + i]! : 0))
  return { diagonal, beside, rows }
}

/** Multiplies by a reflection: v is zero before `from`. */
function reflectRows(rows: Float64Array, n: number, v: Float64Array, factor: number, from: number): void {
  const sums = new Float64Array(n)
  for (let i = from; i < n; i++) for (let j = 0; j < n; j++) sums[j]! += v[i]! * rows[i * n + j]!
  for (let i = from; i < n; i++) {
    const f = factor * v[i]!
    for (let j = 0; j < n; j++) rows[i * n + j]! -= f * sums[j]!
  }
}

const LIMIT = 60

/** The QL iteration; false when it does not converge, which does not happen. */
function iterate({ diagonal: d, beside: e, rows }: Tridiagonal, n: number): boolean {
  for (let l = 0; l < n; l++) {
    for (let iteration = 0; ; iteration++) {
      let m = l
      while (m < n - 1 && Math.abs(e[m]!) > (Number.EPSILON * (Math.abs(d[m]!) + Math.abs(d[m + 1]!))) / 2) m++
      if (m === l) break
      if (iteration === LIMIT) return false
      sweep(d, e, rows, n, l, m)
    }
  }
  return true
}

/** One sweep of rotations from `m` up to `l`, with the shift of the leading 2 × 2. */
function sweep(d: Float64Array, e: Float64Array, rows: Float64Array, n: number, l: number, m: number): void {
  const ratio = (d[l + 1]! - d[l]!) / (2 * e[l]!)
  const root = Math.hypot(ratio, 1)
  let g = d[m]! - d[l]! + e[l]! / (ratio + (ratio < 0 ? -root : root))
  let [sine, cosine, moved] = [1, 1, 0]
  for (let i = m - 1; i >= l; i--) {
    const f = sine * e[i]!
    const b = cosine * e[i]!
    const length = Math.hypot(f, g)
    e[i + 1] = length
    if (length === 0) {
      d[i + 1]! -= moved
      e[m] = 0
      return
    }
    sine = f / length
    cosine = g / length
    g = d[i + 1]! - moved
    const r = (d[i]! - g) * sine + 2 * cosine * b
    moved = sine * r
    d[i + 1] = g + moved
    g = cosine * r - b
    for (let j = 0, p = i * n, q = (i + 1) * n; j < n; j++, p++, q++) {
      const x = rows[p]!
      const y = rows[q]!
      rows[q] = sine * x + cosine * y
      rows[p] = cosine * x - sine * y
    }
  }
  d[l]! -= moved
  e[l] = g
  e[m] = 0
}
