import type { ReduceOptions } from '../array/method-options.ts'
import { checkOptions } from '../array/options.ts'
import { isComplex } from '../array/dtype.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxes, showShape, sizeOf } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { abs, maximum, notEqual, power } from '../numpy/elementwise.ts'
import { asFloat } from '../numpy/operands.ts'
import { max, min, sum } from '../numpy/reductions.ts'
import { full } from '../primitives/broadcast.ts'
import { imag, real } from '../primitives/complex.ts'
import { convert } from '../primitives/convert.ts'
import { singularValues } from '../primitives/svd.ts'
import { sqrt } from '../primitives/transcendental.ts'

/** Any number for a vector; for a matrix one of ±1, ±2, ±Infinity, 'fro' and 'nuc'. */
export type Order = number | 'fro' | 'f' | 'nuc'

export interface NormOptions extends ReduceOptions {
  /** Which norm. @defaultValue the square root of the sum of squares */
  readonly ord?: Order | null
}

/**
 * The norm of a vector (one axis) or a matrix (two axes); without `axis` and `ord` that of all numbers. It is the
 * square root of the sum of squares by default, and has no derivative at 0 then (NaN there, as in JAX).
 *
 * For a vector `ord` is a number p: the p-th root of the sum of |x|ᵖ, the largest (Infinity) or least (−Infinity) size,
 * or how many numbers are not 0 (0). For a matrix it is 'fro', 'nuc' (the sum of the singular values), 2 or −2 (the
 * largest or least singular value), 1 or −1 (the largest or least sum of a column), Infinity or −Infinity (of a row).
 *
 * @throws ValueError for an order that there is not, or more than two axes.
 * @see NumPy's `linalg.norm`
 * @example
 * linalg.norm([[3, 0], [0, 4]]) // 5
 * linalg.norm([[3, 0], [1, 4]], { ord: 1 }) // 4
 * linalg.norm([1, -2], { ord: 1 }) // 3
 */
export function norm(x: Operand, options: NormOptions = {}): NDArray {
  const { ord, axis, keepdims = false } = checkOptions('norm', options, ['axis', 'keepdims', 'ord'])
  const array = asFloat(x)
  const given = ord ?? undefined
  const axes = normalizeAxes(axis, array.ndim, 'norm')
  if (given === undefined && (axis == null || axes.length === 2)) return euclidean(array, { axis: axes, keepdims })
  if (axes.length === 1) return vectorNorm(array, { ord: given ?? 2, axis: axes, keepdims })
  if (axes.length === 2) return ofMatrix(array, given ?? 'fro', axes as [number, number], keepdims)
  throw new ValueError(
    `norm: there is no norm over ${axes.length} axes of ${showShape(array.shape)}; name one axis for vectors or two for matrices`,
  )
}

const euclidean = (x: NDArray, options: ReduceOptions): NDArray => {
  if (!isComplex(x.dtype)) return sqrt(sum(x.mul(x), options))
  const [re, im] = [real(x), imag(x)]
  return sqrt(sum(re.mul(re).add(im.mul(im)), options))
}

/** The largest of sizes; 0 of none. */
function largest(sizes: NDArray, options: ReduceOptions): NDArray {
  const axes = normalizeAxes(options.axis, sizes.ndim, 'norm')
  const nothing = sizeOf(axes.map((axis) => sizes.shape[axis] as number)) === 0
  if (nothing) return sum(full(sizes.shape, 0, sizes.dtype), options)
  return maximum(max(sizes, options), 0)
}

export interface VectorNormOptions extends ReduceOptions {
  /** The p of the norm, a number. @defaultValue 2 */
  readonly ord?: Order | null
}

/**
 * The norm of vectors: along an axis, along several as if they were one, or of all numbers.
 *
 * @throws ValueError for an order that is no number.
 * @see NumPy's `linalg.vector_norm`
 * @example linalg.vectorNorm([[1, 2], [2, 4]], { ord: 1, axis: 0 }) // [3, 6]
 */
export function vectorNorm(x: Operand, given: VectorNormOptions = {}): NDArray {
  const { ord, axis = null, keepdims = false } = checkOptions('vectorNorm', given, ['axis', 'keepdims', 'ord'])
  const array = asFloat(x)
  const options: ReduceOptions = { axis, keepdims }
  const p = ord ?? 2
  if (typeof p !== 'number') {
    throw new ValueError(`norm: the order of a vector's norm is ${showGiven(p)}; it is a number, or Infinity`)
  }
  if (p === 2) return euclidean(array, options)
  if (p === Infinity) return largest(abs(array), options)
  if (p === -Infinity) return min(abs(array), options)
  if (p === 0) return sum(convert(notEqual(array, 0), array.dtype), options)
  if (p === 1) return sum(abs(array), options)
  return power(sum(power(abs(array), p), options), 1 / p)
}

/**
 * The norm of matrices, the last two axes.
 *
 * @see NumPy's `linalg.matrix_norm`
 * @example linalg.matrixNorm([[3, 0], [1, 4]], { ord: Infinity }) // 5
 */
export const matrixNorm = (
  x: Operand,
  options: { readonly ord?: Order; readonly keepdims?: boolean } = {},
): NDArray => {
  const { ord = 'fro', keepdims = false } = checkOptions('matrixNorm', options, ['ord', 'keepdims'])
  return norm(x, { ord, axis: [-2, -1], keepdims })
}

function ofMatrix(x: NDArray, ord: Order, [rows, columns]: readonly [number, number], keepdims: boolean): NDArray {
  const overSums = (extreme: (sums: NDArray, o: ReduceOptions) => NDArray, summed: number, rest: number): NDArray => {
    const kept = extreme(sum(abs(x), { axis: summed, keepdims: true }), { axis: rest, keepdims: true })
    return keepdims ? kept : kept.squeeze([rows, columns])
  }
  if (ord === 'fro' || ord === 'f') return euclidean(x, { axis: [rows, columns], keepdims })
  if (ord === 1) return overSums(largest, rows, columns)
  if (ord === -1) return overSums(min, rows, columns)
  if (ord === Infinity) return overSums(largest, columns, rows)
  if (ord === -Infinity) return overSums(min, columns, rows)
  if (ord !== 'nuc' && ord !== 2 && ord !== -2) {
    throw new ValueError(
      `norm: there is no matrix norm of order ${showGiven(ord)}; use "fro", "nuc", 1, -1, 2, -2, Infinity or -Infinity`,
    )
  }
  const lead = x.shape.map((_, i) => i).filter((i) => i !== rows && i !== columns)
  const s = singularValues(x.transpose([...lead, rows, columns]))
  const options = { axis: -1 }
  const value = ord === 2 ? largest(s, options) : ord === -2 ? min(s, options) : sum(s, options)
  return keepdims ? value.reshape(x.shape.map((n, i) => (i === rows || i === columns ? 1 : n))) : value
}
