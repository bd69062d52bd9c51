import { lax, linalg, np, type NDArray } from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'
import { arrayOf, caseList, floats, plain } from './operands.ts'

const { cases, add } = caseList()
export const linalgCases = cases

/** Unremarkable numbers beside a diagonal that grows: far from singular, and no two eigenvalues near. */
const matrix = (shape: readonly number[], d: DType, salt = 0): NDArray => {
  const [m, n] = shape.slice(-2) as [number, number]
  const heavy = Array.from({ length: m * n }, (_, i) => (i % (n + 1) === 0 ? 4 + 3 * Math.floor(i / (n + 1)) : 0))
  return plain(shape, d, salt)
    .mul(0.5)
    .add(arrayOf(heavy, d, [m, n]))
}
const definite = (shape: readonly number[], d: DType): NDArray => {
  const x = matrix(shape, d)
  return x.add(np.swapaxes(x, -1, -2)).mul(0.5)
}
const of =
  (...shapes: (readonly number[])[]) =>
  (d: DType): NDArray[] =>
    shapes.map((shape, i) => matrix(shape, d, i))
const given =
  (values: readonly number[], shape: readonly number[]) =>
  (d: DType): NDArray[] => [arrayOf(values, d, shape)]

const square = of([3, 3])
// No zero comes to be negative: the runtime's Where does not keep it.
const singular = given([4, 4, 8, 2, 2, 4, 1, 2, 1], [3, 3])
const notFinite = given([1, NaN, 0, 0, 2, 0, 0, 0, 3], [3, 3])
const zeros = given(new Array<number>(9).fill(0), [3, 3])

const symmetric = (d: DType): NDArray[] => [definite([3, 3], d)]
add('cholesky', floats, (x) => linalg.cholesky(x!), symmetric, '', symmetric)
add('cholesky', floats, (x) => lax.linalg.cholesky(x!, { symmetrizeInput: false }), square, 'of one triangle')
add('cholesky', floats, (x) => linalg.cholesky(x!), given([1, 2, 2, 1], [2, 2]), 'not definite')
add('cholesky', floats, (x) => linalg.cholesky(x!), notFinite, 'NaN')

for (const leftSide of [true, false]) {
  for (const lower of [true, false]) {
    for (const transposeA of [true, false]) {
      const options = { leftSide, lower, transposeA, unitDiagonal: lower === transposeA }
      const sides = of([3, 3], leftSide ? [3, 2] : [2, 3])
      const solve = (a?: NDArray, b?: NDArray): NDArray => lax.linalg.triangularSolve(a!, b!, options)
      add('triangular_solve', floats, solve, sides, JSON.stringify(options), sides)
    }
  }
}
add('triangular_solve', floats, (a) => linalg.solveTriangular(a!, a!), singular, 'singular')

for (const shape of [
  [4, 4],
  [4, 2],
  [2, 4],
]) {
  const operands = of(shape)
  add('lu', floats, (x) => lax.linalg.lu(x!), operands, String(shape))
  add('lu', floats, (x) => lax.linalg.lu(x!)[0], operands, `${String(shape)}, smooth`, operands)
  add('qr', floats, (x) => lax.linalg.qr(x!, { fullMatrices: false }), operands, String(shape), operands)
  add('qr', floats, (x) => lax.linalg.qr(x!), operands, `${String(shape)}, full`)
  add('svd', floats, (x) => lax.linalg.svd(x!, { fullMatrices: false }), operands, String(shape), operands)
  add('svd', floats, (x) => linalg.svdvals(x!), operands, `${String(shape)}, values`, operands)
  add('pinv', floats, (x) => linalg.pinv(x!), operands, String(shape), operands)
}
add('lu', floats, (x) => lax.linalg.lu(x!), singular, 'singular')
add('lu', floats, (x) => lax.linalg.lu(x!), given([0, 1, 2, 0, 3, 4, 0, 5, 7], [3, 3]), 'a column of zeros')
add('qr', floats, (x) => lax.linalg.qr(x!), given([-2, 1, 0, 3], [2, 2]), 'already triangular')
add('svd', floats, (x) => lax.linalg.svd(x!)[1], notFinite, 'NaN')
add('svd', floats, (x) => linalg.svdvals(x!), zeros, 'zeros')
add('svd', floats, (x) => lax.linalg.svd(x!), of([4, 3]), 'full')
add('svd', floats, (x) => lax.linalg.svd(x!), of([3, 4]), 'full, wide')
add('pinv', floats, (x) => linalg.pinv(x!), zeros, 'zeros')
add('pinv', floats, (x) => linalg.pinv(x!, { hermitian: true }), symmetric, 'symmetric', symmetric)
add('pinv', floats, (x) => linalg.pinv(x!), given([1, 2, 2, 4, 3, 6], [3, 2]), 'of rank 1')

add('eigh', floats, (x) => linalg.eigh(x!), symmetric, '', symmetric)
add(
  'eigh',
  floats,
  (x) => linalg.eigh(x!),
  (d) => [definite([5, 5], d)],
  'odd',
)
add('eigh', floats, (x) => lax.linalg.eigh(x!, { lower: false, symmetrizeInput: false }), square, 'of one triangle')
add('eigh', floats, (x) => linalg.eigh(x!), notFinite, 'NaN')
add('eigh', floats, (x) => linalg.eigvalsh(x!), zeros, 'zeros')

const system = of([4, 4], [4, 2])
add('solve', floats, (a, b) => linalg.solve(a!, b!), system, '', system)
add('solve', floats, (a, b) => linalg.solve(a!, b!), of([2, 2], [2, 3]), '2 × 2', of([2, 2], [2, 3]))
add('solve', floats, (a) => linalg.solve(a!, a!), singular, 'singular')
for (const n of [1, 2, 3, 5]) {
  add('inverse', floats, (x) => linalg.inv(x!), of([n, n]), `${n} × ${n}`, of([n, n]))
  add('determinant', floats, (x) => linalg.slogdet(x!), of([n, n]), `${n} × ${n}`, of([n, n]))
}
add('inverse', floats, (x) => linalg.inv(x!), singular, 'singular')
for (const values of [
  [1, 2, 2, 4],
  [0, 1, 0, 0],
  [0, 0, 0, 1],
  [0, 0, 0, 0],
  [2, 6, 1, 3],
]) {
  add('inverse', floats, (x) => linalg.inv(x!), given(values, [2, 2]), `singular: ${String(values)}`)
}
add('determinant', floats, (x) => linalg.slogdet(x!), singular, 'singular')
add('determinant', floats, (x) => linalg.det(x!), of([4, 4]), 'alone', of([4, 4]))
