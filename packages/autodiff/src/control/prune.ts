import { type Equation, type Jaxpr, prune } from '../core/jaxpr.ts'
import type { CondParams } from './cond-split.ts'
import { count, either, fixpoint, groups, type Mask, none, pick } from '../core/masks.ts'
import { scanOperands, type ScanParams } from './scan-params.ts'
import type { WhileParams } from './while-params.ts'

const withParams = (equation: Equation, params: Equation['params'], inputs: Mask, outputs: Mask): Equation => ({
  ...equation,
  params,
  inputs: pick(equation.inputs, inputs),
  outputs: pick(equation.outputs, outputs),
})

const whole = (...masks: Mask[]): boolean => masks.every((mask) => mask.every(Boolean))

/** Which inputs the outputs `live[i]` are made of. */
function used(jaxpr: Jaxpr, live: Mask): boolean[] {
  const lean = prune({ ...jaxpr, outputs: pick(jaxpr.outputs, live) })
  const read = new Set([...lean.outputs, ...lean.equations.flatMap((e) => e.inputs)])
  return jaxpr.inputs.map((v) => read.has(v))
}

const restrict = (jaxpr: Jaxpr, inputs: Mask, outputs: Mask): Jaxpr =>
  prune({ ...jaxpr, inputs: pick(jaxpr.inputs, inputs), outputs: pick(jaxpr.outputs, outputs) })

/** A cond of the outputs that are needed, and the operands that some branch reads for them. */
export function pruneCond(equation: Equation, live: Mask): Equation {
  const { branches } = equation.params as CondParams
  const operands = branches
    .map((branch) => used(branch, live))
    .reduce<boolean[]>(either, none(equation.inputs.length - 1))
  if (whole(live, operands)) return equation
  return withParams(
    equation,
    { branches: branches.map((branch) => restrict(branch, operands, live)) },
    [true, ...operands],
    live,
  )
}

/** A scan of the outputs that are needed, without what is carried for the others alone. */
export function pruneScan(equation: Equation, live: Mask): Equation {
  const params = equation.params as ScanParams
  const n = params.carry
  const ys = live.slice(n)
  const carry = fixpoint(live.slice(0, n), (mask) => used(params.jaxpr, [...mask, ...ys]).slice(0, n))
  const outputs = [...carry, ...ys]
  const [, ...others] = scanOperands(used(params.jaxpr, outputs), params)
  const inputs = [...carry, ...others.flat()]
  if (whole(inputs, outputs)) return equation
  const lean = { ...params, jaxpr: restrict(params.jaxpr, inputs, outputs), carry: count(carry), xs: count(others[0]!) }
  return withParams(equation, lean, inputs, outputs)
}

/** A while without what is carried neither for the condition nor for the outputs that are needed. */
export function pruneWhile(equation: Equation, live: Mask): Equation {
  const { condition, body, conditionOperands } = equation.params as WhileParams
  const n = live.length
  const [forCarry, forCondition] = groups(used(condition, [true]), n) as [boolean[], boolean[]]
  const carry = fixpoint(either(live, forCarry), (mask) => used(body, mask).slice(0, n))
  const forBody = used(body, carry).slice(n)
  if (whole(carry, forCondition, forBody)) return equation
  const params: WhileParams = {
    condition: restrict(condition, [...carry, ...forCondition], [true]),
    body: restrict(body, [...carry, ...forBody], carry),
    conditionOperands: pick(Array.from({ length: conditionOperands }), forCondition).length,
  }
  return withParams(equation, params, [...carry, ...forCondition, ...forBody], carry)
}
