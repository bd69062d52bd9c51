import { bytesPerElement, isSigned } from '../array/dtype.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { abs, div, mul, rem } from '../primitives/arithmetic.ts'
import { checkIntegers, populationCount, shiftRightArithmetic } from '../primitives/bits.ts'
import { like, zerosLike } from '../primitives/broadcast.ts'
import { eq, select, shiftRightLogical } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { bitwiseNot, leftShift } from './elementwise.ts'
import { asNumber, type Binary, binary, type Unary } from './lifting.ts'
import { asArray } from './operands.ts'

/** Euclid's algorithm for as many steps as the largest numbers of the dtype can need. */
function greatest(x: NDArray, y: NDArray): NDArray {
  checkIntegers('gcd', x)
  const steps = Math.ceil(8 * bytesPerElement(x.dtype) * 1.45)
  let [a, b] = [abs(x), abs(y)]
  for (let step = 0; step < steps; step++) {
    const done = eq(b, zerosLike(b))
    const rest = rem(a, select(done, like(b, 1), b))
    a = select(done, a, b)
    b = rest
  }
  return a
}

/**
 * The greatest common divisor.
 *
 * @example np.gcd(np.array(Int32Array.of(12, 0)), np.array(Int32Array.of(-18, 5))) // [6, 5]
 */
export const gcd: Binary = binary('gcd', greatest)
/**
 * The least common multiple.
 *
 * @example np.lcm(np.array(Int32Array.of(4)), np.array(Int32Array.of(6))) // [12]
 */
export const lcm: Binary = binary('lcm', (x, y) => {
  const divisor = greatest(x, y)
  const none = eq(divisor, zerosLike(divisor))
  const multiple = mul(abs(x), div(abs(y), select(none, like(divisor, 1), divisor)))
  return select(none, zerosLike(divisor), multiple)
})

/** Another name of `bitwiseNot`. */
export const invert: Unary = bitwiseNot
/** Another name of `bitwiseNot`. */
export const bitwiseInvert: Unary = bitwiseNot
/** Another name of `leftShift`. */
export const bitwiseLeftShift: Binary = leftShift
/** The bits of `x` moved down by `y`: zeros come after unsigned numbers, the sign after signed ones. */
export const rightShift: Binary = binary('rightShift', (x, y) =>
  isSigned(x.dtype) ? shiftRightArithmetic(x, y) : shiftRightLogical(x, y),
)
/** Another name of `rightShift`. */
export const bitwiseRightShift: Binary = rightShift

/**
 * The number of ones among the bits of |x|.
 *
 * @example np.bitwiseCount(np.array(Int32Array.of(7, -1))) // [3, 1]
 */
export const bitwiseCount = (x: Operand): NDArray => {
  const array = asNumber(asArray(x))
  checkIntegers('bitwiseCount', array)
  return convert(populationCount(abs(array)), 'uint8')
}
