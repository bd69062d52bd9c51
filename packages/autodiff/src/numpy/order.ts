import type { NDArray } from '../array/ndarray.ts'
import { add, mul } from '../primitives/arithmetic.ts'
import { broadcastAxis, broadcastInDim, full, reduceSum } from '../primitives/broadcast.ts'
import { and, eq, le, lt, ne, not, or } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { iota } from '../primitives/creation.ts'
import { take } from '../primitives/indexing.ts'
import { argmax } from '../primitives/reductions.ts'
import { moveAxis, reshape } from '../primitives/reshape.ts'

/*
 * Order by counting: every entry is compared with every other, in n² steps. Order statistics and `interp` need nothing
 * else of sorting, so a sort takes the place of this file's functions without a change elsewhere.
 */

/** The entries along an axis in ascending order, NaN last; equal ones keep their order. */
export function sortedAlong(x: NDArray, axis: number): NDArray {
  if ((x.shape[axis] as number) < 2) return x
  const last = x.ndim - 1
  return moveAxis(takeRows(moveAxis(x, axis, last), orderOfRows(moveAxis(x, axis, last))), last, axis)
}

/** Two vectors, both in the order of the first. */
export function sortedTogether(keys: NDArray, values: NDArray): [keys: NDArray, values: NDArray] {
  if (keys.size < 2) return [keys, values]
  const order = orderOfRows(keys)
  return [take(keys, order, 0), take(values, order, 0)]
}

/** How many entries of an ascending vector are at most each entry of `x`, int32; of NaN all are. */
export function countAtMost(sorted: NDArray, x: NDArray): NDArray {
  const n = sorted.size
  const rows = broadcastAxis(x, x.ndim, n)
  const atMost = or(le(broadcastInDim(sorted, rows.shape, [x.ndim]), rows), ne(rows, rows))
  return reduceSum(convert(atMost, 'int32'), [x.ndim])
}

/** Along the last axis the index of the smallest entry, the second smallest …, int32. */
function orderOfRows(rows: NDArray): NDArray {
  const last = rows.ndim - 1
  const n = rows.shape[last] as number
  const [these, others] = [broadcastAxis(rows, last + 1, n), broadcastAxis(rows, last, n)]
  const [i, j] = [iota(these.shape, last, 'int32'), iota(these.shape, last + 1, 'int32')]
  const [isNaN, isOther] = [ne(these, these), eq(others, others)]
  const earlier = lt(j, i)
  const tied = and(earlier, or(eq(others, these), and(isNaN, not(isOther))))
  const before = or(or(lt(others, these), and(isNaN, isOther)), tied)
  const rank = reduceSum(convert(before, 'int32'), [last + 1])
  // The entry whose rank is k stands at k.
  const atRank = eq(broadcastAxis(rank, last, n), i)
  return argmax(convert(atRank, 'int32'), last + 1)
}

/** Of each row (the last axis) the entries at its own indices. */
function takeRows(rows: NDArray, indices: NDArray): NDArray {
  const n = rows.shape[rows.ndim - 1] as number
  const flat = reshape(rows, [rows.size / n, n])
  const start = mul(iota(flat.shape, 0, 'int32'), full(flat.shape, n, 'int32'))
  const taken = take(reshape(rows, [rows.size]), add(reshape(indices, flat.shape), start), 0)
  return reshape(taken, rows.shape)
}
