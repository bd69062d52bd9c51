import type { NDArray } from '../array/ndarray.ts'
import { abs, div, floor, max, min, mul } from './arithmetic.ts'
import { alongAll } from './matrices.ts'
import { like } from './broadcast.ts'
import { reduceMax } from './reductions.ts'
import { reshape } from './reshape.ts'
import { log, pow } from './transcendental.ts'

/**
 * A matrix divided by the power of two nearest below its largest entry, so that products of entries neither overflow
 * nor vanish. Division by a power of two is exact, and `floor` makes it a constant for derivatives, which is right: the
 * functions that use it do not depend on it. `scale` and `exponent` are 1 × 1 matrices.
 */
export function scaleOf(matrix: NDArray): { scaled: NDArray; scale: NDArray; exponent: NDArray } {
  const limit = { float16: 14, float64: 1000 }[matrix.dtype as string] ?? 120
  const lead = matrix.shape.slice(0, -2)
  const largest = reduceMax(abs(matrix), [matrix.ndim - 2, matrix.ndim - 1])
  const wanted = floor(mul(log(largest), like(largest, Math.LOG2E)))
  const exponent = max(min(wanted, like(wanted, limit)), like(wanted, -limit))
  const scale = pow(like(exponent, 2), exponent)
  const apart = (x: NDArray): NDArray => reshape(x, [...lead, 1, 1])
  return { scaled: div(matrix, alongAll(scale, matrix.shape)), scale: apart(scale), exponent: apart(exponent) }
}
