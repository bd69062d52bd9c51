import { np, type NDArray } from '@cotangent/autodiff'

/** Waves: the same numbers in any language, to rounding. */
export function numbers(seed: number, ...shape: readonly number[]): NDArray {
  const size = shape.reduce((a, b) => a * b, 1)
  return np
    .array(Float32Array.from({ length: size }, (_, i) => Math.sin(i * 0.7 + (i % 97) * 1.3 + seed)))
    .reshape(shape)
}

/** One-hot rows, the classes in turns. */
export const targets = (batch: number): NDArray =>
  np
    .array(Float32Array.from({ length: batch * 10 }, (_, i) => ((((i / 10) % 10) | 0) === i % 10 ? 1 : 0)))
    .reshape([batch, 10])
