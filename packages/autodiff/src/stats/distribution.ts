import type { NDArray, Operand } from '../array/ndarray.ts'
import { div, mul, sub } from '../primitives/arithmetic.ts'
import { like, onesLike, zerosLike } from '../primitives/broadcast.ts'
import { and, ge, gt, le, lt, ne, or, select } from '../primitives/comparison.ts'
import { exp } from '../primitives/transcendental.ts'
import { checkOptions } from '../array/options.ts'
import { isOptions } from '../numpy/arguments.ts'
import { unifyFloats } from '../numpy/lifting.ts'

/** Where a distribution lies, and how wide it is, by name. */
export interface LocationOptions {
  /** What is added. @defaultValue 0 */
  readonly loc?: Operand | undefined
  /** What is multiplied by, before. @defaultValue 1 */
  readonly scale?: Operand | undefined
}

/** A location, or it and the scale by name. */
export type Location = Operand | LocationOptions

/** A function of a distribution with a location (0 unless given) and a scale (1 unless given), by place or by name. */
export type Located = (x: Operand, loc?: Location, scale?: Operand) => NDArray
/** The same with one parameter of shape before them. */
export type Shaped = (x: Operand, shape: Operand, loc?: Location, scale?: Operand) => NDArray
/** The same with two. */
export type TwiceShaped = (x: Operand, a: Operand, b: Operand, loc?: Location, scale?: Operand) => NDArray

type Arrays = [NDArray, ...NDArray[]]

function placed(name: string, loc: Location = 0, scale: Operand = 1): [loc: Operand, scale: Operand] {
  if (!isOptions<LocationOptions>(loc)) return [loc, scale]
  const given = checkOptions<LocationOptions>(name, loc, ['loc', 'scale'])
  return [given.loc ?? 0, given.scale ?? 1]
}

const unified = (name: string, operands: readonly Operand[]): Arrays => unifyFloats(name, operands) as Arrays

export const located =
  (name: string, f: (x: NDArray, loc: NDArray, scale: NDArray) => NDArray): Located =>
  (x, loc, scale) =>
    f(...(unified(name, [x, ...placed(name, loc, scale)]) as [NDArray, NDArray, NDArray]))

export const shaped =
  (name: string, f: (x: NDArray, shape: NDArray, loc: NDArray, scale: NDArray) => NDArray): Shaped =>
  (x, shape, loc, scale) =>
    f(...(unified(name, [x, shape, ...placed(name, loc, scale)]) as [NDArray, NDArray, NDArray, NDArray]))

export const twiceShaped =
  (name: string, f: (x: NDArray, a: NDArray, b: NDArray, loc: NDArray, scale: NDArray) => NDArray): TwiceShaped =>
  (x, a, b, loc, scale) =>
    f(...(unified(name, [x, a, b, ...placed(name, loc, scale)]) as [NDArray, NDArray, NDArray, NDArray, NDArray]))

/** A function of as many operands as it is given. */
export const plain =
  <Operands extends readonly Operand[]>(
    name: string,
    f: (...operands: { [K in keyof Operands]: NDArray }) => NDArray,
  ): ((...operands: Operands) => NDArray) =>
  (...operands) =>
    f(...(unified(name, operands) as unknown as { [K in keyof Operands]: NDArray }))

/** The exponential of a function of the same operands. */
export const exponential =
  <Operands extends readonly unknown[]>(f: (...operands: Operands) => NDArray): ((...operands: Operands) => NDArray) =>
  (...operands) =>
    exp(f(...operands))

// ── short forms for formulas ───────────────────────────────────────────────

export const square = (x: NDArray): NDArray => mul(x, x)
export const standard = (x: NDArray, loc: NDArray, scale: NDArray): NDArray => div(sub(x, loc), scale)
export const oneMinus = (x: NDArray): NDArray => sub(onesLike(x), x)
/** `value` where the condition holds, and one number elsewhere. */
export const where = (condition: NDArray, value: NDArray, otherwise: number): NDArray =>
  select(condition, value, like(value, otherwise))
/** `value`, and one number where the condition holds. */
export const unless = (condition: NDArray, value: NDArray, instead: number): NDArray =>
  select(condition, like(value, instead), value)
/** NaN unless 0 ≤ q ≤ 1. */
export const ofProbability = (q: NDArray, value: NDArray): NDArray =>
  where(and(ge(q, zerosLike(q)), le(q, onesLike(q))), value, NaN)
export const outside = (x: NDArray, low: NDArray, high: NDArray): NDArray => or(gt(x, high), lt(x, low))
export const isNaN = (x: NDArray): NDArray => ne(x, x)
