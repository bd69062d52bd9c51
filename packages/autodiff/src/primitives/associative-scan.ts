import { isFloat } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { add } from './arithmetic.ts'
import { full } from './broadcast.ts'
import { concatenate } from './concatenate.ts'
import { pad, slice } from './slicing.ts'

/** Combines the entries of several arrays at once; associative. */
export type Combine = (left: readonly NDArray[], right: readonly NDArray[]) => readonly NDArray[]

/** Every `step`-th entry of an axis from `start` to before `limit`. */
const every = (x: NDArray, axis: number, start: number, limit: number, step: number): NDArray =>
  slice(x, {
    starts: x.shape.map((_, i) => (i === axis ? start : 0)),
    limits: x.shape.map((n, i) => (i === axis ? limit : n)),
    strides: x.shape.map((_, i) => (i === axis ? step : 1)),
  })

/** The entries of `even` and `odd` in turn. */
function interleave(even: NDArray, odd: NDArray, axis: number): NDArray {
  const [m, n] = [even.shape[axis]!, odd.shape[axis]!]
  const spread = (x: NDArray, low: number, high: number): NDArray => {
    const at = (value: number): number[] => x.shape.map((_, i) => (i === axis ? value : 0))
    // Padded with −0, which a sum does not notice.
    const nothing = full([], isFloat(x.dtype) ? -0 : 0, x.dtype)
    return pad(x, nothing, { low: at(low), high: at(high), interior: at(1) })
  }
  return add(spread(even, 0, m === n ? 1 : 0), spread(odd, 1, m === n ? 0 : 1))
}

/**
 * Running combinations along an axis: the first entry, the first two combined, the first three, … The work is twice
 * that of going through them one by one, in log₂ n steps. Pairs are combined, the pairs scanned, and the rest combined
 * with them: ties are shared out as in JAX.
 */
export function associativeScan(combine: Combine, arrays: readonly NDArray[], axis: number): readonly NDArray[] {
  const n = arrays[0]!.shape[axis]!
  if (n < 2) return arrays
  const pairs = combine(
    arrays.map((x) => every(x, axis, 0, n - 1, 2)),
    arrays.map((x) => every(x, axis, 1, n, 2)),
  )
  const odd = associativeScan(combine, pairs, axis)
  const first = arrays.map((x) => every(x, axis, 0, 1, 1))
  const rest = arrays.map((x) => every(x, axis, 2, n, 2))
  const count = rest[0]!.shape[axis]!
  if (count === 0) return odd.map((x, i) => concatenate([first[i]!, x], axis))
  const even = combine(
    odd.map((x) => every(x, axis, 0, count, 1)),
    rest,
  )
  return odd.map((x, i) => interleave(concatenate([first[i]!, even[i]!], axis), x, axis))
}
