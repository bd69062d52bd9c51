import {
  devices,
  DeviceError,
  DTypeError,
  jit,
  lax,
  linalg,
  NDArray,
  np,
  ShapeError,
  TreeError,
  treeMap,
  treeStructure,
  treeUnflatten,
  ValueError,
} from '@cotangent/autodiff'
import { exportOnnx } from '@cotangent/autodiff/onnx'
import { definePrimitive, notLinear } from '@cotangent/autodiff/primitives'
import { describe } from 'vitest'
import { testMisuses, untyped } from './misuse.ts'

const x = np.ones([2, 3])
const v = np.ones([3])
const i = np.array([0, 1, 2], { dtype: 'int32' })
const b = np.array([true, false, true])
const none = [0, 0]

describe('making arrays', () => {
  testMisuses([
    ['ragged lists', () => np.array([[1, 2], [3]]), ShapeError, 'array: the nested lists are ragged', '[2]', '[1]'],
    [
      'a ragged list of arrays',
      () => np.array([np.ones([2]), np.ones([1])]),
      ShapeError,
      'ragged',
      '[2]',
      '[1]',
      'np.broadcastArrays',
    ],
    ['arrays beside numbers', () => np.array([np.ones([2]), 1]), ShapeError, 'ragged', '[2]', '[]'],
    ['a string', () => np.array(untyped('1')), ValueError, 'array: string is not a number'],
    ['null in a list', () => np.array(untyped([1, null])), ValueError, 'array: null is not a number'],
    ['an object', () => np.array(untyped({ x: 1 })), ValueError, 'array: object is not a number'],
    [
      'an unknown dtype',
      () => np.array([1], { dtype: untyped('f32') }),
      DTypeError,
      'unknown dtype "f32"',
      'float32, float64',
    ],
    [
      'a shape that does not hold the numbers',
      () => np.array([1, 2, 3], { shape: [2, 2] }),
      ShapeError,
      '3 numbers do not fill the shape [2, 2]',
    ],
    ['a negative shape', () => np.array([1], { shape: [-1] }), ShapeError, 'list of non-negative integers, not [-1]'],
    [
      'a view without numbers',
      () => np.array(untyped(new DataView(new ArrayBuffer(8)))),
      DTypeError,
      'a DataView has no dtype',
      'Float32Array',
    ],
    ['a negative size', () => np.zeros([-1]), ShapeError, 'zeros: a shape is a list', '[-1]'],
    ['a number for a shape', () => np.ones(untyped(3)), ShapeError, 'ones: a shape is a list', 'not 3'],
    [
      'zeros of an unknown dtype',
      () => np.zeros([3], { dtype: untyped('half') }),
      DTypeError,
      'zeros: unknown dtype "half"',
    ],
    ['astype of an unknown dtype', () => x.astype(untyped('half')), DTypeError, 'astype: unknown dtype "half"'],
    ['a range without a step', () => np.arange(0, 1, 0), ValueError, 'arange: the step is 0'],
    ['a range without an end', () => np.arange(Infinity), ValueError, 'arange', 'Infinity', 'finite'],
    ['a negative number of points', () => np.linspace(0, 1, -1), ShapeError, 'linspace', '-1'],
    ['a negative identity', () => np.eye(-1), ShapeError, 'eye', '-1'],
    ['the diagonal of a number', () => np.diag(1), ShapeError, 'diagonal: an array of shape []', 'two axes'],
    ['the triangle of a vector', () => np.tril(v), ShapeError, 'tril: an array of shape [3]', 'two axes'],
  ])
})

describe('JavaScript’s operators', () => {
  const any = untyped(x)
  testMisuses([
    ['x + y', () => any + any, ValueError, '[2, 3]', 'write x.add(y)'],
    ['x * y', () => any * any, ValueError, '[2, 3]', 'x.mul(y)'],
    ['x > 0', () => any > 0, ValueError, '[2, 3]', 'x.gt(0)'],
    ['`${x}`', () => `${any}`, ValueError, '[2, 3]', 'x.toString()', 'await x.js()'],
  ])
})

