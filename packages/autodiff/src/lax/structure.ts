import { checkArrays } from '../core/trace.ts'
import { checkArray, checkWhole } from './operands.ts'
import type { DType } from '../array/dtype.ts'
import { ValueError } from '../array/errors.ts'
import { NDArray, type Operand } from '../array/ndarray.ts'
import { checkOptions } from '../array/options.ts'
import { normalizeAxis, type Shape } from '../array/shape.ts'
import { isOptions } from '../numpy/arguments.ts'
import { asArray, unifyDTypes } from '../numpy/operands.ts'
import { iota as iotaOf } from '../primitives/creation.ts'
import { convert } from '../primitives/convert.ts'
import * as cumulating from '../primitives/cumulative.ts'
import { dot as dotOf, type DotParams } from '../primitives/dot.ts'
import { reducePrecision as reducePrecisionOf } from '../primitives/precision.ts'
import * as reducing from '../primitives/reductions.ts'
import { pad as padOf, type PadParams, slice as sliceOf, type SliceParams } from '../primitives/slicing.ts'

/** The functions of `lax` that move entries, with JAX's arguments. */

/** How many entries come before an axis, after it, and between its entries. */
export type PaddingConfig = readonly (readonly [low: number, high: number, interior: number])[]

/**
 * `x` with the scalar `value` around and between its entries; negative numbers cut off. A triple an axis, or three lists
 * by name.
 *
 * @see JAX's `jax.lax.pad`
 * @example lax.pad(np.ones([2]), 0, [[1, 0, 1]]) // [0, 1, 0, 1]
 */
export function pad(x: NDArray, value: NDArray | number, config: PaddingConfig | PadParams): NDArray {
  const filling = value instanceof NDArray ? value : unifyDTypes([x, value])[1]!
  checkArray('pad', x)
  if (!isTriples(config)) {
    checkOptions('pad', config, ['low', 'high', 'interior'])
    for (const list of [config.low, config.high, config.interior]) checkWhole('pad', 'low, high and interior', list)
    return padOf(x, filling, config)
  }
  config.forEach((triple) => checkWhole('pad', 'a triple', triple))
  const column = (i: 0 | 1 | 2): number[] => config.map((triple) => triple[i])
  return padOf(x, filling, { low: column(0), high: column(1), interior: column(2) })
}
const isTriples = (config: PaddingConfig | PadParams): config is PaddingConfig => Array.isArray(config)

/**
 * Every `strides`-th entry from `starts` to before `limits`, on each axis.
 *
 * @throws ShapeError for a range that does not lie in the array.
 * @see JAX's `jax.lax.slice`
 * @example lax.slice(np.arange(5), [1], [5], [2]) // [1, 3]
 */
export function slice(
  x: NDArray,
  starts: readonly number[],
  limits: readonly number[],
  strides?: readonly number[] | null,
): NDArray
export function slice(x: NDArray, params: SliceParams): NDArray
export function slice(
  x: NDArray,
  starts: readonly number[] | SliceParams,
  limits: readonly number[] = [],
  strides?: readonly number[] | null,
): NDArray {
  checkArray('slice', x)
  if (!isList(starts)) {
    checkOptions('slice', starts, ['starts', 'limits', 'strides'])
    for (const list of [starts.starts, starts.limits, starts.strides]) checkWhole('slice', 'its numbers', list)
    return sliceOf(x, starts)
  }
  for (const list of [starts, limits, strides ?? []]) checkWhole('slice', 'its numbers', list)
  return sliceOf(x, { starts, limits, strides: strides ?? x.shape.map(() => 1) })
}
const isList = (x: readonly number[] | object): x is readonly number[] => Array.isArray(x)

/**
 * Entries of one axis, from `start` to before `limit`; `null` is an open end, negative numbers count from it.
 *
 * @see JAX's `jax.lax.slice_in_dim`
 * @example lax.sliceInDim(np.arange(5), 1, -1, 2) // [1, 3]
 */
export function sliceInDim(x: NDArray, start: number | null, limit: number | null, stride = 1, axis = 0): NDArray {
  const along = normalizeAxis(axis, checkArray('sliceInDim', x).ndim, 'sliceInDim')
  checkWhole('sliceInDim', 'the ends and the stride', [start ?? 0, limit ?? 0, stride])
  const n = x.shape[along]!
  const place = (i: number): number => (i < 0 ? i + n : i)
  const at = <V>(value: V, others: readonly V[]): V[] => others.map((v, i) => (i === along ? value : v))
  return slice(
    x,
    at(
      place(start ?? 0),
      x.shape.map(() => 0),
    ),
    at(place(limit ?? n), x.shape),
    at(
      stride,
      x.shape.map(() => 1),
    ),
  )
}

/**
 * 0 … n − 1 along one axis, the same along all others.
 *
 * @see JAX's `jax.lax.broadcasted_iota`; the shape may come first
 * @example lax.broadcastedIota('int32', [2, 2], 1) // [[0, 1], [0, 1]]
 */
export function broadcastedIota(dtype: DType, shape: Shape, dimension: number): NDArray
export function broadcastedIota(shape: Shape, dimension: number, dtype: DType): NDArray
export function broadcastedIota(a: DType | Shape, b: Shape | number, c: number | DType): NDArray {
  return typeof a === 'string' ? iotaOf(b as Shape, c as number, a) : iotaOf(a, b as number, c as DType)
}

