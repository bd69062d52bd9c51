import type { NDArray } from '../array/ndarray.ts'
import { reduceMax } from './reductions.ts'
import { abs, div, mul } from './arithmetic.ts'
import { like, reduceSum, zerosLike } from './broadcast.ts'
import { gt, isFinite, and, select } from './comparison.ts'
import { scalar } from '../array/ndarray.ts'
import { array } from '../array/create.ts'
import { alongAll, alongColumns, diagonalOf, identity, product, swap } from './matrices.ts'
import { ordering, pairs, rotation, signsOf, sweepsFor, type Turn, turnOf } from './rotations.ts'
import { broadcastInDim } from './broadcast.ts'
import { pad, sliceAxis } from './slicing.ts'
import { reshape } from './reshape.ts'

interface State {
  readonly a: NDArray
  readonly v: NDArray
}

/** All pairs are rotated from both sides, so that what stands between the two of a pair is 0. */
function step({ a, v }: State, turn: Turn, between: NDArray): State {
  const [first, second] = pairs(diagonalOf(a))
  const [both] = pairs(reduceSum(mul(a, broadcastInDim(between, a.shape, [a.ndim - 2, a.ndim - 1])), [a.ndim - 1]))
  const j = rotation(turn, first, second, both)
  return { a: product(swap(j), product(a, j)), v: product(v, j) }
}

/** Eigenvectors and eigenvalues of symmetric matrices of finite numbers. */
export function jacobi(x: NDArray): [vectors: NDArray, values: NDArray] {
  const n = x.shape[x.ndim - 1]!
  if (n < 2) return [like(x, 1), reshape(x, x.shape.slice(0, -1))]
  const { scaled, scale } = normalized(x)
  const padded = n % 2 === 0 ? scaled : withZeros(scaled, 1, 1)
  const even = padded.shape[x.ndim - 1]!
  const turn = turnOf(even, x.dtype)
  const between = array(
    Float64Array.from({ length: even * even }, (_, at) => {
      const row = Math.floor(at / even)
      return Number(row % 2 === 0 && at % even === row + 1)
    }),
    { dtype: x.dtype, shape: [even, even] },
  )
  let state: State = { a: padded, v: identity(padded.shape, x.dtype) }
  for (let k = 0; k < sweepsFor(even) * (even - 1); k++) state = step(state, turn, between)
  const inside = (y: NDArray): NDArray => sliceAxis(sliceAxis(y, x.ndim - 1, 0, n), x.ndim - 2, 0, n)
  const values = sliceAxis(diagonalOf(state.a), x.ndim - 2, 0, n)
  const order = ordering(values)
  const vectors = product(inside(state.v), order)
  const sorted = reduceSum(mul(order, broadcastInDim(values, order.shape, order.shape.map((_, i) => i).slice(0, -1))), [
    x.ndim - 2,
  ])
  return [mul(vectors, alongColumns(signsOf(vectors), vectors.shape)), mul(sorted, alongAll(scale, sorted.shape))]
}

/** Divided by the largest entry, so that no square overflows; by 1 where there is none. */
export function normalized(x: NDArray): { scaled: NDArray; scale: NDArray } {
  const largest = reduceMax(abs(x), [x.ndim - 2, x.ndim - 1])
  const scale = select(and(gt(largest, zerosLike(largest)), isFinite(largest)), largest, like(largest, 1))
  return { scaled: div(x, alongAll(scale, x.shape)), scale }
}

/** With more rows and columns of zeros at the end. */
export const withZeros = (x: NDArray, rows: number, columns: number): NDArray =>
  pad(x, scalar(0, x.dtype), {
    low: x.shape.map(() => 0),
    high: x.shape.map((_, i) => (i === x.ndim - 2 ? rows : i === x.ndim - 1 ? columns : 0)),
    interior: x.shape.map(() => 0),
  })
