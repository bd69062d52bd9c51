import { showGiven } from '../array/show.ts'
import { checkOptions, checkList } from '../array/options.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxis, range, shapesEqual, showShape, sizeOf, checkAxisList } from '../array/shape.ts'
import { arrayPair, asArray, unify, unifyDTypes } from '../numpy/operands.ts'
import { matmul, outer as allProducts } from '../numpy/products.ts'
import { sum } from '../numpy/reductions.ts'
import { concatenate } from '../numpy/shape.ts'
import { convert } from '../primitives/convert.ts'
import { identity, swap } from '../primitives/matrices.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { inv } from './determinant.ts'
import { solve } from './solve.ts'

export { matmul, tensordot } from '../numpy/products.ts'

function asMatrices(name: string, x: Operand): NDArray {
  const array = asArray(x)
  if (array.ndim >= 2) return array
  throw new ShapeError(
    `${name}: an array of shape ${showShape(array.shape)} has no rows and columns; it takes two axes or more`,
  )
}

/**
 * Square matrices [..., n, n] multiplied with themselves; the inverse, for a negative power.
 *
 * @throws ShapeError when the last two axes are not equal, ValueError when the power is not whole.
 * @see NumPy's `linalg.matrix_power`
 * @example linalg.matrixPower([[1, 1], [0, 1]], 3) // [[1, 3], [0, 1]]
 */
export function matrixPower(a: Operand, n: number): NDArray {
  const array = asMatrices('matrixPower', a)
  if (array.shape[array.ndim - 1] !== array.shape[array.ndim - 2]) {
    throw new ShapeError(`matrixPower: takes a square matrix (with any leading axes), not ${showShape(array.shape)}`)
  }
  if (!Number.isInteger(n)) throw new ValueError(`matrixPower: the power is ${showGiven(n)}; it must be a whole number`)
  if (n === 0) return identity(array.shape, array.dtype)
  if (n === 3) return matmul(matmul(array, array), array)
  let square = n < 0 ? inv(array) : array
  let result: NDArray | undefined
  for (let rest = Math.abs(n); ; square = matmul(square, square)) {
    if (rest % 2 === 1) result = result === undefined ? square : matmul(result, square)
    rest = Math.floor(rest / 2)
    if (rest === 0) return result as NDArray
  }
}

/**
 * The product of several matrices, in the order that takes the fewest multiplications; the first and the last may be
 * vectors.
 *
 * @throws ShapeError when the shapes do not fit, ValueError for fewer than two arrays.
 * @see NumPy's `linalg.multi_dot`
 * @example linalg.multiDot([[1, 2], [[1, 0], [0, 2]], [3, 4]]) // 19
 */
export function multiDot(arrays: readonly Operand[]): NDArray {
  if (checkList('multiDot', 'arrays', arrays).length < 2)
    throw new ValueError(`multiDot: takes two arrays or more, not ${arrays.length}`)
  const list = unifyDTypes(arrays)
  const ends = (i: number): boolean => i === 0 || i === list.length - 1
  const fit = list.every((x, i) => x.ndim === 2 || (ends(i) && x.ndim === 1))
  const chained = list.every((x, i) => i === 0 || list[i - 1]!.shape.at(-1) === x.shape[0])
  if (!fit || !chained) {
    throw new ShapeError(
      `multiDot: the shapes ${list.map((x) => showShape(x.shape)).join(', ')} do not fit: matrices, the first and last maybe vectors, each with as many rows as the one before has columns`,
    )
  }
  const first = list[0]!
  const last = list[list.length - 1]!
  const matrices = list.map((x, i) => (x.ndim === 2 ? x : x.reshape(i === 0 ? [1, x.size] : [x.size, 1])))
  const product = inBestOrder(matrices)
  return product.reshape([...first.shape.slice(0, -1), ...last.shape.slice(1)])
}

