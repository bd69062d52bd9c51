import type { FloatDType } from '../array/dtype.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { broadcastShapes, type Shape } from '../array/shape.ts'
import { asFloat } from '../numpy/operands.ts'
import { add, div, floor, integerPow, mul, neg, plus, sub } from '../primitives/arithmetic.ts'
import { broadcastTo, like, zerosLike } from '../primitives/broadcast.ts'
import { eq, le, lt, select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { exp, log, log1p, pow, sqrt } from '../primitives/transcendental.ts'
import type { Continuous } from './continuous.ts'
import {
  checkDraw,
  checkInteger,
  floatDraw,
  floatDraw1,
  type FloatDraw1,
  type FloatDraw2,
  floatDTypeOf,
  type FloatOptions,
  type IntegerDType,
  type IntegerOptions,
  parameter,
  shapeOf,
  shapeOfDraw,
} from './draw.ts'
import { checkKey, type Key } from './key.ts'
import { type Layout, splitKey } from './layout.ts'
import type { FloatDraw } from './normal.ts'
import type { IntegerDraw1 } from './poisson.ts'
import type { Uniform } from './uniform.ts'

/** Distributions that are functions of draws from the others. */
export interface Families {
  /** Density b / x^(b + 1) over x > 1. */
  readonly pareto: FloatDraw1
  /** Density x / s² · exp(−x² / 2s²) over x > 0, of the scale s. */
  readonly rayleigh: FloatDraw1
  /** The inverse Gaussian distribution with that mean, and the shape parameter 1. */
  readonly wald: FloatDraw1
  /** exp of a normal number times `sigma` (1). */
  readonly lognormal: <D extends FloatDType = 'float32'>(
    key: Key,
    sigma?: Operand,
    shape?: Shape,
    options?: FloatOptions<D>,
  ) => NDArray<D>
  /** How many trials there are until the first success, each having the probability `p`. */
  readonly geometric: IntegerDraw1
  /** The triangle over `left` to `right` with its top at `mode`. */
  readonly triangular: <D extends FloatDType = 'float32'>(
    key: Key,
    left: Operand,
    mode: Operand,
    right: Operand,
    shape?: Shape,
    options?: FloatOptions<D>,
  ) => NDArray<D>
  /** `scale` times Weibull's distribution: P(x) = 1 − exp(−x^concentration). Its parameters broadcast with `shape`. */
  readonly weibullMin: FloatDraw2
}

interface Draws extends Continuous {
  readonly layout: Layout
  readonly uniform: Uniform
  readonly normal: FloatDraw
}

const half = (x: NDArray): NDArray => div(x, like(x, 2))

export function makeFamilies({ layout, uniform, normal, exponential }: Draws): Families {
  const lognormal = floatDraw1('lognormal', 'sigma', (key, { shape, dtype }, sigma) =>
    exp(mul(normal(key, shape, { dtype }), sigma!)),
  )
  const triangular = floatDraw('triangular', ['left', 'mode', 'right'], (key, { shape, dtype }, left, mode, right) => {
    const u = uniform(key, shape, { dtype })
    const [width, before, after] = [sub(right!, left!), sub(mode!, left!), sub(right!, mode!)]
    const rising = add(left!, sqrt(mul(mul(u, width), before)))
    const falling = sub(right!, sqrt(mul(mul(sub(like(u, 1), u), width), after)))
    return select(lt(u, div(before, width)), rising, falling)
  })

  return {
    pareto: floatDraw1('pareto', 'b', (key, { shape, dtype }, b) => exp(div(exponential(key, shape, { dtype }), b!))),
    rayleigh: floatDraw1('rayleigh', 'scale', (key, { shape, dtype }, scale) => {
      const u = uniform(key, shape, { dtype })
      return mul(scale!, sqrt(mul(log(u), like(u, -2))))
    }),
    wald: floatDraw1('wald', 'mean', (key, { shape, dtype }, mean) => {
      const [first, second] = splitKey(layout, key, 2) as [Key, Key]
      const y = integerPow(normal(first, shape, { dtype }), 2)
      const z = uniform(second, shape, { dtype })
      const square = integerPow(mean!, 2)
      const root = sqrt(add(mul(mul(like(y, 4), mean!), y), mul(square, integerPow(y, 2))))
      const x = sub(add(mean!, half(mul(square, y))), mul(half(mean!), root))
      return select(le(z, div(mean!, add(mean!, x))), x, div(square, x))
    }),
    lognormal: (key, sigma = 1, shape, options = {}) => lognormal(key, sigma, shape, options),
    geometric: <D extends IntegerDType = 'int32'>(
      key: Key,
      p: Operand,
      shape?: Shape,
      options: IntegerOptions<D> = {},
    ): NDArray<D> => {
      checkKey('geometric', key)
      const size = shapeOfDraw('geometric', shape, { p })
      const dtype = checkInteger('geometric', options.dtype ?? ('int32' as D))
      const given = asFloat(p)
      const chance = broadcastTo(given, size)
      const drawn = uniform(key, size, { dtype: floatDTypeOf(given) })
      const u = select(eq(drawn, zerosLike(drawn)), like(drawn, 1), drawn)
      return convert(plus(floor(div(log(u), log1p(neg(chance)))), 1), dtype) as NDArray<D>
    },
    triangular: ((key, left, mode, right, shape, options = {}) =>
      triangular(key, [left, mode, right], shape, options)) as Families['triangular'],
    weibullMin: <D extends FloatDType = 'float32'>(
      key: Key,
      scale: Operand,
      concentration: Operand,
      shape: Shape = [],
      options: FloatOptions<D> = {},
    ): NDArray<D> => {
      const dtype = checkDraw('weibullMin', key, shape, options.dtype ?? ('float32' as D))
      const all = broadcastShapes([shape, shapeOf(scale), shapeOf(concentration)], 'random.weibullMin')
      const u = broadcastTo(uniform(key, shape, { dtype }), all)
      const power = div(like(u, 1), parameter(concentration, all, dtype))
      return mul(pow(neg(log1p(neg(u))), power), parameter(scale, all, dtype)) as NDArray<D>
    },
  }
}
