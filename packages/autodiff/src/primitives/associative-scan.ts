import type { NDArray } from '../array/ndarray.ts'
import { insertAxis } from '../array/shape.ts'
import { concatenate } from './concatenate.ts'
import { reshape } from './reshape.ts'
import { slice, sliceAxis } from './slicing.ts'

/** Combines the entries of several arrays at once; associative. */
export type Combine = (left: readonly NDArray[], right: readonly NDArray[]) => readonly NDArray[]

/** Every `step`-th entry of an axis from `start` to before `limit`. */
const every = (x: NDArray, axis: number, start: number, limit: number, step: number): NDArray =>
  slice(x, {
    starts: x.shape.map((_, i) => (i === axis ? start : 0)),
    limits: x.shape.map((n, i) => (i === axis ? limit : n)),
    strides: x.shape.map((_, i) => (i === axis ? step : 1)),
  })

/** The entries of two arrays in turn; the first may have one more. */
function interleave(even: NDArray, odd: NDArray, axis: number): NDArray {
  const [count, pairs] = [even.shape[axis]!, odd.shape[axis]!]
  const column = (x: NDArray): NDArray => reshape(x, insertAxis(x.shape, axis + 1, 1))
  const both = concatenate([column(sliceAxis(even, axis, 0, pairs)), column(odd)], axis + 1)
  const mixed = reshape(
    both,
    odd.shape.map((n, i) => (i === axis ? 2 * n : n)),
  )
  return count === pairs ? mixed : concatenate([mixed, sliceAxis(even, axis, pairs, count)], axis)
}

/**
 * Running combinations along an axis of each array: the first entry, the first two combined, the first three, … The
 * work is twice that of going through them one by one, in log₂ n steps. Pairs are combined, the pairs scanned, and the
 * rest combined with them: ties are shared out as in JAX.
 *
 * @param finish what becomes of the results of each round.
 */
export function associativeScan(
  combine: Combine,
  arrays: readonly NDArray[],
  axes: readonly number[],
  finish: (results: readonly NDArray[]) => readonly NDArray[] = (results) => results,
): readonly NDArray[] {
  const n = arrays[0]!.shape[axes[0]!]!
  if (n < 2) return arrays
  const at = (xs: readonly NDArray[], start: number, limit: number, step = 1): NDArray[] =>
    xs.map((x, i) => every(x, axes[i]!, start, limit, step))
  const odd = associativeScan(combine, combine(at(arrays, 0, n - 1, 2), at(arrays, 1, n, 2)), axes, finish)
  const first = at(arrays, 0, 1)
  const rest = at(arrays, 2, n, 2)
  const count = rest[0]!.shape[axes[0]!]!
  if (count === 0) return finish(odd.map((x, i) => concatenate([first[i]!, x], axes[i]!)))
  const even = combine(at(odd, 0, count), rest)
  return finish(odd.map((x, i) => interleave(concatenate([first[i]!, even[i]!], axes[i]!), x, axes[i]!)))
}
