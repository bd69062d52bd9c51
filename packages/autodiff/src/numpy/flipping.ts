import { checkOptions } from '../array/options.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import type { NDArray, Operand } from '../array/ndarray.ts'
import { normalizeAxes, range, showShape } from '../array/shape.ts'
import { showGiven } from '../array/show.ts'
import { transpose } from '../primitives/reshape.ts'
import { asArray } from './operands.ts'
import { flip, transpose as transposeAll } from './shape.ts'

/**
 * The rows of a matrix each in reverse order: its second axis flipped.
 *
 * @throws ShapeError for fewer than two axes.
 * @example np.fliplr([[1, 2], [3, 4]]) // [[2, 1], [4, 3]]
 */
export const fliplr = (x: Operand): NDArray => flip(x, { axis: 1 })
/**
 * The first axis in reverse order.
 *
 * @throws ShapeError for a scalar.
 * @example np.flipud([[1, 2], [3, 4]]) // [[3, 4], [1, 2]]
 */
export const flipud = (x: Operand): NDArray => flip(x, { axis: 0 })

export interface Rot90Options {
  /** How many quarter turns, from the first of the axes towards the second. @defaultValue 1 */
  readonly k?: number
  /** The plane to turn in. @defaultValue [0, 1] */
  readonly axes?: readonly [number, number]
}

/**
 * Turned by quarter turns in the plane of two axes.
 *
 * @throws ShapeError for fewer than two axes, ValueError for a turn that is not whole.
 * @see NumPy's `rot90`
 * @example np.rot90([[1, 2], [3, 4]]) // [[2, 4], [1, 3]]
 */
export function rot90(x: Operand, options: Rot90Options = {}): NDArray {
  const { k = 1, axes = [0, 1] } = checkOptions('rot90', options, ['k', 'axes'])
  const array = asArray(x)
  if (array.ndim < 2)
    throw new ShapeError(`rot90: ${showShape(array.shape)} has no plane to turn in; it takes two axes or more`)
  if (!Number.isInteger(k)) throw new ValueError(`rot90: ${showGiven(k)} quarter turns; the number must be whole`)
  const [first, second] = normalizeAxes(axes, array.ndim, 'rot90') as [number, number]
  const turned = range(array.ndim).map((axis) => (axis === first ? second : axis === second ? first : axis))
  switch (((k % 4) + 4) % 4) {
    case 0:
      return array
    case 1:
      return transpose(flip(array, { axis: second }), turned)
    case 2:
      return flip(array, { axis: [first, second] })
    default:
      return flip(transpose(array, turned), { axis: second })
  }
}

/** The Array API's name of `transpose` with the axes given. */
export const permuteDims = (x: Operand, axes: readonly number[]): NDArray => transposeAll(x, axes)
