import { checkOptions } from '../array/options.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { conj } from '../numpy/complex.ts'
import { asArray } from '../numpy/operands.ts'
import { normalizeAxis } from '../array/shape.ts'
import { type FftNOptions, type FftOptions, scaled, transform1, transform2, transformN } from './transform.ts'

/**
 * The discrete Fourier transform of real numbers: the first ⌊n/2⌋ + 1 entries of it, for the others are conjugate to
 * them.
 *
 * @throws DTypeError for complex numbers, and for float64: there is no complex128.
 * @see JAX's `jax.numpy.fft.rfft`
 * @example fft.rfft([1, 2, 3, 4]).js() // [{ re: 10, im: 0 }, { re: -2, im: 2 }, { re: -2, im: 0 }]
 */
export const rfft = (x: Operand, options: FftOptions = {}): NDArray => {
  checkOptions('rfft', options, ['n', 'axis', 'norm'])
  return transform1({ name: 'rfft', type: 'RFFT', inverse: false }, x, options)
}

/**
 * The inverse of `rfft`: real numbers, `n` of them (twice the length less one, without it). The imaginary part of what is
 * its own mirror image is not looked at.
 *
 * @see JAX's `jax.numpy.fft.irfft`
 * @example fft.irfft(fft.rfft([1, 2, 3]), { n: 3 }) // [1, 2, 3]
 */
export const irfft = (x: Operand, options: FftOptions = {}): NDArray => {
  checkOptions('irfft', options, ['n', 'axis', 'norm'])
  return transform1({ name: 'irfft', type: 'IRFFT', inverse: true }, x, options)
}

/** `rfft` of the last of two axes, and `fft` of the other. */
export const rfft2 = (x: Operand, options: FftNOptions = {}): NDArray => {
  checkOptions('rfft2', options, ['s', 'axes', 'norm'])
  return transform2({ name: 'rfft2', type: 'RFFT', inverse: false }, x, options)
}

/** The inverse of `rfft2`. */
export const irfft2 = (x: Operand, options: FftNOptions = {}): NDArray => {
  checkOptions('irfft2', options, ['s', 'axes', 'norm'])
  return transform2({ name: 'irfft2', type: 'IRFFT', inverse: true }, x, options)
}

/**
 * `rfft` of the last of several axes, and `fft` of the others.
 *
 * @see JAX's `jax.numpy.fft.rfftn`
 * @example fft.rfftn(np.ones([2, 3, 4])).shape // [2, 3, 3]
 */
export const rfftn = (x: Operand, options: FftNOptions = {}): NDArray => {
  checkOptions('rfftn', options, ['s', 'axes', 'norm'])
  return transformN({ name: 'rfftn', type: 'RFFT', inverse: false }, x, options)
}

/** The inverse of `rfftn`; `s` has the lengths of the result. */
export const irfftn = (x: Operand, options: FftNOptions = {}): NDArray => {
  checkOptions('irfftn', options, ['s', 'axes', 'norm'])
  return transformN({ name: 'irfftn', type: 'IRFFT', inverse: true }, x, options)
}

const lengthAlong = (name: string, x: NDArray, axis = -1): number =>
  x.shape[normalizeAxis(axis, x.ndim, name)] as number

/**
 * The transform, which is real, of a signal that is its own mirror image conjugated; `x` is the first half of it.
 *
 * @see JAX's `jax.numpy.fft.hfft`
 * @example fft.hfft([1, 3, 5, 7]) // [24, -8, 0, -2, 0, -8]
 */
export function hfft(x: Operand, options: FftOptions = {}): NDArray {
  checkOptions('hfft', options, ['n', 'axis', 'norm'])
  const array = asArray(x)
  const n = options.n ?? 2 * (lengthAlong('hfft', array, options.axis) - 1)
  return scaled(transform1({ name: 'hfft', type: 'IRFFT', inverse: false }, conj(array), options), n)
}

/** The inverse of `hfft`: the first half of a signal with this real spectrum. */
export function ihfft(x: Operand, options: FftOptions = {}): NDArray {
  checkOptions('ihfft', options, ['n', 'axis', 'norm'])
  const array = asArray(x)
  const n = options.n ?? lengthAlong('ihfft', array, options.axis)
  return conj(scaled(transform1({ name: 'ihfft', type: 'RFFT', inverse: true }, array, options), 1 / n))
}
