import {
  DeviceError,
  DTypeError,
  grad,
  jacfwd,
  jacrev,
  jit,
  jvp,
  linearize,
  linearTranspose,
  type NDArray,
  np,
  ShapeError,
  splitVjp,
  TracerError,
  TreeError,
  valueAndGrad,
  ValueError,
  vjp,
  vmap,
} from '@cotangent/autodiff'
import { describe } from 'vitest'
import { testMisuses, untyped } from './misuse.ts'

const x = np.ones([2, 3])
const v = np.ones([3])
const i = np.array([0, 1, 2], { dtype: 'int32' })
const js = { device: 'js' } as const
const sum = (y: NDArray): NDArray => y.sum()
const double = (y: NDArray): NDArray => y.mul(2)

describe('grad', () => {
  const loss = (p: { w: NDArray; n: NDArray }): NDArray => p.w.sum()
  testMisuses([
    [
      'of an array',
      () => grad(double)(v),
      ShapeError,
      'grad of double: the function gives float32[3]',
      'scalar',
      'jacrev',
    ],
    ['of two results', () => grad(untyped((y: NDArray) => [sum(y), sum(y)]))(v), TreeError, '[*, *]', 'hasAux'],
    ['of nothing', () => grad(untyped(() => undefined))(v), TreeError, 'the function gives nothing', 'return'],
    ['of a string', () => grad(untyped(() => 'x'))(v), TreeError, 'the result of the function under grad is a string'],
    [
      'of integers',
      () => grad(sum)(i),
      DTypeError,
      'grad of sum: arguments[0] is int32[3]',
      'x.astype("float32")',
      'argnums',
    ],
    ['of booleans', () => grad(sum)(i.gt(0)), DTypeError, 'arguments[0] is bool[3]'],
    ['of integers in a tree', () => grad(loss)({ w: v, n: i }), DTypeError, 'grad of loss: arguments[0].n is int32[3]'],
    [
      'of an integer result',
      () => grad((y: NDArray) => y.astype('int32').sum())(v),
      DTypeError,
      'the function gives int32',
    ],
    [
      'in an argument that is not there',
      () => grad(sum, { argnums: untyped(1) })(v),
      ValueError,
      'grad of sum: argnums 1',
      'called with 1',
    ],
    ['in an argument before the first', () => grad(sum, { argnums: [0, -2] as const })(v), ValueError, 'argnums -2'],
    ['without arguments', () => untyped(grad(sum))(), ValueError, 'argnums 0', 'called with 0'],
    ['in a string', () => untyped(grad(sum))('x'), TreeError, 'arguments[0] is a string'],
    [
      'with hasAux of one result',
      () => grad(untyped(sum), { hasAux: true })(v),
      TreeError,
      'with hasAux the function gives [value, aux]',
      'gave *',
    ],
    [
      'with hasAux of an array',
      () => grad((y: NDArray) => [y, 1] as const, { hasAux: true })(v),
      ShapeError,
      'float32[3]',
      'scalar',
    ],
    ['with its value, of an array', () => valueAndGrad(double)(v), ShapeError, 'valueAndGrad of double', 'float32[3]'],
  ])
})

