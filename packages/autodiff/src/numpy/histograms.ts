import { checkOptions, checkList } from '../array/options.ts'
import { isFloat } from '../array/dtype.ts'
import { ShapeError, TracerError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { range as count, shapesEqual, showShape, sizeOf } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { showAval } from '../core/jaxpr.ts'
import { isConcrete } from '../core/trace.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { convert } from '../primitives/convert.ts'
import { iota } from '../primitives/creation.ts'
import { full } from '../primitives/broadcast.ts'
import { reshape } from '../primitives/reshape.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import * as e from './elementwise.ts'
import { ravelMultiIndex } from './index-arrays.ts'
import { asArray, asArrayBeside, asFloat, asIndices } from './operands.ts'
import { max, min, sum } from './reductions.ts'
import { stack } from './shape.ts'
import { searchsorted } from './sorting.ts'
import { addAt } from './updates.ts'

export interface BincountOptions {
  /** What each entry counts. @defaultValue 1 */
  readonly weights?: Operand
  /** How many counts there are at least. @defaultValue 0 */
  readonly minlength?: number
  /** How many counts there are; for arrays that are traced. @defaultValue one more than the largest entry */
  readonly length?: number
}

/**
 * How often each of 0, 1, 2, … is there: int32, or of the weights' dtype. Negative numbers count as 0; what is beyond
 * `length` is dropped.
 *
 * @throws DTypeError for what is not whole; TracerError for a traced array without `length`.
 * @see NumPy's `numpy.bincount`
 * @example np.bincount([0, 1, 1, 3]) // [1, 2, 0, 1]
 */
export function bincount(x: Operand, options: BincountOptions = {}): NDArray {
  const { weights, minlength = 0, length } = checkOptions('bincount', options, ['weights', 'minlength', 'length'])
  const index = asIndices('bincount', x)
  if (index.ndim !== 1)
    throw new ShapeError(`bincount: an array of shape ${showShape(index.shape)}; it must have one axis`)
  const each = weights === undefined ? full(index.shape, 1, 'int32') : asArray(weights)
  if (!shapesEqual(each.shape, index.shape)) {
    throw new ShapeError(
      `bincount: weights of shape ${showShape(each.shape)} for an array of shape ${showShape(index.shape)}; give one for each entry`,
    )
  }
  return addAt(full([length ?? lengthFor(index, minlength)], 0, each.dtype), e.maximum(index, 0), each)
}

function lengthFor(index: NDArray, minlength: number): number {
  if (!isConcrete(index) || index.storage.host === undefined) {
    throw new TracerError(
      `bincount: how many numbers there are in the traced ${showAval(index)} is not known; give the length: { length: n }`,
    )
  }
  let largest = -1
  for (const value of index.storage.host as Iterable<number>) largest = Math.max(largest, value, 0)
  return Math.max(minlength, largest + 1)
}

/** The lowest and the highest edge; they may be arrays. */
export type Range = readonly [low: Operand, high: Operand]

export interface HistogramOptions {
  /** How many bins there are, or their edges. @defaultValue 10 */
  readonly bins?: number | Operand
  /** Where the bins begin and end. @defaultValue the least and the greatest entry */
  readonly range?: Range
  /** What each entry counts. @defaultValue 1 */
  readonly weights?: Operand
  /** Whether to divide so that the integral is 1. @defaultValue false */
  readonly density?: boolean
}

/**
 * The edges of the bins that `histogram` counts in.
 *
 * @throws ValueError for a number of bins that is not whole and positive.
 * @see NumPy's `numpy.histogram_bin_edges`
 * @example np.histogramBinEdges([0, 4], { bins: 2 }) // [0, 2, 4]
 */
export function histogramBinEdges(x: Operand, options: Omit<HistogramOptions, 'weights' | 'density'> = {}): NDArray {
  const { bins = 10, range } = checkOptions('histogramBinEdges', options, ['bins', 'range'])
  const array = asFloat(x)
  const { dtype } = array
  if (typeof bins !== 'number') {
    const edges = asArrayBeside(array, bins)
    if (edges.ndim !== 1)
      throw new ShapeError(`histogramBinEdges: edges of shape ${showShape(edges.shape)}; they must have one axis`)
    return convert(edges, dtype)
  }
  if (!Number.isInteger(bins) || bins < 1)
    throw new ValueError(`histogramBinEdges: ${showGiven(bins)} bins; the number must be whole and positive`)
  const ends =
    range === undefined
      ? [min(array), max(array)]
      : checkList('histogramBinEdges', 'range', range).map((end) => convert(asArrayBeside(array, end), dtype))
  const [first, last] = ends as [NDArray, NDArray]
  const none = e.equal(first, last)
  const low = e.where(none, e.subtract(first, 0.5), first)
  const high = e.where(none, e.add(last, 0.5), last)
  const step = e.divide(convert(iota([bins], 0, 'int32'), dtype), bins)
  const inner = e.add(e.multiply(low, e.subtract(1, step)), e.multiply(high, step))
  return concatenate([inner, reshape(high, [1])], 0)
}

/**
 * How many entries lie in each bin, and the edges of the bins; each has its left edge in it, the last one both.
 *
 * @throws ShapeError for weights of another shape.
 * @see NumPy's `numpy.histogram`
 * @example np.histogram([0, 1, 1, 4], { bins: 2 })[0] // [3, 1]
 */
export function histogram(x: Operand, options: HistogramOptions = {}): [counts: NDArray, edges: NDArray] {
  const names = ['bins', 'range', 'weights', 'density'] as const
  const { weights, density = false, ...binning } = checkOptions('histogram', options, names)
  const array = asFloat(x).ravel()
  const given = weights === undefined ? full(array.shape, 1, array.dtype) : asFloat(weights).ravel()
  if (given.size !== array.size) {
    throw new ShapeError(`histogram: ${given.size} weights for ${array.size} entries; there must be one for each`)
  }
  const edges = histogramBinEdges(array, binning)
  const n = edges.size
  const last = sliceAxis(edges, 0, n - 1, n)
  const place = e.where(e.equal(array, last), n - 1, searchsorted(edges, array, { side: 'right' }))
  const counts = sliceAxis(addAt(full([n], 0, given.dtype), place, given), 0, 1, n)
  if (!density) return [counts, edges]
  return [e.divide(e.divide(counts, widths(edges)), sum(counts)), edges]
}

const widths = (edges: NDArray): NDArray =>
  e.subtract(sliceAxis(edges, 0, 1, edges.size), sliceAxis(edges, 0, 0, edges.size - 1))

export interface HistogramddOptions extends Omit<HistogramOptions, 'bins' | 'range'> {
  /** How many bins there are on each axis, or for each axis their number or edges. @defaultValue 10 */
  readonly bins?: number | readonly (number | Operand)[]
  /** For each axis where its bins begin and end. @defaultValue the least and the greatest entry */
  readonly range?: readonly (Range | null)[]
}

/**
 * How many points, the rows of `sample`, lie in each bin of several axes, and the edges on each axis.
 *
 * @throws ShapeError when there are not bins, or ranges, for each axis.
 * @see NumPy's `numpy.histogramdd`
 * @example np.histogramdd([[0, 0], [1, 1], [1, 0]], { bins: 2 })[0] // [[1, 0], [1, 1]]
 */
export function histogramdd(sample: Operand, options: HistogramddOptions = {}): [counts: NDArray, edges: NDArray[]] {
  checkOptions('histogramdd', options, ['weights', 'density', 'bins', 'range'])
  const { bins = 10, range, weights, density = false } = options
  const points = asFloat(sample)
  if (points.ndim !== 2)
    throw new ShapeError(`histogramdd: points of shape ${showShape(points.shape)}; they must be rows`)
  const [n, axes] = points.shape as [number, number]
  const each = typeof bins === 'number' ? count(axes).map(() => bins) : bins
  if (each.length !== axes || (range !== undefined && range.length !== axes)) {
    throw new ShapeError(
      `histogramdd: bins for ${each.length} axes and ranges for ${range?.length ?? axes}, the points have ${axes}`,
    )
  }
  const edges: NDArray[] = []
  const places = each.map((of, axis) => {
    const column = reshape(sliceAxis(points, 1, axis, axis + 1), [n])
    const limits = range?.[axis]
    const edge = histogramBinEdges(column, { bins: of, ...(limits && { range: limits }) })
    edges.push(edge)
    const place = searchsorted(edge, column, { side: 'right' })
    return e.where(e.equal(column, sliceAxis(edge, 0, edge.size - 1, edge.size)), e.subtract(place, 1), place)
  })
  const shape = edges.map((edge) => edge.size + 1)
  const index = ravelMultiIndex(places, shape, { mode: 'clip' })
  const all = bincount(index, { length: sizeOf(shape), ...(weights !== undefined && { weights }) })
  let counts = shape.reduce((x, m, axis) => sliceAxis(x, axis, 1, m - 1), reshape(all, shape))
  if (!density) return [counts, edges]
  if (!isFloat(counts.dtype)) counts = convert(counts, points.dtype)
  counts = e.divide(counts, sum(counts))
  const lengths = edges.map((edge, axis) =>
    reshape(
      widths(edge),
      edges.map((_, i) => (i === axis ? edge.size - 1 : 1)),
    ),
  )
  return [lengths.reduce((x, y) => e.divide(x, y), counts), edges]
}

export interface Histogram2dOptions extends Omit<HistogramOptions, 'bins' | 'range'> {
  /** How many bins there are on both axes, or for each their number or edges. @defaultValue 10 */
  readonly bins?: number | readonly [number | Operand, number | Operand]
  /** For both axes where the bins begin and end. @defaultValue the least and the greatest entry */
  readonly range?: readonly [Range | null, Range | null]
}

/**
 * How many pairs of an entry of `x` and one of `y` lie in each bin, and the edges of the bins on both axes.
 *
 * @throws ShapeError when `x` and `y` are not equally long.
 * @see NumPy's `numpy.histogram2d`
 * @example np.histogram2d([0, 1, 1], [0, 1, 0], { bins: 2 })[0] // [[1, 0], [1, 1]]
 */
export function histogram2d(
  x: Operand,
  y: Operand,
  options: Histogram2dOptions = {},
): [counts: NDArray, xEdges: NDArray, yEdges: NDArray] {
  checkOptions('histogram2d', options, ['weights', 'density', 'bins', 'range'])
  const [a, b] = [asFloat(x), asFloat(y)]
  if (a.ndim !== 1 || !shapesEqual(a.shape, b.shape)) {
    throw new ShapeError(
      `histogram2d: arrays of the shapes ${showShape(a.shape)} and ${showShape(b.shape)}; they must be lists, equally long`,
    )
  }
  const [counts, edges] = histogramdd(stack([a, b], { axis: 1 }), options)
  return [counts, edges[0]!, edges[1]!]
}
