import { scalar, type NDArray } from '../array/ndarray.ts'
import { type WindowAxis, windowCount } from '../interpreter/window.ts'
import { broadcastInDim } from './broadcast.ts'
import { indexOfEach } from './creation.ts'
import { reshape } from './reshape.ts'
import { pad } from './slicing.ts'

/** Windows that lie side by side, without gaps: each entry of the operand is in one of them at most. */
export const areBlocks = (axes: readonly WindowAxis[]): boolean =>
  axes.every(
    ({ size, stride, baseDilation, windowDilation }) =>
      size === stride && baseDilation === 1 && (windowDilation === 1 || size === 1),
  )

/** `[windows, size, windows, size, …]`, an axis of ones left out. */
const blockShape = (axes: readonly WindowAxis[]): number[] =>
  axes.flatMap((axis) => (axis.size === 1 ? [windowCount(axis)] : [windowCount(axis), axis.size]))

/** Where in it the windows stand, and where their entries. */
function blockAxes(axes: readonly WindowAxis[]): { windows: number[]; entries: number[] } {
  const windows: number[] = []
  const entries: number[] = []
  let at = 0
  for (const axis of axes) {
    windows.push(at++)
    if (axis.size > 1) entries.push(at++)
  }
  return { windows, entries }
}

/** A value of each window, for all of its entries. */
export const blocksOf = (x: NDArray, axes: readonly WindowAxis[]): NDArray =>
  broadcastInDim(x, blockShape(axes), blockAxes(axes).windows)

/** The row-major index of each entry in its window. */
export function tapsOfBlocks(axes: readonly WindowAxis[]): NDArray {
  const sizes = axes.map((axis) => axis.size).filter((size) => size > 1)
  return broadcastInDim(indexOfEach(sizes, 'int32'), blockShape(axes), blockAxes(axes).entries)
}

/** Entries of windows at their places in the operand; zeros where it is in none. */
export function fromBlocks(blocks: NDArray, axes: readonly WindowAxis[]): NDArray {
  const covered = axes.map((axis) => windowCount(axis) * axis.size)
  const whole = reshape(blocks, covered)
  return pad(whole, scalar(0, blocks.dtype), {
    low: axes.map((axis) => -axis.low),
    high: axes.map((axis, i) => axis.n + axis.low - covered[i]!),
    interior: axes.map(() => 0),
  })
}
