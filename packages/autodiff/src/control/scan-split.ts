import { type Atom, type Equation, type Jaxpr, Var, withInputs, withOutputs } from '../core/jaxpr.ts'
import type { SplitResult } from '../core/primitive.ts'
import { splitJaxpr } from '../transforms/linearize.ts'
import { drop, fixpoint, groups, marksOf, pick } from '../core/masks.ts'
import { scanOperands, type ScanParams, stackedAval } from './scan-params.ts'

/**
 * Both parts are scans. What the second needs of the steps of the first is stacked; but what no step changes is
 * computed once, before, and what is scanned or stacked already is scanned again.
 */
export function splitScan(equation: Equation, dependent: ReadonlySet<Var>): SplitResult {
  const params = equation.params as ScanParams
  const n = params.carry
  const [init, xs, rest] = scanOperands(equation.inputs, params)
  const xsMarks = marksOf(xs, dependent)
  const restMarks = marksOf(rest, dependent)
  const marksWith = (carry: readonly boolean[]): boolean[] => [...carry, ...xsMarks, ...restMarks]
  const carryMask = fixpoint(marksOf(init, dependent), (mask) =>
    splitJaxpr(params.jaxpr, marksWith(mask)).mask.slice(0, n),
  )
  const parts = splitJaxpr(params.jaxpr, marksWith(carryMask), carryMask)
  const knownInit = drop(init, carryMask)
  const knownXs = drop(xs, xsMarks)
  const knownRest = drop(rest, restMarks)
  const knownOutputs = drop(equation.outputs, parts.mask)

  // Of the first part, what depends on the carry or the entries, and what does not.
  const changing = parts.known.inputs.map((_, i) => i < knownInit.length + knownXs.length)
  const everyStep = parts.known.outputs.map((_, i) => i < knownOutputs.length)
  const { known: once, dependent: stepwise, mask: varies } = splitJaxpr(parts.known, changing, everyStep)
  const before = inlined(once, knownRest)
  const constants = before.outputs.slice(
    once.outputs.length - (stepwise.inputs.length - pick(changing, changing).length),
  )
  const invariant = before.outputs.slice(0, before.outputs.length - constants.length)

  // Where each residual of the body comes from.
  const [carryIn, xIn] = groups(stepwise.inputs.slice(constants.length), knownInit.length)
  const stepOutputs = stepwise.outputs.slice(0, knownOutputs.length)
  const stacked: Atom[] = []
  const residuals: Var[] = []
  const [scannedVars, scannedAtoms, onceVars, onceAtoms]: [Var[], Atom[], Var[], Atom[]] = [[], [], [], []]
  let nextInvariant = 0
  let nextStepwise = knownOutputs.length
  parts.known.outputs.slice(knownOutputs.length).forEach((_, i) => {
    const variable = parts.dependent.inputs[i] as Var
    if (!varies[knownOutputs.length + i]) {
      onceVars.push(variable)
      onceAtoms.push(invariant[nextInvariant++] as Atom)
      return
    }
    const atom = stepwise.outputs[nextStepwise++] as Atom
    const scanned = xIn!.indexOf(atom as Var)
    const output = stepOutputs.indexOf(atom, knownInit.length)
    scannedVars.push(variable)
    if (scanned >= 0) scannedAtoms.push(knownXs[scanned] as Atom)
    else if (output >= 0) scannedAtoms.push(knownOutputs[output] as Var)
    else {
      const residual = new Var(stackedAval(variable.aval, params.length))
      stacked.push(atom)
      residuals.push(residual)
      scannedAtoms.push(residual)
    }
  })

  const early: Equation = {
    ...equation,
    inputs: [...knownInit, ...knownXs, ...constants],
    outputs: [...knownOutputs, ...residuals],
    params: {
      ...params,
      carry: knownInit.length,
      xs: knownXs.length,
      jaxpr: withOutputs(withInputs(stepwise, [...carryIn!, ...xIn!, ...stepwise.inputs.slice(0, constants.length)]), [
        ...stepOutputs,
        ...stacked,
      ]),
    },
  }
  const late = parts.dependent
  const [carryVars, xVars, restVars] = groups(
    late.inputs.slice(scannedVars.length + onceVars.length),
    pick(init, carryMask).length,
    pick(xs, xsMarks).length,
  )
  const linear: Equation = {
    ...equation,
    inputs: [...pick(init, carryMask), ...scannedAtoms, ...pick(xs, xsMarks), ...onceAtoms, ...pick(rest, restMarks)],
    outputs: pick(equation.outputs, parts.mask),
    params: {
      ...params,
      carry: carryVars!.length,
      xs: scannedVars.length + xVars!.length,
      jaxpr: withInputs(late, [...carryVars!, ...scannedVars, ...xVars!, ...onceVars, ...restVars!]),
    },
  }
  return { known: [...before.equations, early], linear, dependent: parts.mask }
}

/** The equations of a Jaxpr with these atoms for its inputs, and variables of their own. */
function inlined(jaxpr: Jaxpr, args: readonly Atom[]): { equations: Equation[]; outputs: Atom[] } {
  const atoms = new Map<Var, Atom>(jaxpr.inputs.map((v, i) => [v, args[i] as Atom]))
  const atomOf = (atom: Atom): Atom => (atom instanceof Var ? (atoms.get(atom) as Atom) : atom)
  const equations = jaxpr.equations.map((equation): Equation => {
    const inputs = equation.inputs.map(atomOf)
    const outputs = equation.outputs.map((v) => new Var(v.aval))
    equation.outputs.forEach((v, i) => atoms.set(v, outputs[i] as Var))
    return { ...equation, inputs, outputs }
  })
  return { equations, outputs: jaxpr.outputs.map(atomOf) }
}
