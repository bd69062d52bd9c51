import type { FloatDType } from '../array/dtype.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { broadcastShapes, checkShape, type Shape } from '../array/shape.ts'
import { add, mul } from '../primitives/arithmetic.ts'
import { reduceSum } from '../primitives/broadcast.ts'
import { sqrt } from '../primitives/transcendental.ts'
import type { Discrete } from './discrete.ts'
import { checkDraw, type FloatDraw2, type FloatOptions, parameter, shapeOf } from './draw.ts'
import { checkKey, type Key } from './key.ts'
import { type Layout, splitKey } from './layout.ts'
import type { FloatDraw } from './normal.ts'

/** Maxwell's distribution of speeds. */
export interface Maxwell {
  /** The length of a vector of three normal numbers. */
  readonly maxwell: FloatDraw
  /** `maxwell` with a random sign, times `scale` plus `loc`; of the shape `shape` and theirs after it. */
  readonly doubleSidedMaxwell: FloatDraw2
}

interface Draws {
  readonly layout: Layout
  readonly normal: FloatDraw
  readonly rademacher: Discrete['rademacher']
}

export function makeMaxwell({ layout, normal, rademacher }: Draws): Maxwell {
  const maxwell: FloatDraw = <D extends FloatDType = 'float32'>(
    key: Key,
    shape: Shape = [],
    options: FloatOptions<D> = {},
  ): NDArray<D> => {
    const dtype = checkDraw('maxwell', key, shape, options.dtype ?? ('float32' as D))
    const x = normal(key, [...shape, 3], { dtype })
    return sqrt(reduceSum(mul(x, x), [shape.length])) as NDArray<D>
  }

  return {
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
  }
}
