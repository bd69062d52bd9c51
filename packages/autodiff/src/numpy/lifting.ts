import type { NDArray, Operand } from '../array/ndarray.ts'
import { convert } from '../primitives/convert.ts'
import { asFloat, unify, unifyFloatDTypes } from './operands.ts'

/** Operations on arrays of one shape and dtype as functions of everything that NumPy takes. */

export type Unary = (x: Operand) => NDArray
export type Binary = (x: Operand, y: Operand) => NDArray
export type Comparison = (x: Operand, y: Operand) => NDArray<'bool'>
type Pair = (x: NDArray, y: NDArray) => NDArray

export const floatFunction =
  (f: (x: NDArray) => NDArray): Unary =>
  (x) =>
    f(asFloat(x))

/** Booleans count as 0 and 1. */
export const asNumber = (x: NDArray): NDArray => (x.dtype === 'bool' ? convert(x, 'int32') : x)

/** A function of two numbers; of two booleans another one, if it has one. */
export const binary =
  (name: string, f: Pair, ofBooleans?: Pair): Binary =>
  (x, y) => {
    const [l, r] = unify(name, [x, y]) as [NDArray, NDArray]
    if (ofBooleans !== undefined && l.dtype === 'bool') return ofBooleans(l, r)
    return f(asNumber(l), asNumber(r))
  }

/** The operands as floats of one shape and dtype; numbers alone are float32. */
export const unifyFloats = (name: string, operands: readonly Operand[]): NDArray[] =>
  unify(name, unifyFloatDTypes(operands))

/** A function of two floats. */
export const floatBinary =
  (name: string, f: Pair): Binary =>
  (x, y) => {
    const [l, r] = unifyFloats(name, [x, y]) as [NDArray, NDArray]
    return f(l, r)
  }
