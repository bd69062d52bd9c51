import type { FloatDType } from '../array/dtype.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { broadcastShapes, type Shape } from '../array/shape.ts'
import { abs, add, div, max, min, mul, sub } from '../primitives/arithmetic.ts'
import { full } from '../primitives/broadcast.ts'
import { erf, erfInv } from '../primitives/transcendental.ts'
import { checkDraw, floatInfo, type FloatOptions, parameter, shapeOf } from './draw.ts'
import type { Key } from './key.ts'
import type { Uniform } from './uniform.ts'

/** A draw of `shape` ([] by default) in float32 or float64. */
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
    shape: Shape = broadcastShapes([shapeOf(lower), shapeOf(upper)], 'random.truncatedNormal'),
    options: FloatOptions<D> = {},
  ): NDArray<D> => {
    const dtype = checkDraw('truncatedNormal', key, shape, options.dtype ?? ('float32' as D))
    const [low, high] = [parameter(lower, shape, dtype), parameter(upper, shape, dtype)]
    const [minval, maxval] = [low, high].map((x) => erf(div(x, rootTwo(x)))) as [NDArray, NDArray]
    const u = uniform(key, shape, { minval, maxval, dtype })
    const x = mul(rootTwo(u), erfInv(u))
    // Rounding must not put a number on a bound or beyond it.
    return min(max(x, add(low, step(low, dtype))), sub(high, step(high, dtype))) as NDArray<D>
  }

/**
 * What takes `x` to its neighbours when added or subtracted: S. M. Rump et al., "Computing predecessor and successor in
 * rounding to nearest" (BIT 49, 2009). Off only within a few of the smallest normal numbers around 0.
 */
function step(x: NDArray, dtype: FloatDType): NDArray {
  const { eps, tiny } = floatInfo[dtype]
  const u = eps / 2
  return add(mul(abs(x), full(x.shape, u * (1 + eps), x.dtype)), full(x.shape, tiny * eps, x.dtype))
}
