import type { FloatDType } from '../array/dtype.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { broadcastShapes, checkShape, type Shape } from '../array/shape.ts'
import { asFloat } from '../numpy/operands.ts'
import { abs, add, div, floor, integerPow, mul, neg, plus, sub } from '../primitives/arithmetic.ts'
import { broadcastAxis, broadcastTo, like, reduceSum, zerosLike } from '../primitives/broadcast.ts'
import { eq, le, lt, select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { exp, log, log1p, pow, sqrt } from '../primitives/transcendental.ts'
import type { Continuous } from './continuous.ts'
import type { Discrete } from './discrete.ts'
import {
  checkDraw,
  checkInteger,
  floatDTypeOf,
  type FloatDraw1,
  type FloatDraw2,
  type FloatOptions,
  type IntegerDType,
  type IntegerOptions,
  parameter,
  shapeOf,
  shapeOfDraw,
} from './draw.ts'
import type { GammaFamily } from './gamma.ts'
import { checkKey, type Key } from './key.ts'
import { type Layout, splitKey } from './layout.ts'
import type { FloatDraw } from './normal.ts'
import { checkCount } from './permutation.ts'
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
  /** The length of a vector of three normal numbers. */
  readonly maxwell: FloatDraw
  /** `maxwell` with a random sign, times `scale` plus `loc`; of the shape `shape` and theirs after it. */
  readonly doubleSidedMaxwell: FloatDraw2
  /** `scale` times Weibull's distribution: P(x) = 1 − exp(−x^concentration). Its parameters broadcast with `shape`. */
  readonly weibullMin: FloatDraw2
  /** Density ∝ exp(−|x|ᵖ). Its shape is [] by default. */
  readonly generalizedNormal: FloatDraw1
  /**
   * Points evenly distributed in the ball of `d` dimensions that the norm of order `p` (2) bounds: [...shape, d].
   * @throws ValueError when d is no count.
   */
  readonly ball: <D extends FloatDType = 'float32'>(
    key: Key,
    d: number,
    p?: Operand,
    shape?: Shape,
    options?: FloatOptions<D>,
  ) => NDArray<D>
}

interface Draws extends Continuous, Discrete, GammaFamily {
  readonly layout: Layout
  readonly uniform: Uniform
  readonly normal: FloatDraw
}

/** A draw whose parameters were brought to its shape and dtype. */
type Rule = (key: Key, shape: Shape, dtype: FloatDType, ...parameters: NDArray[]) => NDArray

const half = (x: NDArray): NDArray => div(x, like(x, 2))

