/** Linear algebra of square matrices, over any leading axes. */
export { det, inv, slogdet } from './determinant.ts'
export { norm } from './norm.ts'
export { solve } from './solve.ts'
