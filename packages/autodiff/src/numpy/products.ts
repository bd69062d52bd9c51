import { ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { broadcastShapes, normalizeAxis, range, showShape } from '../array/shape.ts'
import { convert } from '../primitives/convert.ts'
import { dot as dotGeneral } from '../primitives/dot.ts'
import * as broadcasting from '../primitives/broadcast.ts'
import * as reshaping from '../primitives/reshape.ts'
import { diagonal } from './creation.ts'
import { conj } from './complex.ts'
import { unifyDTypes } from './operands.ts'

function pair(x: Operand, y: Operand): [NDArray, NDArray] {
  const [l, r] = unifyDTypes([x, y]) as [NDArray, NDArray]
  return l.dtype === 'bool' ? [convert(l, 'int32'), convert(r, 'int32')] : [l, r]
}

const mismatch = (name: string, x: NDArray, y: NDArray): ShapeError =>
  new ShapeError(
    `${name}: the shapes ${showShape(x.shape)} and ${showShape(y.shape)} do not fit: the summed axes must be equally long`,
  )

/**
 * The matrix product; axes before the last two broadcast, vectors count as rows on the left and columns on the right.
 *
 * @throws ShapeError when the shapes do not fit, or one is a scalar.
 * @example np.matmul(np.ones([5, 2, 3]), np.ones([3, 4])).shape // [5, 2, 4]
 */
export function matmul(x: Operand, y: Operand): NDArray {
  const [l, r] = pair(x, y)
  if (l.ndim === 0 || r.ndim === 0) throw new ShapeError('matmul: a scalar has no matrix product; use x.mul(y)')
  const rightAxis = Math.max(0, r.ndim - 2)
  if (l.shape[l.ndim - 1] !== r.shape[rightAxis]) throw mismatch('matmul', l, r)
  if (r.ndim <= 2 || l.ndim === 1) {
    const product = dotGeneral(l, r, { contract: [[l.ndim - 1], [rightAxis]], batch: [[], []] })
    return product
  }
  if (l.ndim === 2) {
    // The left matrix's rows come first in the product: put them before the last axis.
    const product = dotGeneral(l, r, { contract: [[1], [rightAxis]], batch: [[], []] })
    return reshaping.moveAxis(product, 0, product.ndim - 2)
  }
  const lead = broadcastShapes(
    [l.shape.slice(0, -2), r.shape.slice(0, -2)],
    `matmul of ${showShape(l.shape)} and ${showShape(r.shape)}, axes before the last two`,
  )
  const left = broadcasting.broadcastTo(l, [...lead, ...l.shape.slice(-2)])
  const right = broadcasting.broadcastTo(r, [...lead, ...r.shape.slice(-2)])
  const batch = range(lead.length)
  return dotGeneral(left, right, { contract: [[left.ndim - 1], [right.ndim - 2]], batch: [batch, batch] })
}

/**
 * NumPy's dot: the last axis of `x` with the second last of `y`. Unlike `matmul` it keeps the other axes of both.
 *
 * @throws ShapeError when these axes differ in length.
 * @example np.dot(np.ones([5, 2, 3]), np.ones([7, 3, 4])).shape // [5, 2, 7, 4]
 */
export function dot(x: Operand, y: Operand): NDArray {
  const [l, r] = pair(x, y)
  if (l.ndim === 0 || r.ndim === 0) return l.mul(r)
  const rightAxis = Math.max(0, r.ndim - 2)
  if (l.shape[l.ndim - 1] !== r.shape[rightAxis]) throw mismatch('dot', l, r)
  return dotGeneral(l, r, { contract: [[l.ndim - 1], [rightAxis]], batch: [[], []] })
}

/** The sum of products of the elements of two arrays of one size; of complex numbers those of `x` are conjugated. */
export const vdot = (x: Operand, y: Operand): NDArray => {
  const [l, r] = pair(x, y)
  if (l.size !== r.size) throw mismatch('vdot', l, r)
  return dot(conj(l).ravel(), r.ravel())
}

/**
 * All products of an element of `x` and one of `y`.
 *
 * @example np.outer([1, 2], [3, 4]) // [[3, 4], [6, 8]]
 */
export const outer = (x: Operand, y: Operand): NDArray => {
  const [l, r] = pair(x, y)
  return dotGeneral(l.ravel(), r.ravel(), { contract: [[], []], batch: [[], []] })
}

/**
 * Sums over the last `axes` axes of `x` and the first of `y`, or over the given pairs.
 *
 * @example np.tensordot(np.ones([2, 3, 4]), np.ones([4, 3]), [[1, 2], [1, 0]]).shape // [2]
 */
export function tensordot(
  x: Operand,
  y: Operand,
  axes: number | readonly [readonly number[], readonly number[]] = 2,
): NDArray {
  const [l, r] = pair(x, y)
  const contract: readonly [readonly number[], readonly number[]] =
    typeof axes === 'number'
      ? [range(axes).map((i) => l.ndim - axes + i), range(axes)]
      : [
          axes[0].map((axis) => normalizeAxis(axis, l.ndim, 'tensordot')),
          axes[1].map((axis) => normalizeAxis(axis, r.ndim, 'tensordot')),
        ]
  if (contract[0].some((axis, i) => l.shape[axis] !== r.shape[contract[1][i] as number]))
    throw mismatch('tensordot', l, r)
  return dotGeneral(l, r, { contract, batch: [[], []] })
}

/** The sum of the diagonal of the last two axes. */
export const trace = (x: Operand): NDArray => diagonal(x).sum(-1)
