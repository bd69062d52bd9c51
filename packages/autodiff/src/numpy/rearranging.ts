import { checkOptions, checkNumbers } from '../array/options.ts'
import { ShapeError, TracerError } from '../array/errors.ts'
import { fromHost, NDArray, type Operand } from '../array/ndarray.ts'
import { normalizeAxis, range, showShape } from '../array/shape.ts'
import { showAval } from '../core/jaxpr.ts'
import { isConcrete } from '../core/trace.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { convert } from '../primitives/convert.ts'
import { iota } from '../primitives/creation.ts'
import { take } from '../primitives/gather.ts'
import { moveAxis, reshape } from '../primitives/reshape.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import * as e from './elementwise.ts'
import { diagIndices } from './index-arrays.ts'
import { arrayPair, asArray, asArrayBeside, asIndices } from './operands.ts'
import { broadcastTo, tile } from './shape.ts'
import { set } from './updates.ts'

export interface AxisOption {
  /** The axis. @defaultValue none: the flattened array */
  readonly axis?: number | null
}

export interface RollOptions {
  /** The axes to roll, one for each shift. @defaultValue none: the flattened array */
  readonly axis?: number | readonly number[] | null
}

/**
 * The entries moved along an axis; those moved out at its end come in at its start. A shift may be traced.
 *
 * @throws ShapeError when there is not a shift for each axis.
 * @see NumPy's `numpy.roll`
 * @example np.roll([1, 2, 3, 4], 1) // [4, 1, 2, 3]
 */
export function roll(
  x: Operand,
  shift: number | NDArray | readonly (number | NDArray)[],
  options: RollOptions = {},
): NDArray {
  const { axis } = checkOptions('roll', options, ['axis'])
  const array = asArray(x)
  const shifts: readonly (number | NDArray)[] = Array.isArray(shift) ? shift : [shift as number | NDArray]
  if (axis === undefined || axis === null) {
    const flat = shifts.reduce<NDArray>((y, by) => rolled(y, by, 0), reshape(array, [array.size]))
    return reshape(flat, array.shape)
  }
  const axes = checkNumbers('roll', 'axis', axis).map((i) => normalizeAxis(i, array.ndim, 'roll'))
  if (shifts.length !== axes.length && shifts.length !== 1 && axes.length !== 1) {
    throw new ShapeError(
      `roll: ${shifts.length} shifts for ${axes.length} axes; give one for each, or one number for all`,
    )
  }
  return range(Math.max(shifts.length, axes.length)).reduce(
    (y, i) => rolled(y, shifts[shifts.length === 1 ? 0 : i]!, axes[axes.length === 1 ? 0 : i]!),
    array,
  )
}

function rolled(x: NDArray, shift: number | NDArray, axis: number): NDArray {
  const n = x.shape[axis]!
  if (n === 0) return x
  if (typeof shift !== 'number') {
    const from = e.mod(e.subtract(iota([n], 0, 'int32'), asIndices('roll', shift)), n)
    if (from.ndim !== 1) throw new ShapeError(`roll: a shift is ${showAval(shift)}, it must be a scalar`)
    return take(x, from, axis)
  }
  if (!Number.isInteger(shift)) throw new ShapeError(`roll: the shift ${shift} is not a whole number`)
  const by = ((shift % n) + n) % n
  return by === 0 ? x : concatenate([sliceAxis(x, axis, n - by, n), sliceAxis(x, axis, 0, n - by)], axis)
}

/**
 * An axis moved before the axis that is at `start` now; `moveaxis` is easier to read.
 *
 * @see NumPy's `numpy.rollaxis`
 * @example np.rollaxis(np.zeros([2, 3, 4]), 2).shape // [4, 2, 3]
 */
export function rollaxis(x: Operand, axis: number, start = 0): NDArray {
  const array = asArray(x)
  const from = normalizeAxis(axis, array.ndim, 'rollaxis')
  const to = start === array.ndim ? start : normalizeAxis(start, array.ndim, 'rollaxis')
  return moveAxis(array, from, from < to ? to - 1 : to)
}

/**
 * An array with another after it along an axis; both flattened by default.
 *
 * @see NumPy's `numpy.append`
 * @example np.append([[1, 2]], [[3, 4]], { axis: 0 }) // [[1, 2], [3, 4]]
 */
export function append(x: Operand, values: Operand, options: AxisOption = {}): NDArray {
  const { axis } = checkOptions('append', options, ['axis'])
  const [a, b] = arrayPair(x, asArrayBeside(asArray(x), values))
  if (axis == null) return concatenate([a.ravel(), b.ravel()], 0)
  return concatenate([a, b], normalizeAxis(axis, a.ndim, 'append'))
}

