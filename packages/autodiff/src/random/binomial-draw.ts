import { type FloatDType } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { whileLoop } from '../lax/loops.ts'
import { abs, add, ceil, div, floor, max, min, mul, plus, sub } from '../primitives/arithmetic.ts'
import { full, like, onesLike, zerosLike } from '../primitives/broadcast.ts'
import { and, eq, ge, gt, le, lt, ne, not, or, select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { take } from '../primitives/gather.ts'
import { log, log1p, sqrt } from '../primitives/transcendental.ts'
import { array } from '../array/create.ts'
import { exactLog } from './draw.ts'
import type { Key } from './key.ts'
import { type Layout, splitKey } from './layout.ts'
import { some } from './poisson.ts'
import type { Uniform } from './uniform.ts'

/** How many of `n` trials succeed, each with the probability `p`: in the dtype of `p`; both have the shape of the draw. */
export type BinomialDraw = (key: Key, n: NDArray, p: NDArray) => NDArray

/** Below this mean the trials are counted one success after another, above it the transformed rejection is used. */
const FEW = 10

const isNaN = (x: NDArray): NDArray => ne(x, x)

export function makeBinomialDraw(layout: Layout, uniform: Uniform): BinomialDraw {
  return draw

  function draw(key: Key, n: NDArray, p: NDArray): NDArray {
    const isSmall = lt(p, like(p, 0.5))
    const given = select(isSmall, p, sub(onesLike(p), p))
    const [unknown, negative] = [isNaN(given), lt(given, zerosLike(given))]
    const q = select(or(unknown, negative), like(p, 0.01), given)
    const noCount = or(isNaN(n), lt(n, zerosLike(n)))
    const endless = eq(abs(n), like(n, Infinity))
    const isFew = or(noCount, le(mul(n, q), like(n, FEW)))
    const count = floor(n)
    const few = inversion(key, select(isFew, count, zerosLike(n)), q)
    const many = rejection(key, select(isFew, like(n, 1e4), count), select(isFew, like(q, 0.5), q))
    const invalid = or(or(negative, unknown), noCount)
    const drawn = select(isFew, few, many)
    const known = select(invalid, like(p, NaN), select(endless, like(p, Infinity), drawn))
    const plain = or(or(isSmall, noCount), or(unknown, endless))
    return select(plain, known, sub(count, known))
  }

  /** How many geometric waiting times there are in `count` trials. */
  function inversion(key: Key, count: NDArray, p: NDArray): NDArray {
    const dtype = p.dtype as FloatDType
    const rate = log1p(p.neg())
    const [k] = whileLoop(
      ([, waited]) => some(le(waited, count)),
      ([successes, waited, rest]) => {
        const [draw, next] = splitKey(layout, rest, 2) as [Key, Key]
        const wait = ceil(div(log(uniform(draw, p.shape, { dtype })), rate))
        return [select(le(waited, count), plus(successes, 1), successes), add(waited, wait), next] as const
      },
      [zerosLike(p), zerosLike(p), key as NDArray] as const,
    )
    return plus(k, -1)
  }

  /** W. Hörmann, "The generation of binomial random variates" (J. Statist. Comput. Simul. 46, 1993), BTRS. */
  function rejection(key: Key, count: NDArray, p: NDArray): NDArray {
    const dtype = p.dtype as FloatDType
    const number = (value: number): NDArray => like(p, value)
    const deviation = sqrt(mul(mul(count, p), sub(onesLike(p), p)))
    const b = add(number(1.15), mul(number(2.53), deviation))
    const a = add(add(number(-0.0873), mul(number(0.0248), b)), mul(number(0.01), p))
    const c = plus(mul(count, p), 0.5)
    const surely = sub(number(0.92), div(number(4.2), b))
    const odds = div(p, sub(onesLike(p), p))
    const alpha = mul(add(number(2.83), div(number(5.1), b)), deviation)
    const mode = floor(mul(plus(count, 1), p))
    const [k] = whileLoop(
      ([, accepted]) => some(not(accepted)),
      ([kept, accepted, rest]) => {
        const [next, first, second] = splitKey(layout, rest, 3) as [Key, Key, Key]
        const u = plus(uniform(first, p.shape, { dtype }), -0.5)
        const v = uniform(second, p.shape, { dtype })
        const edge = sub(number(0.5), abs(u))
        const atOnce = and(ge(edge, number(0.07)), le(v, surely))
        const value = floor(add(mul(add(div(mul(number(2), a), edge), b), u), c))
        const off = or(lt(value, number(0)), gt(value, count))
        const s = log(div(mul(v, alpha), add(div(a, mul(edge, edge)), b)))
        const [fromMode, fromValue] = [plus(sub(count, mode), 1), plus(sub(count, value), 1)]
        const terms = [
          mul(plus(mode, 0.5), exactLog(div(plus(mode, 1), mul(odds, fromMode)))),
          mul(plus(count, 1), exactLog(div(fromMode, fromValue))),
          mul(plus(value, 0.5), exactLog(div(mul(odds, fromValue), plus(value, 1)))),
          stirlingRest(mode),
          stirlingRest(sub(count, mode)),
          stirlingRest(value).neg(),
          stirlingRest(sub(count, value)).neg(),
        ]
        const accept = or(atOnce, and(not(off), le(s, terms.reduce(add))))
        return [select(accept, value, kept), or(accepted, accept), next] as const
      },
      [number(-1), full(p.shape, 0, 'bool'), key as NDArray] as const,
    )
    return k
  }
}

/** What Stirling's formula leaves out of ln k!, for k from 0. */
const RESTS = [
  0.0810614667953272, 0.0413406959554092, 0.0276779256849983, 0.02079067210376509, 0.0166446911898211,
  0.0138761288230707, 0.0118967099458917, 0.010411265261972, 0.00925546218271273, 0.00833056343336287,
]

/** As in JAX it is the one of 9 for all larger k. */
function stirlingRest(k: NDArray): NDArray {
  const near = min(max(k, zerosLike(k)), like(k, RESTS.length - 1))
  return take(convert(array(RESTS, { dtype: 'float64' }), k.dtype), convert(floor(near), 'int32'), 0)
}
