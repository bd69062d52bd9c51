import type { TypedArray } from '../array/dtype.ts'
import type { NDArray } from '../array/ndarray.ts'
import { type Atom, type Aval, Constant, type Jaxpr, Var } from './jaxpr.ts'
import { runKernel } from './kernel.ts'
import type { Params, Primitive } from './primitive.ts'

interface Step {
  readonly primitive: Primitive
  readonly params: Params
  readonly avals: readonly Aval[]
  readonly outputAvals: readonly Aval[]
  /** Where operands and results lie among the values. */
  readonly inputs: readonly number[]
  readonly outputs: readonly number[]
}

/**
 * A Jaxpr made ready to run on numbers that are on the host, often: the bodies of loops. Nothing but the primitives'
 * kernels runs for an equation.
 */
export class HostProgram {
  readonly #steps: readonly Step[]
  readonly #outputs: readonly number[]
  readonly #constants: readonly (readonly [slot: number, value: NDArray])[]
  readonly #size: number
  #start: (TypedArray | undefined)[] | undefined

  constructor(jaxpr: Jaxpr) {
    const slots = new Map<Var, number>()
    const constants = new Map<NDArray, number>()
    let size = 0
    const define = (v: Var): number => {
      slots.set(v, size)
      return size++
    }
    const slotOf = (atom: Atom): number => {
      if (atom instanceof Var) return slots.get(atom) as number
      let slot = constants.get(atom.value)
      if (slot === undefined) constants.set(atom.value, (slot = size++))
      return slot
    }
    jaxpr.inputs.forEach(define)
    this.#steps = jaxpr.equations.map(({ primitive, params, inputs, outputs }) => ({
      primitive,
      params,
      avals: inputs.map((atom) => atom.aval),
      outputAvals: outputs.map((v) => v.aval),
      inputs: inputs.map(slotOf),
      outputs: outputs.map(define),
    }))
    this.#outputs = jaxpr.outputs.map(slotOf)
    this.#constants = Array.from(constants, ([value, slot]) => [slot, value])
    this.#size = size
  }

  /** The numbers of the outputs; some may be the operands themselves, or the program's constants. */
  run(args: readonly TypedArray[]): TypedArray[] {
    const values = this.#values()
    for (let i = 0; i < args.length; i++) values[i] = args[i]
    for (const step of this.#steps) {
      const operands = step.inputs.map((slot) => values[slot] as TypedArray)
      const results = runKernel(step.primitive, operands, step.avals, step.params, step.outputAvals)
      for (let i = 0; i < step.outputs.length; i++) values[step.outputs[i] as number] = results[i]
    }
    return this.#outputs.map((slot) => values[slot] as TypedArray)
  }

  /** A place for every value, the constants in theirs. */
  #values(): (TypedArray | undefined)[] {
    if (this.#start === undefined) {
      this.#start = new Array<TypedArray | undefined>(this.#size).fill(undefined)
      for (const [slot, value] of this.#constants) this.#start[slot] = value.storage.host
    }
    return this.#start.slice()
  }
}

const programs = new WeakMap<Jaxpr, HostProgram>()

/** The Jaxpr ready to run on the host, made once. Its constants must be there (see `constantsOf`). */
export function hostProgram(jaxpr: Jaxpr): HostProgram {
  let program = programs.get(jaxpr)
  if (program === undefined) programs.set(jaxpr, (program = new HostProgram(jaxpr)))
  return program
}

/** The arrays that are part of some Jaxprs, and of the Jaxprs within. */
export function constantsOf(jaxprs: readonly Jaxpr[]): NDArray[] {
  const found = new Set<NDArray>()
  const visit = (jaxpr: Jaxpr): void => {
    const look = (atom: Atom): void => {
      if (atom instanceof Constant) found.add(atom.value)
    }
    for (const { primitive, params, inputs } of jaxpr.equations) {
      inputs.forEach(look)
      primitive.jaxprs?.(params).forEach(visit)
    }
    jaxpr.outputs.forEach(look)
  }
  jaxprs.forEach(visit)
  return [...found]
}
