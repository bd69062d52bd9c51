import type { FloatDType } from '../array/dtype.ts'
import { ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { checkShape, type Shape, sizeOf } from '../array/shape.ts'
import { asArray } from '../numpy/operands.ts'
import { add, div, max, mul, sub } from '../primitives/arithmetic.ts'
import { stop } from '../primitives/stop-gradient.ts'
import { broadcastAxis, like, reduceSum } from '../primitives/broadcast.ts'
import { reduceMax } from '../primitives/reductions.ts'
import { reshape } from '../primitives/reshape.ts'
import { sliceAxis } from '../primitives/slicing.ts'
import { exp, sqrt } from '../primitives/transcendental.ts'
import {
  checkDraw,
  checkFits,
  floatDraw1,
  type FloatDraw1,
  type FloatDraw2,
  floatDraw2,
  type FloatOptions,
  parameter,
} from './draw.ts'
import { checkKey, type Key } from './key.ts'
import { type Layout, splitKey } from './layout.ts'
import type { FloatDraw } from './normal.ts'
import { randomGamma } from './random-gamma.ts'

/**
 * The gamma distribution and those made of it. Draws are differentiable in the parameters: they move with them as their
 * quantiles do. Floats of 16 bits are drawn in float32 and rounded.
 */
export interface GammaFamily {
  /**
   * Density xᵃ⁻¹ e⁻ˣ / Γ(a) over x > 0; NaN for a < 0.
   * @example random.gamma(random.PRNGKey(0), 2, [2]).shape // [2]
   * @example grad((a) => random.gamma(random.PRNGKey(0), a))(2).ndim // 0
   */
  readonly gamma: FloatDraw1
  /** The logarithm of `gamma`, exact also where that underflows, for small `a`. */
  readonly loggamma: FloatDraw1
  /** Density xᵃ⁻¹ (1 − x)ᵇ⁻¹ / B(a, b) over 0 < x < 1. */
  readonly beta: FloatDraw2
  /**
   * Shares that sum to 1 over a last axis, with density ∏ xᵢ^(αᵢ − 1). `shape` is that of the draw without the last
   * axis, which is alpha's.
   * @throws ShapeError when alpha has no axis.
   * @example random.dirichlet(random.PRNGKey(0), [1, 2], [3]).shape // [3, 2]
   */
  readonly dirichlet: FloatDraw1
  /** Student's distribution with `df` degrees of freedom: density ∝ (1 + x²/df)^(−(df + 1)/2). */
  readonly t: FloatDraw1
  /** The sum of the squares of `df` normal numbers. */
  readonly chisquare: FloatDraw1
  /** The ratio of two `chisquare`, each over its degrees of freedom: of the first, and of the second. */
  readonly f: FloatDraw2
}

export function makeGamma(layout: Layout, normal: FloatDraw): GammaFamily {
  /** Draws with parameters `a` of the draw's shape and dtype. */
  const draw = (key: Key, a: NDArray, log: boolean): NDArray => {
    const keys = layout.split(key, sizeOf(a.shape))
    const [k0, k1] = [0, 1].map((i) => reshape(sliceAxis(keys, 1, i, i + 1), a.shape)) as [NDArray, NDArray]
    return randomGamma(k0, k1, a, { layout: layout.name, log })
  }
  const chisquare = (key: Key, df: NDArray): NDArray => mul(exp(draw(key, div(df, like(df, 2)), true)), like(df, 2))

  return {
    gamma: floatDraw1('gamma', 'a', (key, _, a) => draw(key, a!, false)),
    loggamma: floatDraw1('loggamma', 'a', (key, _, a) => draw(key, a!, true)),
    beta: floatDraw2('beta', ['a', 'b'], (key, _, a, b) => {
      const [first, second] = splitKey(layout, key, 2) as [Key, Key]
      const [x, y] = [draw(first, a!, true), draw(second, b!, true)]
      // The larger one is 1 after scaling, so that nothing over- or underflows.
      const largest = max(x, y)
      const [p, q] = [exp(sub(x, largest)), exp(sub(y, largest))]
      return div(p, add(p, q))
    }),
    dirichlet: <D extends FloatDType = 'float32'>(
      key: Key,
      alpha: Operand,
      shape?: Shape,
      options: FloatOptions<D> = {},
    ): NDArray<D> => {
      checkKey('dirichlet', key)
      const given = asArray(alpha)
      if (given.ndim === 0) {
        throw new ShapeError('random.dirichlet: alpha is a scalar; its last axis counts the shares: use np.array([…])')
      }
      const batch = shape === undefined ? given.shape.slice(0, -1) : checkShape(shape, 'random.dirichlet')
      checkFits('dirichlet', 'alpha without its last axis', given.shape.slice(0, -1), batch)
      const dtype = checkDraw('dirichlet', key, batch, options.dtype ?? ('float32' as D))
      const n = given.shape[given.ndim - 1] as number
      const logs = draw(key, parameter(given, [...batch, n], dtype), true)
      if (n === 0) return logs as NDArray<D>
      const last = batch.length
      const scaled = exp(sub(logs, broadcastAxis(stop(reduceMax(logs, [last])), last, n)))
      return div(scaled, broadcastAxis(reduceSum(scaled, [last]), last, n)) as NDArray<D>
    },
    t: floatDraw1('t', 'df', (key, { shape, dtype }, df) => {
      const [normalKey, gammaKey] = splitKey(layout, key, 2) as [Key, Key]
      const half = div(df!, like(df!, 2))
      const n = normal(normalKey, shape, { dtype })
      return mul(n, sqrt(div(half, draw(gammaKey, half, false))))
    }),
    chisquare: floatDraw1('chisquare', 'df', (key, _, df) => chisquare(key, df!)),
    f: floatDraw2('f', ['dfnum', 'dfden'], (key, _, above, below) => {
      const [belowKey, aboveKey] = splitKey(layout, key, 2) as [Key, Key]
      return div(div(chisquare(aboveKey, above!), above!), div(chisquare(belowKey, below!), below!))
    }),
  }
}
