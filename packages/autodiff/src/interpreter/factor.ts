import { type Matrix, matrix } from './matrices.ts'

/** The lower triangular L with L Lᵀ = x, from the lower triangle of x; NaN below and on the diagonal if there is none. */
export function choleskyOf({ data, rows: n }: Matrix): Matrix {
  const out = matrix(n, n)
  const l = out.data
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = data[i * n + j]!
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!
      if (i === j && sum <= 0) return undefinedLower(n)
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j]!
    }
  }
  return out
}

function undefinedLower(n: number): Matrix {
  const out = matrix(n, n)
  for (let i = 0; i < n; i++) out.data.fill(NaN, i * n, i * n + i + 1)
  return out
}

export interface Factored {
  /** L below the diagonal, where it has ones, and U. */
  readonly lu: Matrix
  /** The row that was exchanged with each in turn. */
  readonly pivots: Int32Array
  /** Which row of the matrix each row is. */
  readonly permutation: Int32Array
}

/**
 * What is left of a number when doubles cancel out, relative to it: a difference of numbers that were floats, computed
 * in doubles, is 0 when it is as small.
 */
export const CANCELLED: number = 2 ** -50

/** LU decomposition with partial pivoting. `exact` keeps differences that are as small as rounding. */
export function factored(x: Matrix, exact: boolean): Factored {
  const { rows, columns } = x
  const m = x.data.slice()
  const steps = Math.min(rows, columns)
  const pivots = new Int32Array(steps)
  const permutation = Int32Array.from({ length: rows }, (_, i) => i)
  for (let k = 0; k < steps; k++) {
    const pivot = largestFrom(m, columns, rows, k)
    pivots[k] = pivot
    if (pivot !== k) {
      swapRows(m, columns, k, pivot)
      const row = permutation[k]!
      permutation[k] = permutation[pivot]!
      permutation[pivot] = row
    }
    const value = m[k * columns + k]!
    for (let i = k + 1; i < rows; i++) {
      // A column of zeros has nothing to eliminate.
      const factor = value === 0 ? m[i * columns + k]! : m[i * columns + k]! / value
      m[i * columns + k] = factor
      for (let j = k + 1; j < columns; j++) {
        const before = m[i * columns + j]!
        const after = before - factor * m[k * columns + j]!
        m[i * columns + j] = !exact && Math.abs(after) <= CANCELLED * Math.abs(before) ? 0 : after
      }
    }
  }
  return { lu: matrix(rows, columns, m), pivots, permutation }
}

/** The row from `k` on whose entry in column `k` is the largest; a NaN is larger than all. */
function largestFrom(m: Float64Array, columns: number, rows: number, k: number): number {
  let best = k
  let largest = Math.abs(m[k * columns + k]!)
  for (let i = k + 1; i < rows && !Number.isNaN(largest); i++) {
    const size = Math.abs(m[i * columns + k]!)
    if (!(size > largest) && !Number.isNaN(size)) continue
    best = i
    largest = size
  }
  return best
}

function swapRows(m: Float64Array, columns: number, i: number, j: number): void {
  const row = m.slice(i * columns, (i + 1) * columns)
  m.copyWithin(i * columns, j * columns, (j + 1) * columns)
  m.set(row, j * columns)
}

export interface Triangle {
  readonly lower: boolean
  readonly transposeA: boolean
  readonly unitDiagonal: boolean
}

/** The x with op(a) x = b for a triangular a, in place of b. */
export function solveTriangle(a: Matrix, b: Matrix, { lower, transposeA, unitDiagonal }: Triangle): Matrix {
  const n = a.rows
  const width = b.columns
  const x = b.data
  const entry = transposeA
    ? (i: number, j: number): number => a.data[j * n + i]!
    : (i: number, j: number): number => a.data[i * n + j]!
  const downward = lower !== transposeA
  for (let step = 0; step < n; step++) {
    const k = downward ? step : n - 1 - step
    if (!unitDiagonal) {
      const value = entry(k, k)
      for (let j = 0; j < width; j++) x[k * width + j]! /= value
    }
    for (let i = downward ? k + 1 : 0; i < (downward ? n : k); i++) {
      const factor = entry(i, k)
      for (let j = 0; j < width; j++) x[i * width + j]! -= factor * x[k * width + j]!
    }
  }
  return b
}

/** The x with op(a) x = b from the factors of a. */
export function solveFactored({ lu, permutation }: Factored, b: Matrix, transposeA: boolean): Matrix {
  const { rows: n } = lu
  const width = b.columns
  const upper = { lower: false, unitDiagonal: false, transposeA }
  const lower = { lower: true, unitDiagonal: true, transposeA }
  const out = matrix(n, width)
  if (transposeA) {
    const solved = solveTriangle(lu, solveTriangle(lu, matrix(n, width, b.data.slice()), upper), lower)
    permutation.forEach((row, i) => out.data.set(solved.data.subarray(i * width, (i + 1) * width), row * width))
    return out
  }
  permutation.forEach((row, i) => out.data.set(b.data.subarray(row * width, (row + 1) * width), i * width))
  return solveTriangle(lu, solveTriangle(lu, out, lower), upper)
}
