import { ShapeError } from '../array/errors.ts'
import { array } from '../array/create.ts'
import { type NDArray, type Operand, scalar } from '../array/ndarray.ts'
import { broadcastShapes, range, showShape } from '../array/shape.ts'
import { arrayPair, unifyDTypes } from '../numpy/operands.ts'
import { broadcastTo, full } from '../primitives/broadcast.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { take } from '../primitives/gather.ts'
import { rev } from '../primitives/rev.ts'
import { pad, sliceAxis } from '../primitives/slicing.ts'

/**
 * Matrices along the diagonal of one, zeros beside them; vectors count as rows, numbers as 1 × 1.
 *
 * @throws ShapeError for an array with more than two axes.
 * @see SciPy's `linalg.block_diag`
 * @example linalg.blockDiag([[1, 2]], 3) // [[1, 2, 0], [0, 0, 3]]
 */
export function blockDiag(...arrays: Operand[]): NDArray {
  if (arrays.length === 0) return full([1, 0], 0, 'float32')
  const blocks = unifyDTypes(arrays).map((x) => {
    if (x.ndim > 2)
      throw new ShapeError(
        `blockDiag: takes matrices, not an array of shape ${showShape(x.shape)}; use vmap for more axes`,
      )
    return x.ndim === 2 ? x : x.reshape([1, x.size])
  })
  const width = blocks.reduce((sum, x) => sum + x.shape[1]!, 0)
  let before = 0
  const rows = blocks.map((x) => {
    const low = before
    before += x.shape[1]!
    return pad(x, scalar(0, x.dtype), { low: [0, low], high: [0, width - before], interior: [0, 0] })
  })
  return concatenate(rows, 0)
}

/**
 * The matrix with constant diagonals: `c` is its first column, `r` (by default `c`) its first row; the first number of
 * `r` is not read. Leading axes are a batch.
 *
 * @see SciPy's `linalg.toeplitz`
 * @example linalg.toeplitz([1, 2, 3], [1, 5]) // [[1, 5], [2, 1], [3, 2]]
 */
export function toeplitz(c: Operand, r: Operand = c): NDArray {
  const [column, row] = arrayPair(c, r).map((x) => (x.ndim === 0 ? x.reshape([1]) : x)) as [NDArray, NDArray]
  const lead = broadcastShapes([column.shape.slice(0, -1), row.shape.slice(0, -1)], 'toeplitz, axes before the last')
  const [m, n] = [column.shape[column.ndim - 1]!, row.shape[row.ndim - 1]!]
  if (m === 0 || n === 0) return full([...lead, m, n], 0, column.dtype)
  const along = lead.length
  const reversed = rev(broadcastTo(column, [...lead, m]), [along])
  const entries = concatenate([reversed, sliceAxis(broadcastTo(row, [...lead, n]), along, 1, n)], along)
  const index = array(
    Int32Array.from(range(m * n), (at) => m - 1 - Math.floor(at / n) + (at % n)),
    { shape: [m, n] },
  )
  return take(entries, index, along)
}
