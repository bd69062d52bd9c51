import { type Matrix, matrix, scaleOf } from './matrices.ts'

/**
 * QR decomposition by Householder's reflections, with LAPACK's signs: each column is reflected to minus its sign, and
 * one that has zeros below the diagonal is left alone. Q has `width` columns, R as many rows.
 */
export function qrOf(x: Matrix, width: number): { q: Matrix; r: Matrix } {
  const { rows, columns } = x
  const scale = scaleOf(x)
  const m = x.data.map((value) => value / scale)
  const steps = Math.min(rows, columns)
  const factors = new Float64Array(steps)
  for (let k = 0; k < steps; k++) factors[k] = reflect(m, rows, columns, k)
  const r = matrix(width, columns)
  for (let i = 0; i < width; i++)
    for (let j = i; j < columns; j++) r.data[i * columns + j] = m[i * columns + j]! * scale
  return { q: assembled(m, rows, columns, factors, width), r }
}

/** Reflects column `k`, and with it the columns to its right; the vector v (v_k = 1) is left below the diagonal. */
function reflect(m: Float64Array, rows: number, columns: number, k: number): number {
  let below = 0
  for (let i = k + 1; i < rows; i++) below += m[i * columns + k]! ** 2
  const alpha = m[k * columns + k]!
  if (below === 0) return 0
  const beta = alpha < 0 ? Math.sqrt(alpha * alpha + below) : -Math.sqrt(alpha * alpha + below)
  const factor = (beta - alpha) / beta
  for (let i = k + 1; i < rows; i++) m[i * columns + k]! /= alpha - beta
  m[k * columns + k] = beta
  for (let j = k + 1; j < columns; j++) {
    let sum = m[k * columns + j]!
    for (let i = k + 1; i < rows; i++) sum += m[i * columns + k]! * m[i * columns + j]!
    sum *= factor
    m[k * columns + j]! -= sum
    for (let i = k + 1; i < rows; i++) m[i * columns + j]! -= sum * m[i * columns + k]!
  }
  return factor
}

/** The first `width` columns of the product of the reflections. */
function assembled(m: Float64Array, rows: number, columns: number, factors: Float64Array, width: number): Matrix {
  const q = matrix(rows, width)
  for (let i = 0; i < Math.min(rows, width); i++) q.data[i * width + i] = 1
  const sums = new Float64Array(width)
  for (let k = factors.length - 1; k >= 0; k--) {
    const factor = factors[k]!
    if (factor === 0) continue
    sums.set(q.data.subarray(k * width, (k + 1) * width))
    for (let i = k + 1; i < rows; i++) {
      const v = m[i * columns + k]!
      for (let j = 0; j < width; j++) sums[j]! += v * q.data[i * width + j]!
    }
    for (let i = k; i < rows; i++) {
      const v = factor * (i === k ? 1 : m[i * columns + k]!)
      for (let j = 0; j < width; j++) q.data[i * width + j]! -= v * sums[j]!
    }
  }
  return q
}
