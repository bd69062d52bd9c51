import type { NDArray } from '../array/ndarray.ts'
import { abs, div, max, min, mul, plus } from '../primitives/arithmetic.ts'
import { like, zerosLike } from '../primitives/broadcast.ts'
import { eq, or, select } from '../primitives/comparison.ts'
import * as i from '../primitives/inverse-functions.ts'
import { atan2 as angle, sin, sqrt } from '../primitives/transcendental.ts'
import { arccos, arcsin, arctan } from './elementwise.ts'
import { type Binary, floatBinary, floatFunction, type Unary } from './lifting.ts'

/** The inverse of sinh. */
export const arcsinh: Unary = floatFunction(i.asinh)
/** The inverse of cosh, NaN below 1. */
export const arccosh: Unary = floatFunction(i.acosh)
/** The inverse of tanh, ±∞ at ±1 and NaN outside. */
export const arctanh: Unary = floatFunction(i.atanh)
/**
 * The angle from the x-axis to the point (`x`, `y`), in (−π, π]; `y` comes first.
 *
 * @example np.arctan2(1, -1) // 2.3561945
 */
export const arctan2: Binary = floatBinary('arctan2', angle)

/**
 * √(x² + y²) without overflow.
 *
 * @example np.hypot(3, 4) // 5
 */
export const hypot: Binary = floatBinary('hypot', (x, y) => {
  const [a, b] = [abs(x), abs(y)]
  const infinity = like(x, Infinity)
  const [large, small] = [max(a, b), min(a, b)]
  const nothing = eq(large, zerosLike(large))
  const ratio = div(small, select(nothing, like(x, 1), large))
  const length = select(nothing, large, mul(large, sqrt(plus(mul(ratio, ratio), 1))))
  return select(or(eq(a, infinity), eq(b, infinity)), infinity, length)
})

const scaled = (factor: number): Unary => floatFunction((x) => mul(x, like(x, factor)))
/** Degrees as radians. */
export const deg2rad: Unary = scaled(Math.PI / 180)
/** Radians as degrees. */
export const rad2deg: Unary = scaled(180 / Math.PI)
/** Another name of `deg2rad`. */
export const radians: Unary = deg2rad
/** Another name of `rad2deg`. */
export const degrees: Unary = rad2deg

/**
 * sin(πx) / πx, 1 at 0, with all its derivatives there.
 *
 * @example np.sinc([0, 0.5]) // [1, 0.63661975]
 */
export const sinc: Unary = floatFunction((x: NDArray) => {
  const t = mul(x, like(x, Math.PI))
  const zero = eq(x, zerosLike(x))
  const safe = select(zero, like(x, 1), t)
  const square = mul(t, t)
  const series = plus(mul(square, plus(mul(square, plus(mul(square, like(x, -1 / 5040)), 1 / 120)), -1 / 6)), 1)
  return select(zero, series, div(sin(safe), safe))
})

// The names of the array API standard.
/** Another name of `arccos`. */
export const acos: Unary = arccos
/** Another name of `arccosh`. */
export const acosh: Unary = arccosh
/** Another name of `arcsin`. */
export const asin: Unary = arcsin
/** Another name of `arcsinh`. */
export const asinh: Unary = arcsinh
/** Another name of `arctan`. */
export const atan: Unary = arctan
/** Another name of `arctan2`. */
export const atan2: Binary = arctan2
/** Another name of `arctanh`. */
export const atanh: Unary = arctanh
