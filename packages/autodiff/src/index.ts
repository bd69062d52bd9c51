/** Cotangent's engine: arrays, transformations, and the functions to write programs with. */
import './interpreter/device.ts'
import './numpy/methods.ts'
import './onnx/devices.ts'

export * from './array/errors.ts'
export type { DType, FloatDType, TypedArray, TypedArrayOf } from './array/dtype.ts'
export { type ArrayTuple, NDArray, type NestedList, type Operand, type ReduceOptions } from './array/ndarray.ts'
export type { Index } from './array/operations.ts'
export type { Shape } from './array/shape.ts'
export {
  type Arrays,
  type Leaf,
  type Liberal,
  type MapLeaves,
  type Tree,
  type TreeDef,
  treeFlatten,
  treeLeaves,
  treeMap,
  treePaths,
  treeStructure,
  treeUnflatten,
} from './array/tree.ts'
export { type Device, type DeviceKind, devices } from './core/device.ts'
export type { Aval, Jaxpr } from './core/jaxpr.ts'
export * as fft from './fft/index.ts'
export * as lax from './lax/index.ts'
export * as linalg from './linalg/index.ts'
export * as np from './numpy/index.ts'
export {
  type BitsOptions,
  type CategoricalOptions,
  type FloatOptions,
  type Key,
  legacyRandom,
  random,
  type Random,
  type RandintOptions,
  type UniformOptions,
} from './random/index.ts'
export {
  type Argnums,
  grad,
  type GradOptions,
  type Selected,
  valueAndGrad,
  type WithAux,
  type WithoutAux,
} from './transforms/grad.ts'
export {
  hessian,
  jacfwd,
  type Jacobian,
  type JacobianTransform,
  jacrev,
  type ValueAndJacobianTransform,
  valueAndJacfwd,
  valueAndJacfwd as value_and_jacfwd,
  valueAndJacrev,
  valueAndJacrev as value_and_jacrev,
} from './transforms/jacobian.ts'
export { jit, type JitOptions, type Jitted, type Lowered } from './transforms/jit.ts'
export { jvp } from './transforms/jvp.ts'
export { linearize } from './transforms/linearize.ts'
export { evalShape, makeJaxpr, type PrintableJaxpr } from './transforms/make-jaxpr.ts'
export { linearTranspose } from './transforms/transpose.ts'
export { splitVjp, type SplitVjp } from './transforms/split-vjp.ts'
export { vjp } from './transforms/vjp.ts'
export { type Axes, vmap, type VmapOptions } from './transforms/vmap.ts'
