import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import {
  insertAxis,
  normalizeAxes,
  normalizeAxis,
  range,
  type Shape,
  shapesEqual,
  showShape,
  sizeOf,
  withoutAxes,
} from '../array/shape.ts'
import { concatenate as concatenateAlong } from '../primitives/concatenate.ts'
import { rev } from '../primitives/rev.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import * as broadcasting from '../primitives/broadcast.ts'
import * as reshaping from '../primitives/reshape.ts'
import { asArray, unify, unifyDTypes } from './operands.ts'

/** The same elements under another shape; one size may be −1. */
export function reshape(x: Operand, shape: Shape | number): NDArray {
  const array = asArray(x)
  const wanted = typeof shape === 'number' ? [shape] : shape
  const open = wanted.indexOf(-1)
  if (open < 0) return reshaping.reshape(array, wanted)
  const known = sizeOf(wanted.filter((_, i) => i !== open))
  const rest = known === 0 ? NaN : array.size / known
  if (!Number.isInteger(rest) || wanted.includes(-1, open + 1)) {
    throw new ShapeError(
      `reshape: ${showShape(array.shape)} (${array.size} elements) does not fit ${showShape(wanted)}; at most one size may be -1, and it must come out whole`,
    )
  }
  return reshaping.reshape(
    array,
    wanted.map((n, i) => (i === open ? rest : n)),
  )
}

export const ravel = (x: Operand): NDArray => reshape(x, [-1])

/** Axes in another order; reversed by default. */
export function transpose(x: Operand, axes?: readonly number[]): NDArray {
  const array = asArray(x)
  const order =
    axes === undefined ? range(array.ndim).reverse() : axes.map((axis) => normalizeAxis(axis, array.ndim, 'transpose'))
  return reshaping.transpose(array, order)
}

/** Axis `source` moved to `destination`, the others in order. */
export function moveaxis(x: Operand, source: number, destination: number): NDArray {
  const array = asArray(x)
  return reshaping.moveAxis(
    array,
    normalizeAxis(source, array.ndim, 'moveaxis'),
    normalizeAxis(destination, array.ndim, 'moveaxis'),
  )
}

export function swapaxes(x: Operand, axis1: number, axis2: number): NDArray {
  const array = asArray(x)
  const [i, j] = [normalizeAxis(axis1, array.ndim, 'swapaxes'), normalizeAxis(axis2, array.ndim, 'swapaxes')]
  return reshaping.transpose(
    array,
    range(array.ndim).map((axis) => (axis === i ? j : axis === j ? i : axis)),
  )
}

/** Without axes of length 1: the given ones, or all. */
export function squeeze(x: Operand, axis?: number | readonly number[]): NDArray {
  const array = asArray(x)
  const axes =
    axis === undefined
      ? range(array.ndim).filter((i) => array.shape[i] === 1)
      : normalizeAxes(axis, array.ndim, 'squeeze')
  const long = axes.find((i) => array.shape[i] !== 1)
  if (long !== undefined)
    throw new ShapeError(`squeeze: axis ${long} of ${showShape(array.shape)} is ${array.shape[long]} long, not 1`)
  return reshaping.reshape(array, withoutAxes(array.shape, axes))
}

/** With a new axis of length 1 at `axis` of the result. */
export function expandDims(x: Operand, axis: number): NDArray {
  const array = asArray(x)
  return reshaping.reshape(array, insertAxis(array.shape, normalizeAxis(axis, array.ndim + 1, 'expandDims'), 1))
}

export const broadcastTo = (x: Operand, shape: Shape): NDArray => broadcasting.broadcastTo(asArray(x), shape)
export const broadcastArrays = (...arrays: Operand[]): NDArray[] => unify('broadcastArrays', arrays)

/** Arrays one after the other along an existing axis. */
export function concatenate(arrays: readonly Operand[], { axis = 0 }: { readonly axis?: number } = {}): NDArray {
  if (arrays.length === 0) throw new ValueError('concatenate: there are no arrays to concatenate')
  const list = unifyDTypes(arrays)
  return concatenateAlong(list, normalizeAxis(axis, (list[0] as NDArray).ndim, 'concatenate'))
}

/** Arrays of one shape along a new axis. */
export function stack(arrays: readonly Operand[], { axis = 0 }: { readonly axis?: number } = {}): NDArray {
  if (arrays.length === 0) throw new ValueError('stack: there are no arrays to stack')
  const list = unifyDTypes(arrays)
  const [first] = list as [NDArray]
  const odd = list.find((x) => !shapesEqual(x.shape, first.shape))
  if (odd !== undefined) {
    throw new ShapeError(
      `stack: the arrays have the shapes ${showShape(first.shape)} and ${showShape(odd.shape)}; they must have one, np.broadcastArrays gives them one`,
    )
  }
  const at = normalizeAxis(axis, first.ndim + 1, 'stack')
  return concatenateAlong(
    list.map((x) => expandDims(x, at)),
    at,
  )
}

/** Entries of some axes (all by default) in reverse order. */
export function flip(x: Operand, { axis }: { readonly axis?: number | readonly number[] } = {}): NDArray {
  const array = asArray(x)
  return rev(array, normalizeAxes(axis, array.ndim, 'flip'))
}

/** Equal parts along an axis, or parts between the given indices. */
export function split(
  x: Operand,
  sections: number | readonly number[],
  { axis = 0 }: { readonly axis?: number } = {},
): NDArray[] {
  const array = asArray(x)
  const along = normalizeAxis(axis, array.ndim, 'split')
  const n = array.shape[along] as number
  if (typeof sections === 'number' && (n % sections !== 0 || sections < 1)) {
    throw new ShapeError(
      `split: axis ${along} of ${showShape(array.shape)} does not divide into ${sections} equal parts`,
    )
  }
  const cuts = typeof sections === 'number' ? range(sections - 1).map((i) => ((i + 1) * n) / sections) : sections
  const edges = [0, ...cuts.map((cut) => Math.min(n, Math.max(0, cut))), n]
  return edges.slice(1).map((end, i) => sliceAxis(array, along, edges[i] as number, Math.max(edges[i] as number, end)))
}

function checkCount(name: string, n: number): void {
  if (!Number.isInteger(n) || n < 0)
    throw new ValueError(`${name}: ${n} repeats; the number must be whole and not negative`)
}

/** The array repeated as a whole. */
export function tile(x: Operand, repeats: number | readonly number[]): NDArray {
  const counts = typeof repeats === 'number' ? [repeats] : repeats
  const array = asArray(x)
  counts.forEach((n) => checkCount('tile', n))
  const rank = Math.max(array.ndim, counts.length)
  const shape = [...range(rank - array.ndim).map(() => 1), ...array.shape]
  const times = [...range(rank - counts.length).map(() => 1), ...counts]
  const wide = broadcasting.broadcastInDim(
    reshaping.reshape(array, shape),
    shape.flatMap((n, i) => [times[i] as number, n]),
    shape.map((_, i) => 2 * i + 1),
  )
  return reshaping.reshape(
    wide,
    shape.map((n, i) => n * (times[i] as number)),
  )
}

/** Each entry repeated `repeats` times along an axis. */
export function repeat(x: Operand, repeats: number, { axis }: { readonly axis?: number } = {}): NDArray {
  const array = axis === undefined ? ravel(x) : asArray(x)
  checkCount('repeat', repeats)
  const along = normalizeAxis(axis ?? 0, array.ndim, 'repeat')
  const wide = broadcasting.broadcastAxis(array, along + 1, repeats)
  return reshaping.reshape(
    wide,
    array.shape.map((n, i) => (i === along ? n * repeats : n)),
  )
}
