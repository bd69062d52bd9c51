import { isFloat } from '../array/dtype.ts'
import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { range, showShape } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import { abs, add } from './arithmetic.ts'
import { and, eq, lt, not, select } from './comparison.ts'
import { convert } from './convert.ts'
import { iota } from './creation.ts'
import { argmax } from './reductions.ts'
import { sliceAxis } from './slicing.ts'
import { broadcastInDim, full, reduceSum, zerosLike } from './broadcast.ts'
import { reshape } from './reshape.ts'

/**
 * Gaussian elimination with partial pivoting, for the primitives of square matrices. Rows are not moved: a row that
 * has been a pivot is marked as used. The host and the graph choose the same pivots.
 */

export function checkSquareFloat(name: string, [x]: readonly Aval[]): Aval {
  const [rows, columns] = x!.shape.slice(-2)
  if (x!.shape.length < 2 || rows !== columns) {
    throw new ShapeError(`${name}: takes a square matrix (with any leading axes), not ${showShape(x!.shape)}`)
  }
  if (!isFloat(x!.dtype)) {
    throw new DTypeError(`${name}: takes floats, not ${x!.dtype}; convert with x.astype("float32")`)
  }
  return x!
}

// ── on the host, one matrix after the other ────────────────────────────────

/** The unused row whose entry in column `k` is the largest; a NaN is larger than all. `m` has rows of `width`. */
export function pivotRow(m: Float64Array, width: number, k: number, used: readonly boolean[]): number {
  let best = -1
  let largest = -1
  used.forEach((gone, row) => {
    const size = Math.abs(m[row * width + k]!)
    if (gone || !(size > largest || (Number.isNaN(size) && !Number.isNaN(largest)))) return
    best = row
    largest = size
  })
  return best
}

// ── in a graph, all matrices at once ───────────────────────────────────────

/** One step of the elimination of matrices `[…, n, width]`. */
export interface Pivot {
  /** Which row it is: `[…, n]`, one true. */
  readonly at: NDArray
  /** That row: `[…, width]`. */
  readonly row: NDArray
  /** Column `k`: `[…, n]`. */
  readonly column: NDArray
  /** Its entry in column `k`: `[…]`. */
  readonly value: NDArray
  /** How many unused rows stand before it, as floats: `[…]`. */
  readonly before: NDArray
  readonly unused: NDArray
}

export const allUnused = (m: NDArray): NDArray => full(m.shape.slice(0, -1), 1, 'bool')

export function findPivot(m: NDArray, k: number, unused: NDArray): Pivot {
  const lead = m.shape.slice(0, -2)
  const rows = m.shape.slice(0, -1)
  const axis = lead.length
  const column = reshape(sliceAxis(m, axis + 1, k, k + 1), rows)
  const index = argmax(select(unused, abs(column), full(rows, -1, m.dtype)), axis)
  const chosen = broadcastInDim(index, rows, range(axis))
  const each = iota(rows, axis, 'int32')
  const at = eq(each, chosen)
  const row = pickRow(m, at)
  return {
    at,
    row,
    column,
    value: reshape(sliceAxis(row, axis, k, k + 1), lead),
    before: reduceSum(convert(and(unused, lt(each, chosen)), m.dtype), [axis]),
    unused: and(unused, not(at)),
  }
}

/** The row where `at` is true; what the others hold does not matter. */
export const pickRow = (m: NDArray, at: NDArray): NDArray =>
  reduceSum(select(alongRows(at, m), m, zerosLike(m)), [m.ndim - 2])

/** `[…, n]` repeated to `[…, n, width]`. */
export const alongRows = (x: NDArray, m: NDArray): NDArray => broadcastInDim(x, m.shape, range(m.ndim - 1))

/** `[…, width]` repeated to `[…, n, width]`. */
export const alongColumns = (x: NDArray, m: NDArray): NDArray =>
  broadcastInDim(
    x,
    m.shape,
    range(m.ndim).filter((axis) => axis !== m.ndim - 2),
  )

export const sumOf = (values: readonly NDArray[]): NDArray => values.reduce((a, b) => add(a, b))
