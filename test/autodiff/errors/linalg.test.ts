import { DTypeError, jit, jvp, lax, linalg, type NDArray, np, ShapeError, ValueError } from '@cotangent/autodiff'
import { describe, expect, test } from 'vitest'
import { testMisuses, untyped } from './misuse.ts'

const oblong = np.ones([2, 3])
const v = np.ones([3])
const eye = np.eye(3)
const whole = np.array([1, 2, 3, 4], { dtype: 'int32', shape: [2, 2] })
const double = np.eye(3, { dtype: 'float64' })

describe('decompositions', () => {
  testMisuses([
    ['cholesky of an oblong', () => linalg.cholesky(oblong), ShapeError, 'cholesky', 'square', '[2, 3]'],
    ['eigh of a vector', () => linalg.eigh(v), ShapeError, 'eigh', 'square', '[3]'],
    ['eigh of an unknown triangle', () => linalg.eigh(eye, { UPLO: untyped('M') }), ValueError, 'UPLO', '"M"', '"L"'],
    ['qr of a vector', () => linalg.qr(v), ShapeError, 'qr', 'matrix', '[3]'],
    ['an unknown mode of qr', () => linalg.qr(eye, { mode: untyped('raw') }), ValueError, '"raw"', '"complete"'],
    ['svd of a number', () => linalg.svd(1), ShapeError, 'svd', '[]'],
    ['svd of an oblong as symmetric', () => linalg.svd(oblong, { hermitian: true }), ShapeError, 'svd', '[2, 3]'],
    [
      'the derivative of full matrices',
      () => jvp((x) => linalg.svd(x), [oblong], [oblong]),
      ValueError,
      'svd',
      '[2, 3]',
      'fullMatrices: false',
    ],
    ['lu of a vector', () => linalg.lu(v), ShapeError, 'lu', '[3]'],
    ['lax decompositions of integers', () => lax.linalg.lu(whole), DTypeError, 'lu', 'int32', 'astype("float32")'],
    ['lax.linalg.eigh of integers', () => lax.linalg.eigh(whole), DTypeError, 'eigh', 'int32'],
    ['lax.linalg.svd of a vector', () => lax.linalg.svd(v), ShapeError, 'svd', '[3]'],
    ['lax.linalg.qr of a vector', () => lax.linalg.qr(v), ShapeError, 'qr', '[3]'],
    ['lax.linalg.cholesky of an oblong', () => lax.linalg.cholesky(oblong), ShapeError, 'cholesky', '[2, 3]'],
  ])
})

describe('solving', () => {
  testMisuses([
    ['too few rows', () => linalg.solve(eye, np.ones([2])), ShapeError, 'solve', '[3, 3]', '[2]', 'vector of 3'],
    ['a number', () => linalg.solve(eye, 1), ShapeError, 'solve', '[3, 3]', '[]'],
    ['an oblong', () => linalg.solveTriangular(oblong, v), ShapeError, 'solveTriangular', 'square', '[2, 3]'],
    ['an unknown trans', () => linalg.solveTriangular(eye, v, { trans: untyped('X') }), ValueError, 'trans', '"X"'],
    [
      'leading axes that do not broadcast',
      () => linalg.solve(np.ones([2, 3, 3]), np.ones([4, 3, 1])),
      ShapeError,
      'solve',
      '[2]',
      '[4]',
    ],
    ['choFactor of an oblong', () => linalg.choFactor(oblong), ShapeError, 'choFactor', '[2, 3]'],
    ['choSolve of too many rows', () => linalg.choSolve([eye, true], np.ones([4])), ShapeError, 'choSolve', '[4]'],
    [
      'luSolve with an unknown trans',
      () => linalg.luSolve(linalg.luFactor(eye), v, { trans: untyped(3) }),
      ValueError,
      'luSolve',
      '3',
    ],
    ['lstsq of a vector', () => linalg.lstsq(v, v), ShapeError, 'lstsq', '[3]'],
    ['lstsq with other rows', () => linalg.lstsq(oblong, v), ShapeError, 'lstsq', '[2, 3]', '[3]'],
    [
      'a triangle and sides of other sizes',
      () => lax.linalg.triangularSolve(eye, oblong, { leftSide: true }),
      ShapeError,
      'triangularSolve',
      'float32[2, 3]',
      '3 rows',
    ],
    [
      'a triangle and sides of two dtypes',
      () => lax.linalg.triangularSolve(eye, double),
      DTypeError,
      'float32',
      'float64',
    ],
    [
      'tensorsolve of shapes that do not fit',
      () => linalg.tensorsolve(np.ones([2, 3]), v),
      ShapeError,
      'tensorsolve',
      '[2, 3]',
      '[3]',
    ],
    [
      'tensorinv of unequal groups',
      () => linalg.tensorinv(np.ones([2, 3, 4])),
      ShapeError,
      'tensorinv',
      '[2, 3, 4]',
      '6',
      '4',
    ],
    ['tensorinv of no axes', () => linalg.tensorinv(eye, { ind: 0 }), ValueError, 'tensorinv', '0'],
  ])
})

