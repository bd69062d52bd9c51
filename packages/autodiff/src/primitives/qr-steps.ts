import type { NDArray } from '../array/ndarray.ts'
import { add, div, mul, neg, sub } from './arithmetic.ts'
import { like, reduceSum, zerosLike } from './broadcast.ts'
import { eq, lt, select } from './comparison.ts'
import {
  alongAll,
  alongColumns,
  alongRows,
  columnAt,
  entryAt,
  identity,
  isAt,
  isFrom,
  outer,
  upperPart,
} from './matrices.ts'
import { sliceAxis } from './slicing.ts'

/** QR decomposition by operations: one reflection a column, as `qrOf` has it on the host. */

interface State {
  readonly q: NDArray
  readonly r: NDArray
}

function step(k: number, { q, r }: State): State {
  const column = columnAt(r, k)
  const rows = column.shape
  const axis = rows.length - 1
  const spread = (x: NDArray): NDArray => alongAll(x, rows)
  const below = select(isFrom(rows, k + 1), column, zerosLike(column))
  const rest = reduceSum(mul(below, below), [axis])
  const alpha = entryAt(column, k)
  const length = add(mul(alpha, alpha), rest).sqrt()
  const beta = select(lt(alpha, zerosLike(alpha)), length, neg(length))
  // A column that has zeros below the diagonal is left alone.
  const none = eq(rest, zerosLike(rest))
  const one = like(rest, 1)
  const divisor = select(none, one, sub(alpha, beta))
  const factor = select(none, zerosLike(rest), div(sub(beta, alpha), select(none, one, beta)))
  const v = select(isAt(rows, k), like(column, 1), div(below, spread(divisor)))
  const scaled = mul(v, spread(factor))
  const onLeft = reduceSum(mul(alongRows(v, r.shape), r), [r.ndim - 2])
  const onRight = reduceSum(mul(q, alongColumns(v, q.shape)), [q.ndim - 1])
  return { q: sub(q, outer(onRight, scaled)), r: sub(r, outer(scaled, onLeft)) }
}

export function qrByColumns(x: NDArray, fullMatrices: boolean): [q: NDArray, r: NDArray] {
  const [m, n] = x.shape.slice(-2) as [number, number]
  const steps = Math.min(m, n)
  const width = fullMatrices ? m : steps
  const start: State = { q: identity([...x.shape.slice(0, -2), m, m], x.dtype), r: x }
  let state = start
  for (let k = 0; k < steps; k++) state = step(k, state)
  const axis = x.ndim - 1
  return [sliceAxis(state.q, axis, 0, width), upperPart(sliceAxis(state.r, axis - 1, 0, width))]
}
