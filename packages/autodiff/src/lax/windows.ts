import { checkArrays } from '../core/trace.ts'
import { checkList, checkOptions } from '../array/options.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { showGiven } from '../array/show.ts'
import * as g from '../primitives/gather.ts'
import * as s from '../primitives/scatter.ts'
import type { ScatterParams } from '../primitives/scatter-rules.ts'
import type { WindowDimensions } from '../primitives/window-dimensions.ts'

/** What becomes of windows that reach out of the array; `drop` is another name of `fill`. */
export type OutOfBounds = 'fill' | 'drop' | 'clip' | 'promiseInBounds'

/** How gather's windows lie in the array and in the result. @see JAX's `jax.lax.GatherDimensionNumbers` */
export interface GatherDimensionNumbers {
  /** The axes of the result that run inside a window. */
  readonly offsetDims: readonly number[]
  /** The axes of the array that the result does not have; windows are 1 long on them. */
  readonly collapsedSliceDims: readonly number[]
  /** The axis of the array for each component of an index. */
  readonly startIndexMap: readonly number[]
  /** Axes of the array that go with axes of the indices, entry by entry. @defaultValue none */
  readonly operandBatchingDims?: readonly number[]
  /** Those axes of the indices. @defaultValue none */
  readonly startIndicesBatchingDims?: readonly number[]
}

/** What is promised of indices. */
export interface IndexHints {
  /** A promise that no two windows overlap. @defaultValue false */
  readonly uniqueIndices?: boolean
  /** A promise that the indices are sorted; nothing here is faster for it. @defaultValue false */
  readonly indicesAreSorted?: boolean
}

export interface GatherOptions extends IndexHints {
  /** How the windows lie in the array and in the result. */
  readonly dimensionNumbers: GatherDimensionNumbers
  /** How long windows are on each axis of the array. */
  readonly sliceSizes: readonly number[]
  /** `fill` puts `fillValue` there; the others move the window into the array. @defaultValue 'fill' */
  readonly mode?: OutOfBounds
  /** @defaultValue NaN; the least signed, the greatest unsigned integer; true */
  readonly fillValue?: number | bigint
}

/** The primitive's own word for a mode. */
function gatherPlace(
  name: string,
  mode: OutOfBounds,
  dtype: NDArray['dtype'],
  fillValue: number | bigint | undefined,
): g.GatherPlace | { readonly fill: number | bigint } {
  if (mode === 'clip' || mode === 'promiseInBounds') return mode
  if (mode === 'fill' || mode === 'drop') return { fill: fillValue ?? g.defaultFill(dtype) }
  throw unknownMode(name, mode)
}

function scatterPlace(name: string, mode: OutOfBounds): 'clip' | 'drop' {
  if (mode === 'clip') return 'clip'
  if (mode === 'fill' || mode === 'drop' || mode === 'promiseInBounds') return 'drop'
  throw unknownMode(name, mode)
}

type Lists<D> = { readonly [K in keyof D]?: readonly number[] | undefined }

/** The axes by name as they are; the last two names may be left out. */
function checkNames<D extends Lists<D>>(name: string, numbers: D, names: readonly (keyof D & string)[]): D {
  const where = `${name}: dimensionNumbers`
  checkOptions(where, numbers, names)
  names.forEach((what, i) => {
    if (i >= names.length - 2 && numbers[what] === undefined) return
    checkList(name, `dimensionNumbers.${what}`, numbers[what] as readonly number[])
  })
  return numbers
}
const gatherNames = [
  'offsetDims',
  'collapsedSliceDims',
  'startIndexMap',
  'operandBatchingDims',
  'startIndicesBatchingDims',
] as const
const scatterNames = [
  'updateWindowDims',
  'insertedWindowDims',
  'scatterDimsToOperandDims',
  'operandBatchingDims',
  'scatterIndicesBatchingDims',
] as const

const unknownMode = (name: string, mode: unknown): ValueError =>
  new ValueError(`${name}: the mode is ${showGiven(mode)}; it is 'fill', 'drop', 'clip' or 'promiseInBounds'`)

/**
 * Windows of `x`, of `sliceSizes`, at the places that the last axis of `indices` (int32) holds.
 *
 * @throws ShapeError when the dimensions, the sizes and the shapes do not fit together.
 * @see JAX's `jax.lax.gather`
 * @example
 * const rows = np.array([[1], [0]], { dtype: 'int32' })
 * const dimensionNumbers = { offsetDims: [1], collapsedSliceDims: [0], startIndexMap: [0] }
 * lax.gather(np.array([[1, 2], [3, 4]]), rows, { dimensionNumbers, sliceSizes: [1, 2] }) // [[3, 4], [1, 2]]
 */
