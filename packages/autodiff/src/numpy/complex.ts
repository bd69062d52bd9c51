import { checkOptions } from '../array/options.ts'
import { isComplex } from '../array/dtype.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { div, mul } from '../primitives/arithmetic.ts'
import { full, like, zerosLike } from '../primitives/broadcast.ts'
import { eq, lt, ne, or, select } from '../primitives/comparison.ts'
import * as c from '../primitives/complex.ts'
import { log } from '../primitives/transcendental.ts'
import { asArray, asFloat } from './operands.ts'

/** The real part: of complex64 as float32, any other array as it is. */
export const real = (x: Operand): NDArray => {
  const array = asArray(x)
  return isComplex(array.dtype) ? c.real(array) : array
}

/** The imaginary part: of complex64 as float32, zeros for any other array. */
export const imag = (x: Operand): NDArray => {
  const array = asArray(x)
  return isComplex(array.dtype) ? c.imag(array) : zerosLike(array)
}

/**
 * The complex conjugate; what is real stays as it is.
 *
 * @example np.conj(lax.complex(np.array(1), np.array(2))).js() // { re: 1, im: -2 }
 */
export const conj = (x: Operand): NDArray => {
  const array = asArray(x)
  return isComplex(array.dtype) ? c.conj(array) : array
}
/** Another name of `conj`. */
export const conjugate: (x: Operand) => NDArray = conj

/** Whether an array is of complex numbers. */
export const iscomplexobj = (x: Operand): boolean => isComplex(asArray(x).dtype)
/** Whether an array is of real numbers. */
export const isrealobj = (x: Operand): boolean => !iscomplexobj(x)

/**
 * Whether each entry has an imaginary part other than 0.
 *
 * @example np.iscomplex(lax.complex(np.array([1, 1]), np.array([0, 2]))) // [false, true]
 */
export const iscomplex = (x: Operand): NDArray<'bool'> => {
  const part = imag(x)
  return ne(part, zerosLike(part)) as NDArray<'bool'>
}
/** Whether each entry has no imaginary part. */
export const isreal = (x: Operand): NDArray<'bool'> => {
  const part = imag(x)
  return eq(part, zerosLike(part)) as NDArray<'bool'>
}

export interface AngleOptions {
  /** In degrees instead of radians. @defaultValue false */
  readonly deg?: boolean
}

/**
 * The angle of a complex number with the real axis, from −π to π: 0 or π for a real number. It has no derivative at 0
 * (NaN there, as in JAX).
 *
 * @see JAX's `jax.numpy.angle`
 * @example np.angle(lax.complex(np.array([1, 0]), np.array([0, 2])), { deg: true }) // [0, 90]
 */
export function angle(x: Operand, options: AngleOptions = {}): NDArray {
  const { deg = false } = checkOptions('angle', options, ['deg'])
  const array = asFloat(x)
  const radians = isComplex(array.dtype) ? c.imag(log(array)) : angleOfReal(array)
  return deg ? mul(radians, like(radians, 180 / Math.PI)) : radians
}

function angleOfReal(x: NDArray): NDArray {
  const zero = zerosLike(x)
  const negative = or(lt(x, zero), lt(div(full(x.shape, 1, x.dtype), x), zero))
  return select(ne(x, x), x, select(negative, like(x, Math.PI), zero))
}
