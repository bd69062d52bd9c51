/**
 * What a primitive of your own is made of: an operation with rules of its own under every transformation. Start with
 * `elementwise`; the general form is `definePrimitive`. docs/primitives.md has a whole one of each.
 *
 * A derivative alone needs no primitive: see `customJvp` and `customVjp`.
 */
import '../numpy/methods.ts'

export {
  allocate,
  avalOf,
  batchElementwise,
  bind,
  bind1,
  broadcastAxis,
  checkAlike,
  full,
  linear,
  lowerAs,
  moveAxis,
  showAval,
  trace,
  zerosLike,
} from './checked.ts'
export { type Aval, type Atom, Constant, type Equation, type Jaxpr, Var } from '../core/jaxpr.ts'
export type { ComplexRule, Splittable } from '../core/complex.ts'
export type {
  Attribute,
  Attributes,
  GraphBody,
  GraphBuilder,
  GraphDType,
  GraphNode,
  GraphValue,
  ValueInfo,
} from '../core/lowering.ts'
export {
  type BatchResult,
  definePrimitive,
  type JvpResult,
  Linear,
  type LinearOperand,
  neverLowered,
  notLinear,
  type Params,
  type Primitive,
  type SplitResult,
  type Tangent,
  Undefined,
} from '../core/primitive.ts'
export { definedBy, type Definition, isConcrete, type Staged } from '../core/trace.ts'
export {
  apply,
  type Derivative,
  type Domain,
  elementwise,
  type ElementwiseDefinition,
  type Kernel,
  type Lowering,
  type NoParams,
} from '../primitives/elementwise.ts'
export { isLinear, known, type LinearRules } from '../primitives/linear.ts'
