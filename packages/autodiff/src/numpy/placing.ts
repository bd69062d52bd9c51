import { ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { checkOptions } from '../array/options.ts'
import { showGiven } from '../array/show.ts'
import { convert } from '../primitives/convert.ts'
import { take } from '../primitives/gather.ts'
import { broadcastTo } from '../primitives/broadcast.ts'
import { select } from '../primitives/comparison.ts'
import { cumsum } from '../primitives/reductions.ts'
import { reshape } from '../primitives/reshape.ts'
import { ones } from './creation.ts'
import * as e from './elementwise.ts'
import { nonzero } from './nonzero.ts'
import { asArray, asIndices } from './operands.ts'
import { resize } from './repeating.ts'
import { set } from './updates.ts'

/**
 * `x` with `values`, one after the other and again from the first, where the mask is true. A new array: nothing is
 * changed in place.
 *
 * @throws ValueError for no values.
 * @see NumPy's `place`
 * @example np.place([1, 2, 3, 4], [true, false, true, true], [7, 8]) // [7, 2, 8, 7]
 */
export function place(x: Operand, mask: Operand, values: Operand): NDArray {
  const array = asArray(x)
  const given = convert(asArray(values), array.dtype)
  if (given.size === 0) throw new ValueError('place: there are no values to place; give one or more')
  const chosen = broadcastTo(convert(asArray(mask), 'bool'), array.shape)
  const number = e.subtract(cumsum(reshape(convert(chosen, 'int32'), [array.size]), 0), 1)
  const order = e.mod(number, given.size)
  return select(chosen, reshape(take(reshape(given, [given.size]), order, 0), array.shape), array)
}

export interface PutOptions {
  /** Indices outside go to the nearest entry, begin anew, or are dropped. @defaultValue none: they are dropped */
  readonly mode?: 'clip' | 'wrap'
}

/**
 * `x` with `values`, one after the other and again from the first, at these places of the flattened array. A new array:
 * nothing is changed in place.
 *
 * @throws ValueError for an unknown mode.
 * @see NumPy's `put`
 * @example np.put([1, 2, 3], [0, 2], [7, 8]) // [7, 2, 8]
 */
export function put(x: Operand, indices: Operand, values: Operand, options: PutOptions = {}): NDArray {
  const { mode } = checkOptions('put', options, ['mode'])
  if (mode !== undefined && mode !== 'clip' && mode !== 'wrap')
    throw new ValueError(`put: unknown mode ${showGiven(mode)}; use 'clip' or 'wrap'`)
  const array = asArray(x)
  const given = asIndices('put', indices)
  const flat = reshape(given, [given.size])
  const places = mode === 'clip' ? e.clip(flat, 0, array.size - 1) : mode === 'wrap' ? e.mod(flat, array.size) : flat
  return reshape(set(reshape(array, [array.size]), places, resize(values, [given.size])), array.shape)
}

/**
 * The indices of the entries of an n × n matrix that a function such as `np.triu` leaves.
 *
 * @see NumPy's `mask_indices`
 * @example np.maskIndices(2, np.triu) // [[0, 0, 1], [0, 1, 1]]
 */
export const maskIndices = (n: number, maskFunc: (x: NDArray, k: number) => NDArray, k = 0): NDArray[] =>
  nonzero(maskFunc(ones([n, n]), k))
