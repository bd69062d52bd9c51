import { type Aval, type Equation, type Jaxpr, showAval, Var, withInputs } from '../core/jaxpr.ts'
import type { SplitResult } from '../core/primitive.ts'
import { trace } from '../core/trace.ts'
import { zerosLike } from '../primitives/broadcast.ts'
import { evaluateJaxpr } from '../transforms/function.ts'
import { type SplitJaxpr, splitJaxpr } from '../transforms/linearize.ts'
import { any, drop, either, marksOf, none, pick } from '../core/masks.ts'

/** Branches of one signature, from the operands to the outputs. */
export type CondParams = { readonly branches: readonly Jaxpr[] }

/**
 * Both parts are conds of the same index. A residual is an operand, passed by, or has one of the slots that all
 * branches share: a branch without a residual for a slot gives zeros.
 */
export function splitCond(equation: Equation, dependent: ReadonlySet<Var>): SplitResult {
  const { branches } = equation.params as CondParams
  const [index, ...operands] = equation.inputs
  if (any(marksOf([index!], dependent))) {
    return { known: [], linear: equation, dependent: equation.outputs.map(() => true) }
  }
  const marked = marksOf(operands, dependent)
  const mask = branches
    .map((branch) => splitJaxpr(branch, marked).mask)
    .reduce<boolean[]>(either, none(equation.outputs.length))
  const parts = branches.map((branch) => splitJaxpr(branch, marked, mask))
  const outputs = drop(equation.outputs, mask)
  const { branches: placed, slots, passed } = placeResiduals(parts, outputs.length)
  const knownOperands = drop(operands, marked)
  const early = placed.map((branch) =>
    withSlots(
      branch,
      slots,
      knownOperands.map((atom) => atom.aval),
      outputs.length,
    ),
  )
  const later = placed.map(
    ({ late, bySlot, byOperand }): Jaxpr =>
      withInputs(late, [
        ...slots.map((aval, slot) => bySlot.get(slot) ?? new Var(aval)),
        ...passed.map((operand) => byOperand.get(operand) ?? new Var(knownOperands[operand]!.aval)),
        ...late.inputs.slice(bySlot.size + byOperand.size),
      ]),
  )
  const residuals = slots.map((aval) => new Var(aval))
  const known: Equation = {
    ...equation,
    inputs: [index!, ...knownOperands],
    outputs: [...outputs, ...residuals],
    params: { branches: early },
  }
  const linear: Equation = {
    ...equation,
    inputs: [index!, ...residuals, ...passed.map((operand) => knownOperands[operand]!), ...pick(operands, marked)],
    outputs: pick(equation.outputs, mask),
    params: { branches: later },
  }
  return { known: [known], linear, dependent: mask }
}

/** A branch in its two parts, and where the residuals between them come from. */
interface Branch {
  readonly known: Jaxpr
  readonly late: Jaxpr
  /** The inputs of the second part that have a slot, and those that are an operand, by its position. */
  readonly bySlot: ReadonlyMap<number, Var>
  readonly byOperand: ReadonlyMap<number, Var>
}

/** Gives the residuals of all branches places: `passed` operands, or slots of their shapes and dtypes. */
function placeResiduals(
  parts: readonly SplitJaxpr[],
  outputs: number,
): { readonly branches: readonly Branch[]; readonly slots: readonly Aval[]; readonly passed: readonly number[] } {
  const passed = new Set<number>()
  const slots: Aval[] = []
  const branches = parts.map(({ known, dependent: late }): Branch => {
    const bySlot = new Map<number, Var>()
    const byOperand = new Map<number, Var>()
    known.outputs.slice(outputs).forEach((residual, i) => {
      const variable = late.inputs[i] as Var
      const operand = known.inputs.indexOf(residual as Var)
      if (operand >= 0) {
        byOperand.set(operand, variable)
        passed.add(operand)
        return
      }
      const text = showAval(residual.aval)
      const free = slots.findIndex((aval, k) => !bySlot.has(k) && showAval(aval) === text)
      bySlot.set(free < 0 ? slots.push(residual.aval) - 1 : free, variable)
    })
    return { known, late, bySlot, byOperand }
  })
  return { branches, slots, passed: [...passed] }
}

/** The first part of a branch, giving its outputs and then a value for each slot. */
function withSlots(
  { known, late, bySlot }: Branch,
  slots: readonly Aval[],
  operands: readonly Aval[],
  outputs: number,
): Jaxpr {
  return trace('cond', operands, (...inputs) => {
    const values = evaluateJaxpr(known, inputs)
    const residuals = values.slice(outputs)
    const inSlots = slots.map((aval, slot) => {
      const variable = bySlot.get(slot)
      return variable === undefined ? zerosLike(aval) : residuals[late.inputs.indexOf(variable)]!
    })
    return [...values.slice(0, outputs), ...inSlots]
  }).jaxpr
}
