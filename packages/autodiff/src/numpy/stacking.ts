import { checkOptions } from '../array/options.ts'
import type { DType } from '../array/dtype.ts'
import { ShapeError, ValueError } from '../array/errors.ts'
import { NDArray, type Operand } from '../array/ndarray.ts'
import { normalizeAxis, range, showShape } from '../array/shape.ts'
import { reshape } from '../primitives/reshape.ts'
import { asArray, listed, unifyDTypes } from './operands.ts'
import { concatenate, split } from './shape.ts'

const withLeading = (x: Operand, rank: number): NDArray => {
  const array = asArray(x)
  return array.ndim >= rank ? array : reshape(array, [...range(rank - array.ndim).map(() => 1), ...array.shape])
}
const deep = (x: Operand): NDArray => {
  const array = asArray(x)
  if (array.ndim >= 3) return array
  const [n, m] = array.shape
  return reshape(
    array,
    array.ndim === 0 ? [1, 1, 1] : array.ndim === 1 ? [1, n as number, 1] : [n as number, m as number, 1],
  )
}

/** One array of at least one axis, or a list of them for several. */
type AtLeast = {
  (x: Operand): NDArray
  (x: Operand, y: Operand, ...more: Operand[]): NDArray[]
}
const atLeast = (grow: (x: Operand) => NDArray): AtLeast =>
  ((...arrays: Operand[]) => (arrays.length === 1 ? grow(arrays[0] as Operand) : arrays.map(grow))) as AtLeast

/**
 * A scalar as a vector; anything else as it is. Of several arrays a list.
 *
 * @example np.atleast1d(3).shape // [1]
 */
export const atleast1d: AtLeast = atLeast((x) => withLeading(x, 1))
/**
 * With at least two axes, new ones first: a vector becomes a row. Of several arrays a list.
 *
 * @example np.atleast2d([1, 2]).shape // [1, 2]
 */
export const atleast2d: AtLeast = atLeast((x) => withLeading(x, 2))
/**
 * With at least three axes: a vector [n] becomes [1, n, 1], a matrix [n, m] becomes [n, m, 1]. Of several arrays a list.
 *
 * @example np.atleast3d([1, 2]).shape // [1, 2, 1]
 */
export const atleast3d: AtLeast = atLeast(deep)

export interface StackingOptions {
  /** The dtype of the result. @defaultValue the arrays' common one */
  readonly dtype?: DType
}

/**
 * Arrays on top of each other: vectors as rows.
 *
 * @throws ValueError when there are none, ShapeError when they do not fit.
 * @see NumPy's `vstack`, of which `rowStack` is another name
 * @example np.vstack([[1, 2], [3, 4]]) // [[1, 2], [3, 4]]
 */
export const vstack = (arrays: readonly Operand[] | NDArray, options: StackingOptions = {}): NDArray => {
  checkOptions('vstack', options, ['dtype'])
  return concatenate(
    unifyDTypes(listed('vstack', arrays)).map((x) => withLeading(x, 2)),
    options,
  )
}
/** Another name of `vstack`. */
export const rowStack: typeof vstack = vstack
/**
 * Arrays side by side: vectors one after the other, others along their second axis.
 *
 * @throws ValueError when there are none, ShapeError when they do not fit.
 * @example np.hstack([[1, 2], [3]]) // [1, 2, 3]
 */
export const hstack = (arrays: readonly Operand[] | NDArray, options: StackingOptions = {}): NDArray => {
  checkOptions('hstack', options, ['dtype'])
  const list = unifyDTypes(listed('hstack', arrays)).map((x) => withLeading(x, 1))
  return concatenate(list, { ...options, axis: (list[0] as NDArray).ndim === 1 ? 0 : 1 })
}
/**
 * Arrays behind each other, along a third axis.
 *
 * @throws ValueError when there are none, ShapeError when they do not fit.
 * @example np.dstack([[1, 2], [3, 4]]) // [[[1, 3], [2, 4]]]
 */
export const dstack = (arrays: readonly Operand[] | NDArray, options: StackingOptions = {}): NDArray => {
  checkOptions('dstack', options, ['dtype'])
  return concatenate(unifyDTypes(listed('dstack', arrays)).map(deep), { ...options, axis: 2 })
}
/**
 * Vectors as the columns of a matrix; matrices as they are, side by side.
 *
 * @throws ValueError when there are none, ShapeError when they do not fit.
 * @example np.columnStack([[1, 2], [3, 4]]) // [[1, 3], [2, 4]]
 */