describe('elementwise operations', () => {
  testMisuses([
    [
      'shapes that do not broadcast',
      () => x.add(np.ones([2])),
      ShapeError,
      'add: shapes [2, 3] and [2]',
      'axis 1',
      '3 and 2',
      'reshape',
    ],
    [
      'shapes that do not broadcast, in np',
      () => np.maximum(x, np.ones([4, 3])),
      ShapeError,
      'maximum: shapes [2, 3] and [4, 3]',
    ],
    [
      'branches that do not broadcast',
      () => np.where(b, x, np.ones([4])),
      ShapeError,
      'where: shapes [3] and [2, 3] and [4]',
    ],
    ['bounds that do not broadcast', () => np.clip(v, np.ones([2]), null), ShapeError, '[3] and [2]'],
    ['bits of floats', () => np.bitwiseAnd(x, x), DTypeError, 'and: float32', 'integers and booleans'],
    [
      'a negative number beside uint32',
      () => np.array([1], { dtype: 'uint32' }).add(-1),
      ValueError,
      'the number -1',
      'uint32',
      'x.astype',
    ],
    ['a large number beside int32', () => i.mul(3e9), ValueError, '3000000000', 'int32', 'x.astype'],
    ['lax: other shapes', () => lax.add(x, v), ShapeError, 'add: the shapes [2, 3] and [3] differ', 'np.add'],
    ['lax: other dtypes', () => lax.add(v, i), DTypeError, 'add: the dtypes float32 and int32 differ', 'x.astype'],
    ['lax: sums of booleans', () => lax.add(b, b), DTypeError, 'add: bool', 'x.astype("int32")'],
    ['lax: the sine of integers', () => lax.sin(i), DTypeError, 'sin: int32', 'x.astype("float32")'],
    [
      'lax: a negative power of integers',
      () => lax.integerPow(i, -1),
      DTypeError,
      'integer_pow: int32 has no power -1',
    ],
    ['lax: a power that is not whole', () => lax.integerPow(v, 0.5), ValueError, 'integer_pow', '0.5', 'lax.pow'],
    ['lax: a condition of floats', () => lax.select(v, v, v), DTypeError, 'select: the condition is float32', 'bool'],
    [
      'lax: branches of two dtypes',
      () => lax.select(b, v, i),
      DTypeError,
      'select: the branches are float32 and int32',
      'x.astype',
    ],
    [
      'lax: branches of another shape',
      () => lax.select(b, x, x),
      ShapeError,
      'select',
      'bool[3]',
      'float32[2, 3]',
      'np.where',
    ],
    ['lax: an unknown dtype', () => lax.convertElementType(x, untyped('half')), DTypeError, 'unknown dtype "half"'],
  ])
})

describe('reductions', () => {
  testMisuses([
    ['an axis that is not there', () => x.sum(2), ShapeError, 'sum: axis 2 is out of range for 2 axes'],
    ['an axis twice', () => x.sum([0, -2]), ShapeError, 'sum: an axis appears twice in [0,-2]'],
    ['a fractional axis', () => x.mean(0.5), ShapeError, 'mean: axis 0.5'],
    ['the largest of nothing', () => np.max(np.zeros([0, 3]), { axis: 0 }), ShapeError, 'max', '[0, 3]', 'no elements'],
    [
      'the index of the largest of nothing',
      () => np.argmax(np.zeros([0])),
      ShapeError,
      'argmax: axis 0 of [0] is empty',
    ],
    ['argmax along an axis that is not there', () => np.argmax(x, { axis: 4 }), ShapeError, 'argmax: axis 4'],
    ['cumsum along an axis that is not there', () => np.cumsum(x, { axis: -3 }), ShapeError, 'cumsum: axis -3'],
    ['the covariance of three axes', () => np.cov(np.ones([2, 2, 2])), ValueError, 'cov: takes a matrix', '3 axes'],
    ['lax: an axis that is not there', () => lax.reduceSum(x, [5]), ShapeError, 'reduce_sum: axis 5 of [2, 3]'],
    ['lax: an axis twice', () => lax.reduceMax(x, [1, 1]), ShapeError, 'reduce_max: axis 1 of [2, 3] is named twice'],
    ['lax: sums of booleans', () => lax.reduceSum(b, [0]), DTypeError, 'reduce_sum: bool', 'x.astype("int32")'],
    ['lax: largest of booleans', () => lax.reduceMax(b, [0]), DTypeError, 'reduce_max: bool', 'x.astype("int32")'],
    ['lax: all of floats', () => lax.reduceAnd(x, [0]), DTypeError, 'reduce_and: float32', 'bool'],
    ['lax: argmax of an axis that is not there', () => lax.argmax(x, 7), ShapeError, 'argmax: axis 7 of [2, 3]'],
    [
      'lax: cumsum of an axis that is not there',
      () => lax.cumsum(x, -1),
      ShapeError,
      'cumsum: axis -1 of [2, 3]',
      'count from 0',
    ],
  ])
})