export function gather(x: NDArray, indices: NDArray, options: GatherOptions): NDArray {
  checkArrays('gather', x, indices)
  checkOptions('gather', options, [
    'dimensionNumbers',
    'sliceSizes',
    'mode',
    'fillValue',
    'uniqueIndices',
    'indicesAreSorted',
  ])
  const { dimensionNumbers, sliceSizes, mode = 'fill', fillValue } = options
  const d = checkNames('gather', dimensionNumbers, gatherNames)
  return g.gatherAt(x, indices, {
    offset: d.offsetDims,
    collapsed: d.collapsedSliceDims,
    map: d.startIndexMap,
    batch: d.operandBatchingDims ?? [],
    indexBatch: d.startIndicesBatchingDims ?? [],
    sizes: checkList('gather', 'sliceSizes', sliceSizes),
    mode: gatherPlace('gather', mode, x.dtype, fillValue),
  })
}

/** How the windows of scatter lie in the array and in the updates. @see JAX's `jax.lax.ScatterDimensionNumbers` */
export interface ScatterDimensionNumbers {
  /** The axes of the updates that run inside a window. */
  readonly updateWindowDims: readonly number[]
  /** The axes of the array that the updates do not have; windows are 1 long on them. */
  readonly insertedWindowDims: readonly number[]
  /** The axis of the array for each component of an index. */
  readonly scatterDimsToOperandDims: readonly number[]
  /** Axes of the array that go with axes of the indices, entry by entry. @defaultValue none */
  readonly operandBatchingDims?: readonly number[]
  /** Those axes of the indices. @defaultValue none */
  readonly scatterIndicesBatchingDims?: readonly number[]
}

export interface ScatterOptions extends IndexHints {
  /** How the windows lie in the array and in the updates. */
  readonly dimensionNumbers: ScatterDimensionNumbers
  /** `clip` moves the window into the array; with the others its update is dropped. @defaultValue 'fill' */
  readonly mode?: OutOfBounds
}

type Scatter = (x: NDArray, indices: NDArray, updates: NDArray, options: ScatterOptions) => NDArray

const scattering =
  (name: string, f: (x: NDArray, indices: NDArray, updates: NDArray, params: ScatterParams) => NDArray): Scatter =>
  (x, indices, updates, options) => {
    checkArrays(name, x, indices, updates)
    checkOptions(name, options, ['dimensionNumbers', 'mode', 'uniqueIndices', 'indicesAreSorted'])
    const { dimensionNumbers, mode = 'fill', uniqueIndices = false } = options
    return f(x, indices, updates, {
      ...windowsOf(checkNames(name, dimensionNumbers, scatterNames)),
      mode: scatterPlace(name, mode),
      unique: uniqueIndices,
    })
  }

const windowsOf = (d: ScatterDimensionNumbers): WindowDimensions => ({
  offset: d.updateWindowDims,
  collapsed: d.insertedWindowDims,
  map: d.scatterDimsToOperandDims,
  batch: d.operandBatchingDims ?? [],
  indexBatch: d.scatterIndicesBatchingDims ?? [],
})

/**
 * `x` with `updates` in the place of its windows at `indices`; of windows that overlap, the last one remains.
 *
 * @see JAX's `jax.lax.scatter`
 * @example
 * const places = np.array([[2], [0]], { dtype: 'int32' })
 * const dimensionNumbers = { updateWindowDims: [], insertedWindowDims: [0], scatterDimsToOperandDims: [0] }
 * lax.scatter(np.zeros([3]), places, np.array([5, 7]), { dimensionNumbers }) // [7, 0, 5]
 */
export const scatter: Scatter = scattering('scatter', s.scatterAt)
/** `x` with its windows at `indices` multiplied by `updates`. @see JAX's `jax.lax.scatter_mul` */
export const scatterMul: Scatter = scattering('scatterMul', s.scatterMulAt)
/** `x` with its windows at `indices` replaced where `updates` are smaller. @see JAX's `jax.lax.scatter_min` */
export const scatterMin: Scatter = scattering('scatterMin', s.scatterMinAt)
/** `x` with its windows at `indices` replaced where `updates` are greater. @see JAX's `jax.lax.scatter_max` */
export const scatterMax: Scatter = scattering('scatterMax', s.scatterMaxAt)

const scatterAddWindows = scattering('scatterAdd', g.scatterAddAt)

/**
 * `x` with `updates` added to its windows at `indices`; or, with an axis and its size instead, the transpose of
 * `take`: zeros to which the updates are added, each index clamped.
 *
 * @see JAX's `jax.lax.scatter_add`
 * @example lax.scatterAdd(np.array(Int32Array.of(1, 1)), np.array([2, 3]), 0, 3) // [0, 5, 0]
 */
export function scatterAdd(x: NDArray, indices: NDArray, updates: NDArray, options: ScatterOptions): NDArray
export function scatterAdd(indices: NDArray, updates: NDArray, axis: number, size: number): NDArray
export function scatterAdd(x: NDArray, y: NDArray, z: NDArray | number, last: ScatterOptions | number): NDArray {
  return typeof z === 'number' || typeof last === 'number'
    ? g.scatterAdd(x, y, z as number, last as number)
    : scatterAddWindows(x, y, z, last)
}
