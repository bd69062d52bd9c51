import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { checkOptions } from '../array/options.ts'
import { showShape } from '../array/shape.ts'
import { lstsq } from '../linalg/pseudo-inverse.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { full } from '../primitives/broadcast.ts'
import { reshape } from '../primitives/reshape.ts'
import { sqrt } from '../primitives/transcendental.ts'
import { convolve } from './convolution.ts'
import { vander } from './grids.ts'
import { asFloat, unifyFloatDTypes } from './operands.ts'
import { unstack } from './indexing.ts'

/**
 * The coefficients, highest power first, of the polynomial with these zeros and a leading 1.
 *
 * @throws ShapeError for a matrix: JAX's `poly` takes the eigenvalues of one.
 * @see NumPy's `poly`
 * @example np.poly([1, 2]) // [1, -3, 2]
 */
export function poly(zeros: Operand): NDArray {
  const list = asFloat(zeros)
  if (list.ndim !== 1)
    throw new ShapeError(
      `poly: the zeros have shape ${showShape(list.shape)}; they are a vector (of a symmetric matrix give linalg.eigvalsh(a))`,
    )
  const one = full([1], 1, list.dtype)
  return unstack(list).reduce<NDArray>(
    (product, zero) => convolve(product, concatenate([one, reshape(zero.neg(), [1])], 0)),
    one,
  )
}

export interface PolyfitOptions {
  /** Singular values below this share of the largest count as 0. @defaultValue the resolution of the dtype · the length of x */
  readonly rcond?: number
  /** A weight for each point; its square weighs the squared distance. @defaultValue 1 for all */
  readonly w?: Operand
}

/**
 * The coefficients, highest power first, of the polynomial of this degree that lies nearest to the points: the sum of
 * the squared distances in `y` is the least. `y` may have a column for each of several polynomials.
 *
 * @throws ValueError for a degree that is not whole or negative, ShapeError for points that do not fit.
 * @see NumPy's `polyfit`
 * @example np.polyfit([0, 1, 2], [4, 4, 4], 0) // [4]
 */
export function polyfit(x: Operand, y: Operand, degree: number, options: PolyfitOptions = {}): NDArray {
  const { rcond, w } = checkOptions('polyfit', options, ['rcond', 'w'])
  if (!Number.isInteger(degree) || degree < 0)
    throw new ValueError(`polyfit: the degree is ${degree}; it must be a whole number from 0`)
  const [at, values, weights] = unifyFloatDTypes([x, y, w ?? [1]]) as [NDArray, NDArray, NDArray]
  const n = at.size
  if (at.ndim !== 1 || n === 0 || values.ndim < 1 || values.ndim > 2 || values.shape[0] !== n)
    throw new ShapeError(
      `polyfit: x of shape ${showShape(at.shape)} and y of shape ${showShape(values.shape)} do not fit; x is a vector, y one of its length or a matrix of so many rows`,
    )
  if (w !== undefined && (weights.ndim !== 1 || weights.size !== n))
    throw new ShapeError(`polyfit: w has the shape ${showShape(weights.shape)}; it is a vector of ${n} weights`)
  const columns = values.ndim === 1 ? reshape(values, [n, 1]) : values
  const weighted = (m: NDArray): NDArray => (w === undefined ? m : m.mul(reshape(weights, [n, 1])))
  const powers = weighted(vander(at, { n: degree + 1 }))
  // Columns of one size make the problem as well conditioned as it can be.
  const sizes = sqrt(powers.square().sum(0))
  const resolution = at.dtype === 'float64' ? 2 ** -52 : 2 ** -23
  const [found] = lstsq(powers.div(sizes), weighted(columns), { rcond: rcond ?? n * resolution })
  const coefficients = found.div(reshape(sizes, [degree + 1, 1]))
  return values.ndim === 1 ? reshape(coefficients, [degree + 1]) : coefficients
}
