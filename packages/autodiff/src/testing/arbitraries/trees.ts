import fc from 'fast-check'
import { array } from '../../array/create.ts'
import type { NDArray } from '../../array/ndarray.ts'
import type { Shape } from '../../array/shape.ts'
import { arrays, type ElementConstraints, type ShapeConstraints } from './arrays.ts'

/** A tree of float32 arrays: an array, a list or an object of trees, or nothing. */
export type ArrayTree = NDArray | null | readonly ArrayTree[] | { readonly [key: string]: ArrayTree }

export interface TreeConstraints extends ShapeConstraints, ElementConstraints {
  /** How deep lists and objects nest. @defaultValue 2 */
  readonly maxDepth?: number
}

/**
 * Trees (pytrees) of arrays, shrinking to a single small array.
 *
 * @example fc.assert(fc.property(trees(), (tree) => treeLeaves(tree).every((x) => x.dtype === 'float32')))
 */
export const trees = ({ maxDepth = 2, ...constraints }: TreeConstraints = {}): fc.Arbitrary<ArrayTree> =>
  fc.letrec<{ tree: ArrayTree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth, withCrossShrink: true },
      { weight: 4, arbitrary: arrays({ maxRank: 2, ...constraints }) as fc.Arbitrary<ArrayTree> },
      { weight: 2, arbitrary: fc.array(tie('tree'), { maxLength: 3 }) },
      { weight: 2, arbitrary: fc.dictionary(fc.constantFrom('a', 'b', 'weights'), tie('tree'), { maxKeys: 3 }) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
  })).tree

export interface IndexConstraints {
  /** Indices beyond the ends of the axis too. @defaultValue false */
  readonly outside?: boolean
}

/**
 * Arrays of indices into an axis of `length`, int32 of `shape`; negative ones count from the end.
 *
 * @example fc.assert(fc.property(indices(4, [3]), (i) => i.shape[0] === 3))
 */
export const indices = (
  length: number,
  shape: Shape,
  { outside = false }: IndexConstraints = {},
): fc.Arbitrary<NDArray<'int32'>> => {
  const size = shape.reduce((a, b) => a * b, 1)
  const reach = outside ? 2 : 0
  return fc
    .array(fc.integer({ min: -length - reach, max: length - 1 + reach }), { minLength: size, maxLength: size })
    .map((list) => array(Int32Array.from(list), { shape }) as NDArray<'int32'>)
}
