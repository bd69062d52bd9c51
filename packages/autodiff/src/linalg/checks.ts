import { ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { broadcastShapes, showShape } from '../array/shape.ts'
import { asFloat, floatPair } from '../numpy/operands.ts'
import { broadcastTo } from '../primitives/broadcast.ts'

/** The operand as a float matrix; throws a ShapeError that names the function unless it has rows and columns. */
export function checkMatrix(name: string, x: Operand): NDArray {
  const matrix = asFloat(x)
  if (matrix.ndim >= 2) return matrix
  throw new ShapeError(`${name}: takes a matrix (with any leading axes), not ${showShape(matrix.shape)}`)
}

/** The operand as a float matrix; throws a ShapeError that names the function unless it is square. */
export function checkSquare(name: string, x: Operand): NDArray {
  const matrix = asFloat(x)
  const [rows, columns] = matrix.shape.slice(-2)
  if (matrix.ndim >= 2 && rows === columns) return matrix
  throw new ShapeError(`${name}: takes a square matrix (with any leading axes), not ${showShape(matrix.shape)}`)
}

/**
 * Solves for a vector, or for the columns of matrices whose leading axes broadcast with those of `a`.
 *
 * @param run solves for matrices `[…, n, n]` and `[…, n, k]` with the same leading axes.
 */
export function solveColumns(
  name: string,
  a: Operand,
  b: Operand,
  run: (matrix: NDArray, columns: NDArray) => NDArray,
): NDArray {
  const [given, right] = floatPair(a, b)
  const matrix = checkSquare(name, given)
  const n = matrix.shape[matrix.ndim - 1] as number
  if (right.ndim === 0 || right.shape[Math.max(0, right.ndim - 2)] !== n) {
    throw new ShapeError(
      `${name}: a of shape ${showShape(matrix.shape)} and b of shape ${showShape(right.shape)} do not fit: b is a vector of ${n}, or has ${n} rows`,
    )
  }
  const isVector = right.ndim === 1
  const columns = isVector ? right.reshape([n, 1]) : right
  const solved = matrix.ndim === 2 ? foldedInto(matrix, columns, run) : spreadOver(name, matrix, columns, run)
  return isVector ? solved.reshape(solved.shape.slice(0, -1)) : solved
}

/** One matrix for all: the leading axes of `b` are more columns. */
function foldedInto(matrix: NDArray, columns: NDArray, run: (a: NDArray, b: NDArray) => NDArray): NDArray {
  if (columns.ndim === 2) return run(matrix, columns)
  const [n, k] = columns.shape.slice(-2) as [number, number]
  const lead = columns.shape.slice(0, -2)
  const order = lead.map((_, i) => i)
  const flat = columns.transpose([lead.length, ...order, lead.length + 1])
  const solved = run(matrix, flat.reshape([n, -1])).reshape([n, ...lead, k])
  return solved.transpose([...order.map((i) => i + 1), 0, lead.length + 1])
}

function spreadOver(name: string, a: NDArray, b: NDArray, run: (a: NDArray, b: NDArray) => NDArray): NDArray {
  const lead = broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)], `${name}, axes before the last two`)
  return run(broadcastTo(a, [...lead, ...a.shape.slice(-2)]), broadcastTo(b, [...lead, ...b.shape.slice(-2)]))
}
