import { checkOptions } from '../array/options.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { array as hostArray } from '../array/create.ts'
import { broadcastShapes, range, showShape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { broadcastTo, full, zerosLike } from '../primitives/broadcast.ts'
import { concatenate } from '../primitives/concatenate.ts'
import { reshape } from '../primitives/reshape.ts'
import { pad, sliceAxis } from '../primitives/slicing.ts'
import { convolveFull } from './convolution.ts'
import { asArray, asFloat, asNumbers, floatPair, unifyDTypes, unifyFloatDTypes } from './operands.ts'

/** Coefficients, that of the highest power first. */
function coefficients(name: string, p: NDArray): NDArray {
  const vector = p.ndim === 0 ? reshape(p, [1]) : p
  if (vector.ndim === 1) return vector
  throw new ShapeError(
    `${name}: coefficients are a vector, not ${showShape(p.shape)}; np.vectorize or vmap takes many polynomials`,
  )
}

function pair(name: string, p: Operand, q: Operand): [NDArray, NDArray] {
  for (const x of [p, q]) asNumbers(name, x)
  const [a, b] = unifyDTypes([p, q]) as [NDArray, NDArray]
  return [coefficients(name, a), coefficients(name, b)]
}

/**
 * A polynomial at `x`, by Horner's rule; coefficients of the highest power come first, and may have further axes.
 *
 * @throws ShapeError for a scalar in place of the coefficients.
 * @see NumPy's `polyval`
 * @example np.polyval([1, 0, 2], [1, 3]) // [3, 11]
 */
export function polyval(p: Operand, x: Operand): NDArray {
  const [list, at] = unifyDTypes([p, x]) as [NDArray, NDArray]
  if (list.ndim === 0) throw new ShapeError('polyval: the coefficients are a vector, not a scalar; write [c]')
  const shape = broadcastShapes([list.shape.slice(1), at.shape], 'polyval')
  return list.unstack().reduce((value, coefficient) => value.mul(at).add(coefficient), full(shape, 0, list.dtype))
}

/**
 * The sum of two polynomials.
 *
 * @throws ShapeError for coefficients that are no vector; so the other functions of polynomials.
 * @see NumPy's `polyadd`
 * @example np.polyadd([1, 2], [1, 0, 3]) // [1, 1, 5]
 */
export const polyadd = (p: Operand, q: Operand): NDArray => added(...pair('polyadd', p, q))
/** The difference of two polynomials. */
export const polysub = (p: Operand, q: Operand): NDArray => {
  const [a, b] = pair('polysub', p, q)
  return added(a, b.neg())
}

function added(p: NDArray, q: NDArray): NDArray {
  const [long, short] = p.size >= q.size ? [p, q] : [q, p]
  const lead = long.size - short.size
  return concatenate([sliceAxis(long, 0, 0, lead), sliceAxis(long, 0, lead, long.size).add(short)], 0)
}

/**
 * The product of two polynomials; integers give float32.
 *
 * @see NumPy's `polymul`
 * @example np.polymul([1, 1], [1, -1]) // [1, 0, -1]
 */
export function polymul(p: Operand, q: Operand): NDArray {
  const [a, b] = pair('polymul', ...floatPair(p, q)).map((c) => (c.size === 0 ? full([1], 0, c.dtype) : c)) as [
    NDArray,
    NDArray,
  ]
  return convolveFull(a, b)
}

/**
 * The quotient and the remainder of two polynomials; integers give float32.
 *
 * @throws ValueError for no divisor.
 * @see NumPy's `polydiv`; as in JAX the remainder keeps the length of `p`
 * @example np.polydiv([1, 5, 6], [1, 2]) // [[1, 3], [0, 0, 0]]
 */
export function polydiv(p: Operand, q: Operand): [quotient: NDArray, remainder: NDArray] {
  const [a, b] = pair('polydiv', ...floatPair(p, q))
  if (b.size === 0) throw new ValueError('polydiv: the divisor has no coefficients; give at least 1, as [1]')
  const [m, n] = [a.size - 1, b.size - 1]
  if (m < n) return [full([1], 0, a.dtype), a]
  const zero = zerosLike({ shape: [], dtype: a.dtype })
  const scale = b.at(0)
  let rest = a
  const quotient = range(m - n + 1).map((k) => {
    const factor = rest.slice([k, k + 1]).div(scale)
    rest = rest.sub(pad(b.mul(factor), zero, { low: [k], high: [m - n - k], interior: [0] }))
    return factor
  })
  return [concatenate(quotient, 0), rest]
}

const checkOrder = (name: string, m: number): void => {
  if (!Number.isInteger(m) || m < 0)
    throw new ValueError(`${name}: the order is ${showGiven(m)}; it must be whole and not negative`)
}

/** k · (k − 1) · … of `m` factors. */
const falling = (k: number, m: number): number => range(m).reduce((product, i) => product * (k - i), 1)

/**
 * The `m`-th derivative of a polynomial; integers give float32.
 *
 * @throws ValueError for an order that is not whole or negative.
 * @see NumPy's `polyder`
 * @example np.polyder([1, 0, 2, 5]) // [3, 0, 2]
 */
export function polyder(p: Operand, m = 1): NDArray {
  checkOrder('polyder', m)
  const list = coefficients('polyder', asFloat(p))
  const n = Math.max(0, list.size - m)
  const factors = range(n).map((i) => falling(list.size - 1 - i, m))
  return sliceAxis(list, 0, 0, n).mul(hostArray(factors, { dtype: list.dtype, shape: [n] }))
}

export interface PolyintOptions {
  /** How often to integrate. @defaultValue 1 */
  readonly m?: number
  /** The constants of integration, that of the first integral first: one for all, or `m`. @defaultValue 0 */
  readonly k?: Operand
}

/**
 * The integral of a polynomial, `m` times; integers give float32.
 *
 * @throws ValueError for an order that is not whole or negative, ShapeError for constants that are not one or `m`.
 * @see NumPy's `polyint`
 * @example np.polyint([3, 0, 2], { k: 5 }) // [1, 0, 2, 5]
 */
export function polyint(p: Operand, options: PolyintOptions = {}): NDArray {
  const { m = 1, k = 0 } = checkOptions('polyint', options, ['m', 'k'])
  checkOrder('polyint', m)
  const [list, given] = unifyFloatDTypes([p, asArray(k)]) as [NDArray, NDArray]
  const vector = coefficients('polyint', list)
  if (given.ndim > 1 || (given.size !== 1 && given.size !== m))
    throw new ShapeError(`polyint: k has the shape ${showShape(given.shape)}; give one constant, or ${m}`)
  if (m === 0) return vector
  const constants = broadcastTo(reshape(given, [given.size]), [m])
  const n = vector.size + m
  // The constant of the first integral is integrated m − 1 times, that of the last not at all.
  const divisors = range(n).map((i) => range(m).reduce((product, j) => product * Math.max(1, n - 1 - i - j), 1))
  return concatenate([vector, constants], 0).div(hostArray(divisors, { dtype: vector.dtype, shape: [n] }))
}
