import type { TypedArray } from '../array/dtype.ts'

/** Whether entry `a` of a key comes before entry `b`: NaN after all numbers, −0 and 0 alike. */
const before = (key: TypedArray, a: number, b: number): boolean => {
  const x = key[a]!
  const y = key[b]!
  return x < y || (Number.isNaN(y) && !Number.isNaN(x))
}

/** Short runs are sorted by insertion before they are merged. */
const RUN = 8

/**
 * The order of the `n` entries at `start`, `start + stride`, …, by the first key, and by later ones where earlier are
 * alike; entries that are alike in all keys stay in order. `order` gets 0 … n − 1 sorted; `spare` is as long.
 */
export function sortOrder(
  keys: readonly TypedArray[],
  start: number,
  stride: number,
  n: number,
  order: Int32Array,
  spare: Int32Array,
): void {
  const [first, ...others] = keys as readonly [TypedArray, ...TypedArray[]]
  const less = (i: number, j: number): boolean => {
    const a = start + i * stride
    const b = start + j * stride
    if (before(first, a, b)) return true
    if (others.length === 0 || before(first, b, a)) return false
    for (const key of others) {
      if (before(key, a, b)) return true
      if (before(key, b, a)) return false
    }
    return false
  }
  for (let i = 0; i < n; i++) order[i] = i
  for (let low = 0; low < n; low += RUN) {
    const high = Math.min(n, low + RUN)
    for (let i = low + 1; i < high; i++) {
      const entry = order[i]!
      let j = i
      for (; j > low && less(entry, order[j - 1]!); j--) order[j] = order[j - 1]!
      order[j] = entry
    }
  }
  let [from, to] = [order, spare]
  for (let width = RUN; width < n; width *= 2) {
    for (let low = 0; low < n; low += 2 * width)
      merge(from, to, low, Math.min(n, low + width), Math.min(n, low + 2 * width), less)
    ;[from, to] = [to, from]
  }
  if (from !== order) order.set(from.subarray(0, n))
}

/** Sorts one line of numbers in place: NaN last, zeros of either sign in the order they come in. */
export function sortLine(line: TypedArray): void {
  const zeros: number[] = []
  let negative = false
  for (let i = 0; i < line.length; i++) {
    if (line[i] !== 0) continue
    zeros.push(line[i]!)
    negative ||= Object.is(line[i], -0)
  }
  line.sort()
  // The typed array's own order has −0 before 0.
  if (negative) line.set(zeros, line.indexOf(0))
}

function merge(
  from: Int32Array,
  to: Int32Array,
  low: number,
  middle: number,
  high: number,
  less: (i: number, j: number) => boolean,
): void {
  let [i, j] = [low, middle]
  for (let k = low; k < high; k++) {
    // From the right half only what is really smaller, so that alike entries stay in order.
    const right = i >= middle || (j < high && less(from[j]!, from[i]!))
    to[k] = right ? from[j++]! : from[i++]!
  }
}

/** Calls `visit` with where each line along an axis of `n` entries, `stride` apart, starts. */
export function eachLine(size: number, n: number, stride: number, visit: (start: number) => void): void {
  const block = n * stride
  for (let outer = 0; outer < size; outer += block) {
    for (let inner = 0; inner < stride; inner++) visit(outer + inner)
  }
}
