import type { TypedArray } from '../../array/dtype.ts'
import type { NDArray } from '../../array/ndarray.ts'
import { shapesEqual } from '../../array/shape.ts'
import { inRuns, Run } from './runs.ts'
import { type Atom, type Aval, Constant, type Equation, type Jaxpr, Var } from '../jaxpr.ts'
import { hasComplex, runKernel } from './kernel.ts'
import type { Step } from './step.ts'

/**
 * A Jaxpr made ready to run on numbers that are on the host, often: the bodies of loops, and programs of the interpreter.
 * Nothing but the primitives' kernels runs for an equation, and memory that nobody reads any more is written to again.
 * Equations that work element by element on long arrays run together from the second time on.
 */
export class HostProgram {
  #steps: readonly (Step | Run)[]
  /** The steps as they are, until they run for the second time. */
  #single: readonly Step[] | undefined
  #ran = false
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
    const readers = readersOf(jaxpr)
    const made = new Set<Var>()
    jaxpr.inputs.forEach(define)
    const steps = jaxpr.equations.map((equation, at): Step => {
      const { primitive, params, inputs, outputs } = equation
      const reuses = primitive.takesRepeated === true ? reusable(equation, at, made, readers) : -1
      // What works element by element makes memory of its own; what does not may give an operand back.
      if (primitive.takesRepeated === true) for (const v of outputs) made.add(v)
      return {
        primitive,
        params,
        avals: inputs.map((atom) => atom.aval),
        outputAvals: outputs.map((v) => v.aval),
        inputs: inputs.map(slotOf),
        outputs: outputs.map(define),
        repeats: isRepeated(equation, readers),
        reuses,
      }
    })
    this.#outputs = jaxpr.outputs.map(slotOf)
    this.#steps = steps
    this.#single = steps
    this.#constants = Array.from(constants, ([value, slot]) => [slot, value])
    this.#size = size
  }

  /** The numbers of the outputs; some may be the operands themselves, or the program's constants. */
  run(args: readonly TypedArray[]): TypedArray[] {
    // Making loops does not pay for a program that runs once.
    if (this.#ran && this.#single !== undefined) {
      this.#steps = inRuns(this.#single, this.#outputs)
      this.#single = undefined
    }
    this.#ran = true
    const values = this.#values()
    // Memory that more than one value lies in.
    const shared = new Set<ArrayBufferLike>()
    for (let i = 0; i < args.length; i++) values[i] = args[i]
    for (const step of this.#steps) {
      if (step instanceof Run) {
        step.run(values, shared)
        continue
      }
      const operands = step.inputs.map((slot) => values[slot] as TypedArray)
      if (step.repeats) {
        values[step.outputs[0] as number] = operands[0]
        shared.add(operands[0]!.buffer)
        continue
      }
      const free = step.reuses < 0 ? undefined : operands[step.reuses]
      const reuse = free !== undefined && shared.size > 0 && shared.has(free.buffer) ? undefined : free
      const results = runKernel(step.primitive, operands, step.avals, step.params, step.outputAvals, reuse)
      for (let i = 0; i < step.outputs.length; i++) {
        const result = results[i] as TypedArray
        values[step.outputs[i] as number] = result
        // Asking a small array for its buffer takes longer than most kernels.
        const isNew = reuse !== undefined || step.primitive.takesRepeated === true
        if (!isNew && operands.some((x) => x.buffer === result.buffer)) shared.add(result.buffer)
      }
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

/** Who reads each value, and the last of them; outputs are read at the end. */
interface Readers {
  readonly of: ReadonlyMap<Var, readonly Equation[]>
  readonly last: ReadonlyMap<Var, number>
}

function readersOf({ equations, outputs }: Jaxpr): Readers {
  const of = new Map<Var, Equation[]>()
  const last = new Map<Var, number>()
  equations.forEach((equation, at) => {
    for (const atom of equation.inputs) {
      if (!(atom instanceof Var)) continue
      const known = of.get(atom)
      if (known === undefined) of.set(atom, [equation])
      else known.push(equation)
      last.set(atom, at)
    }
  })
  for (const atom of outputs) if (atom instanceof Var) last.set(atom, Infinity)
  return { of, last }
}

const isSame = (a: Aval, b: Aval): boolean => a.dtype === b.dtype && shapesEqual(a.shape, b.shape)

/** The operand of an elementwise equation whose memory the result can have: made here, like the result, read last here. */
function reusable({ inputs, outputs }: Equation, at: number, made: ReadonlySet<Var>, { last }: Readers): number {
  const output = (outputs[0] as Var).aval
  return inputs.findIndex(
    (atom) => atom instanceof Var && made.has(atom) && last.get(atom) === at && isSame(atom.aval, output),
  )
}

/** Whether all that read the equation's result can do with one element for it, and have another operand that is whole. */
function isRepeated({ primitive, inputs, outputs }: Equation, { of, last }: Readers): boolean {
  const [v] = outputs as [Var]
  if (primitive.repeats?.(inputs.map((atom) => atom.aval)) !== true || last.get(v) === Infinity) return false
  if (hasComplex(v.aval)) return false
  return (of.get(v) ?? []).every(
    (reader) =>
      reader.primitive.takesRepeated === true &&
      ![...reader.inputs, ...reader.outputs].some(({ aval }) => hasComplex(aval)),
  )
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
