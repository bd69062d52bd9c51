import { checkOptions, checkNumbers } from '../array/options.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxis, type Shape, showShape, sizeOf } from '../array/shape.ts'
import { isConcrete } from '../core/trace.ts'
import { sub } from '../primitives/arithmetic.ts'
import { broadcastAxis, broadcastTo, full } from '../primitives/broadcast.ts'
import { scatterAdd, take } from '../primitives/gather.ts'
import { cumsum } from '../primitives/reductions.ts'
import { reshape } from '../primitives/reshape.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { asArray, asIntegers } from './operands.ts'
import { ravel, tile } from './shape.ts'

export interface RepeatOptions {
  /** The axis to repeat along. @defaultValue none: the array is flattened */
  readonly axis?: number | null
  /**
   * How long the axis is in the end: what is too much is cut, the last entry fills what is missing. Traced counts need
   * it. @defaultValue the sum of the counts
   */
  readonly totalRepeatLength?: number
}

/**
 * Each entry repeated along an axis: all as often, or each as often as an array of whole numbers says.
 *
 * @throws ValueError for counts that are no whole numbers, or whose sum is not known while the function is traced;
 *   ShapeError for more or fewer counts than entries.
 * @see NumPy's `repeat`
 * @example
 * np.repeat([1, 2], 2) // [1, 1, 2, 2]
 * np.repeat([1, 2], [2, 1]) // [1, 1, 2]
 */
export function repeat(x: Operand, repeats: Operand, options: RepeatOptions = {}): NDArray {
  const { axis, totalRepeatLength } = checkOptions('repeat', options, ['axis', 'totalRepeatLength'])
  const array = axis === undefined || axis === null ? ravel(x) : asArray(x)
  const along = normalizeAxis(axis ?? 0, array.ndim, 'repeat')
  if (typeof repeats === 'number' && totalRepeatLength === undefined) return repeatAll(array, repeats, along)
  const counts = countsOf(repeats, array.shape[along] as number, array)
  const total = totalRepeatLength ?? totalOf(counts)
  if (!Number.isInteger(total) || total < 0)
    throw new ValueError(`repeat: totalRepeatLength is ${total}; it must be whole and not negative`)
  if (total === 0 || array.shape[along] === 0) return sliceAxis(array, along, 0, 0)
  return take(array, repeatedIndices(counts, total), along)
}

function repeatAll(x: NDArray, times: number, along: number): NDArray {
  checkCount(times)
  const wide = broadcastAxis(x, along + 1, times)
  return reshape(
    wide,
    x.shape.map((n, i) => (i === along ? n * times : n)),
  )
}

function checkCount(n: number): void {
  if (!Number.isInteger(n) || n < 0)
    throw new ValueError(`repeat: ${n} repeats; the number must be whole and not negative`)
}

function countsOf(repeats: Operand, n: number, x: NDArray): NDArray {
  const given = asIntegers('repeat: the counts', repeats)
  const flat = reshape(given, [given.size])
  if (flat.size !== n && flat.size !== 1) {
    throw new ShapeError(
      `repeat: ${flat.size} counts for an axis of ${n} entries of ${showShape(x.shape)}; give one number, or one an entry`,
    )
  }
  return broadcastTo(flat, [n])
}

function totalOf(counts: NDArray): number {
  const host = isConcrete(counts) ? counts.storage.host : undefined
  if (host === undefined) {
    throw new ValueError(
      'repeat: how long the result is hangs on counts whose numbers are not known here (they are traced, or still on their way); give { totalRepeatLength: n }',
    )
  }
  let total = 0
  for (const count of host) {
    checkCount(Number(count))
    total += Number(count)
  }
  return total
}

/** For each place of the result the entry that stands there: one less than the entries that have begun by then. */
function repeatedIndices(counts: NDArray, total: number): NDArray {
  const starts = sub(cumsum(counts, 0), counts)
  // Entries that begin behind the end are counted at one more place, which is cut off.
  const begun = scatterAdd(starts, full(starts.shape, 1, 'int32'), 0, total + 1)
  return sub(sliceAxis(cumsum(begun, 0), 0, 0, total), full([total], 1, 'int32'))
}

/**
 * The entries over and over until a shape is filled; the last repetition may be cut.
 *
 * @throws ShapeError for a negative size.
 * @see NumPy's `resize`; of no entries it gives zeros
 * @example np.resize([1, 2, 3], [2, 2]) // [[1, 2], [3, 1]]
 */
export function resize(x: Operand, shape: Shape | number): NDArray {
  const wanted = checkNumbers('resize', 'the shape', shape)
  const flat = ravel(x)
  const size = sizeOf(wanted)
  if (wanted.some((n) => !Number.isInteger(n) || n < 0))
    throw new ShapeError(`resize: ${showShape(wanted)} is no shape; sizes are whole and not negative`)
  if (flat.size === 0 || size === 0) return full(wanted, 0, flat.dtype)
  return reshape(sliceAxis(tile(flat, Math.ceil(size / flat.size)), 0, 0, size), wanted)
}
