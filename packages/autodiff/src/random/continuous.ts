import type { FloatDType } from '../array/dtype.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import type { Shape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { abs, add, mul, neg, sign, sub } from '../primitives/arithmetic.ts'
import { like } from '../primitives/broadcast.ts'
import { ge, select } from '../primitives/comparison.ts'
import { log, log1p, tan } from '../primitives/transcendental.ts'
import { checkDraw, floatInfo, type FloatOptions } from './draw.ts'
import type { Key } from './key.ts'
import type { FloatDraw } from './normal.ts'
import type { Uniform } from './uniform.ts'

export interface GumbelOptions<D extends FloatDType> extends FloatOptions<D> {
  /** `high` resolves the far end of the distribution, with twice as many random bits. @defaultValue 'low' */
  readonly mode?: GumbelMode
}
export type GumbelMode = 'low' | 'high'

/** Distributions that are a function of one uniform number. */
export interface Continuous {
  /** Density e⁻ˣ over x > 0. */
  readonly exponential: FloatDraw
  /** Density exp(−x − e⁻ˣ). */
  readonly gumbel: Gumbel
  /** Density exp(−|x|) / 2. */
  readonly laplace: FloatDraw
  /** Density e⁻ˣ / (1 + e⁻ˣ)². */
  readonly logistic: FloatDraw
  /** Density 1 / (π (1 + x²)). */
  readonly cauchy: FloatDraw
}

export type Gumbel = <D extends FloatDType = 'float32'>(
  key: Key,
  shape?: Shape,
  options?: GumbelOptions<D>,
) => NDArray<D>

export function makeContinuous(uniform: Uniform): Continuous {
  /** `f` of a uniform number from `minval` to 1. */
  const through =
    (name: string, minval: (dtype: FloatDType) => number, f: (u: NDArray) => NDArray): FloatDraw =>
    <D extends FloatDType = 'float32'>(key: Key, shape: Shape = [], options: FloatOptions<D> = {}): NDArray<D> => {
      const dtype = checkDraw(name, key, shape, options.dtype ?? ('float32' as D))
      return f(uniform(key, shape, { minval: minval(dtype), maxval: 1, dtype })) as NDArray<D>
    }
  const tiny = (dtype: FloatDType): number => floatInfo[dtype].tiny
  const lowGumbel = through('gumbel', tiny, (u) => neg(log(neg(log(u)))))
  return {
    exponential: through(
      'exponential',
      () => 0,
      (u) => neg(log1p(neg(u))),
    ),
    gumbel: <D extends FloatDType = 'float32'>(
      key: Key,
      shape: Shape = [],
      options: GumbelOptions<D> = {},
    ): NDArray<D> => {
      const { mode = 'low' } = options
      if (mode === 'low') return lowGumbel(key, shape, options)
      if (mode !== 'high') {
        throw new ValueError(`random.gumbel: the mode is ${showGiven(mode)}; it must be 'low' or 'high'`)
      }
      const dtype = checkDraw('gumbel', key, shape, options.dtype ?? ('float32' as D))
      const [high, low] = uniform(key, [2, ...shape], { dtype }).unstack(2) as [NDArray, NDArray]
      const { eps } = floatInfo[dtype]
      const fine = add(add(high, mul(low, like(low, eps))), like(low, tiny(dtype)))
      const u = select(ge(high, like(high, 0.5)), high, fine)
      return neg(log(neg(log1p(neg(u))))) as NDArray<D>
    },
    laplace: through(
      'laplace',
      (dtype) => floatInfo[dtype].eps / 2 - 1,
      (u) => mul(sign(u), log1p(neg(abs(u)))),
    ),
    logistic: through('logistic', tiny, (u) => sub(log(u), log1p(neg(u)))),
    cauchy: through(
      'cauchy',
      (dtype) => floatInfo[dtype].eps,
      (u) => tan(mul(like(u, Math.PI), sub(u, like(u, 0.5)))),
    ),
  }
}
