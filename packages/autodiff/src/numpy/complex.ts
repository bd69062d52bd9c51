import { isComplex } from '../array/dtype.ts'
import { NDArray, type Operand } from '../array/ndarray.ts'
import { zerosLike } from '../primitives/broadcast.ts'
import * as c from '../primitives/complex.ts'
import { asArray } from './operands.ts'

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
export const conjugate: (x: Operand) => NDArray = conj

/** Whether an array is of complex numbers. */
export const iscomplexobj = (x: Operand): boolean => isComplex(asArray(x).dtype)