/** The cheapest way to multiply each run of matrices, by the sizes alone. */
function inBestOrder(matrices: readonly NDArray[]): NDArray {
  const sizes = [matrices[0]!.shape[0]!, ...matrices.map((x) => x.shape[1]!)]
  const n = matrices.length
  const cost = matrices.map(() => new Array<number>(n).fill(0))
  const cut = matrices.map(() => new Array<number>(n).fill(0))
  for (let length = 1; length < n; length++) {
    for (let i = 0; i + length < n; i++) {
      const j = i + length
      cost[i]![j] = Infinity
      for (let k = i; k < j; k++) {
        const found = cost[i]![k]! + cost[k + 1]![j]! + sizes[i]! * sizes[k + 1]! * sizes[j + 1]!
        if (found >= cost[i]![j]!) continue
        cost[i]![j] = found
        cut[i]![j] = k
      }
    }
  }
  const build = (i: number, j: number): NDArray =>
    i === j ? matrices[i]! : matmul(build(i, cut[i]![j]!), build(cut[i]![j]! + 1, j))
  return build(0, n - 1)
}

/**
 * The inverse of an array as a map from the axes after the first `ind` to those.
 *
 * @throws ShapeError when the two groups of axes have not as many entries.
 * @see NumPy's `linalg.tensorinv`
 * @example linalg.tensorinv(np.eye(6).reshape([2, 3, 6])).shape // [6, 2, 3]
 */
export function tensorinv(a: Operand, options: { readonly ind?: number } = {}): NDArray {
  const { ind = 2 } = checkOptions('tensorinv', options, ['ind'])
  const array = asArray(a)
  if (!Number.isInteger(ind) || ind <= 0)
    throw new ValueError(`tensorinv: ind is ${showGiven(ind)}; it must be whole and positive`)
  const [first, rest] = [array.shape.slice(0, ind), array.shape.slice(ind)]
  if (sizeOf(first) !== sizeOf(rest)) {
    throw new ShapeError(
      `tensorinv: the first ${ind} axes of ${showShape(array.shape)} have ${sizeOf(first)} entries, the others ${sizeOf(rest)}; they must have as many`,
    )
  }
  return inv(array.reshape([sizeOf(first), sizeOf(rest)])).reshape([...rest, ...first])
}

export interface TensorsolveOptions {
  /** Axes of `a` that are moved to its end first. @defaultValue none */
  readonly axes?: readonly number[] | null
}

/**
 * The x for which `tensordot(a, x, x.ndim)` is `b`.
 *
 * @throws ShapeError when `a` does not begin with the shape of `b`, or the system is not square.
 * @see NumPy's `linalg.tensorsolve`
 * @example linalg.tensorsolve(np.eye(6).reshape([2, 3, 6]), np.ones([2, 3])) // [1, 1, 1, 1, 1, 1]
 */
export function tensorsolve(a: Operand, b: Operand, options: TensorsolveOptions = {}): NDArray {
  const { axes = null } = checkOptions('tensorsolve', options, ['axes'])
  const right = asArray(b)
  const given = asArray(a)
  const last = checkAxisList(axes ?? [], 'tensorsolve').map((axis) => normalizeAxis(axis, given.ndim, 'tensorsolve'))
  const order = [...range(given.ndim).filter((axis) => !last.includes(axis)), ...last]
  const array = given.transpose(order)
  const shape = array.shape.slice(right.ndim)
  if (!shapesEqual(array.shape.slice(0, right.ndim), right.shape) || sizeOf(shape) !== right.size) {
    throw new ShapeError(
      `tensorsolve: a of shape ${showShape(array.shape)} and b of shape ${showShape(right.shape)} do not fit: a begins with the shape of b, and its other axes have as many entries`,
    )
  }
  return solve(array.reshape([right.size, right.size]), right.ravel()).reshape(shape)
}

/**
 * The last two axes in each other's place.
 *
 * @throws ShapeError for fewer than two axes; so `diagonal` and `trace`.
 * @see NumPy's `linalg.matrix_transpose`
 * @example linalg.matrixTranspose([[1, 2], [3, 4]]) // [[1, 3], [2, 4]]
 */
export const matrixTranspose = (x: Operand): NDArray => swap(asMatrices('matrixTranspose', x))

