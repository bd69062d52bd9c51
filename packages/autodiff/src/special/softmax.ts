import { checkOptions } from '../array/options.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxes, withUnitAxes } from '../array/shape.ts'
import { abs, add, div, mul, sign, sub } from '../primitives/arithmetic.ts'
import { broadcastTo, like, reduceSum, zerosLike } from '../primitives/broadcast.ts'
import { isFinite, lt, ne, select } from '../primitives/comparison.ts'
import { reduceMax } from '../primitives/reductions.ts'
import { reshape } from '../primitives/reshape.ts'
import { exp, log } from '../primitives/transcendental.ts'
import { unifyFloats } from '../numpy/lifting.ts'
import { asArray, asFloat } from '../numpy/operands.ts'
import { convert } from '../primitives/convert.ts'
import { stop } from '../primitives/stop-gradient.ts'

type Axis = number | readonly number[] | null

/** The maximum along the axes, kept, as a constant; −∞ of nothing. */
function constantMax(x: NDArray, axes: readonly number[]): NDArray {
  const shape = withUnitAxes(x.shape, axes)
  if (x.size === 0) return like({ shape, dtype: x.dtype }, -Infinity)
  return stop(reshape(reduceMax(x, axes), shape))
}
const sumKeeping = (x: NDArray, axes: readonly number[]): NDArray =>
  reshape(reduceSum(x, axes), withUnitAxes(x.shape, axes))

export interface LogsumexpOptions {
  /** The axes to sum over. @defaultValue all */
  readonly axis?: Axis
  /** Factors of the exponentials, broadcast with them. @defaultValue 1 */
  readonly b?: Operand
  /** Keep the axes with length 1. @defaultValue false */
  readonly keepdims?: boolean
  /** Give the sign of the sum beside the logarithm of its size. @defaultValue false */
  readonly returnSign?: boolean
  /** Which entries count, broadcast with them. @defaultValue all */
  readonly where?: Operand
}

/**
 * ln Σ b eˣ without overflow; NaN for a negative sum, unless its sign is asked for.
 *
 * @example special.logsumexp([1000, 1000]) // 1000.6932
 * @example special.logsumexp([0, 0], { b: [1, -3], returnSign: true }) // [0.6931472, -1]
 */
export function logsumexp(x: Operand, options: LogsumexpOptions & { readonly returnSign: true }): [NDArray, NDArray]
export function logsumexp(x: Operand, options?: LogsumexpOptions & { readonly returnSign?: false }): NDArray
export function logsumexp(x: Operand, options: LogsumexpOptions = {}): NDArray | [NDArray, NDArray] {
  const {
    axis = null,
    b,
    keepdims = false,
    returnSign = false,
    where,
  } = checkOptions('logsumexp', options, ['axis', 'b', 'keepdims', 'returnSign', 'where'])
  let a = asFloat(x)
  let factors: NDArray | undefined
  if (b !== undefined) {
    ;[a, factors] = unifyFloats('logsumexp', [a, b]) as [NDArray, NDArray]
    a = select(ne(factors, zerosLike(factors)), a, like(a, -Infinity))
  }
  if (where !== undefined) a = select(mask(where, a), a, like(a, -Infinity))
  const axes = normalizeAxes(axis, a.ndim, 'logsumexp')
  const most = constantMax(a, axes)
  const shift = select(isFinite(most), most, zerosLike(most))
  let terms = exp(sub(a, broadcastTo(shift, a.shape)))
  if (factors !== undefined) terms = mul(terms, factors)
  const sum = sumKeeping(terms, axes)
  const signs = sign(sum)
  const size = add(log(abs(sum)), shift)
  const known = factors === undefined || returnSign ? size : select(lt(signs, zerosLike(signs)), like(size, NaN), size)
  const finish = (y: NDArray): NDArray =>
    keepdims
      ? y
      : reshape(
          y,
          a.shape.filter((_, i) => !axes.includes(i)),
        )
  return returnSign ? [finish(known), finish(signs)] : finish(known)
}

const mask = (where: Operand, x: NDArray): NDArray => broadcastTo(convert(asArray(where), 'bool'), x.shape)

export interface SoftmaxOptions {
  /** The axes along which the exponentials sum to 1. @defaultValue all in `special`, the last one in nn */
  readonly axis?: Axis
  /** Which entries count; the others become 0 (−∞ as a logarithm). @defaultValue all */
  readonly where?: Operand
}

/**
 * eˣ over its sum.
 *
 * @example special.softmax([0, 0]) // [0.5, 0.5]
 */
export function softmax(x: Operand, options: SoftmaxOptions = {}): NDArray {
  const { axis = null, where } = checkOptions('softmax', options, ['axis', 'where'])
  const a = asFloat(x)
  const axes = normalizeAxes(axis, a.ndim, 'softmax')
  const counted = where === undefined ? a : select(mask(where, a), a, like(a, -Infinity))
  const terms = exp(sub(counted, broadcastTo(constantMax(counted, axes), a.shape)))
  return div(terms, broadcastTo(sumKeeping(terms, axes), a.shape))
}

/** The logarithm of `softmax`. */
export function logSoftmax(x: Operand, options: SoftmaxOptions = {}): NDArray {
  const { axis = null, where } = checkOptions('logSoftmax', options, ['axis', 'where'])
  const a = asFloat(x)
  const axes = normalizeAxes(axis, a.ndim, 'logSoftmax')
  const counted = where === undefined ? a : select(mask(where, a), a, like(a, -Infinity))
  const shifted = sub(counted, broadcastTo(constantMax(counted, axes), a.shape))
  return sub(shifted, broadcastTo(log(sumKeeping(exp(shifted), axes)), a.shape))
}
