import {
  CotangentError,
  DTypeError,
  grad,
  jit,
  lax,
  type NDArray,
  np,
  ShapeError,
  TracerError,
  TreeError,
  ValueError,
} from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { testMisuses, untyped } from './misuse.ts'

const x = np.ones([3])
const n = np.array(2, { dtype: 'int32' })
const same = (y: NDArray): NDArray => y
const pair = (c: NDArray, y: NDArray): [NDArray, NDArray] => [c, y]

describe('cond', () => {
  testMisuses([
    ['on an array', () => lax.cond(x.gt(0), same, same, x), ShapeError, 'lax.cond: pred is bool[3]', 'x.any()', 'vmap'],
    ['on a list', () => lax.cond(untyped([true]), same, same, x), ShapeError, 'lax.cond: pred is [*]', 'scalar'],
    ['on nothing', () => lax.cond(untyped(undefined), same, same, x), ShapeError, 'lax.cond: pred is null'],
    ['on a string', () => lax.cond(untyped('yes'), same, same, x), TreeError, 'pred is a string'],
    [
      'without a second function',
      () => lax.cond(true, same, untyped(undefined), x),
      ValueError,
      'lax.cond: falseFun: takes a function, not undefined',
    ],
    [
      'with results of two structures',
      () =>
        lax.cond(
          true,
          (y) => ({ a: y }),
          untyped((y: NDArray) => [y]),
          x,
        ),
      TreeError,
      'lax.cond: the result is [*] from falseFun and {a: *} from trueFun',
      'all branches must give the same',
    ],
    [
      'with results of two shapes',
      () =>
        lax.cond(
          true,
          (y) => ({ a: y }),
          (y) => ({ a: y.sum() }),
          x,
        ),
      ShapeError,
      'lax.cond: the result.a is float32[] from falseFun and float32[3] from trueFun',
    ],
    [
      'with results of two dtypes',
      () =>
        lax.cond(
          true,
          (y) => y.sum(),
          () => n,
          x,
        ),
      DTypeError,
      'the result is int32[] from falseFun and float32[] from trueFun',
      'x.astype("int32")',
    ],
    [
      'that reads what is traced',
      () =>
        lax.cond(
          true,
          (y) => y.mul(y.sum().item()),
          (y) => y,
          x,
        ),
      TracerError,
      'inside lax.cond (trueFun) has no numbers',
    ],
  ])
})

describe('switch', () => {
  testMisuses([
    ['without branches', () => lax.switch(0, [], x), ValueError, 'lax.switch: branches is empty'],
    ['with a function for a list', () => lax.switch(0, untyped(same), x), ValueError, 'branches is empty or no list'],
    [
      'with a number for a branch',
      () => lax.switch(0, untyped([same, 3]), x),
      ValueError,
      'branches[1]: takes a function',
    ],
    ['by a fraction', () => lax.switch(1.5, [same], x), DTypeError, 'lax.switch: the index is float32[]', 'astype'],
    ['by a float', () => lax.switch(np.array(1), [same], x), DTypeError, 'must be an integer'],
    ['by a bool', () => lax.switch(true, [same], x), DTypeError, 'the index is bool[]'],
    ['by an array', () => lax.switch(np.array([1], { dtype: 'int32' }), [same], x), ShapeError, 'index is int32[1]'],
    [
      'of different branches',
      () => lax.switch(0, [same, same, (y: NDArray) => y.slice([0, 1])], x),
      ShapeError,
      'lax.switch: the result is float32[3] from branches[0] and float32[1] from branches[2]',
    ],
  ])
})

describe('scan', () => {
  const step = pair
  testMisuses([
    [
      'with a carry that gets another shape',
      () => lax.scan((c, y) => [np.stack([c, y]), null], 0, x),
      ShapeError,
      'lax.scan: the carry is float32[] in init and float32[2] from the function',
      'a carry keeps',
    ],
    [
      'with a number for a carry that gets another dtype',
      () => lax.scan((c, _) => [{ n: c.n.astype('int32') }, null], { n: 0 }, x),
      DTypeError,
      'lax.scan: the carry.n is float32[] in init and int32[] from the function',
      'x.astype("float32")',
      'a bare number is float32, np.array(0, { dtype: "int32" })',
    ],
    [
      'with a carry that gets another structure',
      () =>
        lax.scan(
          untyped((c: NDArray) => [[c, c], null]),
          0,
          x,
        ),
      TreeError,
      'the carry is * in init and [*, *] from the function',
    ],
    ['of one result', () => lax.scan(untyped(same), 0, x), TreeError, 'the function gives *; it must give [carry, y]'],
    [
      'of nothing',
      () =>
        lax.scan(
          untyped(() => undefined),
          0,
          x,
        ),
      TreeError,
      'gives nothing (is there a return?)',
    ],
    [
      'of a Promise',
      () =>
        lax.scan(
          untyped(async () => [0, 0]),
          0,
          x,
        ),
      TracerError,
      'must be synchronous',
    ],
    ['without a function', () => lax.scan(untyped(null), 0, x), ValueError, 'lax.scan: takes a function, not null'],
    ['without a length', () => lax.scan(pair as never, 0, null), ValueError, 'xs holds 0 arrays', 'length'],
    [
      'of a scalar',
      () => lax.scan(step, 0, 3),
      ShapeError,
      'lax.scan of pair: xs is float32[], a scalar',
      'close over',
    ],
    [
      'of arrays of two lengths',
      () => lax.scan((c, _) => [c, null], 0, { a: x, b: np.ones([2]) }),
      ShapeError,
      'lax.scan: xs.a is float32[3] and xs.b is float32[2]',
      'the same length',
    ],
    [
      'of another length than said',
      () => lax.scan(step, 0, x, { length: 4 }),
      ShapeError,
      'length is 4 and xs is float32[3]',
    ],
    ['of a length below 0', () => lax.scan(step, 0, x, { length: -1 }), ValueError, 'length is -1'],
    ['unrolled by nothing', () => lax.scan(step, 0, x, { unroll: 0 }), ValueError, 'unroll is 0'],
    ['unrolled by a half', () => lax.scan(step, 0, x, { unroll: 1.5 }), ValueError, 'unroll is 1.5'],
    ['of a string', () => lax.scan(step, untyped('x'), x), TreeError, 'init is a string'],
  ])
})