/** Which diagonal, by name. */
export interface OffsetOption {
  /** Which diagonal: to the right of the main one, or to its left for a negative number. @defaultValue 0 */
  readonly offset?: number
}

/**
 * A diagonal of matrices [..., m, n].
 *
 * @see NumPy's `linalg.diagonal`
 * @example linalg.diagonal([[1, 2], [3, 4]], { offset: 1 }) // [2]
 */
export function diagonal(x: Operand, options: OffsetOption = {}): NDArray {
  const { offset = 0 } = checkOptions('diagonal', options, ['offset'])
  const array = asMatrices('diagonal', x)
  if (!Number.isInteger(offset))
    throw new ValueError(`diagonal: the offset is ${showGiven(offset)}; it must be a whole number`)
  const [m, n] = array.shape.slice(-2) as [number, number]
  const length = Math.max(0, Math.min(m + Math.min(0, offset), n - Math.max(0, offset)))
  const start = offset < 0 ? -offset * n : offset
  const flat = array.reshape([...array.shape.slice(0, -2), m * n])
  const stop = length === 0 ? start : start + (length - 1) * (n + 1) + 1
  return flat.slice(...array.shape.slice(0, -2).map(() => null), length === 0 ? [0, 0] : [start, stop, n + 1])
}

/**
 * The sum of a diagonal of matrices.
 *
 * @see NumPy's `linalg.trace`
 * @example linalg.trace([[1, 2], [3, 4]]) // 5
 */
export const trace = (x: Operand, options: OffsetOption = {}): NDArray => {
  checkOptions('trace', options, ['offset'])
  return sum(diagonal(x, options), { axis: -1 })
}

/**
 * All products of an entry of one vector and one of another.
 *
 * @throws ShapeError when they are no vectors.
 * @see NumPy's `linalg.outer`
 * @example linalg.outer([1, 2], [3, 4]) // [[3, 4], [6, 8]]
 */
export function outer(x: Operand, y: Operand): NDArray {
  const [l, r] = arrayPair(x, y)
  if (l.ndim === 1 && r.ndim === 1) return allProducts(l, r)
  throw new ShapeError(
    `outer: takes two vectors, not ${showShape(l.shape)} and ${showShape(r.shape)}; np.outer flattens them`,
  )
}

/** The two operands in one shape, booleans as integers; the axis is counted in both. */
function aligned(name: string, x: Operand, y: Operand, axis: number): { l: NDArray; r: NDArray; along: number } {
  const sides = arrayPair(x, y).map((side) => (side.dtype === 'bool' ? convert(side, 'int32') : side))
  const lengths = sides.map((side) => side.shape[normalizeAxis(axis, side.ndim, name)])
  if (lengths[0] !== lengths[1]) {
    throw new ShapeError(
      `${name}: axis ${axis} of ${sides.map((s) => showShape(s.shape)).join(' and ')} must be equally long`,
    )
  }
  const [l, r] = unify(name, sides) as [NDArray, NDArray]
  return { l, r, along: axis < 0 ? axis + l.ndim : axis }
}

/**
 * The cross product of vectors of three along an axis.
 *
 * @throws ShapeError when an axis is not 3 long.
 * @see NumPy's `linalg.cross`
 * @example linalg.cross([1, 0, 0], [0, 1, 0]) // [0, 0, 1]
 */
export function cross(x: Operand, y: Operand, options: { readonly axis?: number } = {}): NDArray {
  const { axis = -1 } = checkOptions('cross', options, ['axis'])
  const { l, r, along } = aligned('cross', x, y, axis)
  if (l.shape[along] !== 3) {
    throw new ShapeError(`cross: axis ${axis} is ${l.shape[along]} long; there is a cross product of vectors of 3`)
  }
  const at = (side: NDArray, i: number): NDArray => sliceAxis(side, along, i % 3, (i % 3) + 1)
  const parts = range(3).map((i) =>
    at(l, i + 1)
      .mul(at(r, i + 2))
      .sub(at(l, i + 2).mul(at(r, i + 1))),
  )
  return concatenate(parts, { axis: along })
}
