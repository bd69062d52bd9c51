import { type FloatDType } from '../array/dtype.ts'
import { ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { checkShape, type Shape } from '../array/shape.ts'
import { whileLoop } from '../lax/loops.ts'
import { scan } from '../lax/scan.ts'
import { asFloat } from '../numpy/operands.ts'
import { abs, add, ceil, div, floor, max, min, mul, plus, sub } from '../primitives/arithmetic.ts'
import { stop } from '../primitives/stop-gradient.ts'
import { broadcastTo, full, like, onesLike, zerosLike } from '../primitives/broadcast.ts'
import { and, eq, ge, gt, le, lt, ne, not, or, select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { take } from '../primitives/gather.ts'
import { cumsum } from '../primitives/reductions.ts'
import { moveAxis } from '../primitives/reshape.ts'
import { log, log1p, sqrt } from '../primitives/transcendental.ts'
import { array } from '../array/create.ts'
import {
  checkDraw,
  checkFits,
  exactLog,
  floatDTypeOf,
  type FloatDraw2,
  type FloatOptions,
  shapeOfDraw,
} from './draw.ts'
import { checkKey, type Key } from './key.ts'
import { type Layout, splitKey } from './layout.ts'
import { some } from './poisson.ts'
import type { Uniform } from './uniform.ts'

export interface MultinomialOptions<D extends FloatDType> extends FloatOptions<D> {
  /** The shape of the result, the categories last. @defaultValue that of `p` */
  readonly shape?: Shape
}

export type Multinomial = <D extends FloatDType = 'float32'>(
  key: Key,
  n: Operand,
  p: Operand,
  options?: MultinomialOptions<D>,
) => NDArray<D>

/** Below this mean the trials are counted one success after another, above it the transformed rejection is used. */
const FEW = 10

const isNaN = (x: NDArray): NDArray => ne(x, x)

export function makeBinomial(
  layout: Layout,
  uniform: Uniform,
): { readonly binomial: FloatDraw2; readonly multinomial: Multinomial } {
  /** Draws in the dtype of the probabilities `p`; `n` and `p` have the shape of the draw. */
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

  const binomial = <D extends FloatDType = 'float32'>(
    key: Key,
    n: Operand,
    p: Operand,
    shape?: Shape,
    options: FloatOptions<D> = {},
  ): NDArray<D> => {
    checkKey('binomial', key)
    const [size, count, chance] = parametersOf('binomial', n, p, shapeOfDraw('binomial', shape, { n, p }))
    const dtype = checkDraw('binomial', key, size, options.dtype ?? ('float32' as D))
    return convert(draw(key, count, chance), dtype) as NDArray<D>
  }

  const multinomial = <D extends FloatDType = 'float32'>(
    key: Key,
    n: Operand,
    p: Operand,
    options: MultinomialOptions<D> = {},
  ): NDArray<D> => {
    checkKey('multinomial', key)
    const given = asFloat(p)
    const shape = checkShape(options.shape ?? given.shape, 'random.multinomial')
    if (given.ndim === 0 || shape.length === 0) {
      throw new ShapeError('random.multinomial: p is a scalar; its last axis counts the categories: use np.array([…])')
    }
    checkFits('multinomial', 'p', given.shape, shape)
    const batch = shape.slice(0, -1)
    checkFits('multinomial', 'n', asFloat(n).shape, batch)
    const dtype = checkDraw('multinomial', key, shape, options.dtype ?? ('float32' as D))
    const chances = moveAxis(broadcastTo(stop(given), shape), shape.length - 1, 0)
    const count = broadcastTo(stop(convert(asFloat(n), chances.dtype)), batch)
    const rest = cumsum(chances, 0, true)
    const ratios = div(chances, select(eq(rest, zerosLike(rest)), onesLike(rest), rest))
    const shares = min(max(ratios, zerosLike(ratios)), onesLike(ratios))
    const keys = layout.split(key, shape[shape.length - 1] as number)
    const [, counts] = scan(
      (remaining: NDArray, [share, own]: readonly [NDArray, NDArray]) => {
        const drawn = draw(own as Key, remaining, share)
        return [sub(remaining, drawn), drawn] as const
      },
      count,
      [shares, keys] as const,
    )
    return convert(moveAxis(counts, 0, shape.length - 1), dtype) as NDArray<D>
  }
  return { binomial, multinomial }
}

/** The parameters, constants to every derivative, in the dtype of `p` and the shape of the draw. */
function parametersOf(
  name: string,
  n: Operand,
  p: Operand,
  shape: Shape,
): [shape: Shape, count: NDArray, chance: NDArray] {
  const given = asFloat(p)
  const chance = convert(given, floatDTypeOf(given))
  const count = convert(asFloat(n), chance.dtype)
  checkShape(shape, `random.${name}`)
  return [shape, broadcastTo(stop(count), shape), broadcastTo(stop(chance), shape)]
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
