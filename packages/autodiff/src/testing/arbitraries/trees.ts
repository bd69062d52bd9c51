import fc from 'fast-check'
import { array } from '../../array/create.ts'
import type { NDArray } from '../../array/ndarray.ts'
import { checkOptions } from '../../array/options.ts'
import { type Shape, sizeOf } from '../../array/shape.ts'
import { arraysWithin, type ElementConstraints, type ShapeConstraints } from './arrays.ts'
import { checkFlag, checkSize, checkWhole, elementNames, shapeNames } from './constraints.ts'

/** A tree of float32 arrays: an array, a list or an object of trees, or nothing. */
export type ArrayTree = NDArray | null | readonly ArrayTree[] | { readonly [key: string]: ArrayTree }

export interface TreeConstraints extends ShapeConstraints, ElementConstraints {
  /** How deep lists and objects nest. @defaultValue 2 */
  readonly maxDepth?: number
}

/**
 * Trees (pytrees) of arrays, shrinking to a single small array.
 *
 * @throws ValueError for constraints that nothing satisfies.
 * @example fc.assert(fc.property(trees(), (tree) => treeLeaves(tree).every((x) => x.dtype === 'float32')))
 */
export function trees(constraints: TreeConstraints = {}): fc.Arbitrary<ArrayTree> {
  const { maxDepth = 2, ...ofArrays } = checkOptions('trees', constraints, ['maxDepth', ...shapeNames, ...elementNames])
  checkWhole('trees', 'maxDepth', maxDepth, 0, 10)
  const leaf = arraysWithin('trees', ofArrays, 2)
  return fc.letrec<{ tree: ArrayTree }>((tie) => ({
    tree: fc.oneof(
      { maxDepth, withCrossShrink: true },
      { weight: 4, arbitrary: leaf as fc.Arbitrary<ArrayTree> },
      { weight: 2, arbitrary: fc.array(tie('tree'), { maxLength: 3 }) },
      { weight: 2, arbitrary: fc.dictionary(fc.constantFrom('a', 'b', 'weights'), tie('tree'), { maxKeys: 3 }) },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
  })).tree
}

export interface IndexConstraints {
  /** Indices beyond the ends of the axis too. @defaultValue false */
  readonly outside?: boolean
}

/**
 * Arrays of indices into an axis of `length`, int32 of `shape`; negative ones count from the end.
 *
 * @throws ShapeError for what is no shape; ValueError for an axis without entries.
 * @example fc.assert(fc.property(indices(4, [3]), (i) => i.shape[0] === 3))
 */
export const indices = (
  length: number,
  shape: Shape,
  constraints: IndexConstraints = {},
): fc.Arbitrary<NDArray<'int32'>> => {
  const { outside = false } = checkOptions('indices', constraints, ['outside'])
  const size = sizeOf(checkSize('indices', shape))
  const reach = checkFlag('indices', 'outside', outside) ? 2 : 0
  // An axis without entries has no index; an array without elements needs none.
  checkWhole('indices', 'the length', length, reach === 0 && size > 0 ? 1 : 0, 2 ** 31 - 3)
  if (size === 0) return fc.constant(array(new Int32Array(), { shape }) as NDArray<'int32'>)
  return fc
    .array(fc.integer({ min: -length - reach, max: length - 1 + reach }), { minLength: size, maxLength: size })
    .map((list) => array(Int32Array.from(list), { shape }) as NDArray<'int32'>)
}
