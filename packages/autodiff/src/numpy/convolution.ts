import { checkOptions } from '../array/options.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { showShape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { convolve as convolveArrays } from '../primitives/convolution.ts'
import { reshape } from '../primitives/reshape.ts'
import { rev } from '../primitives/rev.ts'
import { asFloat, unifyDTypes } from './operands.ts'

/** Which places of one sequence over the other count: all that overlap, as many as the longer has entries, or whole overlaps. */
export type ConvolutionMode = 'full' | 'same' | 'valid'

export interface ConvolutionModeOptions {
  /** Which part of the result is given. @defaultValue 'full' for `convolve`, 'valid' for `correlate` */
  readonly mode?: ConvolutionMode
}

/** Both operands as float vectors, the longer one first. */
function vectors(name: string, x: Operand, y: Operand): { long: NDArray; short: NDArray; swapped: boolean } {
  const [a, b] = unifyDTypes([x, y]).map(asFloat) as [NDArray, NDArray]
  if (a.ndim !== 1 || b.ndim !== 1 || a.size === 0 || b.size === 0) {
    throw new ShapeError(
      `${name}: takes two vectors with at least one entry each, not ${showShape(a.shape)} and ${showShape(b.shape)}; lax.convGeneralDilated takes more axes`,
    )
  }
  const swapped = a.size < b.size
  return swapped ? { long: b, short: a, swapped } : { long: a, short: b, swapped }
}

function slide(name: string, long: NDArray, kernel: NDArray, mode: ConvolutionMode): NDArray {
  const k = kernel.size
  const paddings = {
    full: [k - 1, k - 1],
    same: [Math.floor(k / 2), k - Math.floor(k / 2) - 1],
    valid: [0, 0],
  } as const
  if (!Object.hasOwn(paddings, mode)) {
    throw new ValueError(`${name}: unknown mode ${showGiven(mode)}; use full, same or valid`)
  }
  const out = convolveArrays(reshape(long, [1, 1, long.size]), reshape(kernel, [1, 1, k]), {
    strides: [1],
    padding: [paddings[mode]],
    lhsDilation: [1],
    rhsDilation: [1],
    groups: 1,
  })
  return reshape(out, [out.size])
}

/**
 * The convolution of two vectors: Σⱼ x[k−j] y[j].
 *
 * @throws ShapeError when an operand is no vector or empty; ValueError for an unknown mode.
 * @see JAX's `jax.numpy.convolve`
 * @example np.convolve([1, 2, 3], [0, 1]) // [0, 1, 2, 3]
 */
export function convolve(x: Operand, y: Operand, options: ConvolutionModeOptions = {}): NDArray {
  const { mode = 'full' } = checkOptions('convolve', options, ['mode'])
  const { long, short } = vectors('convolve', x, y)
  return slide('convolve', long, rev(short, [0]), mode)
}

/**
 * The correlation of two vectors: Σⱼ x[k+j] y[j].
 *
 * @throws ShapeError when an operand is no vector or empty; ValueError for an unknown mode.
 * @see JAX's `jax.numpy.correlate`
 * @example np.correlate([1, 2, 3], [0, 1]) // [2, 3]
 */
export function correlate(x: Operand, y: Operand, options: ConvolutionModeOptions = {}): NDArray {
  const { mode = 'valid' } = checkOptions('correlate', options, ['mode'])
  const { long, short, swapped } = vectors('correlate', x, y)
  const out = slide('correlate', long, short, mode)
  return swapped ? rev(out, [0]) : out
}

/** @internal All sums of products of two float vectors. */
export const convolveFull = (a: NDArray, b: NDArray): NDArray => slide('convolve', a, rev(b, [0]), 'full')
