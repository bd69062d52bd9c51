import { array } from '../array/create.ts'
import type { NDArray } from '../array/ndarray.ts'
import { range, sizeOf } from '../array/shape.ts'
import { CANCELLED } from '../interpreter/factor.ts'
import { abs, add, div, mul, sub } from './arithmetic.ts'
import { broadcastInDim, full, like, zerosLike } from './broadcast.ts'
import { concatenate } from './concatenate.ts'
import { eq, le, select } from './comparison.ts'
import { iota } from './creation.ts'
import { take } from './gather.ts'
import { alongAll, columnAt, entryAt, isAt, isFrom, outer, places, product, rowAt } from './matrices.ts'
import { argmax } from './reductions.ts'
import { reshape } from './reshape.ts'
import { sliceAxis } from './slicing.ts'

/**
 * Gaussian elimination by operations, for what needs no L: the right-hand sides are eliminated with the matrix. It
 * gives what `factored` and `solveFactored` give on the host, in a third of the nodes of an LU decomposition.
 */
export interface Eliminated {
  /** U on and above the diagonal; then L⁻¹ P b. What stands below is of no use. */
  readonly m: NDArray
  /** The row exchanged with each but the last, int32. */
  readonly pivots: NDArray
}

export function eliminate(a: NDArray, b: NDArray | undefined, exact: boolean): Eliminated {
  const n = a.shape[a.ndim - 1]!
  const lead = a.shape.slice(0, -2)
  const joined = b === undefined ? a : concatenate([a, b], a.ndim - 1)
  // Only doubles can tell what has cancelled from what is small, and only pivots are asked.
  const width = joined.shape[a.ndim - 1]!
  const share = Float64Array.from({ length: width }, (_, j) => (j < n ? CANCELLED : -1))
  const least = exact || a.dtype !== 'float64' ? undefined : array(share, { dtype: a.dtype })
  let m = joined
  const pivots: NDArray[] = [full([...lead, 0], 0, 'int32')]
  for (let k = 0; k < n - 1; k++) {
    const next = step(k, m, least)
    m = next.m
    pivots.push(reshape(next.pivot, [...lead, 1]))
  }
  return { m, pivots: concatenate(pivots, lead.length) }
}

/** Row `k` changes places with the row of the pivot, and its multiples are taken from the rows below. */
function step(k: number, m: NDArray, least: NDArray | undefined): { m: NDArray; pivot: NDArray } {
  const column = abs(columnAt(m, k))
  const rows = column.shape
  const pivot = argmax(select(isFrom(rows, k), column, like(column, -1)), rows.length - 1)
  const each = places(rows)
  const others = select(eq(each, alongAll(pivot, rows)), full(rows, k, 'int32'), each)
  const swapped = takeRows(m, select(isAt(rows, k), alongAll(pivot, rows), others))
  const row = rowAt(swapped, k)
  const value = entryAt(row, k)
  // A column of zeros has nothing to eliminate.
  const divisor = select(eq(value, zerosLike(value)), like(value, 1), value)
  const all = div(columnAt(swapped, k), alongAll(divisor, rows))
  const rest = sub(swapped, outer(select(isFrom(rows, k + 1), all, zerosLike(all)), row))
  if (least === undefined) return { m: rest, pivot }
  const cancelled = le(abs(rest), mul(abs(swapped), broadcastInDim(least, m.shape, [m.ndim - 1])))
  return { m: select(cancelled, zerosLike(rest), rest), pivot }
}

/** Row `i` is row `index[i]`. */
function takeRows(m: NDArray, index: NDArray): NDArray {
  const [n, width] = m.shape.slice(-2) as [number, number]
  if (m.ndim === 2) return take(m, index, 0)
  const count = sizeOf(m.shape.slice(0, -2))
  const first = mul(iota([count, n], 0, 'int32'), full([count, n], n, 'int32'))
  const flat = reshape(add(reshape(index, [count, n]), first), [count * n])
  return reshape(take(reshape(m, [count * n, width]), flat, 0), m.shape)
}

/** The x with a x = b, from the elimination of a and b: one row after the other, from the last. */
export function substituteBack({ m }: Eliminated): NDArray {
  const [n, width] = m.shape.slice(-2) as [number, number]
  const last = m.ndim - 1
  let x: NDArray | undefined
  for (const k of range(n).reverse()) {
    const row = sliceAxis(m, last - 1, k, k + 1)
    const right = sliceAxis(row, last, n, width)
    const rest = x === undefined ? right : sub(right, product(sliceAxis(row, last, k + 1, n), x))
    const solved = div(rest, alongAll(entryAt(rowAt(m, k), k), rest.shape))
    x = x === undefined ? solved : concatenate([solved, x], last - 1)
  }
  return x ?? sliceAxis(m, last, n, width)
}
