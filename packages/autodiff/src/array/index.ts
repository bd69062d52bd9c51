/** Arrays without the engine: what packages that only carry numbers about need. */
export { type ArrayOptions, array } from './create.ts'
export { type ArrayTuple, fromHost, fromPending, hostData, NDArray, type Operand, scalar } from './ndarray.ts'
export type { ReduceOptions } from './method-options.ts'
export type { NestedList } from './nested-list.ts'
export {
  allocate,
  type BigArray,
  type BigDType,
  bytesPerElement,
  checkDType,
  type Complex,
  convertNumber,
  type DataOf,
  type DType,
  dtypes,
  elementWidth,
  type FloatDType,
  isBig,
  isComplex,
  isDType,
  isFloat,
  isHalf,
  isInteger,
  type TypedArray,
  type TypedArrays,
  type TypedArrayOf,
} from './dtype.ts'
export { promote } from './promotion.ts'
export * from './errors.ts'
export type { Index } from './operations.ts'
export { checkOptions } from './options.ts'
export { showGiven } from './show.ts'
export { broadcastShapes, type Shape, shapesEqual, showShape, sizeOf } from './shape.ts'
export {
  isLeaf,
  type TreeDef,
  treeFlatten,
  treeLeaves,
  treeMap,
  treePaths,
  treeStructure,
  treeUnflatten,
} from './tree.ts'
export type { Arrays, Leaf, Liberal, MapLeaves, Tree } from './tree-types.ts'
export { treeAll, treeMapWithPath, treeReduce, treeTranspose } from './tree-functions.ts'
export { registerTreeNode, type TreeNodeRules } from './tree-node.ts'
export { ShapeDtypeStruct, shapeDtypeStruct } from './struct.ts'
