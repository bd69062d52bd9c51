import {
  DTypeError,
  evalShape,
  grad,
  hessian,
  jacrev,
  jit,
  jvp,
  linearize,
  makeJaxpr,
  type NDArray,
  np,
  ShapeError,
  shapeDtypeStruct,
  splitVjp,
  TreeError,
  valueAndGrad,
  ValueError,
  vjp,
  vmap,
} from '@cotangent/autodiff'
import { describe } from 'vitest'
import { testMisuses, untyped } from './misuse.ts'

const js = { device: 'js' } as const
const v = np.ones([3])
const i = np.array([0, 1, 2], { dtype: 'int32' })
const sum = (y: NDArray): NDArray => y.sum()

describe('options of transformations', () => {
  testMisuses([
    [
      'hasAux of one result, in vjp',
      () => vjp(untyped(sum), v, untyped({ hasAux: true })),
      TreeError,
      'vjp of sum: with hasAux',
      'it gave *',
    ],
    [
      'hasAux of three results, in jvp',
      () =>
        jvp(
          untyped((y: NDArray) => [y, y, y]),
          untyped([v]),
          untyped([v]),
          { hasAux: true },
        ),
      TreeError,
      '[*, *, *]',
    ],
    [
      'hasAux of one result, in hessian',
      () => hessian(untyped(sum), { hasAux: true })(v),
      TreeError,
      'hessian of sum: with hasAux',
    ],
    [
      'hasAux of one result, in linearize',
      () => linearize(untyped(sum), v, untyped({ hasAux: true })),
      TreeError,
      'linearize of sum',
    ],
    [
      'argnums twice',
      () => grad((a: NDArray, b: NDArray) => a.mul(b), { argnums: [0, -2] })(1, 2),
      ValueError,
      'argnums [0, -2] names argument 0 twice',
    ],
    ['no argnums', () => valueAndGrad(sum, { argnums: [] })(v), ValueError, 'valueAndGrad of sum: argnums is []'],
    ['fractional argnums', () => grad(sum, { argnums: untyped(0.5) })(v), ValueError, 'argnums 0.5'],
    [
      'an axisSize of other length',
      () => vmap(sum, { axisSize: 4 })(np.ones([3, 2])),
      ShapeError,
      'vmap of sum: axisSize is 4',
      'is 3 long',
    ],
    ['a negative axisSize', () => vmap(sum, { axisSize: -1 }), ValueError, 'axisSize', '-1'],
    ['vmap of no arguments', () => vmap(() => v)(), ShapeError, 'no argument is mapped over', 'axisSize'],
    ['vmap of no leaves', () => vmap((_: null) => v)(null), ShapeError, 'no argument is mapped over'],
    [
      'an axis too far from the end',
      () => vmap(sum, { inAxes: -3 })(np.ones([3, 2])),
      ShapeError,
      'axis -3 is out of range for 2 axes',
    ],
    ['a Hessian of integers', () => hessian(sum)(i), DTypeError, 'hessian of sum: arguments[0] is int32[3]'],
    ['a Jacobian of a string', () => jacrev(untyped(() => 'x'))(v), TreeError, 'is a string'],
    ['grad of no function', () => grad(untyped(null)), ValueError, 'grad: takes a function, not null'],
    ['evalShape of a string', () => evalShape(sum, untyped('x')), TreeError, 'arguments[0] is a string'],
    [
      'an unknown dtype in a struct',
      () => makeJaxpr(sum)(untyped({ shape: [2], dtype: 'half' })),
      DTypeError,
      'makeJaxpr: arguments[0]: unknown dtype "half"; use one of bool',
    ],
    [
      'a struct for an argument',
      () => jit(sum, js)(untyped(shapeDtypeStruct([2]))),
      TreeError,
      'a struct (float32[2])',
      'evalShape, makeJaxpr',
    ],
    ['a struct for a primal', () => vjp(sum, untyped(shapeDtypeStruct([2]))), TreeError, 'it has no numbers'],
    [
      'a split function in two same arguments',
      () => splitVjp((a: NDArray, b: NDArray) => a.mul(b), [v, v], { argnums: [1, 1] }),
      ValueError,
      'splitVjp',
      'twice',
    ],
  ])
})
