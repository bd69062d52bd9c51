import { allocate, type TypedArray } from '../array/dtype.ts'
import { type Shape, sizeOf } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'

/** A matrix of doubles, row-major. */
export interface Matrix {
  readonly data: Float64Array
  readonly rows: number
  readonly columns: number
}

export const matrix = (
  rows: number,
  columns: number,
  data: Float64Array = new Float64Array(rows * columns),
): Matrix => ({
  data,
  rows,
  columns,
})

export function identityMatrix(n: number): Matrix {
  const out = matrix(n, n)
  for (let i = 0; i < n; i++) out.data[i * n + i] = 1
  return out
}

export function transposed({ data, rows, columns }: Matrix): Matrix {
  const out = matrix(columns, rows)
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out.data[j * rows + i] = data[i * columns + j]!
  return out
}

export function multiplied(x: Matrix, y: Matrix): Matrix {
  const out = matrix(x.rows, y.columns)
  const n = y.columns
  for (let i = 0; i < x.rows; i++) {
    for (let k = 0; k < x.columns; k++) {
      const factor = x.data[i * x.columns + k]!
      for (let j = 0; j < n; j++) out.data[i * n + j]! += factor * y.data[k * n + j]!
    }
  }
  return out
}

/** (x + xᵀ) / 2 */
export function symmetrized(x: Matrix): Matrix {
  const { data, rows: n } = x
  const out = matrix(n, n)
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) out.data[i * n + j] = (data[i * n + j]! + data[j * n + i]!) / 2
  return out
}

/** The largest power of two that is not above the largest entry: a division by it is exact. 1 for zeros. */
export function scaleOf({ data }: Matrix): number {
  let largest = 0
  for (const value of data) largest = Math.max(largest, Math.abs(value))
  return largest > 0 && Number.isFinite(largest) ? 2 ** Math.max(-1022, Math.floor(Math.log2(largest))) : 1
}

export const isFiniteMatrix = ({ data }: Matrix): boolean => data.every(Number.isFinite)

/** Runs `f` on one matrix of every operand after the other and stores what it gives. */
export function eachMatrix(
  inputs: readonly TypedArray[],
  avals: readonly Aval[],
  outputs: readonly Aval[],
  /** How many of the last axes of each output are of one matrix. */
  ranks: readonly number[],
  f: (...operands: Matrix[]) => readonly ArrayLike<number>[],
): TypedArray[] {
  const results = outputs.map(({ dtype, shape }) => allocate(dtype, sizeOf(shape)))
  const lead = avals[0]!.shape.slice(0, -2)
  const sizes = outputs.map(({ shape }, i) => sizeOf(shape.slice(shape.length - ranks[i]!)))
  const operands = avals.map(({ shape }) => shape.slice(-2) as [number, number])
  for (let at = 0; at < sizeOf(lead); at++) {
    const matrices = operands.map((sides, i) => part(inputs[i]!, at, sides))
    f(...matrices).forEach((values, i) => results[i]!.set(values, at * sizes[i]!))
  }
  return results
}

function part(data: TypedArray, at: number, shape: Shape): Matrix {
  const [rows, columns] = shape as [number, number]
  const size = rows * columns
  return matrix(rows, columns, new Float64Array(data.subarray(at * size, (at + 1) * size)))
}
