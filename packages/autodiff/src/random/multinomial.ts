import { type FloatDType } from '../array/dtype.ts'
import { ShapeError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { checkShape, type Shape } from '../array/shape.ts'
import { scan } from '../lax/scan.ts'
import { asFloat } from '../numpy/operands.ts'
import { div, max, min, sub } from '../primitives/arithmetic.ts'
import { stop } from '../primitives/stop-gradient.ts'
import { broadcastTo, onesLike, zerosLike } from '../primitives/broadcast.ts'
import { eq, select } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { cumsum } from '../primitives/reductions.ts'
import { moveAxis } from '../primitives/reshape.ts'
import { checkDraw, checkFits, type FloatOptions } from './draw.ts'
import { checkKey, type Key } from './key.ts'
import type { Layout } from './layout.ts'
import type { BinomialDraw } from './binomial-draw.ts'

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

export function makeMultinomial(layout: Layout, draw: BinomialDraw): Multinomial {
  return <D extends FloatDType = 'float32'>(
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
}