describe('shapes', () => {
  testMisuses([
    ['reshape to another size', () => x.reshape([4]), ShapeError, 'reshape: [2, 3] has 6 elements, [4] takes 4'],
    ['reshape to what does not come out', () => x.reshape([4, -1]), ShapeError, 'reshape', '[4, -1]', 'come out whole'],
    ['reshape with two open sizes', () => x.reshape([-1, -1]), ShapeError, 'reshape', 'at most one size may be -1'],
    ['reshape to fractions', () => x.reshape([1.5, 4]), ShapeError, 'reshape', '[1.5,4]', 'non-negative integers'],
    [
      'transpose that is no permutation',
      () => x.transpose([0, 0]),
      ShapeError,
      'transpose: [0, 0] is not a permutation',
      '[2, 3]',
    ],
    ['transpose of too few axes', () => x.transpose([0]), ShapeError, 'transpose: [0]', '[2, 3]'],
    ['transpose of an axis that is not there', () => x.transpose([0, 2]), ShapeError, 'transpose: axis 2'],
    ['moveaxis from nowhere', () => np.moveaxis(x, 3, 0), ShapeError, 'moveaxis: axis 3'],
    ['swapaxes with nowhere', () => np.swapaxes(x, 0, 2), ShapeError, 'swapaxes: axis 2'],
    ['squeeze of a long axis', () => x.squeeze(0), ShapeError, 'squeeze: axis 0 of [2, 3] is 2 long, not 1'],
    ['expandDims too far', () => np.expandDims(x, 5), ShapeError, 'expandDims: axis 5 is out of range for 3 axes'],
    ['broadcastTo another length', () => np.broadcastTo(x, [2, 4]), ShapeError, 'broadcastTo', '[2, 3]', '[2, 4]'],
    [
      'concatenate other ranks',
      () => np.concatenate([x, v]),
      ShapeError,
      'concatenate: float32[2, 3], float32[3]',
      'axis 0',
    ],
    ['concatenate nothing', () => np.concatenate([]), ValueError, 'concatenate: there are no arrays'],
    ['concatenate along no axis', () => np.concatenate([x, x], { axis: 2 }), ShapeError, 'concatenate: axis 2'],
    ['stack other shapes', () => np.stack([x, v]), ShapeError, 'stack', '[2, 3] and [3]'],
    ['stack nothing', () => np.stack([]), ValueError, 'stack: there are no arrays'],
    ['split unevenly', () => np.split(x, 2, { axis: 1 }), ShapeError, 'split: axis 1 of [2, 3]', '2 equal parts'],
    ['split in the middle of an entry', () => np.split(v, [1.5]), ShapeError, 'slice: starts [0], limits [1.5]'],
    ['broadcast to a negative size', () => np.broadcastTo(v, [-1, 3]), ShapeError, 'broadcast_in_dim', '[-1,3]'],
    [
      'lax: count up to half a number',
      () => lax.broadcastedIota([2.5], 0, 'int32'),
      ShapeError,
      'iota: a shape is a list of non-negative integers',
    ],
    [
      'lax: pad by half an entry',
      () => lax.pad(v, np.array(0), { low: [0.5], high: [0.5], interior: [0] }),
      ShapeError,
      'pad: low, high and interior must be whole numbers, not [0.5]',
    ],
    ['split into none', () => np.split(x, 0), ShapeError, 'split', '0 equal parts'],
    ['tile a negative number of times', () => np.tile(x, [-1]), ValueError, 'tile: -1 repeats'],
    ['repeat half a time', () => np.repeat(x, 0.5), ValueError, 'repeat: 0.5 repeats'],
    ['lax: concatenate nothing', () => lax.concatenate([], 0), ShapeError, 'concatenate: there are no arrays'],
    [
      'lax: concatenate other dtypes',
      () => lax.concatenate([v, i], 0),
      DTypeError,
      'concatenate',
      'float32[3], int32[3]',
      'x.astype',
    ],
    [
      'lax: broadcast to axes that do not fit',
      () => lax.broadcastInDim(x, [2, 3, 4], [1, 2]),
      ShapeError,
      'broadcast_in_dim: [2, 3]',
      '[2, 3, 4]',
      '[1, 2]',
    ],
    ['lax: reverse an axis that is not there', () => lax.rev(x, [7]), ShapeError, 'rev: axis 7 of [2, 3]'],
    [
      'lax: indices along an axis that is not there',
      () => lax.broadcastedIota([3], 1, 'int32'),
      ShapeError,
      'iota: axis 1 of [3]',
    ],
    [
      'lax: cut off more than there is',
      () => lax.pad(x, np.array(0), { low: [-3, 0], high: none, interior: none }),
      ShapeError,
      'pad: low [-3, 0]',
      '[2, 3]',
    ],
    [
      'lax: a negative gap',
      () => lax.pad(x, np.array(0), { low: none, high: none, interior: [-1, 0] }),
      ShapeError,
      'interior [-1, 0]',
    ],
    [
      'lax: pad with another dtype',
      () => lax.pad(x, np.array(0, { dtype: 'int32' }), { low: none, high: none, interior: none }),
      DTypeError,
      'pad',
      'int32[]',
      'float32',
    ],
  ])
})

