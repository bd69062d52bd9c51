import { convertNumber, decodeElement, isBig, isComplex } from '../array/dtype.ts'
import { CotangentError, DTypeError, TracerError } from '../array/errors.ts'
import { NDArray } from '../array/ndarray.ts'
import { shapesEqual, sizeOf } from '../array/shape.ts'
import type { Storage } from '../array/storage.ts'
import { checkComplex } from './complex.ts'
import { context, within } from './context.ts'
import { keyOfConstant, keyOfParams } from './equation-key.ts'
import { evaluateEagerly } from './host/evaluate.ts'
import { type Atom, type Aval, avalOf, Constant, type Equation, type Jaxpr, prune, showAval, Var } from './jaxpr.ts'
import type { Params, Primitive } from './primitive.ts'
import { currentSource } from './source.ts'

/** Results of at most this many elements, of constants alone, are computed while tracing. */
const FOLD_LIMIT = 32

/** How a traced value came about, for simplification. */
export interface Definition {
  readonly primitive: Primitive
  readonly inputs: readonly NDArray[]
  readonly params: Params
  readonly index: number
}

/** An abstract array inside a trace: shape and dtype without numbers. */
export class Tracer extends NDArray {
  readonly owner: Trace
  readonly variable: Var
  readonly definition: Definition | undefined

  constructor(trace: Trace, variable: Var, definition?: Definition) {
    super(variable.aval.shape, variable.aval.dtype, new NoNumbers(trace, variable.aval))
    this.owner = trace
    this.variable = variable
    this.definition = definition
  }

  override toString(): string {
    return `Tracer(${showAval(this)}, in ${this.owner.name})`
  }

  override [Symbol.toPrimitive](): never {
    throw noNumbers(this.owner, this)
  }
}

class NoNumbers implements Storage {
  readonly isReleased = false
  readonly #trace: Trace
  readonly #aval: Aval

  constructor(trace: Trace, aval: Aval) {
    this.#trace = trace
    this.#aval = aval
  }

