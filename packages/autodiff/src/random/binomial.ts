import type { FloatDType } from '../array/dtype.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import type { Shape } from '../array/shape.ts'
import { asFloat } from '../numpy/operands.ts'
import { stop } from '../primitives/stop-gradient.ts'
import { broadcastTo } from '../primitives/broadcast.ts'
import { convert } from '../primitives/convert.ts'
import { checkDraw, type FloatDraw2, floatDTypeOf, type FloatOptions, shapeOfDraw } from './draw.ts'
import { checkKey, type Key } from './key.ts'
import type { BinomialDraw } from './binomial-draw.ts'

export function makeBinomial(draw: BinomialDraw): FloatDraw2 {
  return <D extends FloatDType = 'float32'>(
    key: Key,
    n: Operand,
    p: Operand,
    shape?: Shape,
    options: FloatOptions<D> = {},
  ): NDArray<D> => {
    checkKey('binomial', key)
    const size = shapeOfDraw('binomial', shape, { n, p })
    const dtype = checkDraw('binomial', key, size, options.dtype ?? ('float32' as D))
    const given = asFloat(p)
    const chance = convert(given, floatDTypeOf(given))
    const count = convert(asFloat(n), chance.dtype)
    // The parameters are constants to every derivative.
    const ofDraw = (x: NDArray): NDArray => broadcastTo(stop(x), size)
    return convert(draw(key, ofDraw(count), ofDraw(chance)), dtype) as NDArray<D>
  }
}