describe('whileLoop and foriLoop', () => {
  testMisuses([
    [
      'with a condition for each entry',
      () => lax.whileLoop((y) => y.lt(3), same, x),
      ShapeError,
      'lax.whileLoop of same: condFun gives bool[3]',
      'x.all()',
    ],
    [
      'with a number for a condition',
      () => lax.whileLoop((y) => y.sum(), same, x),
      DTypeError,
      'condFun gives float32[]',
      'x.gt(0)',
    ],
    [
      'with conditions',
      () =>
        lax.whileLoop(
          untyped((y: NDArray) => [y, y]),
          same,
          x,
        ),
      TreeError,
      'condFun gives [*, *]',
    ],
    [
      'with a carry that gets another dtype',
      () =>
        lax.whileLoop(
          (y) => y.lt(3),
          (y) => y.astype('float64'),
          0,
        ),
      DTypeError,
      'lax.whileLoop: the carry is float32[] in init and float64[] from bodyFun',
      'np.array(0, { dtype: "float64" })',
    ],
    [
      'with a carry that gets another shape',
      () => lax.foriLoop(0, 3, (_, y) => np.stack([y, y]), x),
      ShapeError,
      'lax.foriLoop: the carry is float32[3] in init and float32[2, 3] from bodyFun',
    ],
    ['to a fraction', () => lax.foriLoop(0, 2.5, (_, y) => y, x), DTypeError, 'upper is 2.5', 'must be an integer'],
    ['from a float', () => lax.foriLoop(np.array(0), 2, (_, y) => y, x), DTypeError, 'lower is float32[]', 'astype'],
    ['to an array', () => lax.foriLoop(0, np.array([2], { dtype: 'int32' }), (_, y) => y, x), ShapeError, 'int32[1]'],
    [
      'between two dtypes',
      () => lax.foriLoop(n, np.array(2, { dtype: 'uint32' }), (_, y) => y, x),
      DTypeError,
      'lower is int32 and upper is uint32',
    ],
  ])
})

describe('map and associativeScan', () => {
  testMisuses([
    ['over nothing', () => lax.map(same as never, null), ValueError, 'lax.map of same: xs holds 0 arrays'],
    ['over a scalar', () => lax.map(same, 3), ShapeError, 'lax.map of same: xs is float32[], a scalar'],
    ['in groups of none', () => lax.map(same, x, { batchSize: 0 }), ValueError, 'batchSize is 0'],
    ['of no arrays', () => lax.associativeScan(untyped(same), []), TreeError, 'elems holds no arrays'],
    ['along no axis', () => lax.associativeScan((a, b) => a.add(b), x, { axis: 1 }), ShapeError, 'axis', 'elems'],
    [
      'of two lengths',
      () => lax.associativeScan((a, _) => a, [x, np.ones([2])]),
      ShapeError,
      'elems[0] is float32[3] and elems[1] is float32[2]',
    ],
    [
      'with sums for entries',
      () => lax.associativeScan((a, b) => a.add(b).sum(), x),
      ShapeError,
      'lax.associativeScan: the value is float32[1] in elems and float32[] from the function',
    ],
  ])
})

test('a value that leaks from a body is found', () => {
  let leaked: NDArray | undefined
  lax.foriLoop(0, 2, (_, y) => (leaked = y), x)
  expect(() => leaked!.add(1)).toThrow(TracerError)
  expect(() => leaked!.add(1)).toThrow(/leaked/)
})

test('an error in a body leaves the trace closed', () => {
  const broken = (y: NDArray): NDArray => y.add(np.ones([2]))
  const f = (y: NDArray): NDArray => lax.foriLoop(0, 2, (_, z) => broken(z), y).sum()
  for (const call of [() => f(x), () => grad(f)(x), () => jit(f)(x)]) expect(call).toThrow(CotangentError)
  expect(x.add(1).jsSync()).toEqual([2, 2, 2])
})
