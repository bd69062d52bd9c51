import { checkOptions } from '../array/options.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { type FftNOptions, type FftOptions, transform1, transform2, transformN } from './transform.ts'

export type { FftNOptions, FftOptions, Norm } from './transform.ts'

/**
 * The discrete Fourier transform of one axis, Σⱼ xⱼ exp(−2πi·jk/n): complex64, of the axis' length or of `n`. Real
 * numbers are converted.
 *
 * @throws DTypeError for float64: there is no complex128. ShapeError when the axis is not there or the length not
 * positive.
 * @see JAX's `jax.numpy.fft.fft`
 * @example fft.fft([1, 2, 3, 4]).js() // [{ re: 10, im: 0 }, { re: -2, im: 2 }, { re: -2, im: 0 }, { re: -2, im: -2 }]
 */
export const fft = (x: Operand, options: FftOptions = {}): NDArray => {
  checkOptions('fft', options, ['n', 'axis', 'norm'])
  return transform1({ name: 'fft', type: 'FFT', inverse: false }, x, options)
}

/**
 * The inverse of `fft`: Σₖ xₖ exp(2πi·jk/n) / n.
 *
 * @see JAX's `jax.numpy.fft.ifft`
 * @example np.real(fft.ifft(fft.fft([1, 2, 3, 4]))) // [1, 2, 3, 4]
 */
export const ifft = (x: Operand, options: FftOptions = {}): NDArray => {
  checkOptions('ifft', options, ['n', 'axis', 'norm'])
  return transform1({ name: 'ifft', type: 'IFFT', inverse: true }, x, options)
}

/**
 * The discrete Fourier transform of two axes, the last two by default.
 *
 * @throws ValueError unless there are two axes.
 * @see JAX's `jax.numpy.fft.fft2`
 * @example np.real(fft.fft2([[1, 2], [3, 4]])) // [[10, -2], [-4, 0]]
 */
export const fft2 = (x: Operand, options: FftNOptions = {}): NDArray => {
  checkOptions('fft2', options, ['s', 'axes', 'norm'])
  return transform2({ name: 'fft2', type: 'FFT', inverse: false }, x, options)
}

/** The inverse of `fft2`. */
export const ifft2 = (x: Operand, options: FftNOptions = {}): NDArray => {
  checkOptions('ifft2', options, ['s', 'axes', 'norm'])
  return transform2({ name: 'ifft2', type: 'IFFT', inverse: true }, x, options)
}

/**
 * The discrete Fourier transform of several axes, by default of all.
 *
 * @throws ValueError when `s` and `axes` are not equally long.
 * @see JAX's `jax.numpy.fft.fftn`
 * @example fft.fftn(np.ones([2, 3, 4]), { s: [5], axes: [0] }).shape // [5, 3, 4]
 */
export const fftn = (x: Operand, options: FftNOptions = {}): NDArray => {
  checkOptions('fftn', options, ['s', 'axes', 'norm'])
  return transformN({ name: 'fftn', type: 'FFT', inverse: false }, x, options)
}

/** The inverse of `fftn`. */
export const ifftn = (x: Operand, options: FftNOptions = {}): NDArray => {
  checkOptions('ifftn', options, ['s', 'axes', 'norm'])
  return transformN({ name: 'ifftn', type: 'IFFT', inverse: true }, x, options)
}
