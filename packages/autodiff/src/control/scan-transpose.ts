import type { NDArray } from '../array/ndarray.ts'
import { type Equation, interpret, type Jaxpr, Var } from '../core/jaxpr.ts'
import { Linear, type LinearOperand, type Primitive, type Tangent } from '../core/primitive.ts'
import { bind, trace } from '../core/trace.ts'
import { add } from '../primitives/arithmetic.ts'
import { zerosLike } from '../primitives/broadcast.ts'
import { isLinear } from '../primitives/linear.ts'
import { evaluateJaxpr } from '../transforms/function.ts'
import { splitJaxpr } from '../transforms/linearize.ts'
import { transposeOfJaxpr } from '../transforms/transpose.ts'
import { count, drop, fixpoint, groups, pick, spread } from '../core/masks.ts'
import { bindScan, scanOperands, type ScanParams } from './scan-params.ts'
import { splitScan } from './scan-split.ts'

/**
 * A scan the other way: it carries the cotangents of the carry and, added up over the steps, those of what every step
 * reads; the cotangents of the entries are stacked.
 */
export function transposeScan(
  primitive: Primitive<ScanParams>,
  cotangents: readonly Tangent[],
  operands: readonly LinearOperand[],
  params: ScanParams,
): readonly Tangent[] {
  const n = params.carry
  const linear = operands.map(isLinear)
  const [initLinear, ...others] = scanOperands(linear, params)
  const [xsLinear, restLinear] = others as [boolean[], boolean[]]
  const carryLinear = fixpoint(initLinear, (mask) =>
    splitJaxpr(params.jaxpr, [...mask, ...others.flat()]).mask.slice(0, n),
  )
  if (!carryLinear.every(Boolean)) return transposeLinearPart(primitive, cotangents, operands, params)

  const [, xs, rest] = scanOperands(operands, params)
  const [ctCarry, ctYs] = groups(cotangents, n) as [Tangent[], Tangent[]]
  const ysGiven = ctYs.map((ct) => ct !== null)
  const bodyLinear = [...carryLinear, ...xsLinear, ...restLinear]
  const maskOf = (given: readonly boolean[]): boolean[] =>
    spread(transposeOfJaxpr(params.jaxpr, bodyLinear, [...given, ...ysGiven]).mask, bodyLinear).map((is) => is === true)
  const given = fixpoint(
    ctCarry.map((ct) => ct !== null),
    (mask) => maskOf(mask).slice(0, n),
  )
  const found = maskOf(given)
  const [, xsFound, restFound] = scanOperands(found, params) as [boolean[], boolean[], boolean[]]
  const wanted = [...given, ...xsFound, ...restFound]
  const { jaxpr: body } = transposeOfJaxpr(params.jaxpr, bodyLinear, [...given, ...ysGiven], wanted)

  const carryAvals = pick(params.jaxpr.inputs.slice(0, n), given).map((v) => v.aval)
  const sumAvals = pick(params.jaxpr.inputs.slice(n + params.xs), restFound).map((v) => v.aval)
  const knownXs = drop(xs, xsLinear) as NDArray[]
  const knownRest = drop(rest, restLinear) as NDArray[]
  const backwards = stepBackwards(body, {
    carry: carryAvals.length,
    sums: sumAvals.length,
    ys: count(ysGiven),
    xs: knownXs.length,
    rest: knownRest.length,
    entries: count(xsFound),
  })
  const values = bindScan(primitive)(
    [...pick(ctCarry, given).map((ct, i) => ct ?? zerosLike(carryAvals[i]!)), ...sumAvals.map(zerosLike)],
    [...knownXs, ...(pick(ctYs, ysGiven) as NDArray[])],
    knownRest,
    { ...params, jaxpr: backwards, reverse: !params.reverse },
  )
  const [ctInit, sums, ctXs] = groups(values, carryAvals.length, sumAvals.length)
  return [
    ...spread(ctInit!, given).map((ct, i) => (initLinear[i] ? ct : null)),
    ...spread(ctXs!, xsFound),
    ...spread(sums!, restFound),
  ]
}

interface Counts {
  readonly carry: number
  readonly sums: number
  readonly ys: number
  readonly xs: number
  readonly rest: number
  readonly entries: number
}

/** A step of the scan backwards, from the transposed body: known values, cotangents → cotangents of carry, entries, rest. */
function stepBackwards(body: Jaxpr, counts: Counts): Jaxpr {
  const [knownXs, knownRest, carry, ys] = groups(body.inputs, counts.xs, counts.rest, counts.carry).map((vars) =>
    vars.map((v) => v.aval),
  )
  const sums = body.outputs.slice(counts.carry + counts.entries).map((atom) => atom.aval)
  const avals = [...carry!, ...sums, ...knownXs!, ...ys!, ...knownRest!]
  return trace('transpose', avals, (...values) => {
    const [ctCarry, before, xs, cts, rest] = groups(values, counts.carry, counts.sums, counts.xs, counts.ys)
    const outputs = evaluateJaxpr(body, [...xs!, ...rest!, ...ctCarry!, ...cts!])
    const [next, entries, parts] = groups(outputs, counts.carry, counts.entries)
    return [...next!, ...parts!.map((ct, i) => add(before![i]!, ct)), ...entries!]
  }).jaxpr
}

/** Of a scan that is linear in a part of what it carries, the transpose of that part; the rest is computed first. */
function transposeLinearPart(
  primitive: Primitive<ScanParams>,
  cotangents: readonly Tangent[],
  operands: readonly LinearOperand[],
  params: ScanParams,
): readonly Tangent[] {
  const inputs = operands.map((operand) => new Var(isLinear(operand) ? operand.aval : operand))
  const outputs = primitive
    .abstractEval(
      inputs.map((v) => v.aval),
      params,
    )
    .map((aval) => new Var(aval))
  const equation: Equation = { primitive: primitive as Primitive, inputs, outputs, params }
  const marked = new Set(inputs.filter((_, i) => isLinear(operands[i]!)))
  const { known, linear, dependent } = splitScan(equation, marked)
  const first = drop(inputs, operands.map(isLinear))
  const needed = linear.inputs.filter((atom): atom is Var => atom instanceof Var && !marked.has(atom))
  const values = interpret<NDArray>(
    { inputs: first, equations: known, outputs: needed },
    drop(operands, operands.map(isLinear)) as NDArray[],
    (value) => value,
    (step, args) => bind(step.primitive, args, step.params),
  )
  const valueOf = new Map(needed.map((v, i) => [v, values[i]!]))
  const rest = linear.inputs.map((atom) =>
    atom instanceof Var ? (valueOf.get(atom) ?? new Linear(atom.aval)) : atom.value,
  )
  const found = transposeScan(primitive, pick(cotangents, dependent), rest, linear.params as ScanParams)
  const byInput = new Map(linear.inputs.map((atom, i) => [atom, found[i] ?? null]))
  return inputs.map((v) => byInput.get(v) ?? null)
}
