import {
  DTypeError,
  lax,
  linearTranspose,
  type NDArray,
  np,
  ShapeError,
  TracerError,
  TreeError,
  ValueError,
} from '@cotangent/autodiff'
import { describe } from 'vitest'
import { testMisuses, untyped } from './misuse.ts'

const x = np.ones([1, 2, 6])
const w = np.ones([4, 2, 3])
const image = np.ones([1, 8, 8, 3])
const v = np.ones([6])

describe('convolutions', () => {
  testMisuses([
    ['different ranks', () => lax.conv(x, image, [1], 'SAME'), ShapeError, '[1, 2, 6]', '[1, 8, 8, 3]', 'equally many'],
    ['vectors', () => lax.conv(v, v, [], 'SAME'), ShapeError, '[6]', 'two, and the spatial ones'],
    ['different dtypes', () => lax.conv(x, w.astype('int32'), [1], 'SAME'), DTypeError, 'float32', 'int32', 'astype'],
    ['other features', () => lax.conv(x, np.ones([4, 3, 3]), [1], 'SAME'), ShapeError, 'has 2 features', 'takes 3'],
    [
      'features that do not fall into groups',
      () => lax.convGeneralDilated(x, np.ones([3, 1, 3]), [1], 'SAME', { featureGroupCount: 2 }),
      ShapeError,
      'the 3 features',
      '2 groups',
    ],
    [
      'no groups',
      () => lax.convGeneralDilated(x, w, [1], 'SAME', { featureGroupCount: 0 }),
      ShapeError,
      'featureGroupCount is 0',
    ],
    [
      'groups of both kinds',
      () => lax.convGeneralDilated(x, w, [1], 'SAME', { featureGroupCount: 2, batchGroupCount: 2 }),
      ShapeError,
      'featureGroupCount is 2 and batchGroupCount 2',
      'only one',
    ],
    [
      'a batch that does not fall into groups',
      () => lax.convGeneralDilated(x, w, [1], 'SAME', { batchGroupCount: 2 }),
      ShapeError,
      'batchGroupCount is 2',
      'divide the batch, 1',
    ],
    [
      'too many strides',
      () => lax.conv(x, w, [1, 1], 'VALID'),
      ShapeError,
      'convGeneralDilated',
      'the strides [1, 1]',
      'each axis of [6]',
    ],
    [
      'too many strides, with pairs',
      () => lax.conv(x, w, [1, 1], [[0, 0]]),
      ShapeError,
      'windowStrides has 2 entries',
      '1 spatial',
    ],
    ['a stride of 0', () => lax.conv(x, w, [0], [[0, 0]]), ShapeError, 'windowStrides [0]', 'from 1'],
    [
      'a dilation of 0',
      () => lax.convGeneralDilated(x, w, [1], 'VALID', { rhsDilation: [0] }),
      ShapeError,
      'rhsDilation [0]',
    ],
    ['an unknown padding', () => lax.conv(x, w, [1], untyped('FULL')), ValueError, '"FULL"', 'SAME_LOWER'],
    ['one number as padding', () => lax.conv(x, w, [1], untyped([1])), ValueError, '[1]', 'a pair [low, high]'],
    ['half an entry of padding', () => lax.conv(x, w, [1], [[0.5, 0]]), ValueError, '[[0.5,0]]'],
    ['cutting off too much', () => lax.conv(x, w, [1], [[-4, -4]]), ShapeError, '[[-4,-4]]', 'cuts off more'],
    [
      'SAME for a dilated operand',
      () => lax.convGeneralDilated(x, w, [1], 'SAME', { lhsDilation: [2] }),
      ValueError,
      '"SAME" is not defined for a dilated operand',
      'convTranspose',
    ],
    [
      'a narrower dtype to sum in',
      () => lax.conv(x, w, [1], 'SAME', { preferredElementType: 'int32' }),
      ValueError,
      'preferredElementType is int32',
      'narrower than float32',
    ],
    [
      'SAME_LOWER for a transpose',
      () => lax.convTranspose(image, image, [2, 2], 'SAME_LOWER', { useConsistentPadding: true }),
      ValueError,
      '"SAME_LOWER"',
      'SAME, VALID or pairs',
    ],
    [
      'a transpose of four spatial axes',
      () => lax.convTranspose(np.ones([1, 1, 1, 1, 1, 1]), np.ones([1, 1, 1, 1, 1, 1]), [1, 1, 1, 1], 'SAME'),
      ValueError,
      '4 spatial axes',
      'dimensionNumbers',
    ],
    [
      'the transpose of a square',
      () => linearTranspose((a: NDArray) => lax.conv(a, a, [1], 'VALID'), x)(np.ones([1, 1, 1])),
      TracerError,
      'not linear',
    ],
  ])
})

