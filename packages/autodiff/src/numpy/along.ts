import { checkOptions, checkList } from '../array/options.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { broadcastShapes, normalizeAxis, range, showShape } from '../array/shape.ts'
import { isConcrete } from '../core/trace.ts'
import { convert } from '../primitives/convert.ts'
import { defaultFill, oneComponent, take as takeEntries, takeAlong } from '../primitives/gather.ts'
import { reshape } from '../primitives/reshape.ts'
import { scatterAt } from '../primitives/scatter.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { alongDimensions } from '../primitives/window-dimensions.ts'
import * as e from './elementwise.ts'
import { fromFront, placesOfTrue, tracedMask } from './index-entries.ts'
import { firstPlaces, isPlace } from './nonzero.ts'
import { asArray, asIndices, unify, unifyDTypes } from './operands.ts'
import { broadcastTo, stack } from './shape.ts'
import { array as arrayFrom } from '../array/create.ts'
import { showGiven } from '../array/show.ts'

export interface AlongOptions {
  /** The axis to go along; `null` is the flattened array. @defaultValue -1 */
  readonly axis?: number | null
  /** What becomes of indices outside: `fillValue`, or the nearest entry. @defaultValue 'fill' */
  readonly mode?: 'fill' | 'clip'
  /** @defaultValue NaN; the least signed, the greatest unsigned integer; true */
  readonly fillValue?: number | bigint
}

/** The array, the indices, and the axis; both repeated along the other axes where they are 1 long. */
function aligned(
  name: string,
  x: Operand,
  indices: Operand,
  axis: number | null,
): { array: NDArray; index: NDArray; along: number } {
  const array = axis === null ? asArray(x).ravel() : asArray(x)
  const index = asIndices(name, indices)
  if (index.ndim !== array.ndim) {
    throw new ShapeError(
      `${name}: the indices ${showShape(index.shape)} must have as many axes as the array ${showShape(array.shape)}`,
    )
  }
  const along = normalizeAxis(axis ?? 0, array.ndim, name)
  const without = (y: NDArray): number[] => y.shape.map((n, i) => (i === along ? 1 : n))
  const others = broadcastShapes([without(array), without(index)], name)
  const full = (y: NDArray): NDArray =>
    broadcastTo(
      y,
      others.map((n, i) => (i === along ? y.shape[i]! : n)),
    )
  return { array: full(array), index: full(index), along }
}

/**
 * Along an axis, the entries at indices that differ for each entry of the other axes: what `argsort` and `argmax` with
 * `keepdims` give.
 *
 * @throws ShapeError when array and indices have not equally many axes.
 * @see NumPy's `numpy.take_along_axis`
 * @example np.takeAlongAxis([[1, 2], [3, 4]], [[1], [0]], { axis: 1 }) // [[2], [3]]
 */
export function takeAlongAxis(x: Operand, indices: Operand, options: AlongOptions = {}): NDArray {
  const { axis = -1, mode = 'fill', fillValue } = checkOptions('takeAlongAxis', options, ['axis', 'mode', 'fillValue'])
  const { array, index, along } = aligned('takeAlongAxis', x, indices, axis)
  const n = array.shape[along]!
  if (n === 0 && index.size > 0) {
    throw new ShapeError(`takeAlongAxis: axis ${along} of ${showShape(array.shape)} is empty, there is nothing to take`)
  }
  const { indices: at, inside } = fromFront(index, n)
  if (mode !== 'fill' && mode !== 'clip') {
    throw new ValueError(`takeAlongAxis: the mode is ${showGiven(mode)}; it is 'fill' or 'clip'`)
  }
  return takeAlong(
    array,
    at,
    along,
    inside || mode === 'clip' ? 'clip' : { fill: fillValue ?? defaultFill(array.dtype) },
  )
}

/**
 * The array with `values` put where `takeAlongAxis` would take from; they are broadcast to the indices. What lies
 * outside is dropped.
 *
 * @see NumPy's `numpy.put_along_axis`
 * @example np.putAlongAxis([[1, 2], [3, 4]], [[1], [0]], 9, { axis: 1 }) // [[1, 9], [9, 4]]
 */
export function putAlongAxis(
  x: Operand,
  indices: Operand,
  values: Operand,
  options: Omit<AlongOptions, 'fillValue'> = {},
): NDArray {
  const { axis = -1, mode = 'fill' } = checkOptions('putAlongAxis', options, ['axis', 'mode'])
  const original = asArray(x)
  const { array, index, along } = aligned('putAlongAxis', x, indices, axis)
  const { indices: at, inside } = fromFront(index, array.shape[along]!)
  const updates = broadcastTo(convert(asArray(values), array.dtype), index.shape)
  const put = scatterAt(array, oneComponent(at), updates, {
    ...alongDimensions(array.ndim, along),
    mode: inside || mode === 'clip' ? 'clip' : 'drop',
    unique: false,
  })
  return axis === null ? reshape(put, original.shape) : put
}

