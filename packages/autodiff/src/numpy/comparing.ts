import { checkOptions } from '../array/options.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { shapesEqual } from '../array/shape.ts'
import { and, eq, ne, or } from '../primitives/comparison.ts'
import { full } from '../primitives/broadcast.ts'
import { isFloat } from '../array/dtype.ts'
import { unify, unifyDTypes } from './operands.ts'
import { all } from './reductions.ts'

const no = (): NDArray<'bool'> => full([], 0, 'bool') as NDArray<'bool'>

/**
 * Whether two arrays have one shape and the same entries; NaN is the same as NaN only with `equalNan`.
 *
 * @see NumPy's `array_equal`
 * @example np.arrayEqual([1, 2], [1, 2]) // true
 */
export function arrayEqual(x: Operand, y: Operand, options: { readonly equalNan?: boolean } = {}): NDArray<'bool'> {
  const { equalNan = false } = checkOptions('arrayEqual', options, ['equalNan'])
  const [a, b] = unifyDTypes([x, y]) as [NDArray, NDArray]
  if (!shapesEqual(a.shape, b.shape)) return no()
  const same = eq(a, b)
  // NaN in both places: neither equals itself.
  if (!equalNan || !isFloat(a.dtype)) return all(same)
  const [isNaN, isOther] = [ne(a, a), ne(b, b)]
  return all(or(same, and(isNaN, isOther)))
}

/**
 * Whether two arrays broadcast together, and then have the same entries.
 *
 * @see NumPy's `array_equiv`
 * @example np.arrayEquiv([[1, 2], [1, 2]], [1, 2]) // true
 */
export function arrayEquiv(x: Operand, y: Operand): NDArray<'bool'> {
  const [a, b] = unifyDTypes([x, y]) as [NDArray, NDArray]
  const [long, short] = a.ndim >= b.ndim ? [a, b] : [b, a]
  const lead = long.ndim - short.ndim
  const fits = short.shape.every((n, i) => n === 1 || long.shape[lead + i] === 1 || n === long.shape[lead + i])
  return fits ? all(eq(...(unify('arrayEquiv', [a, b]) as [NDArray, NDArray]))) : no()
}
