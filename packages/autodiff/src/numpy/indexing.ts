import type { GetOptions } from '../array/method-options.ts'
import { checkList, checkOptions } from '../array/options.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import type { Index, IndexPlace } from '../array/operations.ts'
import { normalizeAxis, showShape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { full } from '../primitives/broadcast.ts'
import { defaultFill, gatherAt, type GatherPlace, take as takeEntries } from '../primitives/gather.ts'
import { reshape } from '../primitives/reshape.ts'
import { rev } from '../primitives/rev.ts'
import { slice as sliceAll, sliceAxis } from '../primitives/slicing.ts'
import { mod } from './elementwise.ts'
import { type Entries, fromFront, resolveEntries } from './index-entries.ts'
import { windowsOfIndex } from './index-windows.ts'
import { asArray, asIndices } from './operands.ts'

/**
 * NumPy's indexing: see `NDArray.slice`. Numbers outside the axis throw; ranges are cut to the axis as in NumPy;
 * indices in arrays count from the end when negative and are clamped.
 *
 * @throws ShapeError for too many indices, one outside its axis, or a step of 0.
 * @throws TracerError for a mask that is traced.
 * @example np.slice([[1, 2, 3], [4, 5, 6]], [0, [null, null, -1]]) // [3, 2, 1]
 */
export function slice(x: Operand, index: readonly Index[]): NDArray {
  const array = asArray(x)
  const resolved = resolveEntries(array.shape, checkList('slice', 'the index', index))
  return resolved.arrays === 0 ? sliceStatic(array, resolved) : gathered(array, resolved, 'promiseInBounds')
}

/** What `x.slice` gives, where `options` say what becomes of indices outside: see `NDArray.get`. */
export function get(x: NDArray, index: IndexPlace, options: GetOptions = {}): NDArray {
  const { mode = 'promiseInBounds', fillValue } = checkOptions('get', options, [
    'uniqueIndices',
    'indicesAreSorted',
    'mode',
    'fillValue',
  ])

  const resolved = resolveEntries(x.shape, listOf(index))
  if (resolved.arrays === 0) return sliceStatic(x, resolved)
  if (mode === 'clip' || mode === 'promiseInBounds') return gathered(x, resolved, mode)
  if (mode === 'fill' || mode === 'drop') return gathered(x, resolved, { fill: fillValue ?? defaultFill(x.dtype) })
  throw new ValueError(`get: the mode is ${showGiven(mode)}; it is 'fill', 'drop', 'clip' or 'promiseInBounds'`)
}

/** One index, or the list of them. */
export const listOf = (index: IndexPlace): readonly Index[] =>
  Array.isArray(index) ? (index as readonly Index[]) : [index as Index]

function gathered(x: NDArray, resolved: Entries, mode: GatherPlace | { readonly fill: number | bigint }): NDArray {
  const { dimensions, sizes, indices, shape, inside } = windowsOfIndex(x.shape, resolved)
  return reshape(gatherAt(x, indices, { ...dimensions, sizes, mode: inside ? 'clip' : mode }), shape)
}

/** An index without arrays: a slice, reversed where ranges run backwards. */
function sliceStatic(x: NDArray, { entries }: Entries): NDArray {
  const starts = x.shape.map(() => 0)
  const limits = [...x.shape]
  const strides = x.shape.map(() => 1)
  const reversed: number[] = []
  const shape: number[] = []
  for (const entry of entries) {
    if (entry.kind === 'new') shape.push(1)
    else if (entry.kind === 'all') shape.push(x.shape[entry.axis]!)
    else if (entry.kind === 'number') {
      starts[entry.axis] = entry.at
      limits[entry.axis] = entry.at + 1
    } else if (entry.kind === 'range') {
      starts[entry.axis] = entry.start
      limits[entry.axis] = entry.limit
      strides[entry.axis] = entry.stride
      if (entry.reversed) reversed.push(entry.axis)
      shape.push(Math.ceil((entry.limit - entry.start) / entry.stride))
    }
  }
  const cut = sliceAll(x, { starts, limits, strides })
  return reshape(reversed.length > 0 ? rev(cut, reversed) : cut, shape)
}

export interface TakeOptions {
  /** The axis to take from. @defaultValue none: the flattened array */
  readonly axis?: number | null
  /**
   * Outside the axis `fill` gives `fillValue`, `clip` the nearest entry (the first for all negative indices), `wrap`
   * begins anew.
   *
   * @defaultValue 'fill'
   */
  readonly mode?: 'fill' | 'clip' | 'wrap'
  /** @defaultValue NaN; the least signed, the greatest unsigned integer; true */
  readonly fillValue?: number | bigint
}

/**
 * Entries of an axis (of the flattened array by default) by an integer array. Negative indices count from the end;
 * outside there is NaN (`x.slice(indices)` gives the nearest entry).
 *
 * @throws DTypeError for indices that are not whole numbers.
 * @see NumPy's `numpy.take`, JAX's `jax.numpy.take`
 * @example np.take([10, 20, 30], [2, 0, -1, 3]) // [30, 10, 30, NaN]
 */
export function take(x: Operand, indices: Operand, options: TakeOptions = {}): NDArray {
  const { axis, mode = 'fill', fillValue } = checkOptions('take', options, ['axis', 'mode', 'fillValue'])
  const array = axis == null ? asArray(x).ravel() : asArray(x)
  const along = normalizeAxis(axis ?? 0, array.ndim, 'take')
  const n = array.shape[along] as number
  const given = asIndices('take', indices)
  if (mode === 'clip') return takeEntries(array, given, along, 'clip')
  if (mode === 'wrap') {
    const wrapped = n === 0 ? given : mod(given, full(given.shape, n, 'int32'))
    return takeEntries(array, wrapped, along, 'clip')
  }
  if (mode !== 'fill') throw new ValueError(`take: the mode is ${showGiven(mode)}; it is 'fill', 'clip' or 'wrap'`)
  const index = fromFront(given, n)
  const fill = fillValue ?? defaultFill(array.dtype)
  return takeEntries(array, index.indices, along, index.inside ? 'clip' : { fill })
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
  if (n === undefined)
    throw new ShapeError('unstack: an array of shape [] has no axis to unstack; its number is x.item()')
  if (length !== undefined && n !== length) {
    throw new ShapeError(`unstack: the first axis of ${showShape(array.shape)} is ${n} long, not ${length}`)
  }
  return Array.from({ length: n }, (_, i) => reshape(sliceAxis(array, 0, i, i + 1), array.shape.slice(1)))
}