  get host(): never {
    throw noNumbers(this.#trace, this.#aval)
  }
  fetch(): never {
    throw noNumbers(this.#trace, this.#aval)
  }
  read(): never {
    throw noNumbers(this.#trace, this.#aval)
  }
  release(): void {}
}

const noNumbers = (trace: Trace, aval: Aval): TracerError =>
  trace.closed
    ? leaked(trace, aval)
    : new TracerError(
        `the value ${showAval(aval)} inside ${trace.name} has no numbers while the function is traced: it cannot be read, printed as numbers or used in \`if\`, \`x + y\` or \`\${x}\`. Use array operations (x.add(y), np.where(x.gt(0), a, b)) or take the value out as a result of the function`,
      )

/** A function that has been staged. */
export interface Staged {
  readonly jaxpr: Jaxpr
  /** The values of enclosing traces that `f` used: the last inputs of the Jaxpr. */
  readonly captured: readonly NDArray[]
  /** For each such value, as `f` knows it, its position among them. */
  readonly origins: ReadonlyMap<NDArray, number>
}

/** One function being staged to a Jaxpr. Simplifies and shares equations as they come. */
export class Trace {
  readonly name: string
  readonly parent: Trace | undefined
  readonly #equations: Equation[] = []
  readonly #inputs: Var[] = []
  readonly #captured = new Map<Tracer, Tracer>()
  /** Values of enclosing traces as they were used, and what they are here. */
  readonly #lifted = new Map<NDArray, Tracer>()
  readonly #shared = new Map<string, readonly Tracer[]>()
  readonly #ids = new Map<Var, number>()
  #open = true

  constructor(name: string, parent: Trace | undefined) {
    this.name = name
    this.parent = parent
  }

  /** Whether the function has been staged: its values are of no use any more. */
  get closed(): boolean {
    return !this.#open
  }

  input(aval: Aval): Tracer {
    const variable = new Var(avalOf(aval))
    this.#inputs.push(variable)
    return new Tracer(this, variable)
  }

  /** Says that `x`, of a trace that may be finished by now, is the input `inner` here. */
  alias(x: NDArray, inner: NDArray): void {
    this.#lifted.set(x, inner as Tracer)
  }

  /** Whether `x` is a value of this trace or of an enclosing one. */
  knows(x: Tracer): boolean {
    return x.owner === this || this.#lifted.has(x) || (this.parent?.knows(x) ?? false)
  }

  /** `x` as a value of this trace: a value of an enclosing trace becomes an input; any other tracer has leaked. */
  lift(x: NDArray): NDArray {
    if (!(x instanceof Tracer) || x.owner === this) return x
    const known = this.#lifted.get(x)
    if (known !== undefined) return known
    if (this.parent === undefined) throw leaked(x.owner, x)
    const outer = this.parent.lift(x) as Tracer
    let inner = this.#captured.get(outer)
    if (inner === undefined) {
      inner = new Tracer(this, new Var(avalOf(x)))
      this.#captured.set(outer, inner)
    }
    this.#lifted.set(x, inner)
    return inner
  }

  stage(primitive: Primitive, operands: readonly NDArray[], params: Params): readonly NDArray[] {
    if (!this.#open) throw new CotangentError(`${this.name}: the trace is finished`)
    const inputs = operands.map((x) => this.lift(x))
    checkComplex(primitive, inputs)
    const avals = primitive.abstractEval(inputs, params)
    const simpler = primitive.simplify?.(inputs, params)
    if (simpler !== undefined) return checkSame(primitive, avals, simpler)
    if (foldable(primitive, inputs, avals)) return evaluateEagerly(primitive, inputs, params)
    const key = this.#keyOf(primitive, inputs, params)
    const known = key === undefined ? undefined : this.#shared.get(key)
    if (known !== undefined) return known
    const outputs = avals.map(
      (aval, index) => new Tracer(this, new Var(avalOf(aval)), { primitive, inputs, params, index }),
    )
    const equation = { primitive, inputs: inputs.map(toAtom), outputs: outputs.map((t) => t.variable), params }
    const source = currentSource()
    this.#equations.push(source === undefined ? equation : { ...equation, source })
    if (key !== undefined) this.#shared.set(key, outputs)
    return outputs
  }

  /** The finished Jaxpr, its captured values last among the inputs. */
  close(outputs: readonly NDArray[]): Staged {
    const results = outputs.map((x) => this.lift(x))
    this.#open = false
    const captured = [...this.#captured.values()].map((t) => t.variable)
    const jaxpr = prune({
      inputs: [...this.#inputs, ...captured],
      equations: this.#equations,
      outputs: results.map(toAtom),
    })
    const positions = new Map(captured.map((variable, i) => [variable, i]))
    const origins = new Map<NDArray, number>()
    for (const [x, inner] of this.#lifted) {
      const position = positions.get(inner.variable)
      if (position !== undefined) origins.set(x, position)
    }
    return { jaxpr, captured: [...this.#captured.keys()], origins }
  }

  #keyOf(primitive: Primitive, inputs: readonly NDArray[], params: Params): string | undefined {
    if (primitive.jaxprs !== undefined) return undefined
    const parts = inputs.map((x) => {
      if (x instanceof Tracer) {
        let id = this.#ids.get(x.variable)
        if (id === undefined) this.#ids.set(x.variable, (id = this.#ids.size))
        return `v${id}`
      }
      return keyOfConstant(x)
    })
    if (primitive.commutative === true) parts.sort()
    const said = keyOfParams(params)
    return said === undefined ? undefined : `${primitive.name} ${parts.join(' ')} ${said}`
  }
}

const toAtom = (x: NDArray): Atom => (x instanceof Tracer ? x.variable : new Constant(x))

/** Constants alone, with a small result; a number repeated stays one, so that rules can see which it is. */
function foldable(primitive: Primitive, inputs: readonly NDArray[], avals: readonly Aval[]): boolean {
  if (primitive.execute !== undefined || primitive.jaxprs !== undefined) return false
  const limit = Math.min(
    FOLD_LIMIT,
    inputs.reduce((largest, x) => Math.max(largest, x.size), 1),
  )
  return (
    avals.every((a) => sizeOf(a.shape) <= limit) &&
    inputs.every((x) => !(x instanceof Tracer) && x.storage.host !== undefined)
  )
}

function checkSame(primitive: Primitive, avals: readonly Aval[], values: readonly NDArray[]): readonly NDArray[] {
  avals.forEach((aval, i) => {
    const got = values[i]
    if (got === undefined || got.dtype !== aval.dtype || !shapesEqual(got.shape, aval.shape)) {
      throw new CotangentError(
        `the simplification of ${primitive.name} gave ${got === undefined ? 'nothing' : showAval(got)} for ${showAval(aval)}: this is a defect of the rule`,
      )
    }
  })
  return values
}

const leaked = (trace: Trace, aval: Aval): TracerError =>
  new TracerError(
    `a traced value (${showAval(aval)} of ${trace.name}) is used after or outside its function: it leaked through a variable or a closure. Return it from the function instead`,
  )

/** Throws for a value of a function that has been staged already. */
export function checkNotLeaked(x: NDArray): void {
  if (x instanceof Tracer && x.owner.closed && context.current?.knows(x) !== true) throw leaked(x.owner, x)
}

/** True while some function is being traced. */
export const isTracing = (): boolean => context.current !== undefined

const notAnArray = (name: string, x: unknown): DTypeError => {
  const kind = x === null ? 'null' : Array.isArray(x) ? 'list' : typeof x
  return new DTypeError(
    `${name}: an operand is a "${kind}" and must be an NDArray; write np.array(x), or use np’s functions`,
  )
}

/** Throws a DTypeError for operands that are no arrays, before a function looks into them. */
export function checkArrays(name: string, ...operands: readonly unknown[]): void {
  for (const x of operands) if (!(x instanceof NDArray)) throw notAnArray(name, x)
}

/** Applies a primitive: staged inside a trace, at once outside. */
export function bind<P extends Params>(
  primitive: Primitive<P>,
  inputs: readonly NDArray[],
  params: P,
): readonly NDArray[] {
  const { current } = context
  for (const x of inputs) if (!(x instanceof NDArray)) throw notAnArray(primitive.name, x)
  if (current !== undefined) return current.stage(primitive as Primitive, inputs, params)
  for (const x of inputs) if (x instanceof Tracer) throw leaked(x.owner, x)
  return evaluateEagerly(primitive as Primitive, inputs, params)
}

/** `bind` for primitives of one output. */
export function bind1<P extends Params>(primitive: Primitive<P>, inputs: readonly NDArray[], params: P): NDArray {
  return bind(primitive, inputs, params)[0] as NDArray
}

/** Stages `f` on abstract values. `aliases` are values of other traces that `f` may use: inputs of these positions. */
export function trace(
  name: string,
  avals: readonly Aval[],
  f: (...inputs: NDArray[]) => readonly NDArray[],
  aliases?: ReadonlyMap<NDArray, number>,
): Staged {
  const inner = new Trace(name, context.current)
  return within(inner, () => {
    const inputs = avals.map((aval) => inner.input(aval))
    aliases?.forEach((position, x) => inner.alias(x, inputs[position] as NDArray))
    return inner.close(f(...inputs))
  })
}

/** How a traced value was computed, when the innermost trace knows. */
export const definitionOf = (x: NDArray): Definition | undefined =>
  x instanceof Tracer && x.owner === context.current ? x.definition : undefined

/** The definition of `x` if `primitive` made it. */
export function definedBy<P extends Params>(
  x: NDArray,
  primitive: Primitive<P>,
): (Definition & { readonly params: P }) | undefined {
  const definition = definitionOf(x)
  return definition?.primitive === (primitive as Primitive) ? (definition as Definition & { params: P }) : undefined
}

/** True for an array whose numbers are part of the program. */
export const isConcrete = (x: NDArray): boolean => !(x instanceof Tracer)

/** The number of a concrete scalar on the host, where a JavaScript number can be it. */
export function scalarValue(x: NDArray): number | undefined {
  const element = x.shape.length === 0 && isConcrete(x) && !isComplex(x.dtype) ? x.storage.host?.[0] : undefined
  if (element === undefined) return undefined
  const value = decodeElement(element, x.dtype)
  return isBig(x.dtype) && !Number.isSafeInteger(value) ? undefined : value
}

/** Whether `x` is the concrete scalar `value`; −0 and 0 differ. */
export const isScalar = (x: NDArray, value: number): boolean => {
  const found = scalarValue(x)
  return found !== undefined && Object.is(found, convertNumber(value, x.dtype))
}
