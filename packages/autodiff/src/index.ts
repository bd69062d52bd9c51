/** Cotangent's engine: arrays, transformations, and the functions to write programs with. */
import './interpreter/device.ts'
import './numpy/methods.ts'
import './onnx/device/devices.ts'

export * from './array/errors.ts'
export type { DType, FloatDType, TypedArray, TypedArrayOf } from './array/dtype.ts'
export { type ArrayTuple, NDArray, type Operand } from './array/ndarray.ts'
export type { ReduceOptions } from './array/method-options.ts'
export type { NestedList } from './array/nested-list.ts'
export type { Index, IndexPlace, IndexRange } from './array/operations.ts'
export type { GetOptions, UpdateOptions } from './array/method-options.ts'
export type { Shape } from './array/shape.ts'
export {
  type TreeDef,
  treeFlatten,
  treeLeaves,
  treeMap,
  treePaths,
  treeStructure,
  treeUnflatten,
} from './array/tree.ts'
export type { Abstract, Arrays, Leaf, Liberal, MapLeaves, Tree } from './array/tree-types.ts'
export { treeAll, treeMapWithPath, treeReduce, treeTranspose } from './array/tree-functions.ts'
export { registerTreeNode, type TreeNodeRules } from './array/tree-node.ts'
export { ShapeDtypeStruct, shapeDtypeStruct } from './array/struct.ts'
export { type CancelSignal, withSignal } from './core/device/cancellation.ts'
export { setWarningHandler, type WarningHandler } from './array/warn.ts'
export { defaultDevice, setDefaultDevice, withDefaultDevice } from './core/device/default-device.ts'
export {
  type Device,
  type DeviceKind,
  type DeviceProfile,
  devices,
  type DeviceSupport,
  type EquationTime,
  type Executable,
  type ExecutableTimes,
} from './core/device/device.ts'
export type { Aval, Jaxpr } from './core/jaxpr.ts'
export * as fft from './fft/index.ts'
export * as lax from './lax/index.ts'
export * as linalg from './linalg/index.ts'
export * as np from './numpy/index.ts'
export { initRuntime, type RuntimeOptions } from './onnx/runtime/init-runtime.ts'
export * as special from './special/index.ts'
export * as stats from './stats/index.ts'
export {
  type BernoulliOptions,
  type BitWidth,
  type BitsOptions,
  type CategoricalOptions,
  type ChoiceOptions,
  type FloatOptions,
  type GumbelMode,
  type GumbelOptions,
  type IntegerDType,
  type IntegerOptions,
  type Key,
  type MultinomialOptions,
  type MultivariateNormalOptions,
  type OrthogonalOptions,
  type PermutationOptions,
  type UniformOptions,
  type UnsignedDType,
  legacyRandom,
  random,
  type Random,
} from './random/index.ts'
export {
  checkpoint,
  checkpoint as remat,
  type CheckpointOptions,
  checkpointPolicies,
  type CheckpointPolicy,
} from './transforms/checkpoint.ts'
export { customJvp, type JvpRule, type JvpRules } from './transforms/custom-jvp.ts'
export type { NondiffArguments, RuleArguments, RuleCotangents, RuleTangents } from './transforms/custom-rule.ts'
export { customVjp, type VjpRule } from './transforms/custom-vjp.ts'
export {
  type Argnums,
  grad,
  type GradOptions,
  type Selected,
  valueAndGrad,
} from './transforms/grad.ts'
export type { TreeFunction, WithAux, WithoutAux } from './transforms/function.ts'
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
export { jit, type JitOptions, type Jitted } from './transforms/jit/jit.ts'
export type { CompilationTimes, Compiled, Lowered } from './transforms/jit/lowered.ts'
export type { CostAnalysis, PrimitiveCost } from './cost/analysis.ts'
export { deviceOf, devicePut } from './transforms/device-put.ts'
export { jvp } from './transforms/jvp.ts'
export { linearize } from './transforms/linearize.ts'
export { evalShape, makeJaxpr, type PrintableJaxpr } from './transforms/make-jaxpr.ts'
export { linearTranspose } from './transforms/transpose.ts'
export { stopGradient } from './transforms/stop-gradient.ts'
export { profile, type Profile, type ProfileOptions, type ProfileRow } from './transforms/jit/profile.ts'
export type { SourceLocation } from './core/source.ts'
export { splitVjp, type SplitVjp } from './transforms/split-vjp.ts'
export { vjp } from './transforms/vjp.ts'
export { type Axes, vmap, type VmapOptions } from './transforms/vmap.ts'