describe('jvp, vjp and what is made of them', () => {
  const { forward, backward } = splitVjp((y: NDArray) => y.mul(y), [v])
  testMisuses([
    [
      'tangents of another structure',
      () => jvp((p: { a: NDArray }) => p.a, [{ a: v }], untyped([[v]])),
      TreeError,
      'jvp: the tangents [[*]]',
      'primals [{a: *}]',
    ],
    ['too few tangents', () => jvp(sum, [v], untyped([])), TreeError, 'jvp of sum: the tangents []', '[*]'],
    [
      'a tangent of another shape',
      () => jvp(sum, [v], [x]),
      ShapeError,
      'jvp of sum: tangent 1 is float32[2, 3] beside float32[3]',
    ],
    [
      'a tangent of another dtype',
      () => jvp(sum, [v], [v.astype('float64')]),
      DTypeError,
      'float64[3] beside float32[3]',
      'x.astype("float32")',
    ],
    [
      'primals that are no list',
      () => jvp(sum, untyped(v), untyped(v)),
      TreeError,
      'jvp of sum',
      'lists of arguments',
      'jvp(f, [x], [dx])',
    ],
    [
      'a cotangent of another shape',
      () => vjp(double, v)[1](x),
      ShapeError,
      'vjp of double: cotangent 1 is float32[2, 3] beside float32[3]',
    ],
    [
      'a cotangent of another structure',
      () => vjp(double, v)[1](untyped([v])),
      TreeError,
      'the cotangent [*]',
      'the result *',
    ],
    ['a cotangent of another dtype', () => vjp(double, v)[1](i), DTypeError, 'int32[3] beside float32[3]'],
    ['a push of another shape', () => linearize(double, v)[1](x), ShapeError, 'linearize of double: tangent 1'],
    [
      'a push of another structure',
      () => linearize(double, v)[1](untyped([v])),
      TreeError,
      'linearize of double: the tangents [[*]]',
      '[*]',
    ],
    [
      'the transpose of a sine',
      () => linearTranspose((y: NDArray) => np.sin(y), v)(v),
      TracerError,
      'sin cannot be transposed',
      'linear',
    ],
    [
      'the transpose of a square',
      () => linearTranspose((y: NDArray) => y.mul(y), v)(v),
      TracerError,
      'mul is not linear',
      'vjp',
    ],
    [
      'the transpose of a quotient',
      () => linearTranspose((y: NDArray) => np.divide(1, y), v)(v),
      TracerError,
      'div is not linear',
    ],
    [
      'the transpose of an inner product with itself',
      () => linearTranspose((y: NDArray) => np.dot(y, y), v)(np.array(1)),
      TracerError,
      'dot_general is not linear',
    ],
    [
      'the transpose of a rectifier',
      () => linearTranspose((y: NDArray) => np.where(y.gt(0), y, 0), v)(v),
      TracerError,
      'select is not linear',
    ],
    [
      'the transpose in integers',
      () => linearTranspose(double, i)(i),
      DTypeError,
      'linearTranspose of double: arguments[0] is int32[3]',
    ],
    [
      'the transpose at a cotangent of another shape',
      () => linearTranspose(double, v)(x),
      ShapeError,
      'linearTranspose of double: cotangent 1',
    ],
    [
      'a split function of other shapes',
      () => forward(x),
      TreeError,
      'splitVjp: made for',
      'float32[3]',
      'float32[2, 3]',
    ],
    [
      'a split function’s cotangent of another shape',
      () => backward(forward(v)[1], x),
      ShapeError,
      'splitVjp: cotangent 1',
    ],
    ['a split function without residuals', () => backward([], v), TreeError, '0 residuals were given, forward makes 1'],
    [
      'a split function of integers',
      () => splitVjp(double, [i]),
      DTypeError,
      'splitVjp of double: arguments[0] is int32[3]',
    ],
    [
      'a split function of traced values',
      () => grad((y: NDArray) => (splitVjp((z: NDArray) => z.mul(y), [v]), y.sum()))(v),
      TreeError,
      'splitVjp: the function uses 1 traced values of an enclosing function',
      'pass them as arguments',
    ],
    ['a Jacobian of integers', () => jacfwd(double)(i), DTypeError, 'jacfwd of double: arguments[0] is int32[3]'],
    [
      'a Jacobian of an integer result',
      () => jacrev((y: NDArray) => y.astype('int32'))(v),
      DTypeError,
      'jacrev: the function gives int32[3]',
      'hasAux',
    ],
    [
      'a Jacobian with hasAux of an object',
      () =>
        jacfwd(
          untyped((y: NDArray) => ({ a: y, b: y })),
          { hasAux: true },
        )(v),
      TreeError,
      'jacfwd: with hasAux',
      '{a: *, b: *}',
    ],
    [
      'a Jacobian in an argument that is not there',
      () => jacrev(sum, { argnums: untyped(3) })(v),
      ValueError,
      'jacrev of sum: argnums 3',
    ],
  ])
})

describe('vmap', () => {
  const add = (a: NDArray, b: NDArray): NDArray => a.add(b)
  testMisuses([
    [
      'axes of two lengths',
      () => vmap(add)(np.ones([2, 3]), np.ones([4, 3])),
      ShapeError,
      'vmap of add',
      'axis 0 of arguments[0] ([2, 3]) is 2 long',
      'axis 0 of arguments[1] ([4, 3]) is 4 long',
    ],
    [
      'an axis that is not there',
      () => vmap(sum, { inAxes: 1 })(v),
      ShapeError,
      'vmap of sum: inAxes for arguments[0]: axis 1 is out of range for 1 axis',
    ],
    ['over a number', () => vmap(sum)(1), ShapeError, 'arguments[0]', 'axis 0 is out of range for 0 axes'],
    ['over nothing', () => vmap(sum, { inAxes: null })(v), ShapeError, 'no argument is mapped over', 'inAxes'],
    [
      'axes of another structure',
      () => vmap(sum, { inAxes: [0, 0] })(v),
      TreeError,
      'vmap of sum: inAxes: [0,0] does not fit the tree [*]',
    ],
    [
      'axes of other keys',
      () => vmap((p: { a: NDArray }) => p.a, { inAxes: [{ b: 0 }] })({ a: v }),
      TreeError,
      'inAxes[0]: {"b":0} does not fit the tree {a: *}',
    ],
    ['a fractional axis', () => vmap(sum, { inAxes: 0.5 })(v), ShapeError, 'axis 0.5'],
    [
      'a result that differs, without an axis',
      () => vmap(double, { outAxes: null })(v),
      ShapeError,
      'vmap of double: outAxes is null for output 1',
      'differs over the batch',
    ],
    [
      'a result’s axis that is not there',
      () => vmap(double, { outAxes: 3 })(v),
      ShapeError,
      'vmap of double: outAxes: axis 3 is out of range for 1 axis',
    ],
    [
      'a result’s axes of another structure',
      () => vmap(double, { outAxes: [0, 0] })(v),
      TreeError,
      'outAxes: [0,0] does not fit the tree *',
    ],
    [
      'what does not fit inside',
      () => vmap((row: NDArray) => row.add(np.ones([2])))(x),
      ShapeError,
      'add: shapes [3] and [2]',
    ],
  ])
})

describe('jit', () => {
  testMisuses([
    [
      'on an unknown device',
      () => jit(sum, { device: untyped('tpu') })(v),
      DeviceError,
      'jit of sum: unknown kind of device "tpu"; kinds are js, cpu',
    ],
    [
      'of a generator',
      () =>
        jit(
          untyped(function* () {
            yield v
          }),
          js,
        )(v),
      TreeError,
      'the result of the function under jit is a Generator',
    ],
    [
      'of a function with a string for a result',
      () =>
        jit(
          untyped(() => 'x'),
          js,
        )(v),
      TreeError,
      'is a string',
    ],
  ])
})