export const columnStack = (arrays: readonly Operand[] | NDArray): NDArray =>
  concatenate(
    unifyDTypes(listed('columnStack', arrays)).map((x) => (x.ndim < 2 ? reshape(x, [x.size, 1]) : x)),
    { axis: 1 },
  )

/** Arrays, numbers, and lists of them. */
export type Blocks = NDArray | number | boolean | readonly Blocks[]

/**
 * An array of blocks: the innermost lists are joined along the last axis, those around them along the second last …
 *
 * @throws ValueError for lists that are not all equally deep, or empty; ShapeError for blocks that do not fit.
 * @see NumPy's `block`
 * @example np.block([[np.eye(1), np.zeros([1, 1])], [2, 3]]) // [[1, 0], [2, 3]]
 */
export function block(blocks: Blocks): NDArray {
  const entries = unifyDTypes(entriesOf(blocks)).values()
  return joined(blocks, entries).value
}

const entriesOf = (blocks: Blocks): Operand[] =>
  Array.isArray(blocks) ? (blocks as readonly Blocks[]).flatMap(entriesOf) : [blocks as NDArray | number | boolean]

/** `entries` are those of the innermost lists, in order. */
function joined(blocks: Blocks, entries: Iterator<NDArray>): { value: NDArray; depth: number } {
  if (!Array.isArray(blocks)) return { value: entries.next().value as NDArray, depth: 1 }
  const parts = (blocks as readonly Blocks[]).map((part) => joined(part, entries))
  if (parts.length === 0) throw new ValueError('block: a list of blocks is []; leave it out')
  const { depth } = parts[0] as { depth: number }
  const odd = parts.find((part) => part.depth !== depth)
  if (odd !== undefined) {
    throw new ValueError(
      `block: lists of blocks ${depth - 1} and ${odd.depth - 1} deep stand beside each other; they must be equally deep`,
    )
  }
  const rank = Math.max(depth, ...parts.map(({ value }) => value.ndim))
  const list = parts.map(({ value }) => withLeading(value, rank))
  return { value: concatenate(list, { axis: -depth }), depth: depth + 1 }
}

/**
 * Parts along an axis that need not be equal: the first ones are one longer. With indices as `split`.
 *
 * @throws ValueError when there are to be no parts.
 * @example np.arraySplit([1, 2, 3], 2) // [[1, 2], [3]]
 */
export function arraySplit(
  x: Operand,
  sections: number | readonly number[],
  options: { readonly axis?: number } = {},
): NDArray[] {
  const { axis = 0 } = checkOptions('arraySplit', options, ['axis'])
  if (typeof sections !== 'number') return split(x, sections, { axis })
  if (!Number.isInteger(sections) || sections < 1)
    throw new ValueError(`arraySplit: there are no ${sections} parts; give a whole number from 1 on`)
  const array = asArray(x)
  const n = array.shape[normalizeAxis(axis, array.ndim, 'arraySplit')] as number
  const [short, longer] = [Math.floor(n / sections), n % sections]
  const cuts = range(sections - 1).map((i) => (i + 1) * short + Math.min(i + 1, longer))
  return split(array, cuts, { axis })
}

const splitAlong =
  (name: string, rank: number, axisOf: (x: NDArray) => number) =>
  (x: Operand, sections: number | readonly number[]): NDArray[] => {
    const array = asArray(x)
    if (array.ndim < rank)
      throw new ShapeError(`${name}: ${showShape(array.shape)} has ${array.ndim} axes; it takes ${rank} or more`)
    return split(array, sections, { axis: axisOf(array) })
  }
/** As `split`, along the first axis. */
export const vsplit: (x: Operand, sections: number | readonly number[]) => NDArray[] = splitAlong('vsplit', 2, () => 0)
/**
 * As `split`, along the second axis; a vector along its only one.
 *
 * @example np.hsplit([1, 2, 3, 4], 2) // [[1, 2], [3, 4]]
 */
export const hsplit: (x: Operand, sections: number | readonly number[]) => NDArray[] = splitAlong('hsplit', 1, (x) =>
  x.ndim === 1 ? 0 : 1,
)
/** As `split`, along the third axis. */
export const dsplit: (x: Operand, sections: number | readonly number[]) => NDArray[] = splitAlong('dsplit', 3, () => 2)
