import { checkOptions } from '../array/options.ts'
import { ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxes, range, showShape } from '../array/shape.ts'
import * as broadcasting from '../primitives/broadcast.ts'
import * as reshaping from '../primitives/reshape.ts'
import { pad, slice } from '../primitives/slicing.ts'
import { checkDiagonal, checkMatrix, diagonalOf, type KOption } from './creation.ts'
import { asArray } from './operands.ts'

/**
 * A matrix with this as its `k`-th diagonal, or the `k`-th diagonal of a matrix.
 *
 * @throws ShapeError for a scalar or more than two axes.
 * @example
 * np.diag([1, 2]) // [[1, 0], [0, 2]]
 * np.diag([[1, 2], [3, 4]], 1) // [2]
 */
export function diag(x: Operand, which: number | KOption = 0): NDArray {
  const array = asArray(x)
  const k = diagonalOf('diag', which)
  if (array.ndim === 1) {
    const n = array.size
    const size = n + Math.abs(k)
    const zero = broadcasting.zerosLike({ shape: [], dtype: array.dtype })
    const start = k >= 0 ? k : -k * size
    const covered = n === 0 ? 0 : (n - 1) * (size + 1) + 1
    const whole = pad(array, zero, { low: [start], high: [size * size - start - covered], interior: [size] })
    return reshaping.reshape(whole, [size, size])
  }
  if (array.ndim > 2)
    throw new ShapeError(
      `diag: takes a vector or a matrix, not ${showShape(array.shape)}; np.diagonal takes any two axes`,
    )
  return diagonal(array, { offset: k })
}

/**
 * A matrix with the entries of any array as its `k`-th diagonal.
 *
 * @see NumPy's `diagflat`
 * @example np.diagflat([[1], [2]]) // [[1, 0], [0, 2]]
 */
export const diagflat = (x: Operand, k: number | KOption = 0): NDArray => diag(asArray(x).ravel(), k)

export interface DiagonalOptions {
  /** Which diagonal: above the main one, below it when negative. @defaultValue 0 */
  readonly offset?: number
  /** The axis of the rows. @defaultValue 0 */
  readonly axis1?: number
  /** The axis of the columns. @defaultValue 1 */
  readonly axis2?: number
}

/**
 * A diagonal of two axes, the first two unless told otherwise; it is the last axis of the result.
 *
 * @throws ShapeError for fewer than two axes.
 * @see NumPy's `diagonal`
 * @example np.diagonal([[1, 2], [3, 4]], { offset: 1 }) // [2]
 */
export function diagonal(x: Operand, options: DiagonalOptions = {}): NDArray {
  const { offset = 0, axis1 = 0, axis2 = 1 } = checkOptions('diagonal', options, ['offset', 'axis1', 'axis2'])
  const array = checkMatrix('diagonal', asArray(x))
  checkDiagonal('diagonal', offset)
  const [i, j] = normalizeAxes([axis1, axis2], array.ndim, 'diagonal') as [number, number]
  const rest = range(array.ndim).filter((axis) => axis !== i && axis !== j)
  const lead = rest.map((axis) => array.shape[axis] as number)
  const [rows, columns] = [array.shape[i] as number, array.shape[j] as number]
  const [row, column] = [Math.max(0, -offset), Math.max(0, offset)]
  const n = Math.max(0, Math.min(rows - row, columns - column))
  const flat = reshaping.reshape(reshaping.transpose(array, [...rest, i, j]), [...lead, rows * columns])
  const start = n === 0 ? 0 : row * columns + column
  return slice(flat, {
    starts: [...lead.map(() => 0), start],
    limits: [...lead, n === 0 ? 0 : start + (n - 1) * (columns + 1) + 1],
    strides: [...lead.map(() => 1), columns + 1],
  })
}
