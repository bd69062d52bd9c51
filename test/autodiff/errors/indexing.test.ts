import {
  DTypeError,
  grad,
  jit,
  lax,
  type NDArray,
  np,
  ShapeError,
  TracerError,
  ValueError,
  vmap,
} from '@cotangent/autodiff'
import { describe } from 'vitest'
import { testMisuses, untyped } from './misuse.ts'

const x = np.ones([2, 3])
const v = np.ones([3])
const i = np.array([0, 1, 2], { dtype: 'int32' })
const whole = np.array([1, 2, 3], { dtype: 'int32' })
const mask = np.array([true, false, true])
const column = np.array([[0], [1]], { dtype: 'int32' })

describe('indices', () => {
  testMisuses([
    ['two ellipses', () => x.slice('...', '...'), ShapeError, "'...' twice"],
    ['a string', () => x.slice(untyped('all')), DTypeError, 'slice: all is no index', "'...'", 'np.newaxis'],
    ['an entry that is missing', () => x.slice(untyped(undefined)), DTypeError, 'undefined is no index'],
    [
      'arrays that do not go together',
      () => x.slice(i, np.array(Int32Array.of(0, 1))),
      ShapeError,
      'arrays of indices',
      '[3] and [2]',
    ],
    ['a mask of another shape', () => x.slice(mask), ShapeError, 'a mask of shape [3]', '[2]', '[2, 3]'],
    ['a mask that is a scalar', () => v.slice(np.array(true)), ShapeError, 'a mask of shape []'],
    [
      'a traced mask',
      () => jit((y: NDArray) => y.slice(y.gt(0)))(v),
      TracerError,
      'traced mask bool[3]',
      'np.where',
      'size',
    ],
    ['a mapped mask', () => vmap((y: NDArray) => y.slice(y.gt(0)))(x), TracerError, 'traced mask'],
    ['entries of an empty axis', () => np.zeros([0]).slice(i), ShapeError, 'axis 0 of [0] is empty'],
    ['a mode that is none', () => v.get(i, { mode: untyped('wrap') }), ValueError, 'get: the mode is "wrap"', "'clip'"],
    ['too many entries in a list', () => v.get([0, 1]), ShapeError, '2 indices', '[3]'],
  ])
})

describe('updates', () => {
  testMisuses([
    ['a number outside', () => v.set(3, 1), ShapeError, 'index 3 is out of range', 'axis 0 of [3]'],
    ['a range that is taken for a list', () => v.set([0, 2], 1), ShapeError, '2 indices for an array of shape [3]'],
    ['a value of another shape', () => v.set([[0, 2]], [1, 2, 3]), ShapeError, '[3]', '[2]'],
    ['a fraction in an array of integers', () => whole.set(0, 0.5), DTypeError, 'set: int32 cannot hold 0.5', 'astype'],
    [
      'floats in an array of integers',
      () => whole.addAt(0, np.array(1)),
      DTypeError,
      'addAt: an array of int32 cannot hold float32[]',
    ],
    ['fractions listed', () => whole.maxAt([[0, 2]], [1, 0.5]), DTypeError, 'maxAt', 'float32[2]'],
    [
      'a mode that is none',
      () => v.set(i, 1, { mode: untyped('wrap') }),
      ValueError,
      'set: the mode is "wrap"',
      "'drop'",
    ],
    [
      'the derivative of a product at indices that may be alike',
      () => grad((y: NDArray) => v.mulAt(i, y).sum())(v),
      ValueError,
      'scatter_mul',
      'uniqueIndices: true',
    ],
    ['a sum of booleans', () => mask.addAt(0, true), DTypeError, 'scatter_add: bool'],
  ])
})

