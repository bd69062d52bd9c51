import { type DType, isSigned, checkDType } from '../array/dtype.ts'
import { DTypeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { checkShape, type Shape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { asFloat } from '../numpy/operands.ts'
import { mul, sub } from '../primitives/arithmetic.ts'
import { broadcastTo, full, like } from '../primitives/broadcast.ts'
import { lt } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { checkFits, floatDTypeOf, floatInfo } from './draw.ts'
import { checkKey, type Key } from './key.ts'
import type { Uniform } from './uniform.ts'

export interface BernoulliOptions {
  /** `high` resolves small probabilities, with twice as many random bits. @defaultValue 'low' */
  readonly mode?: 'low' | 'high'
}

/** Draws of one of two values. */
export interface Discrete {
  /**
   * True with probability `p` (0.5); of the shape of `p` by default.
   * @example random.bernoulli(random.PRNGKey(0), 0.9, [3]) // [false, false, true]
   */
  readonly bernoulli: (key: Key, p?: Operand, shape?: Shape, options?: BernoulliOptions) => NDArray<'bool'>
  /** −1 or 1, int32 by default. Throws a DTypeError for dtypes without −1. */
  readonly rademacher: <D extends DType = 'int32'>(
    key: Key,
    shape?: Shape,
    options?: { readonly dtype?: D },
  ) => NDArray<D>
}

export function makeDiscrete(uniform: Uniform): Discrete {
  const bernoulli: Discrete['bernoulli'] = (key, p = 0.5, wanted, { mode = 'low' } = {}) => {
    checkKey('bernoulli', key)
    if (mode !== 'low' && mode !== 'high') {
      throw new ValueError(`random.bernoulli: the mode is ${showGiven(mode)}; it must be 'low' or 'high'`)
    }
    const given = asFloat(p)
    const shape = checkShape(wanted ?? given.shape, 'random.bernoulli')
    checkFits('bernoulli', 'p', given.shape, shape)
    const chance = broadcastTo(given, shape)
    const dtype = floatDTypeOf(chance)
    if (mode === 'low') return lt(uniform(key, shape, { dtype }), chance) as NDArray<'bool'>
    const [coarse, fine] = uniform(key, [2, ...shape], { dtype }).unstack(2) as [NDArray, NDArray]
    return lt(mul(fine, like(fine, floatInfo[dtype].eps)), sub(chance, coarse)) as NDArray<'bool'>
  }
  return {
    bernoulli,
    rademacher: <D extends DType = 'int32'>(
      key: Key,
      shape: Shape = [],
      options: { readonly dtype?: D } = {},
    ): NDArray<D> => {
      checkKey('rademacher', key)
      const dtype = checkDType(options.dtype ?? 'int32', 'random.rademacher')
      if (!isSigned(dtype)) {
        throw new DTypeError(`random.rademacher: ${dtype} holds no -1; use 'int32', 'float32' or 'float64'`)
      }
      const heads = convert(bernoulli(key, 0.5, shape), dtype)
      return sub(mul(heads, full(shape, 2, dtype)), full(shape, 1, dtype)) as NDArray as NDArray<D>
    },
  }
}
