import { showGiven } from '../array/show.ts'
import { DTypeError, ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { checkShape, type Shape, sizeOf } from '../array/shape.ts'
import { or, shiftLeft } from '../primitives/comparison.ts'
import { convert } from '../primitives/convert.ts'
import { full } from '../primitives/broadcast.ts'
import { reshape } from '../primitives/reshape.ts'
import type { UnsignedDType } from './draw.ts'
import { checkKey, type Key } from './key.ts'
import type { Layout } from './layout.ts'

/** How many bits a random number has. */
export type BitWidth = 8 | 16 | 32 | 64

export interface BitsOptions<D extends UnsignedDType> {
  /** @defaultValue 'uint32' */
  readonly dtype?: D
  /** In place of the dtype: how many bits it has. @defaultValue that of the dtype */
  readonly bitWidth?: BitWidth
}

/** Random bits as unsigned integers of a dtype, or of a number of bits. */
export interface Bits {
  <W extends BitWidth>(
    key: Key,
    shape: Shape | undefined,
    options: { readonly bitWidth: W; readonly dtype?: `uint${W}` },
  ): NDArray<`uint${W}`>
  <D extends UnsignedDType = 'uint32'>(key: Key, shape?: Shape, options?: { readonly dtype?: D }): NDArray<D>
}

const dtypes: Readonly<Record<BitWidth, UnsignedDType>> = { 8: 'uint8', 16: 'uint16', 32: 'uint32', 64: 'uint64' }

export const makeBits = (layout: Layout): Bits =>
  ((key: Key, shape: Shape = [], options?: BitsOptions<UnsignedDType>): NDArray => {
    const { dtype, bitWidth } = options ?? {}
    checkKey('bits', key)
    checkShape(shape, 'random.bits')
    if (bitWidth !== undefined && (typeof bitWidth !== 'number' || !Object.hasOwn(dtypes, bitWidth))) {
      throw new ValueError(`random.bits: the bitWidth is ${showGiven(bitWidth)}; it must be 8, 16, 32 or 64`)
    }
    const chosen = dtype ?? dtypes[bitWidth ?? 32]
    if (!Object.values(dtypes).includes(chosen)) {
      throw new DTypeError(
        `random.bits: the dtype is ${showGiven(chosen)}; it must be one of ${Object.values(dtypes).join(', ')}`,
      )
    }
    if (bitWidth !== undefined && chosen !== dtypes[bitWidth]) {
      throw new ValueError(
        `random.bits: the dtype is ${showGiven(chosen)} and the bitWidth ${showGiven(bitWidth)}; give one of them`,
      )
    }
    return bitsOf(layout, key, shape, chosen)
  }) as Bits

/** Random bits of `shape` that fill `dtype`. */
export function bitsOf(layout: Layout, key: Key, shape: Shape, dtype: UnsignedDType): NDArray {
  const n = sizeOf(shape)
  if (dtype !== 'uint64') {
    const width = dtype === 'uint32' ? 32 : dtype === 'uint16' ? 16 : 8
    return reshape(convert(layout.words(key, n, width), dtype), shape)
  }
  const [high, low] = layout.wideWords(key, n).map((half) => convert(half, 'uint64')) as [NDArray, NDArray]
  return reshape(or(shiftLeft(high, full([n], 32, 'uint64')), low), shape)
}
