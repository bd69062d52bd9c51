import { convertNumber, isFloat, isInteger } from '../array/dtype.ts'
import type { UpdateOptions } from '../array/method-options.ts'
import { promote } from '../array/promotion.ts'
import { DTypeError, ValueError } from '../array/errors.ts'
import { NDArray, type Operand, scalar } from '../array/ndarray.ts'
import type { IndexPlace } from '../array/operations.ts'
import { range, shapesEqual, showShape } from '../array/shape.ts'
import { broadcastInDim, onesLike } from '../primitives/broadcast.ts'
import { convert } from '../primitives/convert.ts'
import { dynamicUpdateSlice } from '../primitives/dynamic-slice.ts'
import { scatterAddAt } from '../primitives/gather.ts'
import { reshape } from '../primitives/reshape.ts'
import { scatterAt, scatterMaxAt, scatterMinAt, scatterMulAt } from '../primitives/scatter.ts'
import type { ScatterParams } from '../primitives/scatter-rules.ts'
import { isConcrete } from '../core/trace.ts'
import * as e from './elementwise.ts'
import { type Entries, resolveEntries } from './index-entries.ts'
import { windowsOfIndex } from './index-windows.ts'
import { listOf } from './indexing.ts'
import { asArray } from './operands.ts'
import { broadcastTo } from './shape.ts'
import { showGiven } from '../array/show.ts'

/** `x` with some entries changed: see the method of the same name. */
export type Update = (x: NDArray, index: IndexPlace, value: Operand, options?: UpdateOptions) => NDArray

interface UpdateRules {
  readonly name: string
  readonly scatter: (x: NDArray, indices: NDArray, updates: NDArray, params: ScatterParams) => NDArray
  /** What becomes of every entry where a mask is true. */
  readonly masked: (x: NDArray, value: NDArray) => NDArray
  /** The value in the array's dtype. */
  readonly prepare?: (value: NDArray) => NDArray
}

function update({ name, scatter, masked, prepare = (v) => v }: UpdateRules): Update {
  return (x, index, value, options = {}) => {
    const list = listOf(index)
    const mode = placeOf(name, options.mode)
    const updates = prepare(valueFor(name, x, value))
    const [mask] = list
    const isMask = list.length === 1 && mask instanceof NDArray && mask.dtype === 'bool'
    // A traced mask picks no known number of entries, but a value that is the same for all needs no picking.
    if (isMask && fitsMask(x, mask, updates)) {
      return e.where(overArray(mask, x), masked(x, updates), x)
    }
    const resolved = resolveEntries(x.shape, list)
    const whole = name === 'set' ? blockOf(x, resolved, updates) : undefined
    if (whole !== undefined) return whole
    const { dimensions, indices, taken, shape, inside, distinct } = windowsOfIndex(x.shape, resolved)
    return scatter(x, indices, reshape(broadcastTo(updates, shape), taken), {
      ...dimensions,
      mode: inside ? 'clip' : mode,
      unique: distinct || options.uniqueIndices === true,
    })
  }
}

function placeOf(name: string, mode: UpdateOptions['mode']): 'clip' | 'drop' {
  if (mode === 'clip') return 'clip'
  if (mode === undefined || mode === 'drop' || mode === 'fill' || mode === 'promiseInBounds') return 'drop'
  throw new ValueError(`${name}: the mode is ${showGiven(mode)}; it is 'drop', 'fill', 'clip' or 'promiseInBounds'`)
}

/** A value in the dtype of the array, which must be able to hold it. */
function valueFor(name: string, x: NDArray, value: Operand): NDArray {
  const { dtype } = x
  if (typeof value === 'number') {
    if (isFloat(dtype) || convertNumber(value, dtype) === value) return scalar(value, dtype)
    throw new DTypeError(`${name}: ${dtype} cannot hold ${value}; convert the array first, as x.astype("float32")`)
  }
  const given = asArray(value)
  // A list of whole numbers is as good as one of integers.
  const listed = !(value instanceof NDArray) && isConcrete(given) && isInteger(dtype)
  if (listed && given.storage.host?.every((v) => convertNumber(Number(v), dtype) === Number(v)) === true) {
    return convert(given, dtype)
  }
  if (given.dtype !== dtype && !isFloat(dtype) && promote(given.dtype, dtype) !== dtype) {
    throw new DTypeError(
      `${name}: an array of ${dtype} cannot hold ${given.dtype}${showShape(given.shape)}; convert one of them with astype`,
    )
  }
  return convert(given, dtype)
}

const fitsMask = (x: NDArray, mask: NDArray, value: NDArray): boolean =>
  value.ndim <= x.ndim - mask.ndim && shapesEqual(mask.shape, x.shape.slice(0, mask.ndim))

const overArray = (mask: NDArray, x: NDArray): NDArray => broadcastInDim(mask, x.shape, range(mask.ndim))

/** A block of entries side by side that is replaced as a whole. */
function blockOf(x: NDArray, { entries, arrays }: Entries, updates: NDArray): NDArray | undefined {
  if (arrays > 0) return undefined
  const starts = x.shape.map(() => 0)
  const sizes = [...x.shape]
  const shape: number[] = []
  for (const entry of entries) {
    if (entry.kind === 'new') shape.push(1)
    else if (entry.kind === 'all') shape.push(x.shape[entry.axis]!)
    else if (entry.kind === 'number') {
      starts[entry.axis] = entry.at
      sizes[entry.axis] = 1
    } else if (entry.kind === 'range' && entry.stride === 1 && !entry.reversed) {
      starts[entry.axis] = entry.start
      sizes[entry.axis] = entry.limit - entry.start
      shape.push(entry.limit - entry.start)
    } else return undefined
  }
  const block = reshape(broadcastTo(updates, shape), sizes)
  return dynamicUpdateSlice(
    x,
    block,
    starts.map((s) => scalar(s, 'int32')),
  )
}

export const set: Update = update({
  name: 'set',
  scatter: scatterAt,
  masked: (x, value) => broadcastTo(value, x.shape),
})
export const addAt: Update = update({ name: 'addAt', scatter: scatterAddAt, masked: e.add })
export const subAt: Update = update({ name: 'subAt', scatter: scatterAddAt, masked: e.add, prepare: e.negative })
export const mulAt: Update = update({ name: 'mulAt', scatter: scatterMulAt, masked: e.multiply })
export const minAt: Update = update({ name: 'minAt', scatter: scatterMinAt, masked: e.minimum })
export const maxAt: Update = update({ name: 'maxAt', scatter: scatterMaxAt, masked: e.maximum })

export const divAt: Update = (x, index, value, options) => e.divide(x, mulAt(onesLike(x), index, value, options))
export const powAt: Update = (x, index, value, options) => e.power(x, mulAt(onesLike(x), index, value, options))
