import { showGiven } from '../array/show.ts'
import { ValueError } from '../array/errors.ts'
import { isHalf } from '../array/dtype.ts'
import { checkOptions } from '../array/options.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { full, like } from '../primitives/broadcast.ts'
import { add, div, floor, max, mul, sub } from '../primitives/arithmetic.ts'
import { gt, le, select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { alongAll, identity, orNaN, product } from '../primitives/matrices.ts'
import { solve } from '../primitives/solve.ts'
import { log, pow } from '../primitives/transcendental.ts'
import { triangularSolve } from '../primitives/triangular-solve.ts'
import { checkSquare } from './checks.ts'
import { norm } from './norm.ts'

/** The coefficients of Padé's approximation, and up to which norm it holds (Higham 2005; Al-Mohy and Higham 2009). */
const float32 = {
  limit: 3.92572478313866,
  coefficients: [17297280, 8648640, 1995840, 277200, 25200, 1512, 56, 1],
}
const float64 = {
  limit: 5.371920351148152,
  coefficients: [
    64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000, 10559470521600,
    670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1,
  ],
}

export interface ExpmOptions {
  /** The matrices are upper triangular. @defaultValue false */
  readonly upperTriangular?: boolean
  /** NaN for a matrix that would have to be halved more often. @defaultValue 16 */
  readonly maxSquarings?: number
}

/** 2¹⁰²⁴ is more than a float64 holds. */
const MOST_SQUARINGS = 1024

/**
 * The exponential of square matrices [..., n, n]: the matrix is halved until it is small, its exponential approximated
 * by a quotient of polynomials, and squared as often.
 *
 * @throws ShapeError when the last two axes are not equal.
 * @see SciPy's `linalg.expm`
 * @example linalg.expm([[0, 1], [0, 0]]) // [[1, 1], [0, 1]]
 */
export function expm(a: Operand, options: ExpmOptions = {}): NDArray {
  const { upperTriangular = false, maxSquarings = 16 } = checkOptions('expm', options, [
    'upperTriangular',
    'maxSquarings',
  ])

  if (!Number.isInteger(maxSquarings) || maxSquarings < 0 || maxSquarings > MOST_SQUARINGS) {
    throw new ValueError(
      `expm: maxSquarings is ${showGiven(maxSquarings)}; it must be a whole number from 0 to ${MOST_SQUARINGS}, which no float64 needs`,
    )
  }
  const matrix = checkSquare('expm', a)
  if (matrix.size === 0) return matrix
  // The coefficients are more than float16 holds.
  if (isHalf(matrix.dtype))
    return convert(expm(convert(matrix, 'float32'), { upperTriangular, maxSquarings }), matrix.dtype)
  const { limit, coefficients } = matrix.dtype === 'float64' ? float64 : float32
  const size = norm(matrix, { ord: 1, axis: [-2, -1] })
  const halvings = floor(mul(log(div(size, like(size, limit))), like(size, Math.LOG2E)))
  const times = max(like(size, 0), halvings)
  const small = div(matrix, alongAll(pow(like(times, 2), times), matrix.shape))
  const { odd, even } = polynomial(small, coefficients)
  const [upper, lower] = [add(even, odd), sub(even, odd)]
  let result = upperTriangular ? triangularSolve(lower, upper, { leftSide: true }) : solve(lower, upper)
  for (let i = 0; i < maxSquarings; i++) {
    const active = alongAll(gt(times, like(times, i)), matrix.shape)
    // What is not used is zero before it is squared, so that its derivative is zero.
    const base = select(active, result, like(result, 0))
    result = select(active, product(base, base), result)
  }
  return orNaN(le(times, full(times.shape, maxSquarings, times.dtype)), result)
}

/** The odd and even parts of a polynomial with the coefficients from the constant on. */
function polynomial(x: NDArray, coefficients: readonly number[]): { odd: NDArray; even: NDArray } {
  const square = product(x, x)
  let power = identity(x.shape, x.dtype)
  let [odd, even] = [mul(power, like(power, coefficients[1]!)), mul(power, like(power, coefficients[0]!))]
  for (let k = 2; k < coefficients.length; k += 2) {
    power = k === 2 ? square : product(power, square)
    even = add(even, mul(power, like(power, coefficients[k]!)))
    odd = add(odd, mul(power, like(power, coefficients[k + 1]!)))
  }
  return { odd: product(x, odd), even }
}
