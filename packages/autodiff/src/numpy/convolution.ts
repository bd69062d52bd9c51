import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { showShape } from '../array/shape.ts'
import { zerosLike } from '../primitives/broadcast.ts'
import { reshape } from '../primitives/reshape.ts'
import { rev } from '../primitives/rev.ts'
import { pad, sliceAxis } from '../primitives/slicing.ts'
import { asFloat, unifyDTypes } from './operands.ts'

/** How far two vectors must overlap: at all, by as many entries as the longer has, or whole. */
export type ConvolutionMode = 'full' | 'same' | 'valid'

interface ModeOption {
  readonly mode?: ConvolutionMode
}

/**
 * Sums of products of two vectors, of which one runs backwards; integers give float32.
 *
 * @throws ShapeError for anything but vectors with entries, ValueError for an unknown mode.
 * @see NumPy's `convolve`
 * @example
 * np.convolve([1, 2, 3], [0, 1, 0.5]) // [0, 1, 2.5, 4, 1.5]
 * np.convolve([1, 2, 3], [0, 1, 0.5], { mode: 'same' }) // [1, 2.5, 4]
 */
export const convolve = (x: Operand, y: Operand, { mode = 'full' }: ModeOption = {}): NDArray => {
  const [a, b] = vectors('convolve', x, y, mode)
  return cut(convolveFull(a, b), a.size, b.size, mode)
}

/**
 * Sums of products of two vectors that are moved along each other; integers give float32.
 *
 * @throws ShapeError for anything but vectors with entries, ValueError for an unknown mode.
 * @see NumPy's `correlate`
 * @example np.correlate([1, 2, 3], [0, 1, 0.5]) // [3.5]
 */
export const correlate = (x: Operand, y: Operand, { mode = 'valid' }: ModeOption = {}): NDArray => {
  const [a, b] = vectors('correlate', x, y, mode)
  const whole = convolveFull(a, rev(b, [0]))
  // Of a longer second vector NumPy takes the middle of the reversed result.
  return a.size < b.size ? rev(cut(rev(whole, [0]), a.size, b.size, mode), [0]) : cut(whole, a.size, b.size, mode)
}

function vectors(name: string, x: Operand, y: Operand, mode: ConvolutionMode): [NDArray, NDArray] {
  if (!['full', 'same', 'valid'].includes(mode))
    throw new ValueError(`${name}: unknown mode ${JSON.stringify(mode)}; use 'full', 'same' or 'valid'`)
  const pair = unifyDTypes([asFloat(x), asFloat(y)]) as [NDArray, NDArray]
  if (pair.some((v) => v.ndim !== 1 || v.size === 0)) {
    throw new ShapeError(
      `${name}: takes two vectors with entries, not ${showShape(pair[0].shape)} and ${showShape(pair[1].shape)}`,
    )
  }
  return pair
}

function cut(whole: NDArray, n: number, m: number, mode: ConvolutionMode): NDArray {
  const [long, short] = [Math.max(n, m), Math.min(n, m)]
  if (mode === 'full') return whole
  const start = mode === 'same' ? Math.floor((short - 1) / 2) : short - 1
  return sliceAxis(whole, 0, start, start + (mode === 'same' ? long : long - short + 1))
}

/** @internal All sums: row i of the products moved i places to the right, summed over the rows. */
export function convolveFull(a: NDArray, b: NDArray): NDArray {
  const [n, m] = [a.size, b.size]
  const products = reshape(a, [n, 1]).mul(b)
  // Rows that are n longer, read with a length that is one less.
  const zero = zerosLike({ shape: [], dtype: a.dtype })
  const wide = pad(products, zero, { low: [0, 0], high: [0, n], interior: [0, 0] })
  return reshape(sliceAxis(reshape(wide, [n * (m + n)]), 0, 0, n * (m + n - 1)), [n, m + n - 1]).sum(0)
}