export interface ChooseOptions {
  /** What becomes of numbers that choose nothing: an error (not when traced), the remainder, or the nearest. @defaultValue 'raise' */
  readonly mode?: 'raise' | 'wrap' | 'clip'
}

/**
 * For each entry of `which` the entry in its place of the array of that number.
 *
 * @throws ValueError for numbers that choose nothing.
 * @see NumPy's `numpy.choose`
 * @example np.choose([1, 0], [[1, 2], [3, 4]]) // [3, 2]
 */
export function choose(which: Operand, choices: readonly Operand[], options: ChooseOptions = {}): NDArray {
  const { mode = 'raise' } = checkOptions('choose', options, ['mode'])
  const n = checkList('choose', 'choices', choices).length
  if (n === 0) throw new ValueError('choose: there is nothing to choose from; give at least 1 array')
  const given = asIndices('choose', which)
  const arrays = unifyDTypes(choices)
  const shape = broadcastShapes([given.shape, ...arrays.map((x) => x.shape)], 'choose')
  if (mode === 'raise') {
    if (!isConcrete(given)) {
      throw new ValueError(
        "choose: traced numbers cannot be checked; say what becomes of those outside: { mode: 'clip' } or 'wrap'",
      )
    }
    if (!given.storage.host?.every((i) => Number(i) >= 0 && Number(i) < n)) {
      throw new ValueError(`choose: there are ${n} arrays to choose from, and some numbers are not in 0 … ${n - 1}`)
    }
  }
  const index = broadcastTo(mode === 'wrap' ? e.mod(given, n) : given, shape)
  const all = stack(arrays.map((x) => broadcastTo(x, shape)))
  return reshape(takeAlong(all, reshape(index, [1, ...shape]), 0), shape)
}

/**
 * For each place the entry of the array whose condition is the first that is true there, or `otherwise`.
 *
 * @throws ValueError when there are not as many arrays as conditions.
 * @see NumPy's `numpy.select`
 * @example np.select([[true, false], [true, true]], [[1, 2], [3, 4]]) // [1, 4]
 */
export function select(conditions: readonly Operand[], arrays: readonly Operand[], otherwise: Operand = 0): NDArray {
  checkList('select', 'conditions', conditions)
  checkList('select', 'arrays', arrays)
  if (conditions.length !== arrays.length || arrays.length === 0) {
    throw new ValueError(
      `select: ${conditions.length} conditions for ${arrays.length} arrays; there must be one for each, and at least one`,
    )
  }
  const choices = unify('select', [...arrays, otherwise])
  return conditions.reduceRight<NDArray>(
    (rest, condition, i) => e.where(condition, choices[i]!, rest),
    choices[arrays.length]!,
  )
}

export interface CompressOptions {
  /** The axis of which entries are taken. @defaultValue none: the flattened array */
  readonly axis?: number | null
  /** How many entries there are to be; for conditions that are traced. @defaultValue as many as are true */
  readonly size?: number
  /** What fills up to `size`. @defaultValue 0 */
  readonly fillValue?: number | bigint
}

/**
 * The entries of an axis for which a condition of one axis is true; it may be shorter.
 *
 * @throws TracerError for a traced condition without `size`.
 * @see NumPy's `numpy.compress`
 * @example np.compress([false, true], [[1, 2], [3, 4]], { axis: 0 }) // [[3, 4]]
 */
export function compress(condition: Operand, x: Operand, options: CompressOptions = {}): NDArray {
  const { axis, size, fillValue = 0 } = checkOptions('compress', options, ['axis', 'size', 'fillValue'])
  const mask = convert(asArray(condition), 'bool')
  const array = axis == null ? asArray(x).ravel() : asArray(x)
  if (mask.ndim !== 1) throw new ShapeError(`compress: the condition has shape ${showShape(mask.shape)}, not one axis`)
  const along = normalizeAxis(axis ?? 0, array.ndim, 'compress')
  const n = array.shape[along]!
  if (mask.size > n) {
    throw new ShapeError(
      `compress: ${mask.size} conditions for the ${n} entries of axis ${along} of ${showShape(array.shape)}; give one for each at most`,
    )
  }
  if (size === undefined) {
    if (!isConcrete(mask)) throw tracedMask('compress', mask)
    return takeEntries(array, arrayFrom(placesOfTrue(mask)[0]!), along)
  }
  const taken = takeEntries(n === 0 ? array : sliceAxis(array, along, 0, n), firstPlaces(mask, size), along)
  const shape = range(array.ndim).map((i) => (i === along ? size : 1))
  return e.where(reshape(isPlace(mask, size), shape), taken, fillValue)
}

/**
 * The elements where a condition of the same size is true.
 *
 * @see NumPy's `numpy.extract`
 * @example np.extract([[true, false], [false, true]], [[1, 2], [3, 4]]) // [1, 4]
 */
export const extract = (condition: Operand, x: Operand, options: Omit<CompressOptions, 'axis'> = {}): NDArray => {
  checkOptions('extract', options, ['size', 'fillValue'])
  return compress(asArray(condition).ravel(), x, options)
}
