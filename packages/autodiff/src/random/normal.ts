import { type FloatDType, isHalf } from '../array/dtype.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import type { Shape } from '../array/shape.ts'
import { abs, add, div, max, min, mul, sub } from '../primitives/arithmetic.ts'
import { nextafter } from '../primitives/bounds.ts'
import { stop } from '../primitives/stop-gradient.ts'
import { full, like } from '../primitives/broadcast.ts'
import { erf, erfInv } from '../primitives/transcendental.ts'
import { checkDraw, floatInfo, type FloatOptions, parameter, shapeOfDraw } from './draw.ts'
import { checkKey, type Key } from './key.ts'
import type { Uniform } from './uniform.ts'

/** A draw of `shape` ([] by default) in a dtype of floats. */
export type FloatDraw = <D extends FloatDType = 'float32'>(
  key: Key,
  shape?: Shape,
  options?: FloatOptions<D>,
) => NDArray<D>

/** A draw between two bounds, which broadcast to `shape`. */
export type TruncatedNormal = <D extends FloatDType = 'float32'>(
  key: Key,
  lower: Operand,
  upper: Operand,
  shape?: Shape,
  options?: FloatOptions<D>,
) => NDArray<D>

const rootTwo = (x: NDArray): NDArray => full(x.shape, Math.SQRT2, x.dtype)

export const makeNormal =
  (uniform: Uniform): FloatDraw =>
  <D extends FloatDType = 'float32'>(key: Key, shape: Shape = [], options: FloatOptions<D> = {}): NDArray<D> => {
    const dtype = checkDraw('normal', key, shape, options.dtype ?? ('float32' as D))
    // From the number after −1, so that no −∞ comes out.
    const u = uniform(key, shape, { minval: floatInfo[dtype].eps / 2 - 1, maxval: 1, dtype })
    return mul(rootTwo(u), erfInv(u)) as NDArray<D>
  }

export const makeTruncatedNormal =
  (uniform: Uniform): TruncatedNormal =>
  <D extends FloatDType = 'float32'>(
    key: Key,
    lower: Operand,
    upper: Operand,
    shape?: Shape,
    options: FloatOptions<D> = {},
  ): NDArray<D> => {
    checkKey('truncatedNormal', key)
    const size = shapeOfDraw('truncatedNormal', shape, { lower, upper })
    const dtype = checkDraw('truncatedNormal', key, size, options.dtype ?? ('float32' as D))
    const [low, high] = [parameter(lower, size, dtype), parameter(upper, size, dtype)]
    const [minval, maxval] = [low, high].map((x) => erf(div(x, rootTwo(x)))) as [NDArray, NDArray]
    const u = uniform(key, size, { minval, maxval, dtype })
    const x = mul(rootTwo(u), erfInv(u))
    // Rounding must not put a number on a bound or beyond it.
    return min(max(x, neighbour(low, Infinity)), neighbour(high, -Infinity)) as NDArray<D>
  }

/** The next number after `x` towards ±∞, a constant to every derivative. */
function neighbour(x: NDArray, end: number): NDArray {
  if (!isHalf(x.dtype)) return nextafter(stop(x), like(x, end))
  return end > 0 ? add(stop(x), step(stop(x))) : sub(stop(x), step(stop(x)))
}

/**
 * What takes `x` to its neighbours when added or subtracted: S. M. Rump et al., "Computing predecessor and successor in
 * rounding to nearest" (BIT 49, 2009). Off only within a few of the smallest normal numbers around 0.
 */
function step(x: NDArray): NDArray {
  const { eps, tiny } = floatInfo[x.dtype as FloatDType]
  return add(mul(abs(x), like(x, (eps / 2) * (1 + eps))), like(x, tiny * eps))
}
