/** fast-check arbitraries of shapes, dtypes, arrays, trees, indices and whole programs, which shrink to small cases. */
export {
  anyDType,
  arrays,
  arraysOf,
  broadcastableShapes,
  type ElementConstraints,
  floatDType,
  type ShapeConstraints,
  shapes,
} from './arrays.ts'
export { type ProgramConstraints, programs, type RandomProgram } from './programs.ts'
export { type ArrayTree, type IndexConstraints, indices, type TreeConstraints, trees } from './trees.ts'
