import { type DType, integerRange, isFloat } from '../array/dtype.ts'
import type { Shape } from '../array/shape.ts'
import type { WindowAxis } from '../interpreter/window.ts'

/** Windows over all axes of an operand, one entry an axis. */
export type WindowParams = {
  readonly dimensions: readonly number[]
  readonly strides: readonly number[]
  readonly padding: readonly (readonly [low: number, high: number])[]
  readonly baseDilation: readonly number[]
  readonly windowDilation: readonly number[]
}

export const windowAxes = (shape: Shape, params: WindowParams): WindowAxis[] =>
  shape.map((n, i) => ({
    n,
    size: params.dimensions[i]!,
    stride: params.strides[i]!,
    low: params.padding[i]![0],
    high: params.padding[i]![1],
    baseDilation: params.baseDilation[i]!,
    windowDilation: params.windowDilation[i]!,
  }))

/** Which entry a window stands for: its first largest or its first smallest. */
export type SelectParams = WindowParams & { readonly select: 'max' | 'min' }

/** The least (or greatest) number of a dtype. */
export function extremeOf(dtype: DType, greatest: boolean): number {
  if (isFloat(dtype)) return greatest ? Infinity : -Infinity
  const [least, most] = integerRange(dtype)
  return greatest ? most : least
}
