/** Linear algebra of small square matrices, over any leading axes. */
export { det, inv, slogdet } from './determinant.ts'
export { norm } from './norm.ts'
