import { isFloat } from '../array/dtype.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { range, type Shape } from '../array/shape.ts'
import { whileLoop } from '../lax/loops.ts'
import { asArray } from '../numpy/operands.ts'
import { abs, add, div, floor, mul, neg, plus, sub } from '../primitives/arithmetic.ts'
import { stop } from '../primitives/stop-gradient.ts'
import { full, like, zerosLike } from '../primitives/broadcast.ts'
import { and, eq, ge, gt, le, lt, ne, not, or, select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { lgamma } from '../primitives/gamma.ts'
import { reduceOr } from '../primitives/reductions.ts'
import { log, sqrt } from '../primitives/transcendental.ts'
import { checkInteger, exactLog, type IntegerDType, type IntegerOptions, parameter, shapeOfDraw } from './draw.ts'
import { checkKey, type Key } from './key.ts'
import { type Layout, splitKey } from './layout.ts'
import type { Uniform } from './uniform.ts'

/** A draw of whole numbers with one parameter, of the parameter's shape by default. */
export type IntegerDraw1 = <D extends IntegerDType = 'int32'>(
  key: Key,
  parameter: Operand,
  shape?: Shape,
  options?: IntegerOptions<D>,
) => NDArray<D>

/** Whether any of the flags is set. */
export const some = (flags: NDArray): NDArray => reduceOr(flags, range(flags.ndim))

/** Below this mean Knuth's method is used, above it the transformed rejection. */
const FEW = 10

export function makePoisson(layout: Layout, uniform: Uniform): IntegerDraw1 {
  return <D extends IntegerDType = 'int32'>(
    key: Key,
    lam: Operand,
    shape?: Shape,
    options: IntegerOptions<D> = {},
  ): NDArray<D> => {
    checkKey('poisson', key)
    const size = shapeOfDraw('poisson', shape, { lam })
    const dtype = checkInteger('poisson', options.dtype ?? ('int32' as D))
    const given = typeof lam === 'number' ? lam : asArray(lam)
    const mean = parameter(given, size, 'float32')
    const rate = typeof given !== 'number' && isFloat(given.dtype) ? stop(mean) : mean
    const isFew = or(ne(rate, rate), lt(rate, like(rate, FEW)))
    const few = convert(knuth(key, select(isFew, rate, zerosLike(rate))), dtype)
    const many = convert(rejection(key, select(isFew, like(rate, 1e5), rate)), dtype)
    const zero = full(size, 0, dtype)
    return select(eq(rate, zerosLike(rate)), zero, select(isFew, few, many)) as NDArray<D>
  }

  /** D. Knuth, "The Art of Computer Programming" 2 (1969), 3.4.1: how many uniform numbers multiply to e^(−λ). */
  function knuth(key: Key, rate: NDArray): NDArray {
    const { shape } = rate
    const end = neg(rate)
    const [k] = whileLoop(
      ([, , sum]) => some(gt(sum, end)),
      ([count, rest, sum]) => {
        const [next, draw] = splitKey(layout, rest, 2) as [Key, Key]
        const more = select(gt(sum, end), plus(count, 1), count)
        return [more, next, add(sum, log(uniform(draw, shape)))] as const
      },
      [full(shape, 0, 'int32'), key as NDArray, zerosLike(rate)] as const,
    )
    return plus(k, -1)
  }

  /** W. Hörmann, "The transformed rejection method for generating Poisson random variables" (1993). */
  function rejection(key: Key, rate: NDArray): NDArray {
    const { shape } = rate
    const number = (value: number): NDArray => like(rate, value)
    const logRate = exactLog(rate)
    const b = add(number(0.931), mul(number(2.53), sqrt(rate)))
    const a = add(number(-0.059), mul(number(0.02483), b))
    const inverseAlpha = add(number(1.1239), div(number(1.1328), plus(b, -3.4)))
    const surely = sub(number(0.9277), div(number(3.6224), plus(b, -2)))
    const [k] = whileLoop(
      ([, accepted]) => some(not(accepted)),
      ([kept, accepted, rest]) => {
        const [next, first, second] = splitKey(layout, rest, 3) as [Key, Key, Key]
        const u = plus(uniform(first, shape), -0.5)
        const v = uniform(second, shape)
        const edge = sub(number(0.5), abs(u))
        const slope = add(div(mul(number(2), a), edge), b)
        const value = floor(plus(add(mul(slope, u), rate), 0.43))
        const s = log(div(mul(v, inverseAlpha), add(div(a, mul(edge, edge)), b)))
        const t = sub(add(neg(rate), mul(value, logRate)), lgamma(plus(value, 1)))
        const atOnce = and(ge(edge, number(0.07)), le(v, surely))
        const off = or(lt(value, number(0)), and(lt(edge, number(0.013)), gt(v, edge)))
        const accept = or(atOnce, and(not(off), le(s, t)))
        return [select(accept, value, kept), or(accepted, accept), next] as const
      },
      [number(-1), full(shape, 0, 'bool'), key as NDArray] as const,
    )
    return k
  }
}
