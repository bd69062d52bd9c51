import { checkOptions, checkNumbers } from '../array/options.ts'
import { ShapeError, TracerError, ValueError } from '../array/errors.ts'
import { fromHost, NDArray, type Operand } from '../array/ndarray.ts'
import { showShape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { showAval } from '../core/jaxpr.ts'
import { isConcrete } from '../core/trace.ts'
import { convert } from '../primitives/convert.ts'
import { iota } from '../primitives/creation.ts'
import { full } from '../primitives/broadcast.ts'
import { lt } from '../primitives/comparison.ts'
import { scatterAdd } from '../primitives/gather.ts'
import { cumsum } from '../primitives/reductions.ts'
import { reshape } from '../primitives/reshape.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import * as e from './elementwise.ts'
import { placesOfTrue } from './index-entries.ts'
import { asArray } from './operands.ts'
import { sum } from './reductions.ts'
import { stack } from './shape.ts'

export interface NonzeroOptions {
  /** How many there are to be: the first ones, filled up where there are fewer. @defaultValue as many as there are */
  readonly size?: number
  /** What fills up: one index, or one for each axis. @defaultValue 0 */
  readonly fillValue?: number | readonly number[]
}

/** The first `size` places where a mask of one axis is true, and then its length. */
function flatPlaces(mask: NDArray, size: number): NDArray {
  if (mask.size === 0 || size === 0) return full([size], mask.size, 'int32')
  // How many are true up to each place; counted, and added up: how many places come before the first, the second, …
  const seen = cumsum(convert(mask, 'int32'), 0)
  const counts = scatterAdd(seen, full([mask.size], 1, 'int32'), 0, Math.max(size, mask.size) + 1)
  return cumsum(sliceAxis(counts, 0, 0, size), 0)
}

/** Whether there is a first, a second, … `size`-th place. */
export const isPlace = (mask: NDArray, size: number): NDArray =>
  lt(iota([size], 0, 'int32'), e.add(full([size], 0, 'int32'), sum(convert(mask, 'int32'))))

/** The first places where a mask of one axis is true, and 0 where there are no more. */
export const firstPlaces = (mask: NDArray, size: number): NDArray =>
  e.where(isPlace(mask, size), flatPlaces(mask, size), full([size], 0, 'int32'))

/**
 * The indices of the entries other than 0, one array for each axis, int32.
 *
 * @throws ValueError for a scalar.
 * @throws TracerError for a traced array without `size`: how many there are is not known.
 * @see NumPy's `numpy.nonzero`, JAX's `jax.numpy.nonzero`
 * @example np.nonzero([[1, 0], [0, 2]]) // [[0, 1], [0, 1]]
 */
export function nonzero(x: Operand, options: NonzeroOptions = {}): NDArray<'int32'>[] {
  const { size, fillValue = 0 } = checkOptions('nonzero', options, ['size', 'fillValue'])
  const array = asArray(x)
  if (array.ndim === 0) throw new ValueError('nonzero: an array of shape [] has no axes; reshape it to [1]')
  const mask = convert(array, 'bool')
  if (size === undefined) {
    if (!isConcrete(mask)) {
      throw new TracerError(
        `nonzero: how many entries of the traced ${showAval(array)} are not 0 is not known; say how many places there are to be: { size: n }, or use np.where(condition, x, y)`,
      )
    }
    return placesOfTrue(mask).map((data) => fromHost(data, [data.length], 'int32'))
  }
  if (!Number.isInteger(size) || size < 0)
    throw new ShapeError(`nonzero: size is ${showGiven(size)}; it must be whole and not negative`)
  const fills =
    typeof fillValue === 'number' ? array.shape.map(() => fillValue) : checkNumbers('nonzero', 'fillValue', fillValue)
  if (fills.length !== array.ndim) {
    throw new ShapeError(`nonzero: ${fills.length} fill values for the axes of ${showShape(array.shape)}`)
  }
  const flat = reshape(mask, [mask.size])
  const places = firstPlaces(flat, size)
  const there = isPlace(flat, size)
  let stride = 1
  return array.shape
    .toReversed()
    .map((n, i) => {
      const index = n === 0 ? places : e.mod(e.floorDivide(places, stride), n)
      stride *= Math.max(1, n)
      return e.where(there, index, full([size], fills[array.ndim - 1 - i]!, 'int32')) as NDArray<'int32'>
    })
    .toReversed()
}

/**
 * The indices of the entries other than 0, one row for each.
 *
 * @see NumPy's `numpy.argwhere`
 * @example np.argwhere([[1, 0], [0, 2]]) // [[0, 0], [1, 1]]
 */
export function argwhere(x: Operand, options: NonzeroOptions = {}): NDArray<'int32'> {
  checkOptions('argwhere', options, ['size', 'fillValue'])
  const array = asArray(x)
  if (array.ndim > 0) return stack(nonzero(array, options), { axis: 1 }) as NDArray<'int32'>
  const rows = argwhere(reshape(array, [1]), options)
  return sliceAxis(rows, 1, 0, 0) as NDArray<'int32'>
}

/**
 * The indices of the elements other than 0 in the flattened array.
 *
 * @see NumPy's `numpy.flatnonzero`
 * @example np.flatnonzero([[1, 0], [0, 2]]) // [0, 3]
 */
export const flatnonzero = (x: Operand, options: NonzeroOptions = {}): NDArray<'int32'> => {
  checkOptions('flatnonzero', options, ['size', 'fillValue'])
  return nonzero(asArray(x).ravel(), options)[0]!
}

/**
 * For each element that of `x` where the condition is true, that of `y` where it is not; the three are broadcast. With
 * the condition alone, where it is true: `nonzero`.
 *
 * @example np.where([true, false], [1, 2], 0) // [1, 0]
 */
export function where(condition: Operand, x: Operand, y: Operand): NDArray
export function where(condition: Operand, options?: NonzeroOptions): NDArray<'int32'>[]
export function where(condition: Operand, x?: Operand | NonzeroOptions, y?: Operand): NDArray | NDArray[] {
  if (y !== undefined) return e.where(condition, x as Operand, y)
  if (x instanceof NDArray || (x !== undefined && (typeof x !== 'object' || Array.isArray(x)))) {
    throw new ValueError('where: takes a condition alone, or with 2 values: where it is true, and where it is not')
  }
  return nonzero(condition, x as NonzeroOptions | undefined)
}