export function makeFamilies({ layout, uniform, normal, exponential, gamma, rademacher }: Draws): Families {
  /** A draw with named parameters, of their common shape by default. */
  const draw =
    (name: string, whats: readonly string[], rule: Rule) =>
    (key: Key, values: readonly Operand[], shape: Shape | undefined, options: FloatOptions<FloatDType>): NDArray => {
      checkKey(name, key)
      const size = shapeOfDraw(name, shape, Object.fromEntries(whats.map((what, i) => [what, values[i]!])))
      const dtype = checkDraw(name, key, size, options.dtype)
      return rule(key, size, dtype, ...values.map((value) => parameter(value, size, dtype)))
    }
  const one = (name: string, what: string, rule: Rule): FloatDraw1 => {
    const drawn = draw(name, [what], rule)
    return ((key, a, shape, options = {}) => drawn(key, [a], shape, options)) as FloatDraw1
  }
  const lognormal = one('lognormal', 'sigma', (key, shape, dtype, sigma) =>
    exp(mul(normal(key, shape, { dtype }), sigma!)),
  )
  const triangular = draw('triangular', ['left', 'mode', 'right'], (key, shape, dtype, left, mode, right) => {
    const u = uniform(key, shape, { dtype })
    const [width, before, after] = [sub(right!, left!), sub(mode!, left!), sub(right!, mode!)]
    const rising = add(left!, sqrt(mul(mul(u, width), before)))
    const falling = sub(right!, sqrt(mul(mul(sub(like(u, 1), u), width), after)))
    return select(lt(u, div(before, width)), rising, falling)
  })

  const maxwell: FloatDraw = <D extends FloatDType = 'float32'>(
    key: Key,
    shape: Shape = [],
    options: FloatOptions<D> = {},
  ): NDArray<D> => {
    const dtype = checkDraw('maxwell', key, shape, options.dtype ?? ('float32' as D))
    const x = normal(key, [...shape, 3], { dtype })
    return sqrt(reduceSum(mul(x, x), [shape.length])) as NDArray<D>
  }

  const generalizedNormal: FloatDraw1 = <D extends FloatDType = 'float32'>(
    key: Key,
    p: Operand,
    shape: Shape = [],
    options: FloatOptions<D> = {},
  ): NDArray<D> => {
    checkKey('generalizedNormal', key)
    const size = shapeOfDraw('generalizedNormal', shape, { p })
    const dtype = checkDraw('generalizedNormal', key, size, options.dtype ?? ('float32' as D))
    const [gammaKey, signKey] = splitKey(layout, key, 2) as [Key, Key]
    const order = parameter(p, size, dtype)
    const inverse = div(like(order, 1), order)
    const g = gamma(gammaKey, inverse, size, { dtype })
    return mul(rademacher(signKey, size, { dtype }), pow(g, inverse)) as NDArray<D>
  }

  return {
    pareto: one('pareto', 'b', (key, shape, dtype, b) => exp(div(exponential(key, shape, { dtype }), b!))),
    rayleigh: one('rayleigh', 'scale', (key, shape, dtype, scale) => {
      const u = uniform(key, shape, { dtype })
      return mul(scale!, sqrt(mul(log(u), like(u, -2))))
    }),
    wald: one('wald', 'mean', (key, shape, dtype, mean) => {
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
    maxwell,
    doubleSidedMaxwell: <D extends FloatDType = 'float32'>(
      key: Key,
      loc: Operand,
      scale: Operand,
      shape: Shape = [],
      options: FloatOptions<D> = {},
    ): NDArray<D> => {
      checkKey('doubleSidedMaxwell', key)
      const own = broadcastShapes([shapeOf(loc), shapeOf(scale)], 'random.doubleSidedMaxwell')
      // As in JAX the axes of the parameters come after those of the shape, also where the shape is theirs.
      const size = [...(checkShape(shape, 'random.doubleSidedMaxwell').length === 0 ? own : shape), ...own]
      const dtype = checkDraw('doubleSidedMaxwell', key, size, options.dtype ?? ('float32' as D))
      const [lengthKey, signKey] = splitKey(layout, key, 2) as [Key, Key]
      const signed = mul(rademacher(signKey, size, { dtype }), maxwell(lengthKey, size, { dtype }))
      return add(mul(signed, parameter(scale, size, dtype)), parameter(loc, size, dtype)) as NDArray<D>
    },
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
    generalizedNormal,
    ball: <D extends FloatDType = 'float32'>(
      key: Key,
      d: number,
      p: Operand = 2,
      shape: Shape = [],
      options: FloatOptions<D> = {},
    ): NDArray<D> => {
      const dtype = checkDraw('ball', key, shape, options.dtype ?? ('float32' as D))
      const size = [...shape, checkCount('ball', d)]
      if (shapeOf(p).length > 0) throw new ValueError('random.ball: p is an array; it must be one number')
      const [directionKey, lengthKey] = splitKey(layout, key, 2) as [Key, Key]
      const g = generalizedNormal(directionKey, p, size, { dtype })
      const e = exponential(lengthKey, shape, { dtype })
      const total = add(reduceSum(pow(abs(g), parameter(p, size, dtype)), [shape.length]), e)
      const length = pow(total, div(like(total, 1), parameter(p, shape, dtype)))
      return div(g, broadcastAxis(length, shape.length, d)) as NDArray<D>
    },
  }
}
