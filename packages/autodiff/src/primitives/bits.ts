import { checkArrays } from '../core/trace.ts'
import { bytesPerElement, isInteger } from '../array/dtype.ts'
import { DTypeError, ShapeError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { shapesEqual, showShape } from '../array/shape.ts'
import { abs, add, ceil, floor, mul, neg, plus, sub } from './arithmetic.ts'
import { broadcastInDim, like, zerosLike } from './broadcast.ts'
import { and, eq, ge, lt, not, or, select, shiftLeft, shiftRightLogical } from './comparison.ts'

/** Operations of bits and choices that are composed of others. */

/** Throws a DTypeError for an array that is not of integers. */
export const checkIntegers = (name: string, x: NDArray): void => {
  if (isInteger(x.dtype)) return
  throw new DTypeError(`${name}: ${x.dtype} is not possible here; it takes integers; convert with x.astype("int32")`)
}
const bitsOf = (x: NDArray): number => 8 * bytesPerElement(x.dtype)
const right = (x: NDArray, by: number): NDArray => shiftRightLogical(x, like(x, by))

/** The same byte in every byte of the dtype. */
function repeated(x: NDArray, byte: number): NDArray {
  let value = like(x, byte)
  for (let width = 8; width < bitsOf(x); width *= 2) value = or(value, shiftLeft(value, like(x, width)))
  return value
}

/**
 * The number of ones among the bits.
 *
 * @example lax.populationCount(np.array(Int32Array.of(0, 7, -1))) // [0, 3, 32]
 */
export function populationCount(x: NDArray): NDArray {
  checkIntegers('population_count', x)
  const mask = (byte: number, y: NDArray): NDArray => and(y, repeated(x, byte))
  // Sums of pairs, of fours, of bytes (H. Warren, "Hacker's Delight", 2003).
  const pairs = sub(x, mask(0x55, right(x, 1)))
  const fours = add(mask(0x33, pairs), mask(0x33, right(pairs, 2)))
  const bytes = mask(0x0f, add(fours, right(fours, 4)))
  return bitsOf(x) === 8 ? bytes : right(mul(bytes, repeated(x, 1)), bitsOf(x) - 8)
}

/**
 * The number of zeros before the first one among the bits.
 *
 * @example lax.clz(np.array(Int32Array.of(0, 1, -1))) // [32, 31, 0]
 */
export function clz(x: NDArray): NDArray {
  checkIntegers('clz', x)
  let filled = x
  for (let by = 1; by < bitsOf(x); by *= 2) filled = or(filled, right(filled, by))
  return populationCount(not(filled))
}

/**
 * The bits of `x` moved down by `n`, the sign coming after.
 *
 * @example lax.shiftRightArithmetic(np.array(Int32Array.of(-5)), np.array(Int32Array.of(1))) // [-3]
 */
export function shiftRightArithmetic(x: NDArray, n: NDArray): NDArray {
  checkIntegers('shift_right_arithmetic', x)
  const top = right(x, bitsOf(x) - 1)
  return select(eq(top, zerosLike(x)), shiftRightLogical(x, n), not(shiftRightLogical(not(x), n)))
}

/**
 * One of several arrays in each place: the second where `which` is true or 1, and so on. A whole number out of range
 * takes the first or the last.
 *
 * @example lax.selectN(np.array(Int32Array.of(0, 2)), np.zeros([2]), np.ones([2]), np.array([5, 6])) // [0, 6]
 */
export function selectN(which: NDArray, ...cases: readonly NDArray[]): NDArray {
  const [first] = cases
  checkArrays('select_n', which, ...cases)
  if (first === undefined) throw new ShapeError('select_n: there is nothing to choose from; give at least 1 array')
  if (which.dtype === 'bool' && cases.length > 2) {
    throw new DTypeError(`select_n: bool chooses between two arrays, not ${cases.length}; use int32`)
  }
  if (which.dtype !== 'bool' && which.dtype !== 'int32') {
    throw new DTypeError(`select_n: the choice is ${which.dtype}, it must be bool or int32`)
  }
  if (which.ndim > 0 && !shapesEqual(which.shape, first.shape)) {
    throw new ShapeError(
      `select_n: the choice has shape ${showShape(which.shape)}, the arrays ${showShape(first.shape)}; give it that shape or none`,
    )
  }
  const spread = which.ndim === 0 && first.ndim > 0 ? broadcastInDim(which, first.shape, []) : which
  return cases.slice(1).reduce((chosen, next, i) => {
    const taken = spread.dtype === 'bool' ? spread : ge(spread, like(spread, i + 1))
    return select(taken, next, chosen)
  }, first)
}

export interface RoundOptions {
  /** Where halves go: to the even neighbour, or away from 0. @defaultValue 'awayFromZero' */
  readonly roundingMethod?: 'awayFromZero' | 'toNearestEven'
}

/** To the nearest whole number, halves away from 0. */
export function roundAwayFromZero(x: NDArray): NDArray {
  const a = abs(x)
  const below = floor(a)
  const up = select(ge(sub(a, below), like(x, 0.5)), plus(below, 1), below)
  return select(eq(x, zerosLike(x)), x, select(lt(x, zerosLike(x)), neg(up), up))
}

/** To the whole number next to 0. */
export const trunc = (x: NDArray): NDArray => select(lt(x, zerosLike(x)), ceil(x), floor(x))