describe('lax.gather and lax.scatter', () => {
  const dimensionNumbers = { offsetDims: [1], collapsedSliceDims: [0], startIndexMap: [0] }
  const gather =
    (change: object, sliceSizes = [1, 3]) =>
    (): unknown =>
      lax.gather(x, column, { dimensionNumbers: { ...dimensionNumbers, ...change }, sliceSizes })
  const rows = { updateWindowDims: [1], insertedWindowDims: [0], scatterDimsToOperandDims: [0] }
  testMisuses([
    [
      'windows larger than the array',
      gather({}, [1, 4]),
      ShapeError,
      'gather: an array of shape [2, 3]',
      'windows of [1, 4]',
    ],
    ['windows that are not left out', gather({}, [2, 3]), ShapeError, 'must be 1 long on the axes [0]'],
    ['an axis that is not there', gather({ startIndexMap: [2] }), ShapeError, 'startIndexMap [2]', '0 to 1'],
    [
      'an axis named twice',
      gather({ collapsedSliceDims: [0, 0] }),
      ShapeError,
      'collapsedSliceDims [0, 0] names an axis twice',
    ],
    [
      'too few components',
      gather({ startIndexMap: [0, 1] }),
      ShapeError,
      'the last axis of the indices [2, 1] must be 2 long',
    ],
    ['axes in disorder', gather({ offsetDims: [1, 0], collapsedSliceDims: [] }, [1, 3]), ShapeError, 'in order'],
    ['too few axes of windows', gather({ offsetDims: [] }), ShapeError, '1 axes run inside a window', '[]'],
    [
      'batching axes of other lengths',
      gather(
        {
          collapsedSliceDims: [],
          startIndexMap: [0],
          operandBatchingDims: [1],
          startIndicesBatchingDims: [0],
          offsetDims: [1],
        },
        [1, 1],
      ),
      ShapeError,
      'equally long',
    ],
    [
      'a batching axis that is indexed',
      gather({ collapsedSliceDims: [], operandBatchingDims: [0], startIndicesBatchingDims: [0] }),
      ShapeError,
      'operandBatchingDims [0]',
      'startIndexMap [0]',
    ],
    [
      'indices that are floats',
      () => lax.gather(x, x, { dimensionNumbers, sliceSizes: [1, 3] }),
      DTypeError,
      'gather: indices are float32[2, 3]',
      'int32',
    ],
    [
      'a mode that is none',
      () => lax.gather(x, column, { dimensionNumbers, sliceSizes: [1, 3], mode: untyped('wrap') }),
      ValueError,
      'gather: the mode is "wrap"',
    ],
    [
      'updates of another shape',
      () => lax.scatter(x, column, np.ones([3, 3]), { dimensionNumbers: rows }),
      ShapeError,
      'scatter: updates [3, 3]',
      '[2, 3]',
    ],
    [
      'updates without the axes of windows',
      () => lax.scatter(x, column, np.ones([2]), { dimensionNumbers: rows }),
      ShapeError,
      'scatter: the updates [2] lack axes',
    ],
    [
      'updates of another dtype',
      () => lax.scatterMax(x, column, np.ones([2, 3], { dtype: 'int32' }), { dimensionNumbers: rows }),
      DTypeError,
      'scatter_max: the updates are int32[2, 3]',
    ],
  ])
})

describe('slices with traced starts', () => {
  testMisuses([
    ['too few starts', () => lax.dynamicSlice(x, [0], [1, 1]), ShapeError, 'dynamicSlice: 1 starts', '[2, 3]'],
    ['a slice too large', () => lax.dynamicSlice(x, [0, 0], [1, 4]), ShapeError, 'a slice of [1, 4]', '[2, 3]'],
    [
      'a start that is a float',
      () => lax.dynamicSlice(v, [np.array(1)], [1]),
      DTypeError,
      'a start is float32[]',
      'int32',
    ],
    ['a start that is a list', () => lax.dynamicSlice(v, [i], [1]), DTypeError, 'a start is int32[3]'],
    ['a fraction as start', () => lax.dynamicSliceInDim(v, 0.5, 1), ShapeError, 'the start 0.5'],
    ['a static index outside', () => lax.indexInDim(x, 2), ShapeError, 'indexInDim: index 2', 'axis 0 of [2, 3]'],
    ['an axis that is not there', () => lax.dynamicIndexInDim(v, 0, 1), ShapeError, 'dynamicIndexInDim: axis 1'],
    ['an update too large', () => lax.dynamicUpdateSlice(v, np.ones([4]), [0]), ShapeError, 'a slice of [4]'],
    [
      'an update of another dtype',
      () => lax.dynamicUpdateSlice(v, i, [0]),
      DTypeError,
      'the update is int32[3]',
      'float32[3]',
    ],
  ])
})

describe('sorting and searching', () => {
  testMisuses([
    ['operands of several shapes', () => lax.sort([v, x]), ShapeError, 'sort: operands of the shapes [3] and [2, 3]'],
    ['more keys than operands', () => lax.sort([v, v], { numKeys: 3 }), ShapeError, 'sort: 3 keys of 2 operands'],
    ['nothing', () => lax.sort([]), ShapeError, 'sort'],
    ['a scalar', () => np.sort(1), ShapeError, 'sort: axis -1'],
    ['more than there are', () => lax.topK(v, 4), ShapeError, 'top_k: k is 4', '[3]'],
    ['the largest of a scalar', () => lax.topK(np.array(1), 1), ShapeError, 'top_k: an array of shape []'],
    ['no keys', () => np.lexsort([]), ValueError, 'lexsort'],
    ['a place outside', () => np.partition(v, 3), ShapeError, 'partition: kth is 3'],
    ['a matrix to search', () => np.searchsorted(x, v), ShapeError, 'searchsorted', '[2, 3]'],
    ['a side that is none', () => np.searchsorted(v, v, { side: untyped('both') }), ValueError, '"both"'],
    ['edges in a matrix', () => np.digitize(v, x), ShapeError, 'digitize: the edges have shape [2, 3]'],
    ['running products of booleans', () => lax.cumprod(mask, 0), DTypeError, 'cumprod: bool', 'astype'],
    ['running exponentials of integers', () => lax.cumlogsumexp(whole, 0), DTypeError, 'cumlogsumexp: int32'],
    ['an axis that is not there', () => np.cumprod(v, { axis: 1 }), ShapeError, 'cumprod: axis 1'],
    ['running sums of a matrix without an axis', () => np.cumulativeSum(x), ShapeError, 'cumulativeSum', '{ axis }'],
  ])
})

