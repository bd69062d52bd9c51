import { checkOptions } from '../array/options.ts'
import { ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxis, range, showShape } from '../array/shape.ts'
import { zerosLike } from '../primitives/broadcast.ts'
import { moveAxis, reshape } from '../primitives/reshape.ts'
import { conj } from './complex.ts'
import { einsum } from './einsum.ts'
import { arrayPair, asArray, unify, unifyDTypes } from './operands.ts'
import { tensordot } from './products.ts'
import { stack } from './shape.ts'

/**
 * Products summed over the last axis of both: unlike `matmul`, of `y` too.
 *
 * @throws ShapeError when these axes differ in length.
 * @see NumPy's `inner`
 * @example np.inner([[1, 2], [3, 4]], [1, 10]) // [21, 43]
 */
export function inner(x: Operand, y: Operand): NDArray {
  const [l, r] = unifyDTypes([x, y]) as [NDArray, NDArray]
  return l.ndim === 0 || r.ndim === 0 ? l.mul(r) : tensordot(l, r, [[-1], [-1]])
}

/** Throws a ShapeError unless an axis is there and as long in both. */
function checkVectors(name: string, x: NDArray, xAxis: number, y: NDArray, yAxis: number): void {
  const [m, n] = [x.shape.at(xAxis), y.shape.at(yAxis)]
  if (m !== undefined && m === n) return
  throw new ShapeError(
    `${name}: the shapes ${showShape(x.shape)} and ${showShape(y.shape)} do not fit: axis ${xAxis} of the first and axis ${yAxis} of the second must be there and equally long`,
  )
}

/**
 * Products of vectors along an axis of both; the other axes broadcast. Of complex numbers those of `x` are conjugated.
 *
 * @throws ShapeError when the axes differ in length.
 * @see NumPy's `vecdot`, also in `linalg`
 * @example np.vecdot([[1, 2], [3, 4]], [1, 10]) // [21, 43]
 */
export function vecdot(x: Operand, y: Operand, options: { readonly axis?: number } = {}): NDArray {
  const { axis = -1 } = checkOptions('vecdot', options, ['axis'])
  const [l, r] = unifyDTypes([x, y]) as [NDArray, NDArray]
  const last = (z: NDArray): NDArray => moveAxis(z, normalizeAxis(axis, z.ndim, 'vecdot'), z.ndim - 1)
  const [left, right] = [last(l), last(r)]
  checkVectors('vecdot', left, -1, right, -1)
  return einsum('...i,...i->...', conj(left), right)
}

/**
 * Matrices [..., n, m] with vectors [..., m].
 *
 * @throws ShapeError when they do not fit.
 * @see NumPy's `matvec`
 * @example np.matvec([[1, 2], [3, 4]], [1, 10]) // [21, 43]
 */
export function matvec(x: Operand, y: Operand): NDArray {
  const [l, r] = unifyDTypes([x, y]) as [NDArray, NDArray]
  if (l.ndim < 2) throw new ShapeError(`matvec: ${showShape(l.shape)} is no matrix; np.vecdot multiplies vectors`)
  checkVectors('matvec', l, -1, r, -1)
  return einsum('...ij,...j->...i', l, r)
}

/**
 * Vectors [..., n], conjugated if they are complex, with matrices [..., n, m].
 *
 * @throws ShapeError when they do not fit.
 * @see NumPy's `vecmat`
 * @example np.vecmat([1, 10], [[1, 2], [3, 4]]) // [31, 42]
 */
export function vecmat(x: Operand, y: Operand): NDArray {
  const [l, r] = unifyDTypes([x, y]) as [NDArray, NDArray]
  if (r.ndim < 2) throw new ShapeError(`vecmat: ${showShape(r.shape)} is no matrix; np.vecdot multiplies vectors`)
  checkVectors('vecmat', l, -1, r, -2)
  return einsum('...i,...ij->...j', conj(l), r)
}

