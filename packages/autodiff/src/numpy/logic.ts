import { checkOptions } from '../array/options.ts'
import { isComplex, isFloat } from '../array/dtype.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { broadcastShapes, shapesEqual } from '../array/shape.ts'
import { abs, add, mul, sub } from '../primitives/arithmetic.ts'
import { full, like } from '../primitives/broadcast.ts'
import * as c from '../primitives/comparison.ts'
import { imag, real } from '../primitives/complex.ts'
import { reduceAnd } from '../primitives/reductions.ts'
import { unifyFloats } from './lifting.ts'
import { asArray, asFloat, unify } from './operands.ts'

type Bool = NDArray<'bool'>

const test =
  (f: (x: NDArray) => NDArray): ((x: Operand) => Bool) =>
  (x) =>
    f(asFloat(x)) as Bool
export const isnan: (x: Operand) => Bool = test((x) => c.ne(x, x))
export const isfinite: (x: Operand) => Bool = test(c.isFinite)
const infinite = (x: NDArray): NDArray => c.eq(abs(x), like(x, Infinity))
export const isinf: (x: Operand) => Bool = test((x) =>
  isComplex(x.dtype) ? c.or(infinite(real(x)), infinite(imag(x))) : infinite(x),
)
export const isposinf: (x: Operand) => Bool = test((x) => c.eq(x, like(x, Infinity)))
export const isneginf: (x: Operand) => Bool = test((x) => c.eq(x, like(x, -Infinity)))

export interface CloseOptions {
  /** How far they may be apart for their size. @defaultValue 1e-5 */
  readonly rtol?: number
  /** How far they may be apart beside that. @defaultValue 1e-8 */
  readonly atol?: number
  /** Whether NaN is close to NaN. @defaultValue false */
  readonly equalNan?: boolean
}

/**
 * Whether |x − y| ≤ atol + rtol · |y|; infinities are close to themselves.
 *
 * @example np.isclose([1, 2], [1.000001, 3]) // [true, false]
 */
export function isclose(x: Operand, y: Operand, options: CloseOptions = {}): Bool {
  const { rtol = 1e-5, atol = 1e-8, equalNan = false } = checkOptions('isclose', options, ['rtol', 'atol', 'equalNan'])
  const [l, r] = unifyFloats('isclose', [x, y]) as [NDArray, NDArray]
  const limit = add(like(r, atol), mul(like(r, rtol), abs(r)))
  const finite = c.and(c.isFinite(l), c.isFinite(r))
  const close = c.or(c.and(finite, c.le(abs(sub(l, r)), limit)), c.eq(l, r))
  return (equalNan ? c.or(close, c.and(c.ne(l, l), c.ne(r, r))) : close) as Bool
}

const allOf = (x: NDArray): Bool =>
  reduceAnd(
    x,
    x.shape.map((_, axis) => axis),
  ) as Bool

/** Whether all entries are close; see `isclose`. */
export const allclose = (x: Operand, y: Operand, options: CloseOptions = {}): Bool => {
  checkOptions('allclose', options, ['rtol', 'atol', 'equalNan'])
  return allOf(isclose(x, y, options))
}

export interface EqualOptions {
  /** Whether NaN equals NaN. @defaultValue false */
  readonly equalNan?: boolean
}

const equalAll = (x: NDArray, y: NDArray, equalNan: boolean): Bool => {
  const [l, r] = unify('arrayEqual', [x, y]) as [NDArray, NDArray]
  const same = c.eq(l, r)
  return allOf(equalNan && isFloat(l.dtype) ? c.or(same, c.and(c.ne(l, l), c.ne(r, r))) : same)
}

/**
 * Whether two arrays have one shape and the same numbers.
 *
 * @example np.arrayEqual([1, 2], [1, 2]) // true
 */
export function arrayEqual(x: Operand, y: Operand, options: EqualOptions = {}): Bool {
  const { equalNan = false } = checkOptions('arrayEqual', options, ['equalNan'])
  const [l, r] = [asArray(x), asArray(y)]
  return shapesEqual(l.shape, r.shape) ? equalAll(l, r, equalNan) : (full([], 0, 'bool') as Bool)
}

/** Whether two arrays have the same numbers once they are broadcast to one shape. */
export function arrayEquiv(x: Operand, y: Operand): Bool {
  const [l, r] = [asArray(x), asArray(y)]
  try {
    broadcastShapes([l.shape, r.shape], 'arrayEquiv')
  } catch {
    return full([], 0, 'bool') as Bool
  }
  return equalAll(l, r, false)
}
