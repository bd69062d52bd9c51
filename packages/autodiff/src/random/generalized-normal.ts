import type { FloatDType } from '../array/dtype.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import type { Shape } from '../array/shape.ts'
import { abs, add, div, mul } from '../primitives/arithmetic.ts'
import { broadcastAxis, like, reduceSum } from '../primitives/broadcast.ts'
import { pow } from '../primitives/transcendental.ts'
import type { Continuous } from './continuous.ts'
import type { Discrete } from './discrete.ts'
import { checkDraw, type FloatDraw1, type FloatOptions, parameter, shapeOf, shapeOfDraw } from './draw.ts'
import { checkKey, type Key } from './key.ts'
import { type Layout, splitKey } from './layout.ts'
import { checkCount } from './permutation.ts'

/** The normal distribution with another power in the exponent, and points in balls of the norm of that order. */
export interface GeneralizedNormal {
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

interface Draws {
  readonly layout: Layout
  readonly exponential: Continuous['exponential']
  readonly gamma: FloatDraw1
  readonly rademacher: Discrete['rademacher']
}

export function makeGeneralizedNormal({ layout, exponential, gamma, rademacher }: Draws): GeneralizedNormal {
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