describe('layouts', () => {
  const numbers = (lhs: string, rhs: string, out: string) => () =>
    lax.convGeneralDilated(x, w, [1], 'SAME', { dimensionNumbers: [lhs, rhs, out] })
  testMisuses([
    ['a string too short', numbers('NC', 'OIW', 'NCW'), ValueError, '"NC" of lhs', '3 axes'],
    ['a letter twice', numbers('NCC', 'OIW', 'NCW'), ValueError, '"NCC"', 'twice'],
    ['no features', numbers('NWH', 'OIW', 'NCW'), ValueError, '"NWH" of lhs', '"N" and "C"'],
    ['no kernel features', numbers('NCW', 'NCW', 'NCW'), ValueError, '"NCW" of rhs', '"O" and "I"'],
    ['other letters', numbers('NCW', 'OIW', 'NCH'), ValueError, '"NCH"', 'the same letters'],
    [
      'two strings',
      () => lax.convGeneralDilated(x, w, [1], 'SAME', { dimensionNumbers: untyped(['NCW', 'OIW']) }),
      ValueError,
      '2 strings, there must be 3',
    ],
    [
      'an axis twice',
      () =>
        lax.convGeneralDilated(x, w, [1], 'SAME', {
          dimensionNumbers: { lhsSpec: [0, 1, 1], rhsSpec: [0, 1, 2], outSpec: [0, 1, 2] },
        }),
      ValueError,
      'lhsSpec is [0, 1, 1]',
    ],
  ])
})

describe('windows', () => {
  const max = (...rest: unknown[]) => lax.reduceWindow(v, -Infinity, 'max', ...(rest as [number[]]))
  testMisuses([
    ['windows of another rank', () => max([2, 2]), ShapeError, 'reduceWindow: the window [2, 2]', 'each axis of [6]'],
    ['a window of 0', () => max([0]), ShapeError, 'windowDimensions [0]', 'from 1'],
    ['a stride of 0', () => max([1], [0]), ShapeError, 'windowStrides [0]'],
    [
      'padding for two axes',
      () =>
        max(
          [1],
          [1],
          [
            [0, 0],
            [0, 0],
          ],
        ),
      ShapeError,
      'padding has 2 entries',
    ],
    ['cutting off too much', () => max([1], [1], [[-4, -3]]), ShapeError, 'cuts off more'],
    ['an unknown padding', () => max([1], [1], 'FULL'), ValueError, '"FULL"'],
    [
      'SAME for a dilated operand',
      () => max([1], [1], 'SAME', { baseDilation: [2] }),
      ValueError,
      'base dilation [2]',
      'give pairs',
    ],
    ['an unknown computation', () => lax.reduceWindow(v, 0, untyped('mean'), [2]), ValueError, '"mean"', 'add, mul'],
    ['no computation', () => lax.reduceWindow(v, 0, untyped(3), [2]), ValueError, 'a function or a name'],
    ['a vector to begin with', () => lax.reduceWindow(v, v, 'add', [2]), ShapeError, 'float32[6]', 'a scalar'],
    [
      'an initial value of another dtype',
      () => lax.reduceWindow(v, np.array(0, { dtype: 'int32' }), 'add', [2]),
      DTypeError,
      'int32[]',
      'float32',
    ],
    ['half of an integer', () => lax.reduceWindow(v.astype('int32'), 0.5, 'add', [2]), ValueError, '0.5', 'int32'],
    ['sums of booleans', () => lax.reduceWindow(v.ne(0), false, 'add', [2]), DTypeError, 'bool'],
    [
      'a computation of another structure',
      () => lax.reduceWindow(v, 0, (a) => [a, a], [2]),
      TreeError,
      'the computation gives',
    ],
    [
      'a computation of another dtype',
      () => lax.reduceWindow(v, 0, (a, b) => a.gt(b), [2]),
      DTypeError,
      'gives bool[]',
      'float32',
    ],
    [
      'as many initial values as no operands',
      () =>
        lax.reduceWindow(
          [v, v],
          untyped([0]),
          untyped((a: unknown) => a),
          [2],
        ),
      TreeError,
      'the initial values',
    ],
    [
      'operands of two shapes',
      () =>
        lax.reduce(
          [v, x],
          [0, 0],
          untyped((a: unknown) => a),
          [0],
        ),
      ShapeError,
      '[6]',
      '[1, 2, 6]',
    ],
    ['an axis that is not there', () => lax.reduce(v, 0, 'add', [1]), ShapeError, 'axis 1'],
    ['the bits of floats', () => lax.reduceXor(v, [0]), DTypeError, 'float32[6]', 'integers'],
  ])
})

describe('convolutions of vectors', () => {
  testMisuses([
    ['a matrix', () => np.convolve([[1]], [1]), ShapeError, 'convolve', '[1, 1]', 'lax.convGeneralDilated'],
    ['nothing', () => np.correlate([], [1]), ShapeError, 'correlate', '[0]'],
    [
      'an unknown mode',
      () => np.convolve([1], [1], { mode: untyped('half') }),
      ValueError,
      '"half"',
      'full, same or valid',
    ],
  ])
})
