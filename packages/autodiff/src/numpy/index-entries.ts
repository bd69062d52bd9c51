import { isInteger, isSigned } from '../array/dtype.ts'
import { DTypeError, ShapeError, TracerError } from '../array/errors.ts'
import { fromHost, hostData, NDArray } from '../array/ndarray.ts'
import { type Index, type IndexRange, newaxis } from '../array/operations.ts'
import { type Shape, shapesEqual, showShape } from '../array/shape.ts'
import { showAval } from '../core/jaxpr.ts'
import { isConcrete } from '../core/trace.ts'
import { add } from '../primitives/arithmetic.ts'
import { asInt32 } from '../primitives/bounds.ts'
import { full } from '../primitives/broadcast.ts'
import { lt, select } from '../primitives/comparison.ts'

/** A forward range with limits inside the axis, to be reversed for negative steps. */
export interface ResolvedRange {
  readonly start: number
  readonly limit: number
  readonly stride: number
  readonly reversed: boolean
}

/** What an index says of one axis, or of none. */
export type Entry =
  | { readonly kind: 'number'; readonly axis: number; readonly at: number }
  | ({ readonly kind: 'range'; readonly axis: number } & ResolvedRange)
  | { readonly kind: 'all'; readonly axis: number }
  | { readonly kind: 'new' }
  /** Indices counted from the front; `inside` when they are known to lie in the axis, `distinct` to differ. */
  | {
      readonly kind: 'array'
      readonly axis: number
      readonly indices: NDArray
      readonly inside: boolean
      readonly distinct: boolean
    }

export interface Entries {
  readonly entries: readonly Entry[]
  /** The places, in the index as it was written, of what goes together with arrays of indices: they and numbers. */
  readonly advanced: readonly number[]
  /** How many arrays of indices and masks there are. */
  readonly arrays: number
}

const isMask = (entry: Index): entry is NDArray => entry instanceof NDArray && entry.dtype === 'bool'

/** How many axes an entry is for. */
function axesOf(entry: Index): number {
  if (entry === newaxis || entry === '...') return 0
  return isMask(entry) ? entry.ndim : 1
}

/** An index, one entry an axis, with all axes named. */
export function resolveEntries(shape: Shape, index: readonly Index[]): Entries {
  const count = index.reduce((sum: number, entry) => sum + axesOf(entry), 0)
  const ellipsis = index.indexOf('...')
  if (index.includes('...', ellipsis + 1) && ellipsis >= 0) {
    throw new ShapeError("slice: an index has '...' twice; it is clear only once which axes it stands for")
  }
  if (count > shape.length) {
    throw new ShapeError(
      `slice: ${count} indices for an array of shape ${showShape(shape)}; give one for each axis at most`,
    )
  }
  const entries: Entry[] = []
  const advanced: number[] = []
  let arrays = 0
  let axis = 0
  const rest = (n: number): void => {
    for (let i = 0; i < n; i++) entries.push({ kind: 'all', axis: axis++ })
  }
  index.forEach((entry, place) => {
    if (entry === '...') return rest(shape.length - count)
    if (entry === newaxis) return void entries.push({ kind: 'new' })
    if (entry === null) return void entries.push({ kind: 'all', axis: axis++ })
    if (typeof entry === 'number') {
      advanced.push(place)
      return void entries.push({ kind: 'number', axis, at: checkIndex(entry, shape, axis++) })
    }
    if (entry instanceof NDArray) {
      advanced.push(place)
      arrays++
      const parts = isMask(entry) ? maskEntries(entry, shape, axis) : [arrayEntry(entry, shape, axis)]
      axis += parts.length
      return void entries.push(...parts)
    }
    if (!Array.isArray(entry)) throw notAnIndex(entry)
    entries.push({ kind: 'range', axis, ...resolveRange(entry as unknown as IndexRange, shape[axis]!, axis) })
    axis++
  })
  rest(shape.length - axis)
  return { entries, advanced, arrays }
}

const notAnIndex = (entry: unknown): DTypeError =>
  new DTypeError(
    `slice: ${String(entry)} is no index; it is a number, a range [start, stop], null for all, '...', np.newaxis, or an array of integers`,
  )

function checkIndex(index: number, shape: Shape, axis: number): number {
  const n = shape[axis] as number
  if (!Number.isInteger(index) || index < -n || index >= n) {
    throw new ShapeError(
      `slice: index ${index} is out of range for axis ${axis} of ${showShape(shape)}; give one from ${-shape[axis]!} to ${shape[axis]! - 1}`,
    )
  }
  return index < 0 ? index + n : index
}

