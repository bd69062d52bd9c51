import { type Matrix, matrix } from './matrices.ts'

/**
 * Which of the two unit vectors ±v is given: the last entry that is at least this share of 1/√n is positive. Every
 * vector has one, and rounding seldom decides which it is.
 */
export const SHARE = 0.3

/** 1 or −1 for each column, to be multiplied with it. */
export function columnSigns({ data, rows, columns }: Matrix): Float64Array {
  const least = SHARE / Math.sqrt(rows)
  const signs = new Float64Array(columns).fill(1)
  for (let j = 0; j < columns; j++) {
    for (let i = rows - 1; i >= 0; i--) {
      const value = data[i * columns + j]!
      if (Math.abs(value) < least) continue
      signs[j] = value < 0 ? -1 : 1
      break
    }
  }
  return signs
}

/** The columns in another order, each times a factor. */
export function arranged(x: Matrix, order: readonly number[], factors?: Float64Array): Matrix {
  const out = matrix(x.rows, order.length)
  for (let i = 0; i < x.rows; i++)
    order.forEach((from, j) => {
      out.data[i * order.length + j] = x.data[i * x.columns + from]! * (factors?.[j] ?? 1)
    })
  return out
}
