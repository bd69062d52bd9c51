import { array } from '../array/create.ts'
import type { NDArray } from '../array/ndarray.ts'
import { range } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import { SHARE } from '../interpreter/signs.ts'
import { abs, add, div, mul, neg, sub } from './arithmetic.ts'
import { broadcastInDim, full, like, reduceSum, zerosLike } from './broadcast.ts'
import { and, eq, ge, lt, or, select } from './comparison.ts'
import { convert } from './convert.ts'
import { iota } from './creation.ts'
import { alongColumns, alongRows, entryAt, isLower, places } from './matrices.ts'
import { reduceMax } from './reductions.ts'
import { reshape } from './reshape.ts'
import { sqrt } from './transcendental.ts'

/**
 * Jacobi's method by operations. In one step all columns are rotated in pairs that stand side by side, and then take
 * new places, so that after n − 1 steps every pair has met and all stand where they were: each step is the same.
 */

/** How often every pair meets: enough for doubles, more for larger matrices. */
export const sweepsFor = (n: number): number => (n <= 2 ? 2 : 7 + Math.ceil(Math.log2(n) / 2))

/** Which column comes to stand at each place: the first stays, the others go round. */
function nextPlaces(n: number): number[] {
  return range(n).map((place) => {
    if (place === 0 || n === 2) return place
    if (place === 2) return 1
    if (place === n - 1) return n - 2
    return place % 2 === 0 ? place - 2 : place + 2
  })
}

/** The matrix that rotates the columns of each pair and moves them to their new places. */
export interface Turn {
  /** Ones where the cosines stand, and plus and minus ones where the sines stand. */
  readonly cosines: NDArray
  readonly sines: NDArray
}

export function turnOf(n: number, dtype: Aval['dtype']): Turn {
  const from = nextPlaces(n)
  const partner = (i: number): number => (i % 2 === 0 ? i + 1 : i - 1)
  const build = (entry: (i: number, column: number) => number): NDArray =>
    array(
      Float64Array.from({ length: n * n }, (_, at) => entry(Math.floor(at / n), from[at % n]!)),
      { dtype, shape: [n, n] },
    )
  return {
    cosines: build((i, column) => Number(i === column)),
    sines: build((i, column) => (partner(i) === column ? (i % 2 === 0 ? 1 : -1) : 0)),
  }
}

/** The rotations that make pairs orthogonal, from the squares (or diagonal entries) and products of each pair. */
export function rotation(turn: Turn, first: NDArray, second: NDArray, both: NDArray): NDArray {
  const zero = zerosLike(both)
  const one = like(both, 1)
  const none = eq(both, zero)
  const ratio = div(sub(second, first), mul(like(both, 2), select(none, one, both)))
  const size = div(one, add(abs(ratio), sqrt(add(one, mul(ratio, ratio)))))
  const t = select(none, zero, select(lt(ratio, zero), neg(size), size))
  const cosine = div(one, sqrt(add(one, mul(t, t))))
  return add(spread(turn.cosines, cosine), spread(turn.sines, mul(cosine, t)))
}

/** A number for each pair, times the rows of both. */
function spread(mask: NDArray, pairs: NDArray): NDArray {
  const n = mask.shape[0]!
  const lead = pairs.shape.slice(0, -1)
  const rows = reshape(broadcastInDim(pairs, [...pairs.shape, 2], range(pairs.ndim)), [...lead, n])
  const shape = [...lead, n, n]
  return mul(alongRows(rows, shape), broadcastInDim(mask, shape, [lead.length, lead.length + 1]))
}

/** `[…, 2k]` as the first and the second of each pair. */
export function pairs(x: NDArray): [first: NDArray, second: NDArray] {
  const k = x.shape[x.ndim - 1]! / 2
  const apart = reshape(x, [...x.shape.slice(0, -1), k, 2])
  return [entryAt(apart, 0), entryAt(apart, 1)]
}

/** The matrix that puts columns in the order of their values: ascending, equal ones as they stand. */
export function ordering(values: NDArray): NDArray {
  const n = values.shape[values.ndim - 1]!
  const shape = [...values.shape, n]
  const [own, other] = [alongRows(values, shape), alongColumns(values, shape)]
  const before = or(lt(other, own), and(eq(other, own), isLower(shape, -1)))
  const rank = reduceSum(convert(before, 'int32'), [shape.length - 1])
  return convert(eq(alongRows(rank, shape), places(shape)), values.dtype)
}

/** 1 or −1 for each column, to be multiplied with it, as `columnSigns` has it on the host. */
export function signsOf(x: NDArray): NDArray {
  const rows = x.shape[x.ndim - 2]!
  const columns = [...x.shape.slice(0, -2), x.shape[x.ndim - 1]!]
  if (rows === 0) return full(columns, 1, x.dtype)
  const place = iota(x.shape, x.ndim - 2, 'int32')
  const large = ge(abs(x), like(x, SHARE / Math.sqrt(rows)))
  const last = reduceMax(select(large, place, full(x.shape, -1, 'int32')), [x.ndim - 2])
  const at = eq(place, alongColumns(last, x.shape))
  const value = reduceSum(select(at, x, zerosLike(x)), [x.ndim - 2])
  return select(lt(value, zerosLike(value)), like(value, -1), like(value, 1))
}