describe('indexing', () => {
  testMisuses([
    ['an index behind the end', () => x.at(2), ShapeError, 'slice: index 2', 'axis 0 of [2, 3]'],
    ['an index before the start', () => x.slice(0, -4), ShapeError, 'index -4', 'axis 1 of [2, 3]'],
    ['a fractional index', () => x.at(0.5), ShapeError, 'index 0.5'],
    ['NaN as an index', () => x.at(NaN), ShapeError, 'index NaN'],
    ['more indices than axes', () => x.slice(0, 0, 0), ShapeError, '3 indices', '[2, 3]'],
    ['a step of 0', () => x.slice([0, 2, 0]), ShapeError, 'the step of a range is 0'],
    [
      'a range from a fraction',
      () => x.slice(null, [0.5, 2]),
      ShapeError,
      'slice: the range [0.5, 2] for axis 1',
      'whole',
    ],
    ['an array of floats as indices', () => v.slice(np.array([0.5])), DTypeError, 'float32[1]', 'i.astype("int32")'],
    ['a mask to take by', () => np.take(v, b), DTypeError, 'take: indices are bool[3]', 'x.slice(mask)'],
    ['fractions as indices', () => np.take(v, [0, 0.5]), DTypeError, 'take: indices are float32[2]'],
    ['entries of an empty axis', () => np.take(np.zeros([0]), [0]), ShapeError, 'take: axis 0 of [0] is empty'],
    ['entries of an axis that is not there', () => np.take(x, [0], { axis: 2 }), ShapeError, 'take: axis 2'],
    ['unstack to another number', () => x.unstack(3), ShapeError, 'unstack: the first axis of [2, 3] is 2 long, not 3'],
    ['unstack of a number', () => np.array(1).unstack(), ShapeError, 'unstack: an array of shape [] has no axis'],
    ['to run through a number', () => [...np.array(1)], ShapeError, 'an array of shape [] has no axis'],
    ['item of many', () => x.item(), ShapeError, 'item', '[2, 3]', '6 elements'],
    [
      'lax: a slice behind the end',
      () => lax.slice(x, { starts: none, limits: [3, 3], strides: [1, 1] }),
      ShapeError,
      'slice',
      'limits [3, 3]',
      '[2, 3]',
    ],
    [
      'lax: a slice of too few axes',
      () => lax.slice(x, { starts: [0], limits: [1], strides: [1] }),
      ShapeError,
      'slice: starts [0]',
      '[2, 3]',
    ],
    ['lax: floats as indices', () => lax.take(v, v, 0), DTypeError, 'take: indices are float32[3]', 'int32'],
    ['lax: entries of an axis that is not there', () => lax.take(v, i, 3), ShapeError, 'take: axis 3 of [3]'],
    [
      'lax: updates of another shape',
      () => lax.scatterAdd(i, np.ones([2]), 0, 3),
      ShapeError,
      'scatter_add: updates [2]',
      '[3]',
    ],
  ])
})

