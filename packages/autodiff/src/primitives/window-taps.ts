import type { NDArray } from '../array/ndarray.ts'
import { range, sizeOf } from '../array/shape.ts'
import { isTrivial, type WindowAxis, windowCount, windowPositions } from '../interpreter/window.ts'
import { pad, slice } from './slicing.ts'
import type { WindowParams } from './window-params.ts'

/** The operand with its padding and its gaps. */
export const paddedTo = (x: NDArray, params: WindowParams, outside: NDArray): NDArray =>
  pad(x, outside, {
    low: params.padding.map(([low]) => low),
    high: params.padding.map(([, high]) => high),
    interior: params.baseDilation.map((d) => d - 1),
  })

/** Where the entry `tap` of each window lies in the padded operand. */
export function tapSlice(x: NDArray, axes: readonly WindowAxis[], tap: number): NDArray {
  const starts = tapStarts(axes, tap)
  return slice(x, {
    starts,
    limits: axes.map((axis, i) => starts[i]! + (windowCount(axis) - 1) * axis.stride + 1),
    strides: axes.map((axis) => axis.stride),
  })
}

/** Where the entry `tap` of the first window lies. */
export function tapStarts(axes: readonly WindowAxis[], tap: number): number[] {
  const starts = axes.map(() => 0)
  let rest = tap
  for (let i = axes.length - 1; i >= 0; i--) {
    const { size, windowDilation } = axes[i]!
    starts[i] = (rest % size) * windowDilation
    rest = Math.floor(rest / size)
  }
  return starts
}

/** The entries of a window, counted row-major. */
export const tapsOf = (axes: readonly WindowAxis[]): number[] => range(sizeOf(axes.map((axis) => axis.size)))

/** For each entry of a window whether it lies in the operand for all windows. */
export function completeTaps(axes: readonly WindowAxis[]): boolean[] {
  const rows = axes.map((axis) => {
    if (isTrivial(axis)) return [true]
    const positions = windowPositions(axis)
    const count = positions.length / axis.size
    return range(axis.size).map((tap) => positions.subarray(tap * count, (tap + 1) * count).every((at) => at >= 0))
  })
  return rows.reduce<boolean[]>((all, row) => all.flatMap((a) => row.map((b) => a && b)), [true])
}
