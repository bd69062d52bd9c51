import { ValueError } from '../array/errors.ts'
import type { Shape } from '../array/shape.ts'

/**
 * Shapes are static, but an exported model may leave its leading axis open. Such an axis is traced with a large prime
 * for its size, which no other size of a program is a multiple of by accident; wherever a size is a multiple of it,
 * the axis is the open one. Numbers that could only come from its size are refused.
 */
export const OPEN_SIZE = 999983

export const isOpen = (size: number): boolean => size >= OPEN_SIZE && size % OPEN_SIZE === 0
export const hasOpen = (shape: Shape): boolean => shape.some(isOpen)

/** Throws when a number of the program was computed from the size of the open axis. */
export function checkOpenScalar(value: number): void {
  const near = (target: number): boolean => Math.abs(value - target) <= Math.abs(target) * 1e-6
  if (near(OPEN_SIZE) || near(1 / OPEN_SIZE)) {
    throw new ValueError(
      'exportOnnx: the function uses the size of the batch axis as a number (a mean over it, for instance), so its batch axis cannot be left open; export it with dynamicBatch: false',
    )
  }
}