describe('norms, ranks and products', () => {
  testMisuses([
    [
      'a norm over three axes',
      () => linalg.norm(np.ones([2, 2, 2]), { ord: 1 }),
      ValueError,
      'norm',
      '3 axes',
      '[2, 2, 2]',
    ],
    ['a matrix norm of order 3', () => linalg.norm(eye, { ord: 3 }), ValueError, 'order 3', '"fro"'],
    ['the nuclear norm of a vector', () => linalg.norm(v, { ord: 'nuc' }), ValueError, '"nuc"', 'number'],
    ['two tolerances', () => linalg.pinv(eye, { rtol: 1, rcond: 1 }), ValueError, 'pinv', 'rtol', 'rcond'],
    ['pinv of a vector', () => linalg.pinv(v), ShapeError, 'pinv', '[3]'],
    ['the condition of nothing', () => linalg.cond(np.ones([0, 2])), ShapeError, 'cond', '[0, 2]'],
    ['the condition of an oblong', () => linalg.cond(oblong, { p: 1 }), ShapeError, 'cond', '[2, 3]'],
    ['a power of an oblong', () => linalg.matrixPower(oblong, 2), ShapeError, 'matrixPower', '[2, 3]'],
    ['half a power', () => linalg.matrixPower(eye, 0.5), ValueError, 'matrixPower', '0.5'],
    ['multiDot of one', () => linalg.multiDot([eye]), ValueError, 'multiDot', '1'],
    ['multiDot of shapes that do not fit', () => linalg.multiDot([oblong, oblong]), ShapeError, 'multiDot', '[2, 3]'],
    ['a cross product of two', () => linalg.cross([1, 2], [3, 4]), ShapeError, 'cross', '2 long'],
    ['vecdot of other lengths', () => linalg.vecdot([1, 2], v), ShapeError, 'vecdot', '[2]', '[3]'],
    ['the outer product of matrices', () => linalg.outer(eye, v), ShapeError, 'outer', '[3, 3]', 'np.outer'],
    ['the transpose of a vector', () => linalg.matrixTranspose(v), ShapeError, 'matrixTranspose', '[3]'],
    ['half a diagonal', () => linalg.diagonal(eye, { offset: 0.5 }), ValueError, 'diagonal', '0.5'],
    ['blocks with three axes', () => linalg.blockDiag(np.ones([1, 1, 1])), ShapeError, 'blockDiag', '[1, 1, 1]'],
    ['the exponential of an oblong', () => linalg.expm(oblong), ShapeError, 'expm', '[2, 3]'],
  ])
})

test('a matrix that is too large for a graph is refused when it is compiled, and not elsewhere', () => {
  const large = np.eye(65)
  expect(() => jit((x: NDArray) => linalg.inv(x))(large)).toThrow(
    'inverse: a matrix with 65 rows or columns is too large',
  )
  expect(() => jit((x: NDArray) => linalg.svdvals(x))(large)).toThrow(ValueError)
  expect(linalg.inv(large).at(64, 64).item()).toBe(1)
  expect(
    jit((x: NDArray) => linalg.inv(x), { device: 'js' })(large)
      .at(64, 64)
      .item(),
  ).toBe(1)
})
