import type { NDArray } from '../array/ndarray.ts'
import { range } from '../array/shape.ts'
import { CANCELLED } from '../interpreter/factor.ts'
import { abs, div, mul, sub } from './arithmetic.ts'
import { broadcastInDim, full, like, reduceSum, zerosLike } from './broadcast.ts'
import { and, eq, gt, le, select } from './comparison.ts'
import { concatenate } from './concatenate.ts'
import { eliminate, substituteBack } from './elimination.ts'
import {
  alongAll,
  alongColumns,
  alongRows,
  columnAt,
  entryAt,
  isAt,
  isFrom,
  outer,
  pickEntry,
  pickRow,
  places,
  rowAt,
  swap,
} from './matrices.ts'
import { argmax } from './reductions.ts'
import { reshape } from './reshape.ts'
import { substitute } from './triangular-solve.ts'

/** LU decomposition by operations, one step a column, as `factored` has it on the host. */

interface State {
  readonly m: NDArray
  readonly permutation: NDArray
  readonly pivot: NDArray
}

function step(k: number, { m, permutation }: State, exact: boolean): State {
  const { shape } = m
  const before = columnAt(m, k)
  const rows = before.shape
  const size = select(isFrom(rows, k), abs(before), like(before, -1))
  const pivot = argmax(size, rows.length - 1)
  const isPivot = eq(places(rows), alongAll(pivot, rows))
  const isRow = isAt(rows, k)
  const row = pickRow(m, isPivot)
  // The pivot's row and row `k` change places.
  const others = select(alongRows(isPivot, shape), alongColumns(rowAt(m, k), shape), m)
  const swapped = select(alongRows(isRow, shape), alongColumns(row, shape), others)
  const column = columnAt(swapped, k)
  const value = entryAt(row, k)
  // A column of zeros has nothing to eliminate.
  const divisor = select(eq(value, zerosLike(value)), like(value, 1), value)
  const below = isFrom(rows, k + 1)
  const factors = select(below, div(column, alongAll(divisor, rows)), column)
  const rest = difference(swapped, outer(factors, row), exact)
  const toCome = and(alongRows(below, shape), alongColumns(isFrom(row.shape, k + 1), shape))
  const left = select(alongColumns(isAt(row.shape, k), shape), alongRows(factors, shape), swapped)
  const exchanged = select(isPivot, alongAll(entryAt(permutation, k), rows), permutation)
  return {
    m: select(toCome, rest, left),
    permutation: select(isRow, alongAll(pickEntry(permutation, isPivot), rows), exchanged),
    pivot,
  }
}

function difference(x: NDArray, y: NDArray, exact: boolean): NDArray {
  const found = sub(x, y)
  // Only doubles can tell what has cancelled from what is small.
  if (exact || found.dtype !== 'float64') return found
  return select(le(abs(found), mul(abs(x), like(x, CANCELLED))), zerosLike(found), found)
}

export function luByColumns(x: NDArray, exact: boolean): [lu: NDArray, pivots: NDArray, permutation: NDArray] {
  const [rows, columns] = x.shape.slice(-2) as [number, number]
  const lead = x.shape.slice(0, -2)
  let state: State = { m: x, permutation: places([...lead, rows]), pivot: full(lead, 0, 'int32') }
  const pivots: NDArray[] = []
  for (let k = 0; k < Math.min(rows, columns); k++) {
    state = step(k, state, exact)
    pivots.push(reshape(state.pivot, [...lead, 1]))
  }
  const all = pivots.length === 0 ? full([...lead, 0], 0, 'int32') : concatenate(pivots, lead.length)
  return [state.m, all, state.permutation]
}

/**
 * Which row each row is, from the rows exchanged with each in turn, int32.
 *
 * @see JAX's `jax.lax.linalg.lu_pivots_to_permutation`
 * @example lax.linalg.luPivotsToPermutation(np.array(Int32Array.of(2, 2)), 3) // [2, 0, 1]
 */
export function luPivotsToPermutation(pivots: NDArray, size: number): NDArray {
  const shape = [...pivots.shape.slice(0, -1), size]
  return range(pivots.shape[pivots.ndim - 1]!).reduce((permutation, k) => {
    const isPivot = eq(places(shape), alongAll(entryAt(pivots, k), shape))
    const exchanged = select(isPivot, alongAll(entryAt(permutation, k), shape), permutation)
    return select(isAt(shape, k), alongAll(pickEntry(permutation, isPivot), shape), exchanged)
  }, places(shape))
}

/** The x with op(a) x = b, by an LU decomposition. */
export function solveByColumns(a: NDArray, b: NDArray, transposeA: boolean, exact: boolean): NDArray {
  if (a.shape[a.ndim - 1] === 2) return solveByOneStep(a, b, transposeA, exact)
  if (!transposeA) return substituteBack(eliminate(a, b, exact))
  const [lu, , permutation] = luByColumns(a, exact)
  const turned = swap(lu)
  const solved = substitute(turned, substitute(turned, b, true, false), false, true)
  return placed(solved, permutation, true)
}

/** Row `i` is row `permutation[i]` of `x`, or the other way round; infinities stay in their rows. */
export function placed(x: NDArray, permutation: NDArray, back: boolean): NDArray {
  const n = permutation.shape[permutation.ndim - 1]!
  const square = [...permutation.shape, n]
  const chosen = eq(broadcastInDim(permutation, square, range(permutation.ndim)), places(square))
  // [… rows, rows of x, columns]
  const wide = [...square, x.shape[x.ndim - 1]!]
  const lead = range(x.ndim - 2)
  const spread = broadcastInDim(x, wide, [...lead, x.ndim - 1, x.ndim])
  const at = broadcastInDim(back ? swap(chosen) : chosen, wide, range(square.length))
  return reduceSum(select(at, spread, zerosLike(spread)), [x.ndim - 1])
}

/** The same for 2 × 2, in the fewest nodes. */
function solveByOneStep(a: NDArray, b: NDArray, transposeA: boolean, exact: boolean): NDArray {
  const [first, second] = [rowAt(a, 0), rowAt(a, 1)]
  const exchange = gt(abs(entryAt(second, 0)), abs(entryAt(first, 0)))
  const order = (x: NDArray, y: NDArray): [NDArray, NDArray] => {
    const at = alongAll(exchange, x.shape)
    return [select(at, y, x), select(at, x, y)]
  }
  const [upper, lower] = order(first, second)
  const [u11, u12] = [entryAt(upper, 0), entryAt(upper, 1)]
  const divisor = select(eq(u11, zerosLike(u11)), like(u11, 1), u11)
  const l = div(entryAt(lower, 0), divisor)
  const u22 = difference(entryAt(lower, 1), mul(l, u12), exact)
  const [b1, b2] = [rowAt(b, 0), rowAt(b, 1)]
  const wide = (x: NDArray): NDArray => alongAll(x, b1.shape)
  const stack = (x: NDArray, y: NDArray): NDArray =>
    concatenate(
      [x, y].map((row) => reshape(row, [...b.shape.slice(0, -2), 1, b.shape[b.ndim - 1]!])),
      b.ndim - 2,
    )
  if (transposeA) {
    const y1 = div(b1, wide(u11))
    const y2 = div(sub(b2, mul(wide(u12), y1)), wide(u22))
    return stack(...order(sub(y1, mul(wide(l), y2)), y2))
  }
  const [y1, right] = order(b1, b2)
  const x2 = div(sub(right, mul(wide(l), y1)), wide(u22))
  return stack(div(sub(y1, mul(wide(u12), x2)), wide(u11)), x2)
}
