import { isComplex } from '../array/dtype.ts'
import type { NDArray, Operand, ReduceOptions } from '../array/ndarray.ts'
import { asFloat } from '../numpy/operands.ts'
import { sum } from '../numpy/reductions.ts'
import { imag, real } from '../primitives/complex.ts'
import { sqrt } from '../primitives/transcendental.ts'

/**
 * The square root of the sum of squares: the Frobenius norm of a matrix, the Euclidean norm of a vector. It has no
 * derivative at 0 (NaN there, as in JAX).
 *
 * @see NumPy's `linalg.norm`; over all axes it is the norm of the flattened array
 * @example linalg.norm([[3, 0], [0, 4]]) // 5
 */
export function norm(x: Operand, options: ReduceOptions = {}): NDArray {
  const array = asFloat(x)
  if (!isComplex(array.dtype)) return sqrt(sum(array.mul(array), options))
  const [re, im] = [real(array), imag(array)]
  return sqrt(sum(re.mul(re).add(im.mul(im)), options))
}
