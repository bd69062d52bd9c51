import { ValueError } from '../array/errors.ts'
import type { Shape } from '../array/shape.ts'

/**
 * Shapes are static, but an exported model may leave its leading axis open. Such an axis is traced with a large prime
 * for its size, which no other size of a program is a multiple of by accident; wherever a size is a multiple of it,
 * the axis is the open one. Numbers that could only come from its size are refused.
 */
export const OPEN_SIZE = 15485863

/** Sizes beyond this that are no multiple of the open one are taken to be computed from it. */
const LARGEST_SIZE = 1e6

export const isOpen = (size: number): boolean => size >= OPEN_SIZE && size % OPEN_SIZE === 0
export const hasOpen = (shape: Shape): boolean => shape.some(isOpen)

const refused = (what: string): ValueError =>
  new ValueError(
    `exportOnnx: the function uses the size of the batch axis ${what}, so its batch axis cannot be left open; export it with dynamicBatch: false`,
  )

/** Throws when a number of the program was computed from the size of the open axis. */
export function checkOpenScalar(value: number): void {
  const size = Math.abs(value)
  for (const ratio of [
    size / OPEN_SIZE,
    1 / (size * OPEN_SIZE),
    (size * size) / OPEN_SIZE,
    1 / (size * size * OPEN_SIZE),
  ]) {
    // A multiple, for a mean over more axes than one.
    const near = Math.round(ratio)
    if (near >= 1 && near <= 64 && Math.abs(ratio - near) <= 1e-6 * near) {
      throw refused('as a number (a mean over it, for instance)')
    }
  }
}

/** Throws when a size or an index was computed from the size of the open axis. */
export function checkOpenSizes(sizes: readonly number[]): void {
  const wrong = sizes.find((n) => Math.abs(n) > LARGEST_SIZE && Math.abs(n) < 2 ** 31 - 1 && !isOpen(n))
  if (wrong !== undefined) throw refused('in a size or an index (a part of it, or more entries joined to it)')
}