describe('products', () => {
  testMisuses([
    ['matrices that do not fit', () => x.matmul(x), ShapeError, 'matmul: the shapes [2, 3] and [2, 3]', 'equally long'],
    ['a scalar', () => x.matmul(2), ShapeError, 'matmul: an array of shape []', 'x.mul(y)'],
    [
      'stacks that do not broadcast',
      () => np.matmul(np.ones([2, 3, 4]), np.ones([3, 4, 5])),
      ShapeError,
      'matmul of [2, 3, 4] and [3, 4, 5]',
      '[2] and [3]',
    ],
    ['dot of what does not fit', () => np.dot(x, np.ones([2])), ShapeError, 'dot: the shapes [2, 3] and [2]'],
    ['vdot of other sizes', () => np.vdot(v, np.ones([4])), ShapeError, 'vdot: the shapes [3] and [4]'],
    [
      'tensordot of what does not fit',
      () => np.tensordot(x, x, 1),
      ShapeError,
      'tensordot: the shapes [2, 3] and [2, 3]',
    ],
    ['tensordot over an axis that is not there', () => np.tensordot(x, x, [[5], [0]]), ShapeError, 'tensordot: axis 5'],
    [
      'lax: other lengths',
      () => lax.dotGeneral(x, x, { contract: [[0], [1]], batch: [[], []] }),
      ShapeError,
      'dot: axis 0 of float32[2, 3] and axis 1 of float32[2, 3]',
      '2 and 3',
    ],
    [
      'lax: an axis summed and kept',
      () => lax.dotGeneral(x, x, { contract: [[0], [0]], batch: [[0], [0]] }),
      ShapeError,
      'dot: axis 0 of [2, 3] is named twice',
    ],
    [
      'lax: axes without a partner',
      () => lax.dotGeneral(x, x, { contract: [[0, 1], [0]], batch: [[], []] }),
      ShapeError,
      'dot: the axes [0, 1] and [0] come in pairs',
    ],
    [
      'lax: products of booleans',
      () => lax.dotGeneral(b, b, { contract: [[0], [0]], batch: [[], []] }),
      DTypeError,
      'dot: bool',
      'x.astype("int32")',
    ],
    [
      'lax: products of two dtypes',
      () => lax.dotGeneral(v, i, { contract: [[0], [0]], batch: [[], []] }),
      DTypeError,
      'dot: the dtypes float32 and int32',
    ],
    ['the determinant of an oblong', () => linalg.det(x), ShapeError, 'square', '[2, 3]'],
    ['the inverse of a vector', () => linalg.inv(v), ShapeError, 'square', '[3]'],
  ])
})

describe('trees', () => {
  testMisuses([
    ['a string for a leaf', () => treeStructure({ a: ['x'] }), TreeError, 'tree.a[0] is a string'],
    ['a function for a leaf', () => treeStructure([() => 0]), TreeError, 'tree[0] is a function'],
    ['a Map', () => treeStructure(new Map()), TreeError, 'tree is a Map', 'plain objects'],
    [
      'trees of two structures',
      () => treeMap((p: NDArray) => p, { a: v }, untyped({ b: v })),
      TreeError,
      'treeMap: tree 2 is {b: *}, the first is {a: *}',
    ],
    ['too few leaves', () => treeUnflatten(treeStructure([1, 2]), [v]), TreeError, '[*, *] has 2 leaves, 1 were given'],
  ])
})

describe('devices', () => {
  testMisuses([
    ['an unknown kind', () => devices(untyped('tpu')), DeviceError, 'unknown kind of device "tpu"', 'js, cpu'],
  ])
})

describe('what lax takes', () => {
  testMisuses([
    [
      'a number for an array',
      () => lax.rev(untyped(2), [0]),
      DTypeError,
      'rev: an operand is a "number"',
      'np.array(x)',
    ],
    ['nothing', () => lax.neg(untyped(undefined)), ValueError, 'neg: an operand is undefined'],
    ['a string beside an array', () => lax.add(v, untyped('2')), ValueError, 'add: an operand is a string'],
    ['a list of another length', () => jit(() => lax.mul(v, [1]))(), ShapeError, 'mul: the shapes [3] and [1]'],
  ])
})

describe('a primitive in JavaScript', () => {
  testMisuses([
    ['without a name', () => definePrimitive(untyped({})), ValueError, 'definePrimitive: the name is undefined'],
    [
      'without rules',
      () => definePrimitive(untyped({ name: 'mine', evaluate: () => [], transpose: notLinear })),
      ValueError,
      '"mine" lacks abstractEval, jvp, batch, lower',
      'notLinear',
    ],
  ])
})

describe('models that are exported', () => {
  const same = (y: NDArray): NDArray => y
  testMisuses([
    ['too many names', () => exportOnnx(same, [v], { inputNames: ['a', 'b'] }), ValueError, '2 names for 1 arrays'],
    [
      'one name twice',
      () => exportOnnx((y: NDArray) => [y, y], [v], { outputNames: ['y', 'y'] }),
      ValueError,
      '"y" twice',
    ],
    ['a batch of a number', () => exportOnnx(same, [1], { dynamicBatch: true }), ShapeError, 'first axis', '[]'],
    ['a string', () => exportOnnx(same, untyped(['x'])), TreeError, 'exportOnnx', 'arguments[0] is a string'],
  ])
})
