import { DTypeError, ShapeError } from '../array/errors.ts'
import { NDArray, type Operand } from '../array/ndarray.ts'
import type { Index } from '../array/operations.ts'
import { normalizeAxis, showShape } from '../array/shape.ts'
import { add } from '../primitives/arithmetic.ts'
import { lt, select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { take as takeClamped } from '../primitives/gather.ts'
import { rev } from '../primitives/rev.ts'
import { slice as sliceAll, sliceAxis } from '../primitives/slicing.ts'
import { full } from '../primitives/broadcast.ts'
import { reshape } from '../primitives/reshape.ts'
import { asArray } from './operands.ts'

/**
 * NumPy's basic indexing and indexing by one integer array an axis: see `NDArray.slice`. Numbers outside the axis
 * throw; ranges are cut to the axis as in NumPy; indices in arrays count from the end when negative and are clamped.
 *
 * @throws ShapeError for too many indices, one outside its axis, or a step of 0.
 * @example np.slice([[1, 2, 3], [4, 5, 6]], [0, [null, null, -1]]) // [3, 2, 1]
 */
export function slice(x: Operand, index: readonly Index[]): NDArray {
  const array = asArray(x)
  if (index.length > array.ndim) {
    throw new ShapeError(`slice: ${index.length} indices for an array of shape ${showShape(array.shape)}`)
  }
  const starts = array.shape.map(() => 0)
  const limits = [...array.shape]
  const strides = array.shape.map(() => 1)
  const reversed: number[] = []
  const dropped: number[] = []
  index.forEach((entry, axis) => {
    const n = array.shape[axis] as number
    if (typeof entry === 'number') {
      starts[axis] = checkIndex(entry, n, axis, array)
      limits[axis] = (starts[axis] as number) + 1
      dropped.push(axis)
    } else if (entry !== null && !(entry instanceof NDArray)) {
      const resolved = resolveRange(entry, n, axis)
      starts[axis] = resolved.start
      limits[axis] = resolved.limit
      strides[axis] = resolved.stride
      if (resolved.reversed) reversed.push(axis)
    }
  })
  const cut = sliceAll(array, { starts, limits, strides })
  let result = reversed.length > 0 ? rev(cut, reversed) : cut
  // From the last axis on, so that earlier axes keep their places.
  for (let axis = index.length - 1; axis >= 0; axis--) {
    const entry = index[axis]
    if (entry instanceof NDArray) result = take(result, entry, { axis })
    else if (dropped.includes(axis))
      result = reshape(
        result,
        result.shape.filter((_, i) => i !== axis),
      )
  }
  return result
}

function checkIndex(index: number, n: number, axis: number, x: NDArray): number {
  if (!Number.isInteger(index) || index < -n || index >= n) {
    throw new ShapeError(`slice: index ${index} is out of range for axis ${axis} of ${showShape(x.shape)}`)
  }
  return index < 0 ? index + n : index
}

/** A range [start, stop, step] as a forward range with limits inside the axis, to be reversed for negative steps. */
function resolveRange(
  [start, stop, step]: readonly [number | null, number | null, (number | null)?],
  n: number,
  axis: number,
): { start: number; limit: number; stride: number; reversed: boolean } {
  const by = step ?? 1
  if (!Number.isInteger(by) || by === 0)
    throw new ShapeError(`slice: the step of a range is ${by}; it must be a whole number other than 0`)
  for (const end of [start, stop]) {
    if (end !== null && !Number.isInteger(end) && Math.abs(end) !== Infinity)
      throw new ShapeError(`slice: the range [${start}, ${stop}] for axis ${axis} must have whole ends, or null`)
  }
  const place = (i: number, low: number, high: number): number => Math.min(high, Math.max(low, i < 0 ? i + n : i))
  if (by > 0) {
    const from = start === null ? 0 : place(start, 0, n)
    const to = stop === null ? n : place(stop, 0, n)
    return { start: Math.min(from, n), limit: Math.max(from, to), stride: by, reversed: false }
  }
  const first = start === null ? n - 1 : place(start, -1, n - 1)
  const last = stop === null ? -1 : place(stop, -1, n - 1)
  const count = Math.max(0, Math.ceil((last - first) / by))
  if (count === 0) return { start: 0, limit: 0, stride: 1, reversed: false }
  const lowest = first + (count - 1) * by
  return { start: lowest, limit: first + 1, stride: -by, reversed: true }
}

/**
 * Entries of an axis (of the flattened array by default) by an integer array; see `slice` for what is out of range.
 *
 * @throws DTypeError for indices that are not whole numbers.
 * @example np.take([10, 20, 30], [2, 0, -1]) // [30, 10, 30]
 */
export function take(x: Operand, indices: Operand, { axis }: { readonly axis?: number } = {}): NDArray {
  const array = axis === undefined ? asArray(x).ravel() : asArray(x)
  const along = normalizeAxis(axis ?? 0, array.ndim, 'take')
  const index = indexArray(indices)
  const n = full(index.shape, array.shape[along] as number, 'int32')
  return takeClamped(array, select(lt(index, full(index.shape, 0, 'int32')), add(index, n), index), along)
}

/** Indices as int32: an array of integers, or lists of whole numbers. */
function indexArray(indices: Operand): NDArray {
  const given = asArray(indices)
  if (given.dtype === 'int32') return given
  if (given.dtype === 'uint32') return convert(given, 'int32')
  const listed = !(indices instanceof NDArray) && given.dtype === 'float32'
  if (listed && given.storage.host?.every((i) => Number.isInteger(i)) === true) return convert(given, 'int32')
  throw new DTypeError(
    `take: indices are ${given.dtype}${showShape(given.shape)}, they must be whole numbers; ${
      given.dtype === 'bool' ? 'for a mask use np.where' : 'convert them with i.astype("int32")'
    }`,
  )
}

/**
 * The entries of the first axis; with `length` it must be that long.
 *
 * @throws ShapeError when it is not, or `x` is a scalar.
 * @example np.unstack([[1, 2], [3, 4]]) // [[1, 2], [3, 4]]
 */
export function unstack(x: Operand, length?: number): NDArray[] {
  const array = asArray(x)
  const n = array.shape[0]
  if (n === undefined) throw new ShapeError('unstack: a scalar has no axis to unstack')
  if (length !== undefined && n !== length) {
    throw new ShapeError(`unstack: the first axis of ${showShape(array.shape)} is ${n} long, not ${length}`)
  }
  return Array.from({ length: n }, (_, i) => reshape(sliceAxis(array, 0, i, i + 1), array.shape.slice(1)))
}
