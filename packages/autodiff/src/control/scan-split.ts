import { type Atom, type Equation, type Jaxpr, Var, withInputs, withOutputs } from '../core/jaxpr.ts'
import type { SplitResult } from '../core/primitive.ts'
import { splitJaxpr } from '../transforms/linearize.ts'
import { count, drop, fixpoint, groups, marksOf, pick } from '../core/masks.ts'
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

  const hoisted = hoistInvariant(parts.known, knownRest, knownOutputs.length)
  const { before, constants, stepwise } = hoisted
  const [carryIn, xIn] = groups(stepwise.inputs.slice(constants.length), knownInit.length)
  const stepOutputs = stepwise.outputs.slice(0, knownOutputs.length)
  const { scanned, unchanged, stacked, residuals } = placeResiduals({
    variables: parts.dependent.inputs.slice(0, parts.known.outputs.length - knownOutputs.length),
    varies: hoisted.varies.slice(knownOutputs.length),
    invariant: hoisted.invariant,
    stepwise: stepwise.outputs.slice(knownOutputs.length),
    // Entries are what was scanned; outputs after the carry are stacked already.
    known: new Map<Atom, Atom>([
      ...stepOutputs.slice(knownInit.length).map((atom, i) => [atom, knownOutputs[knownInit.length + i]!] as const),
      ...xIn!.map((v, i) => [v, knownXs[i]!] as const),
    ]),
    length: params.length,
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
    late.inputs.slice(scanned.length + unchanged.length),
    count(carryMask),
    count(xsMarks),
  )
  const linear: Equation = {
    ...equation,
    inputs: [
      ...pick(init, carryMask),
      ...scanned.map((r) => r.atom),
      ...pick(xs, xsMarks),
      ...unchanged.map((r) => r.atom),
      ...pick(rest, restMarks),
    ],
    outputs: pick(equation.outputs, parts.mask),
    params: {
      ...params,
      carry: carryVars!.length,
      xs: scanned.length + xVars!.length,
      jaxpr: withInputs(late, [
        ...carryVars!,
        ...scanned.map((r) => r.variable),
        ...xVars!,
        ...unchanged.map((r) => r.variable),
        ...restVars!,
      ]),
    },
  }
  return { known: [...before, early], linear, dependent: parts.mask }
}

/** A step in two: what depends on neither the carry nor the entries is computed once, before the loop. */
interface Hoisted {
  readonly before: readonly Equation[]
  /** What the steps read of it: the first inputs of `stepwise`. */
  readonly constants: readonly Atom[]
  /** Outputs of the step that are the same in all. */
  readonly invariant: readonly Atom[]
  readonly stepwise: Jaxpr
  /** For each output of the step, whether it is one of `stepwise`. */
  readonly varies: readonly boolean[]
}

/** Hoists what only the last inputs, `rest`, are needed for; the first `outputs` are outputs of every step all the same. */
function hoistInvariant(step: Jaxpr, rest: readonly Atom[], outputs: number): Hoisted {
  const changing = step.inputs.length - rest.length
  const { known, dependent, mask } = splitJaxpr(
    step,
    step.inputs.map((_, i) => i < changing),
    step.outputs.map((_, i) => i < outputs),
  )
  const { equations, outputs: values } = inlined(known, rest)
  const [invariant, constants] = groups(values, values.length - (dependent.inputs.length - changing))
  return { before: equations, constants: constants!, invariant: invariant!, stepwise: dependent, varies: mask }
}

/** A residual of the body, as the second part knows it, and the value around the scan that it is an entry of, or is. */
interface Residual {
  readonly variable: Var
  readonly atom: Atom
}

/** Where each residual of the body comes from. */
function placeResiduals(given: {
  readonly variables: readonly Var[]
  /** Which of them change from step to step. */
  readonly varies: readonly boolean[]
  /** The values of those that do not. */
  readonly invariant: readonly Atom[]
  /** What the body gives for those that do. */
  readonly stepwise: readonly Atom[]
  /** What is scanned or stacked already, by its entry in the body. */
  readonly known: ReadonlyMap<Atom, Atom>
  readonly length: number
}): { scanned: Residual[]; unchanged: Residual[]; stacked: Atom[]; residuals: Var[] } {
  const stacked: Atom[] = []
  const residuals: Var[] = []
  const stack = (atom: Atom): Var => {
    const residual = new Var(stackedAval(atom.aval, given.length))
    stacked.push(atom)
    residuals.push(residual)
    return residual
  }
  const scanned = pick(given.variables, given.varies).map((variable, i): Residual => {
    const atom = given.stepwise[i]!
    return { variable, atom: given.known.get(atom) ?? stack(atom) }
  })
  const unchanged = drop(given.variables, given.varies).map(
    (variable, i): Residual => ({ variable, atom: given.invariant[i]! }),
  )
  return { scanned, unchanged, stacked, residuals }
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
