import { type Aval, type Equation, type Jaxpr, showAval, Var, withInputs } from '../core/jaxpr.ts'
import type { SplitResult } from '../core/primitive.ts'
import { trace } from '../core/trace.ts'
import { zerosLike } from '../primitives/broadcast.ts'
import { evaluateJaxpr } from '../transforms/function.ts'
import { splitJaxpr } from '../transforms/linearize.ts'
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
  const passed = new Set<number>()
  const slots: Aval[] = []
  const placed = parts.map(({ known, dependent: late }) => {
    const bySlot = new Map<number, Var>()
    const byOperand = new Map<number, Var>()
    known.outputs.slice(outputs.length).forEach((residual, i) => {
      const variable = late.inputs[i] as Var
      const operand = known.inputs.indexOf(residual as Var)
      if (operand >= 0) {
        byOperand.set(operand, variable)
        passed.add(operand)
        return
      }
      const text = showAval(residual.aval)
      const free = slots.findIndex((aval, k) => !bySlot.has(k) && showAval(aval) === text)
      const slot = free < 0 ? slots.push(residual.aval) - 1 : free
      bySlot.set(slot, variable)
    })
    return { bySlot, byOperand, late, known, count: known.outputs.length - outputs.length }
  })
  const kept = [...passed]
  const early = placed.map(({ known, late, bySlot }) => {
    const { jaxpr } = trace(
      'cond',
      drop(operands, marked).map((atom) => atom.aval),
      (...inputs) => {
        const values = evaluateJaxpr(known, inputs)
        const residuals = values.slice(outputs.length)
        return [
          ...values.slice(0, outputs.length),
          ...slots.map((aval, slot) => {
            const variable = bySlot.get(slot)
            return variable === undefined ? zerosLike(aval) : residuals[late.inputs.indexOf(variable)]!
          }),
        ]
      },
    )
    return jaxpr
  })
  const knownOperands = drop(operands, marked)
  const later = placed.map(
    ({ late, bySlot, byOperand, count }): Jaxpr =>
      withInputs(late, [
        ...slots.map((aval, slot) => bySlot.get(slot) ?? new Var(aval)),
        ...kept.map((operand) => byOperand.get(operand) ?? new Var(knownOperands[operand]!.aval)),
        ...late.inputs.slice(count),
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
    inputs: [index!, ...residuals, ...kept.map((operand) => knownOperands[operand]!), ...pick(operands, marked)],
    outputs: pick(equation.outputs, mask),
    params: { branches: later },
  }
  return { known: [known], linear, dependent: mask }
}
