import { isComplex } from '../array/dtype.ts'
import { checkOptions } from '../array/options.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { abs, add, mul, sub } from '../primitives/arithmetic.ts'
import { like } from '../primitives/broadcast.ts'
import * as c from '../primitives/comparison.ts'
import { imag, real } from '../primitives/complex.ts'
import { reduceAnd } from '../primitives/reductions.ts'
import { unifyFloats } from './lifting.ts'
import { asFloat } from './operands.ts'

type Bool = NDArray<'bool'>

const test =
  (f: (x: NDArray) => NDArray): ((x: Operand) => Bool) =>
  (x) =>
    f(asFloat(x)) as Bool
/** Whether a number is NaN. */
export const isnan: (x: Operand) => Bool = test((x) => c.ne(x, x))
/** Whether a number is neither infinite nor NaN. */
export const isfinite: (x: Operand) => Bool = test(c.isFinite)
const infinite = (x: NDArray): NDArray => c.eq(abs(x), like(x, Infinity))
/** Whether a number is ∞ or −∞. */
export const isinf: (x: Operand) => Bool = test((x) =>
  isComplex(x.dtype) ? c.or(infinite(real(x)), infinite(imag(x))) : infinite(x),
)
/** Whether a number is ∞. */
export const isposinf: (x: Operand) => Bool = test((x) => c.eq(x, like(x, Infinity)))
/** Whether a number is −∞. */
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
