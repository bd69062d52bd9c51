/** How windows lie on one axis: a padded, dilated operand of length `n` under windows of `size` entries. */
export interface WindowAxis {
  readonly n: number
  readonly size: number
  readonly stride: number
  /** Entries before and after the operand; negative numbers cut its dilated form. */
  readonly low: number
  readonly high: number
  /** The distance of neighbours of the operand, and of the window. */
  readonly baseDilation: number
  readonly windowDilation: number
}

/** The length of an axis of `n` entries that stand `dilation` apart. */
export const dilated = (n: number, dilation: number): number => (n === 0 ? 0 : 1 + dilation * (n - 1))

/** How many windows there are on an axis; 0 when none fits, less than 0 when more is cut off than there is. */
export function windowCount({ n, size, stride, low, high, baseDilation, windowDilation }: WindowAxis): number {
  const length = low + dilated(n, baseDilation) + high
  const window = dilated(size, windowDilation)
  if (length < 0) return -1
  return length < window ? 0 : Math.floor((length - window) / stride) + 1
}

/** Whether each window is one entry, in order. */
export const isTrivial = ({ size, stride, low, high, baseDilation }: WindowAxis): boolean =>
  size === 1 && stride === 1 && low === 0 && high === 0 && baseDilation === 1

/** Where in the operand the entries of the windows lie, `[size, count]` row-major; −1 where there is nothing. */
export function windowPositions(axis: WindowAxis): Int32Array {
  const count = windowCount(axis)
  const { n, size, stride, low, baseDilation, windowDilation } = axis
  const positions = new Int32Array(size * count).fill(-1)
  for (let tap = 0; tap < size; tap++) {
    for (let i = 0; i < count; i++) {
      const at = i * stride + tap * windowDilation - low
      if (at >= 0 && at % baseDilation === 0 && at / baseDilation < n) positions[tap * count + i] = at / baseDilation
    }
  }
  return positions
}

/**
 * The same over several axes: offsets into the row-major operand, `[taps, windows from … to]`. A window is counted
 * row-major, and so are the entries in it.
 */
export function windowOffsets(axes: readonly WindowAxis[], from: number, to: number): Int32Array {
  const taps = axes.reduce((product, axis) => product * axis.size, 1)
  const width = to - from
  const offsets = new Int32Array(taps * width)
  // The last axis is the fastest, of entries as of windows.
  let stride = 1
  let windows = 1
  let entries = 1
  for (const axis of axes.toReversed()) {
    const count = windowCount(axis)
    const positions = windowPositions(axis)
    const places = new Int32Array(width)
    for (let i = 0; i < width; i++) places[i] = Math.floor((from + i) / windows) % count
    for (let tap = 0; tap < taps; tap++)
      addOffsets(offsets, tap * width, positions, (Math.floor(tap / entries) % axis.size) * count, places, stride)
    stride *= axis.n
    windows *= count
    entries *= axis.size
  }
  return offsets
}

/** Adds what one axis gives to the offsets of an entry of all windows; what is outside stays −1. */
function addOffsets(
  offsets: Int32Array,
  start: number,
  positions: Int32Array,
  row: number,
  places: Int32Array,
  stride: number,
): void {
  for (let i = 0; i < places.length; i++) {
    const offset = offsets[start + i]!
    const at = positions[row + places[i]!]!
    offsets[start + i] = offset < 0 || at < 0 ? -1 : offset + at * stride
  }
}