/** A list of indices into an axis, or a mask of it, as numbers from the front. */
function staticIndices(name: string, index: number | Operand, n: number): number[] {
  const given = asArray(index)
  if (!isConcrete(given)) {
    throw new TracerError(
      `${name}: the index ${showAval(given)} is traced; it must be known, for the shape of the result depends on it`,
    )
  }
  if (given.ndim > 1)
    throw new ShapeError(`${name}: the index has shape ${showShape(given.shape)}; it is a number or a list`)
  if (given.dtype === 'bool') {
    if (given.size !== n) throw new ShapeError(`${name}: a mask of ${given.size} for an axis of ${n} entries`)
    return range(n).filter((i) => given.storage.host![i])
  }
  const list = asIndices(name, typeof index === 'number' ? [index] : index)
  return Array.from(list.storage.host ?? [], (i) => (Number(i) < 0 ? Number(i) + n : Number(i)))
}

/**
 * The array without some entries of an axis: one, a list of them, or where a mask is true.
 *
 * @throws ShapeError for an index outside the axis; TracerError for a traced one.
 * @see NumPy's `numpy.delete`
 * @example np.delete([1, 2, 3, 4], [0, -1]) // [2, 3]
 */
function remove(x: Operand, index: number | Operand, options: AxisOption = {}): NDArray {
  const { axis } = checkOptions('delete', options, ['axis'])
  const array = axis == null ? asArray(x).ravel() : asArray(x)
  const along = normalizeAxis(axis ?? 0, array.ndim, 'delete')
  const n = array.shape[along]!
  const gone = new Set(staticIndices('delete', index, n))
  const outside = [...gone].find((i) => i < 0 || i >= n)
  if (outside !== undefined)
    throw new ShapeError(
      `delete: index ${outside} is out of range for the ${n} entries of axis ${along}; give indices from ${-n} to ${n - 1}`,
    )
  return takeStatic(
    array,
    range(n).filter((i) => !gone.has(i)),
    along,
  )
}
export { remove as delete }

const takeStatic = (x: NDArray, list: readonly number[], axis: number): NDArray =>
  take(x, fromHost(Int32Array.from(list), [list.length], 'int32'), axis)

/**
 * The array with values put in before the entries at `index` of an axis: all at one index, or one at each of a list.
 * Indices outside are held at the ends.
 *
 * @throws TracerError for an index that is traced; ShapeError for values that do not fit.
 * @see NumPy's `numpy.insert`
 * @example np.insert([1, 2, 3], 1, [7, 8]) // [1, 7, 8, 2, 3]
 */
export function insert(x: Operand, index: number | Operand, values: Operand, options: AxisOption = {}): NDArray {
  const { axis } = checkOptions('insert', options, ['axis'])
  const array = axis == null ? asArray(x).ravel() : asArray(x)
  const along = normalizeAxis(axis ?? 0, array.ndim, 'insert')
  const n = array.shape[along]!
  const given = staticIndices('insert', index, n).map((i) => Math.min(n, Math.max(0, i)))
  const isOne = typeof index === 'number' || (index instanceof NDArray && index.ndim === 0)
  const raw = convert(asArrayBeside(array, values), array.dtype)
  if (raw.ndim > array.ndim) {
    throw new ShapeError(
      `insert: values of shape ${showShape(raw.shape)} have more axes than the array ${showShape(array.shape)}`,
    )
  }
  const padded = reshape(raw, [...range(array.ndim - raw.ndim).map(() => 1), ...raw.shape])
  // For a single number the first axis of the values counts what is inserted, as in NumPy.
  const parts = isOne ? moveAxis(padded, 0, along) : padded
  const at = given.length === 1 ? range(parts.shape[along]!).map(() => given[0]!) : given
  const count = parts.shape[along] === 1 ? at.length : parts.shape[along]!
  if (count !== at.length)
    throw new ShapeError(`insert: ${count} values for ${at.length} indices; give one for each, or one for all`)
  const put = broadcastTo(
    parts,
    array.shape.map((size, i) => (i === along ? count : size)),
  )
  // Where each entry of the result is in the array followed by the values.
  const before = range(n + 1).map(() => [] as number[])
  at.forEach((i, k) => before[i]!.push(n + k))
  const order = before.flatMap((inserted, i) => (i < n ? [...inserted, i] : inserted))
  return takeStatic(concatenate([array, put], along), order, along)
}

/**
 * The array with other numbers on its diagonal: one, or a list that is repeated as needed.
 *
 * @throws ShapeError for fewer than two axes, or more that are not equally long.
 * @see NumPy's `numpy.fill_diagonal`
 * @example np.fillDiagonal(np.zeros([2, 2]), [1, 2]) // [[1, 0], [0, 2]]
 */
export function fillDiagonal(x: Operand, value: Operand): NDArray {
  const array = asArray(x)
  const { shape } = array
  if (shape.length < 2 || (shape.length > 2 && shape.some((n) => n !== shape[0]))) {
    throw new ShapeError(
      `fillDiagonal: an array of shape ${showShape(shape)}; at least two axes are needed, and more must be equally long`,
    )
  }
  const n = Math.min(...shape)
  if (typeof value === 'number') return set(array, diagIndices(n, shape.length), value)
  const values = asArray(value).ravel()
  if (values.size === 0 && n > 0) throw new ShapeError('fillDiagonal: there are no values to fill with')
  const repeated = values.size >= n ? values : tile(values, Math.ceil(n / values.size))
  return set(array, diagIndices(n, shape.length), sliceAxis(repeated, 0, 0, n), { uniqueIndices: true })
}
