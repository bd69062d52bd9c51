import { checkNumbers } from '../array/options.ts'
import { showGiven } from '../array/show.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import { showShape } from '../array/shape.ts'

/** Entries before and after an axis; negative numbers cut. */
export type PaddingPair = readonly [low: number, high: number]

/**
 * How an operand is padded: pairs, one an axis; `'VALID'`, not at all; or `'SAME'`, so that there are as many windows as
 * strides fit into the axis, with the odd entry at the end (`'SAME_LOWER'`: at the start).
 */
export type Padding = 'SAME' | 'VALID' | 'SAME_LOWER' | readonly PaddingPair[]

/**
 * The padding by name as pairs, for axes of the lengths `shape` under windows (as long as their dilation makes them).
 *
 * @throws ValueError for an unknown name.
 * @see JAX's `jax.lax.padtype_to_pads`
 * @example lax.padtypeToPads([5], [2], [1], 'SAME') // [[0, 1]]
 */
export const padtypeToPads = (
  shape: readonly number[],
  window: readonly number[],
  strides: readonly number[],
  padding: string,
): [number, number][] => namedPadding('padtypeToPads', shape, window, strides, padding)

/** The same for the operation `name`, which its errors say. */
export function namedPadding(
  name: string,
  shape: readonly number[],
  window: readonly number[],
  strides: readonly number[],
  padding: string,
): [number, number][] {
  const kind = typeof padding === 'string' ? padding.toUpperCase() : undefined
  if (kind !== 'SAME' && kind !== 'VALID' && kind !== 'SAME_LOWER') {
    throw new ValueError(
      `${name}: unknown padding ${showGiven(padding)}; use SAME, SAME_LOWER, VALID or pairs of numbers`,
    )
  }
  for (const [what, list] of Object.entries({ 'the shape': shape, 'the window': window, 'the strides': strides }))
    checkNumbers(name, what, list)
  if (window.length !== shape.length || strides.length !== shape.length) {
    throw new ShapeError(
      `${name}: the window ${showShape(window)} and the strides ${showShape(strides)} must have one entry for each axis of ${showShape(shape)}`,
    )
  }
  return shape.map((n, i) => {
    if (kind === 'VALID') return [0, 0]
    const stride = strides[i] as number
    const missing = Math.max(0, (Math.ceil(n / stride) - 1) * stride + (window[i] as number) - n)
    const half = Math.floor(missing / 2)
    return kind === 'SAME' ? [half, missing - half] : [missing - half, half]
  })
}