/**
 * 0 … `size` − 1.
 *
 * @see JAX's `jax.lax.iota`
 * @example lax.iota('int32', 3) // [0, 1, 2]
 */
export const iota = (dtype: DType, size: number): NDArray => iotaOf([size], 0, dtype)

/** The axes that are summed over, left and right, and those that stand for a batch. */
export type DotDimensionNumbers = readonly [contract: DotParams['contract'], batch: DotParams['batch']]

/**
 * Sums of products over the axes `contract` of both, for each entry of the axes `batch`. The batch comes first in the
 * result, then what is left of `x`, then of `y`.
 *
 * @see JAX's `jax.lax.dot_general`
 * @example lax.dotGeneral(np.ones([2, 3]), np.ones([3]), [[[1], [0]], [[], []]]) // [3, 3]
 */
export function dotGeneral(
  x: NDArray,
  y: NDArray,
  dimensionNumbers: DotDimensionNumbers | DotParams,
  options: { readonly preferredElementType?: DType } = {},
): NDArray {
  const { preferredElementType } = checkOptions('dotGeneral', options, ['preferredElementType'])
  checkArrays('dotGeneral', x, y)
  const params = numbersOf(dimensionNumbers)
  const [l, r] = preferredElementType === undefined ? [x, y] : [x, y].map((z) => convert(z, preferredElementType))
  return dotOf(l!, r!, params)
}
const isPair = (x: DotDimensionNumbers | DotParams): x is DotDimensionNumbers => Array.isArray(x)

function numbersOf(numbers: DotDimensionNumbers | DotParams): DotParams {
  const given: { readonly contract?: unknown; readonly batch?: unknown } = isPair(numbers)
    ? { contract: numbers[0], batch: numbers[1] }
    : checkOptions<DotParams>('dotGeneral: dimension numbers', numbers, ['contract', 'batch'])
  const { contract, batch } = given as DotParams
  const pair = (lists: unknown): boolean => Array.isArray(lists) && lists.length === 2 && lists.every(Array.isArray)
  if (!pair(contract) || !pair(batch))
    throw new ValueError('dotGeneral: dimension numbers are [[contractLeft, contractRight], [batchLeft, batchRight]]')
  return { contract, batch }
}

/**
 * `x` rounded to a float format of these many bits.
 *
 * @see JAX's `jax.lax.reduce_precision`
 * @example lax.reducePrecision(np.array([1.23]), 5, 3) // [1.25]
 */
export function reducePrecision(
  x: Operand,
  exponentBits: number | { readonly exponentBits: number; readonly mantissaBits: number },
  mantissaBits = 0,
): NDArray {
  const params =
    typeof exponentBits === 'number'
      ? { exponentBits, mantissaBits }
      : checkOptions('reducePrecision', exponentBits, ['exponentBits', 'mantissaBits'])
  return reducePrecisionOf(asArray(x), params)
}

export interface ReverseOption {
  /** From the end of the axis. @defaultValue false */
  readonly reverse?: boolean
}

/** A running operation along an axis; from its end with `reverse`, by place or by name. */
export type RunningFunction = (x: NDArray, axis?: number, reverse?: boolean | ReverseOption) => NDArray

const running =
  (name: string, f: (x: NDArray, axis: number, reverse?: boolean) => NDArray): RunningFunction =>
  (x, axis = 0, reverse = false) => {
    const backward = isOptions<ReverseOption>(reverse as never)
      ? checkOptions<ReverseOption>(name, reverse as ReverseOption, ['reverse']).reverse
      : (reverse as boolean)
    checkArray(name, x)
    return f(x, axis, backward)
  }

/** Running sums. @see JAX's `jax.lax.cumsum` */
export const cumsum: RunningFunction = running('cumsum', reducing.cumsum)
/** Running products. @see JAX's `jax.lax.cumprod` */
export const cumprod: RunningFunction = running('cumprod', cumulating.cumprod)
/** Running maxima; a NaN stays. @see JAX's `jax.lax.cummax` */
export const cummax: RunningFunction = running('cummax', cumulating.cummax)
/** Running minima; a NaN stays. @see JAX's `jax.lax.cummin` */
export const cummin: RunningFunction = running('cummin', cumulating.cummin)
/** Logarithms of running sums of exponentials, without overflow. @see JAX's `jax.lax.cumlogsumexp` */
export const cumlogsumexp: RunningFunction = running('cumlogsumexp', cumulating.cumlogsumexp)

const index =
  (f: (x: NDArray, axis: number) => NDArray) =>
  (x: NDArray, axis: number, indexDtype: DType = 'int32'): NDArray =>
    convert(f(x, axis), indexDtype)
/** The index of the largest entry of an axis; of the first if there are several, of a NaN if there is one. */
export const argmax: (x: NDArray, axis: number, indexDtype?: DType) => NDArray = index(reducing.argmax)
/** The index of the smallest entry of an axis; see `argmax`. */
export const argmin: (x: NDArray, axis: number, indexDtype?: DType) => NDArray = index(reducing.argmin)
