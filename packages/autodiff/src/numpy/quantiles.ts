import { checkOptions } from '../array/options.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxes, range, showShape, sizeOf } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { add, ceil, floor, max as larger, min as smaller, mul, sub } from '../primitives/arithmetic.ts'
import { broadcastInDim, full, like, reduceSum, zerosLike } from '../primitives/broadcast.ts'
import { eq, le, ne, select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { iota } from '../primitives/creation.ts'
import { take } from '../primitives/gather.ts'
import { reduceOr } from '../primitives/reductions.ts'
import { reshape, transpose } from '../primitives/reshape.ts'
import { sortTogether } from '../primitives/sort.ts'
import { asArrayBeside, asFloat } from './operands.ts'

/** What a quantile is that falls between two entries. */
export type QuantileMethod = 'linear' | 'lower' | 'higher' | 'midpoint' | 'nearest' | 'inverted_cdf'
const methods: readonly QuantileMethod[] = ['linear', 'lower', 'higher', 'midpoint', 'nearest', 'inverted_cdf']

export interface MedianOptions {
  /** Axis or axes to look along. @defaultValue all */
  readonly axis?: number | readonly number[] | null
  /** Keep these axes with length 1. @defaultValue false */
  readonly keepdims?: boolean
}

export interface QuantileOptions extends MedianOptions {
  /** What is between two entries. @defaultValue 'linear' */
  readonly method?: QuantileMethod
}

/** The entries over some axes as one first axis, and the rest of the shape after it. */
function rowsFirst(x: NDArray, axes: readonly number[]): NDArray {
  const rest = range(x.ndim).filter((i) => !axes.includes(i))
  const n = sizeOf(axes.map((i) => x.shape[i] as number))
  return reshape(transpose(x, [...axes, ...rest]), [n, ...rest.map((i) => x.shape[i] as number)])
}

/** Entries `[…q, …rest]` of `[n, …rest]` at indices of that shape. */
function takeFirst(x: NDArray, indices: NDArray): NDArray {
  const width = x.size / (x.shape[0] as number)
  const columns = reshape(iota([width], 0, 'int32'), x.shape.slice(1))
  const lead = indices.ndim - columns.ndim
  const place = broadcastInDim(
    columns,
    indices.shape,
    range(columns.ndim).map((i) => lead + i),
  )
  return take(reshape(x, [x.size]), add(mul(indices, like(indices, width)), place), 0)
}

function compute(
  name: string,
  x: Operand,
  share: Operand,
  options: QuantileOptions,
  skipNaN: boolean,
  whole = 1,
): NDArray {
  const { axis, keepdims = false, method = 'linear' } = options
  if (!methods.includes(method))
    throw new ValueError(`${name}: unknown method ${showGiven(method)}; use one of ${methods.join(', ')}`)
  const array = asFloat(x)
  const given = asFloat(asArrayBeside(array, share))
  const q = whole === 1 ? given : given.div(full(given.shape, whole, given.dtype))
  if (q.ndim > 1)
    throw new ShapeError(
      `${name}: q has the shape ${showShape(q.shape)}; it is a number or a vector, x.ravel() makes one`,
    )
  const axes = normalizeAxes(axis, array.ndim, name).sort((a, b) => a - b)
  const rows = rowsFirst(array, axes)
  const n = rows.shape[0] as number
  if (n === 0)
    throw new ShapeError(
      `${name}: an array of shape ${showShape(array.shape)} has no entries over the axes ${showShape(axes)}`,
    )
  const isNaN = ne(rows, rows)
  const rest = rows.shape.slice(1)
  const everywhere = (y: NDArray, at: readonly number[]): NDArray => broadcastInDim(y, [...q.shape, ...rest], at)
  const ofRest = range(rest.length).map((i) => q.ndim + i)
  const shared = everywhere(convert(q, rows.dtype), range(q.ndim))
  // A NaN makes its whole row NaN, or is put last and not counted.
  const spoiled = skipNaN
    ? isNaN
    : broadcastInDim(
        reduceOr(isNaN, [0]),
        rows.shape,
        range(rest.length).map((i) => i + 1),
      )
  const sorted = sortTogether([select(spoiled, like(rows, NaN), rows)], 0)[0] as NDArray
  const count = skipNaN ? everywhere(reduceSum(convert(eq(rows, rows), rows.dtype), [0]), ofRest) : like(shared, n)
  return finish(entriesAt(sorted, shared, count, method), q, array, axes, keepdims)
}

/** The quantiles of ascending entries `[n, …rest]`, of which `count` are numbers. */
function entriesAt(sorted: NDArray, q: NDArray, count: NDArray, method: QuantileMethod): NDArray {
  const lastPlace = sub(count, like(count, 1))
  const at = (place: NDArray): NDArray =>
    takeFirst(sorted, convert(larger(zerosLike(place), smaller(place, lastPlace)), 'int32'))
  if (method === 'inverted_cdf') {
    const found = at(sub(ceil(mul(q, count)), like(q, 1)))
    return select(eq(count, zerosLike(count)), like(found, NaN), found)
  }
  const place = mul(q, lastPlace)
  const [below, above] = [floor(place), ceil(place)]
  const [low, high] = [at(below), at(above)]
  const weight = sub(place, below)
  switch (method) {
    case 'lower':
      return low
    case 'higher':
      return high
    case 'midpoint':
      return mul(add(low, high), like(low, 0.5))
    case 'nearest':
      return select(le(weight, like(weight, 0.5)), low, high)
    case 'linear':
      return add(mul(low, sub(like(weight, 1), weight)), mul(high, weight))
  }
}

function finish(found: NDArray, q: NDArray, x: NDArray, axes: readonly number[], keepdims: boolean): NDArray {
  return keepdims ? reshape(found, [...q.shape, ...x.shape.map((n, i) => (axes.includes(i) ? 1 : n))]) : found
}

/**
 * The number below which a share `q` (0 to 1) of the entries lies, for each `q`: a vector of them gives a first axis.
 * NaN where an entry is NaN.
 *
 * @throws ShapeError for no entries or a `q` of several axes, ValueError for an unknown method.
 * @see NumPy's `quantile`
 * @example np.quantile([3, 1, 2, 4], [0.5, 1]) // [2.5, 4]
 */
export const quantile = (x: Operand, q: Operand, options: QuantileOptions = {}): NDArray => {
  checkOptions('quantile', options, ['axis', 'keepdims', 'method'])
  return compute('quantile', x, q, options, false)
}
/**
 * As `quantile`, of `q` percent.
 *
 * @example np.percentile([[1, 2], [3, 5]], 50, { axis: 0 }) // [2, 3.5]
 */
export const percentile = (x: Operand, q: Operand, options: QuantileOptions = {}): NDArray => {
  checkOptions('percentile', options, ['axis', 'keepdims', 'method'])
  return compute('percentile', x, q, options, false, 100)
}
/**
 * The middle entry, or the mean of the two middle ones.
 *
 * @example np.median([5, 1, 3, 4]) // 3.5
 */
export const median = (x: Operand, options: MedianOptions = {}): NDArray => {
  checkOptions('median', options, ['axis', 'keepdims'])
  return compute('median', x, 0.5, { ...options, method: 'midpoint' }, false)
}

/**
 * As `quantile`, of the entries that are not NaN; NaN where all are.
 *
 * @example np.nanquantile([3, NaN, 1], 0.5) // 2
 */
export const nanquantile = (x: Operand, q: Operand, options: QuantileOptions = {}): NDArray => {
  checkOptions('nanquantile', options, ['axis', 'keepdims', 'method'])
  return compute('nanquantile', x, q, options, true)
}
/** As `percentile`, of the entries that are not NaN; NaN where all are. */
export const nanpercentile = (x: Operand, q: Operand, options: QuantileOptions = {}): NDArray => {
  checkOptions('nanpercentile', options, ['axis', 'keepdims', 'method'])
  return compute('nanpercentile', x, q, options, true, 100)
}
/** As `median`, of the entries that are not NaN; NaN where all are. */
export const nanmedian = (x: Operand, options: MedianOptions = {}): NDArray => {
  checkOptions('nanmedian', options, ['axis', 'keepdims'])
  return compute('nanmedian', x, 0.5, { ...options, method: 'midpoint' }, true)
}