/**
 * The Kronecker product: every entry of `x` times the whole of `y`.
 *
 * @see NumPy's `kron`
 * @example np.kron([1, 10], [1, 2]) // [1, 2, 10, 20]
 */
export function kron(x: Operand, y: Operand): NDArray {
  const [l, r] = unifyDTypes([x, y]) as [NDArray, NDArray]
  const rank = Math.max(l.ndim, r.ndim)
  const whole = (z: NDArray): number[] => [...range(rank - z.ndim).map(() => 1), ...z.shape]
  const [m, n] = [whole(l), whole(r)]
  const left = reshape(
    l,
    m.flatMap((size) => [size, 1]),
  )
  const right = reshape(
    r,
    n.flatMap((size) => [1, size]),
  )
  return reshape(
    left.mul(right),
    m.map((size, i) => size * (n[i] as number)),
  )
}

export interface CrossOptions {
  /** The axis of the vectors in both and in the result, in place of the three below. @defaultValue none */
  readonly axis?: number
  /** The axis of the vectors in the first array. @defaultValue -1 */
  readonly axisa?: number
  /** The axis of the vectors in the second array. @defaultValue -1 */
  readonly axisb?: number
  /** The axis of the vectors in the result. @defaultValue -1 */
  readonly axisc?: number
}

/**
 * The cross product of vectors of 3, or of 2, which lie in the plane of the first two axes; of two of these the third
 * number alone.
 *
 * @throws ShapeError for vectors of another length.
 * @see NumPy's `cross`
 * @example np.cross([1, 0, 0], [0, 1, 0]) // [0, 0, 1]
 */
export function cross(x: Operand, y: Operand, options: CrossOptions = {}): NDArray {
  checkOptions('cross', options, ['axis', 'axisa', 'axisb', 'axisc'])
  const { axis, axisa = -1, axisb = -1, axisc = -1 } = options
  const entries = (array: NDArray, along: number): NDArray[] => {
    const last = moveAxis(array, normalizeAxis(axis ?? along, array.ndim, 'cross'), array.ndim - 1)
    const n = last.shape[last.ndim - 1] as number
    if (n !== 2 && n !== 3)
      throw new ShapeError(
        `cross: the vectors of ${showShape(array.shape)} along axis ${axis ?? along} have ${n} entries, not 2 or 3`,
      )
    return range(n).map((i) => last.slice(...range(last.ndim - 1).map(() => null), i))
  }
  const [a, b] = arrayPair(x, y)
  const [left, right] = [entries(a, axisa), entries(b, axisb)]
  // Each pair of entries in one shape and dtype; a vector in the plane has no third.
  const all = unify('cross', [...left, ...right])
  const [a0, a1, a2 = zerosLike(all[0] as NDArray)] = all.slice(0, left.length) as [NDArray, NDArray, NDArray?]
  const [b0, b1, b2 = zerosLike(a0)] = all.slice(left.length) as [NDArray, NDArray, NDArray?]
  const third = a0.mul(b1).sub(a1.mul(b0))
  if (left.length === 2 && right.length === 2) return third
  const result = stack([a1.mul(b2).sub(a2.mul(b1)), a2.mul(b0).sub(a0.mul(b2)), third])
  return moveAxis(result, 0, normalizeAxis(axis ?? axisc, result.ndim, 'cross'))
}

/**
 * Matrices [..., n, m] transposed, whatever axes come before.
 *
 * @throws ShapeError for fewer than two axes.
 * @see NumPy's `matrix_transpose`
 * @example np.matrixTranspose(np.zeros([5, 2, 3])).shape // [5, 3, 2]
 */
export function matrixTranspose(x: Operand): NDArray {
  const array = asArray(x)
  if (array.ndim < 2)
    throw new ShapeError(`matrixTranspose: ${showShape(array.shape)} is no matrix; it has ${array.ndim} axes`)
  return moveAxis(array, array.ndim - 1, array.ndim - 2)
}
