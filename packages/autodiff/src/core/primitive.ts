import type { TypedArray } from '../array/dtype.ts'
import { ValueError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { showGiven } from '../array/show.ts'
import type { ComplexRule } from './complex.ts'
import type { Aval, Equation, Jaxpr, Var } from './jaxpr.ts'
import type { GraphBuilder, GraphValue } from './lowering.ts'

/** What an equation says beside its operands: axes, shapes, dtypes; plain data. */
export type Params = Readonly<Record<string, unknown>>

/** A tangent or cotangent; `null` is a symbolic zero. */
export type Tangent = NDArray | null

/** Stands in a transpose rule for the operand that the operation is linear in. */
export class Linear {
  readonly aval: Aval

  constructor(aval: Aval) {
    this.aval = aval
  }
}

/** An operand of a transpose rule: a known array, or the place of a linear one. */
export type LinearOperand = NDArray | Linear

/** Says, by name, why a primitive has no such rule. Calling for it gives this as the error. */
export class Undefined {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

/** The transpose rule of a primitive that is linear in no operand. */
export const notLinear: Undefined = new Undefined('it is not linear in any operand')
/** The lowering rule of a primitive that always disappears before lowering. */
export const neverLowered: Undefined = new Undefined('it only exists while transforming')

export interface JvpResult {
  readonly outputs: readonly NDArray[]
  readonly tangents: readonly Tangent[]
}

export interface BatchResult {
  readonly outputs: readonly NDArray[]
  /** Where the batch axis of each output is; `null` when it has none. */
  readonly dims: readonly (number | null)[]
}

/** What the linearize split makes of an equation that holds a Jaxpr: a part before the tangents, and a linear part. */
export interface SplitResult {
  /** Before the tangents, in order. */
  readonly known: readonly Equation[]
  readonly linear: Equation
  /** For each output of the equation, whether it depends on the tangents. */
  readonly dependent: readonly boolean[]
}

/**
 * An operation the engine knows, with every rule of it. All rules are needed: one that makes no sense is declared
 * `Undefined` with the reason. Rules of differentiation and batching are written with operations on arrays, and so
 * can themselves be differentiated, batched and compiled.
 */
export interface Primitive<P extends Params = Params> {
  readonly name: string

  /** Shapes and dtypes of the outputs; throws on operands the operation cannot take. */
  abstractEval(inputs: readonly Aval[], params: P): readonly Aval[]

  /**
   * The numbers, from the operands' numbers in row-major order. Floats of 16 bits come and go as float32; complex numbers
   * come here only with `evaluatesComplex`; those of int64 and uint64 are BigInt arrays. `reuse` is an operand's array
   * that the result may be written to.
   */
  evaluate(
    inputs: readonly TypedArray[],
    avals: readonly Aval[],
    params: P,
    outputs: readonly Aval[],
    reuse?: TypedArray,
  ): readonly TypedArray[]

  /** The outputs and their tangents. Tangents of integers and booleans are always `null`. */
  jvp(primals: readonly NDArray[], tangents: readonly Tangent[], params: P): JvpResult

  /** The cotangents of the linear operands (`null` for the others), from those of the outputs. */
  readonly transpose:
    | Undefined
    | ((cotangents: readonly Tangent[], operands: readonly LinearOperand[], params: P) => readonly Tangent[])

  /** The operation on operands of which some have a batch axis of `size` at `dims[i]`. */
  batch(inputs: readonly NDArray[], dims: readonly (number | null)[], params: P, size: number): BatchResult

  /** The operation as nodes of an ONNX graph. */
  readonly lower:
    | Undefined
    | ((
        graph: GraphBuilder,
        inputs: readonly GraphValue[],
        params: P,
        outputs: readonly Aval[],
      ) => readonly GraphValue[])

  /** Whether `lower` takes narrow integers and 16-bit floats as they are; else they come as int32 and float32. */
  readonly lowersEveryDType?: boolean

  /**
   * An exact simplification while tracing: arrays equal to the outputs (bit for bit, NaN, infinities and signed zeros
   * included, unless the rule is listed in docs/rewrites.md), or `undefined`.
   */
  simplify?(inputs: readonly NDArray[], params: P): readonly NDArray[] | undefined

  /** Whether `evaluate` takes and gives complex numbers, their parts in turn; else `complex` computes them. */
  readonly evaluatesComplex?: boolean

  /** The operation on complex numbers; without it they are refused. */
  readonly complex?: ComplexRule<P>

  /**
   * Whether `evaluate` works element by element, and takes an array of one element for an operand that is that element
   * everywhere.
   */
  readonly takesRepeated?: boolean

  /**
   * The number that `evaluate` gives for the numbers of one element (storing it rounds it), where there is such a
   * function: equations that have one can be computed in one loop.
   */
  element?(inputs: readonly Aval[], params: P): ((...operands: number[]) => number) | undefined

  /** Whether the one output is the one element of the one operand, repeated. */
  repeats?(inputs: readonly Aval[]): boolean

  /** How an eager call runs, where that is not `evaluate` on the host (a compiled call). */
  execute?(inputs: readonly NDArray[], params: P): readonly NDArray[]

  /** How the linearize split treats the equation, for primitives that hold a Jaxpr. */
  split?(equation: Equation, dependent: ReadonlySet<Var>): SplitResult

  /** The equation without what only the outputs need that are not `live`, for primitives that hold a Jaxpr. */
  prune?(equation: Equation, live: readonly boolean[]): Equation

  /** Whether the order of the operands does not matter, so that `x + y` and `y + x` are shared. */
  readonly commutative?: boolean

  /**
   * The params when operand `i` becomes `widths[i]` operands (a complex number two, its parts) and the Jaxprs change as
   * `inParts` says; for primitives that hold Jaxprs and do not lower to what their Jaxpr does.
   */
  inParts?(params: P, inParts: (jaxpr: Jaxpr) => Jaxpr, widths: readonly number[]): Params

  /** The Jaxprs in the params, for printing and lowering. */
  jaxprs?(params: P): readonly Jaxpr[]
}

const defined = new WeakSet<object>()
/** Whether `definePrimitive` made it. */
export const isPrimitive = (x: unknown): boolean => typeof x === 'object' && x !== null && defined.has(x)

const rules = ['abstractEval', 'evaluate', 'jvp', 'transpose', 'batch', 'lower'] as const

/**
 * Declares a primitive: TypeScript refuses one without all rules.
 *
 * @throws ValueError where a rule is missing, for those who write JavaScript.
 */
export function definePrimitive<P extends Params>(primitive: Primitive<P>): Primitive<P> {
  if (typeof primitive !== 'object' || primitive === null)
    throw new ValueError(`definePrimitive: takes an object with all rules, not ${showGiven(primitive)}`)
  const { name } = primitive
  if (typeof name !== 'string' || name === '')
    throw new ValueError(`definePrimitive: the name is ${showGiven(name)}; give the primitive a name, as 'cube'`)
  const missing = rules.filter(
    (rule) => !(primitive[rule] instanceof Undefined || typeof primitive[rule] === 'function'),
  )
  if (missing.length > 0) {
    throw new ValueError(
      `definePrimitive: "${name}" lacks ${missing.join(', ')}; write each rule, or declare that there is none, as notLinear`,
    )
  }
  defined.add(primitive)
  return primitive
}
