import { checkOptions } from '../array/options.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxis } from '../array/shape.ts'
import { asFloat } from '../numpy/operands.ts'
import { std } from '../numpy/reductions.ts'

export interface SemOptions {
  /** The axis of the observations; `null` for all. @defaultValue 0 */
  readonly axis?: number | null
  /** Divide by n − ddof. @defaultValue 1 */
  readonly ddof?: number
  /** Keep the axis with length 1. @defaultValue false */
  readonly keepdims?: boolean
}

/**
 * The standard error of the mean.
 *
 * @example stats.sem([1, 2, 3]) // 0.57735026
 */
export function sem(x: Operand, options: SemOptions = {}): NDArray {
  const { axis = 0, ddof = 1, keepdims = false } = checkOptions('sem', options, ['axis', 'ddof', 'keepdims'])
  const array = asFloat(x)
  const n = axis === null ? array.size : (array.shape[normalizeAxis(axis, array.ndim, 'sem')] as number)
  return std(array, { axis, ddof, keepdims }).div(Math.sqrt(n))
}
