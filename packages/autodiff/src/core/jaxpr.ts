import type { DType } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { type Shape, showShape } from '../array/shape.ts'
import { from } from './context.ts'
import type { Params, Primitive } from './primitive.ts'
import type { SourceLocation } from './source.ts'

/** An abstract value: what is known of an array without its numbers. */
export interface Aval {
  readonly shape: Shape
  readonly dtype: DType
}

/** A shape and dtype as in `float32[2, 3]`, for messages. */
export const showAval = (aval: Aval): string => `${aval.dtype}${showShape(aval.shape)}`

/** The shape and dtype of an array or value, and nothing else of it. */
export const avalOf = (x: Aval): Aval => ({ shape: x.shape, dtype: x.dtype })

/** A variable of a Jaxpr; two are the same when they are the same object. */
export class Var {
  readonly aval: Aval

  constructor(aval: Aval) {
    this.aval = aval
  }
}

/** An array that is part of the program. */
export class Constant {
  readonly value: NDArray

  constructor(value: NDArray) {
    this.value = value
  }

  get aval(): Aval {
    return this.value
  }
}

export type Atom = Var | Constant

/** `outputs = primitive[params](inputs)`. */
export interface Equation {
  readonly primitive: Primitive
  readonly inputs: readonly Atom[]
  readonly outputs: readonly Var[]
  readonly params: Params
  /** Where the user wrote it, where that was asked for (see `locating`). */
  readonly source?: SourceLocation | undefined
  /** The equation of the user's program that it stands for, or for a part of. */
  readonly origin?: Equation | undefined
}

/** A pure function of arrays as a list of equations in order, each variable assigned once. */
export interface Jaxpr {
  readonly inputs: readonly Var[]
  readonly equations: readonly Equation[]
  readonly outputs: readonly Atom[]
}

/** Variables like these, known nowhere. */
export const fresh = (atoms: readonly Atom[]): Var[] => atoms.map((atom) => new Var(atom.aval))

/** The Jaxpr with these variables for inputs, in this order; those it does not know are not used. */
export const withInputs = (jaxpr: Jaxpr, inputs: readonly Var[]): Jaxpr => ({ ...jaxpr, inputs })
export const withOutputs = (jaxpr: Jaxpr, outputs: readonly Atom[]): Jaxpr => ({ ...jaxpr, outputs })

/** The Jaxpr without the equations that no output needs. */
export function prune(jaxpr: Jaxpr): Jaxpr {
  const live = new Set<Var>()
  const need = (atom: Atom): void => {
    if (atom instanceof Var) live.add(atom)
  }
  jaxpr.outputs.forEach(need)
  const kept: Equation[] = []
  for (const equation of jaxpr.equations.toReversed()) {
    const needed = equation.outputs.map((v) => live.has(v))
    if (!needed.includes(true)) continue
    const lean = equation.primitive.prune?.(equation, needed) ?? equation
    kept.push(lean)
    lean.inputs.forEach(need)
  }
  return { ...jaxpr, equations: kept.reverse() }
}

/**
 * Runs a Jaxpr over values of any kind `V`: `rule` gives the values of an equation's outputs. Evaluation, jvp and
 * batching are this loop with different rules.
 */
export function interpret<V>(
  jaxpr: Jaxpr,
  args: readonly V[],
  constant: (value: NDArray) => V,
  rule: (equation: Equation, inputs: V[]) => readonly V[],
): V[] {
  const values = new Map<Var, V>()
  const read = (atom: Atom): V => (atom instanceof Var ? (values.get(atom) as V) : constant(atom.value))
  jaxpr.inputs.forEach((v, i) => values.set(v, args[i] as V))
  for (const equation of jaxpr.equations) {
    // What a rule makes of an equation comes from the same line.
    const inputs = equation.inputs.map(read)
    const { source } = equation
    const outputs = source === undefined ? rule(equation, inputs) : from(source, () => rule(equation, inputs))
    equation.outputs.forEach((v, i) => values.set(v, outputs[i] as V))
  }
  return jaxpr.outputs.map(read)
}

/** Remembers what `compute` made of a Jaxpr (and a key), for as long as the Jaxpr lives. */
export function memoize<T>(compute: (jaxpr: Jaxpr, key: string) => T): (jaxpr: Jaxpr, key: string) => T {
  const memory = new WeakMap<Jaxpr, Map<string, T>>()
  return (jaxpr, key) => {
    let entries = memory.get(jaxpr)
    if (entries === undefined) memory.set(jaxpr, (entries = new Map()))
    let value = entries.get(key)
    if (value === undefined) entries.set(key, (value = compute(jaxpr, key)))
    return value
  }
}
