import { type Complex, type DType, elementAt, type TypedArray } from './dtype.ts'
import type { Shape } from './shape.ts'

/** Nested lists of numbers (booleans for `bool`, BigInts for 64-bit integers, `{ re, im }` for complex64), as `js()` gives them. */
export type NestedList = number | boolean | bigint | Complex | NestedList[]

/** The elements of an array of this shape as nested lists. */
export function nest(data: TypedArray, shape: Shape, dtype: DType): NestedList {
  let offset = 0
  const build = (axis: number): NestedList => {
    if (axis === shape.length) {
      return elementAt(data, offset++, dtype)
    }
    return Array.from({ length: shape[axis] as number }, () => build(axis + 1))
  }
  return build(0)
}