function arrayEntry(indices: NDArray, shape: Shape, axis: number): Entry {
  if (!isInteger(indices.dtype)) {
    throw new DTypeError(
      `slice: indices are ${showAval(indices)}, they must be whole numbers; convert them with i.astype("int32")`,
    )
  }
  const n = shape[axis] as number
  if (n === 0 && indices.size > 0) {
    throw new ShapeError(`slice: axis ${axis} of ${showShape(shape)} is empty, there is nothing to take`)
  }
  return { kind: 'array', axis, distinct: indices.size === 1, ...fromFront(indices, n) }
}

/** Indices of an axis of length `n`, the negative ones counted from its end; as int32. */
export function fromFront(indices: NDArray, n: number): { indices: NDArray; inside: boolean } {
  const host = isConcrete(indices) ? indices.storage.host : undefined
  if (host === undefined) {
    const index = asInt32(indices)
    if (!isSigned(indices.dtype)) return { indices: index, inside: false }
    const negative = lt(index, full(index.shape, 0, 'int32'))
    return { indices: select(negative, add(index, full(index.shape, n, 'int32')), index), inside: false }
  }
  const data = new Int32Array(host.length)
  let inside = true
  for (let i = 0; i < data.length; i++) {
    const index = Number(host[i])
    const at = index < 0 ? index + n : index
    inside &&= at >= 0 && at < n
    // Far outside is outside.
    data[i] = Math.min(2147483647, Math.max(-2147483648, at))
  }
  return { indices: fromHost(data, indices.shape, 'int32'), inside }
}

/** The indices of what is true in a mask, one array for each of its axes. */
function maskEntries(mask: NDArray, shape: Shape, axis: number): Entry[] {
  const part = shape.slice(axis, axis + mask.ndim)
  if (mask.ndim === 0 || !shapesEqual(part, mask.shape)) {
    throw new ShapeError(
      `slice: a mask of shape ${showShape(mask.shape)} does not fit the axes ${showShape(part)} of an array of shape ${showShape(shape)}`,
    )
  }
  if (!isConcrete(mask)) throw tracedMask('slice', mask)
  return placesOfTrue(mask).map((data, i) => ({
    kind: 'array',
    axis: axis + i,
    indices: fromHost(data, [data.length], 'int32'),
    inside: true,
    distinct: true,
  }))
}

export const tracedMask = (name: string, mask: NDArray): TracerError =>
  new TracerError(
    `${name}: how many entries of the traced mask ${showAval(mask)} are true is not known, and so neither is the shape of the result. Use np.where(mask, x, y), or np.nonzero(mask, { size })`,
  )

/** The row-major places of what is not 0 in a concrete array, one array of indices for each axis. */
export function placesOfTrue(mask: NDArray): Int32Array[] {
  const data = hostData(mask)
  let count = 0
  for (let i = 0; i < data.length; i++) if (data[i]) count++
  const places = mask.shape.map(() => new Int32Array(count))
  for (let i = 0, k = 0; i < data.length; i++) {
    if (!data[i]) continue
    let rest = i
    for (let axis = mask.ndim - 1; axis >= 0; axis--) {
      const n = mask.shape[axis]!
      places[axis]![k] = rest % n
      rest = Math.floor(rest / n)
    }
    k++
  }
  return places
}

function resolveRange([start, stop, step]: IndexRange, n: number, axis: number): ResolvedRange {
  const by = step ?? 1
  if (!Number.isInteger(by) || by === 0)
    throw new ShapeError(`slice: the step of a range is ${by}; it must be a whole number other than 0`)
  for (const end of [start, stop]) {
    if (end != null && !Number.isInteger(end) && Math.abs(end) !== Infinity)
      throw new ShapeError(`slice: the range [${start}, ${stop}] for axis ${axis} must have whole ends, or null`)
  }
  const place = (i: number, low: number, high: number): number => Math.min(high, Math.max(low, i < 0 ? i + n : i))
  if (by > 0) {
    const from = start == null ? 0 : place(start, 0, n)
    const to = stop == null ? n : place(stop, 0, n)
    return { start: Math.min(from, n), limit: Math.max(from, to), stride: by, reversed: false }
  }
  const first = start == null ? n - 1 : place(start, -1, n - 1)
  const last = stop == null ? -1 : place(stop, -1, n - 1)
  const count = Math.max(0, Math.ceil((last - first) / by))
  if (count === 0) return { start: 0, limit: 0, stride: 1, reversed: false }
  const lowest = first + (count - 1) * by
  return { start: lowest, limit: first + 1, stride: -by, reversed: true }
}
