/** Decompositions and solvers on arrays of one dtype, by the names and in the order of results of `jax.lax.linalg`. */
export { cholesky } from '../primitives/cholesky.ts'
export { eigh } from '../primitives/eigh.ts'
export { lu } from '../primitives/lu.ts'
export { luPivotsToPermutation } from '../primitives/lu-steps.ts'
export { qr } from '../primitives/qr.ts'
export { svd } from '../primitives/svd.ts'
export { triangularSolve, type TriangularSolveOptions } from '../primitives/triangular-solve.ts'