describe('functions of indices', () => {
  testMisuses([
    ['too few axes of indices', () => np.takeAlongAxis(x, i), ShapeError, 'takeAlongAxis: the indices [3]', '[2, 3]'],
    ['a take that wraps along', () => np.takeAlongAxis(v, i, { mode: untyped('wrap') }), ValueError, '"wrap"'],
    ['a mode of take', () => np.take(v, i, { mode: untyped('raise') }), ValueError, 'take: the mode is "raise"'],
    ['a choice outside', () => np.choose([2], [v, v]), ValueError, 'choose: there are 2 arrays', '0 … 1'],
    ['a traced choice', () => jit((k: NDArray) => np.choose(k, [v, v]))(i), ValueError, "mode: 'clip'"],
    ['conditions without arrays', () => np.select([mask], []), ValueError, 'select: 1 conditions for 0 arrays'],
    [
      'a long condition',
      () => np.compress([true, true, true, true], v),
      ShapeError,
      'compress: 4 conditions for the 3',
    ],
    [
      'where with one value',
      () => np.where(mask, untyped(v)),
      ValueError,
      'where: takes a condition alone',
      '2 values',
    ],
    ['where with one number', () => np.where(mask, untyped(0)), ValueError, 'where: takes a condition alone'],
    ['where a scalar is not 0', () => np.nonzero(1), ValueError, 'nonzero: an array of shape []', '[1]'],
    [
      'where a traced array is not 0',
      () => jit((y: NDArray) => np.nonzero(y))(v),
      TracerError,
      'float32[3]',
      '{ size: n }',
    ],
    [
      'what differs in a traced array',
      () => jit((y: NDArray) => np.unique(y))(v),
      TracerError,
      'unique',
      '{ size: n }',
    ],
    ['nothing to fill up with', () => np.unique(np.zeros([0]), { size: 2 }), ShapeError, 'fillValue'],
    [
      'counts of a traced array',
      () => jit((y: NDArray) => np.bincount(y))(i),
      TracerError,
      'bincount',
      '{ length: n }',
    ],
    ['counts of fractions', () => np.bincount([0.5]), DTypeError, 'bincount: indices are float32[1]'],
    ['weights of another shape', () => np.bincount([1, 2], { weights: v }), ShapeError, 'weights of shape [3]'],
    ['no bins', () => np.histogram(v, { bins: 0 }), ValueError, '0 bins'],
    ['points that are no rows', () => np.histogramdd(v), ShapeError, 'histogramdd: points of shape [3]'],
    ['bins for other axes', () => np.histogramdd(x, { bins: [2] }), ShapeError, 'bins for 1 axes', '3'],
    ['the diagonal of a list', () => np.fillDiagonal(v, 1), ShapeError, 'fillDiagonal', '[3]'],
    ['a fraction of a roll', () => np.roll(v, 0.5), ShapeError, 'roll: the shift 0.5'],
    ['shifts for other axes', () => np.roll(x, [1, 2, 3], { axis: [0, 1] }), ShapeError, 'roll: 3 shifts for 2 axes'],
    ['deleting outside', () => np.delete(v, 3), ShapeError, 'delete: index 3'],
    ['a traced place to insert at', () => jit((k: NDArray) => np.insert(v, k, 1))(i), TracerError, 'insert', 'traced'],
    ['values that do not fit', () => np.insert(v, [0, 1], [1, 2, 3]), ShapeError, 'insert: 3 values for 2 indices'],
    ['indices outside a shape', () => np.ravelMultiIndex([[2]], [2]), ValueError, '0 … 1'],
    ['indices for other axes', () => np.ravelMultiIndex([[0]], [2, 2]), ShapeError, '1 arrays of indices', '[2, 2]'],
    ['a matrix among lists', () => np.ix(x), ShapeError, 'ix: list 0 has shape [2, 3]'],
  ])
})
