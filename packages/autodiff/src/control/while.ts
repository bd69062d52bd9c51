import type { TypedArray } from '../array/dtype.ts'
import { isDifferentiable } from '../array/dtype.ts'
import { TracerError } from '../array/errors.ts'
import type { NDArray } from '../array/ndarray.ts'
import { hostProgram } from '../core/host/program.ts'
import { avalOf, type Equation, fresh, type Jaxpr, prune, Var, withInputs, withOutputs } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { type BatchResult, definePrimitive, type Primitive, type SplitResult } from '../core/primitive.ts'
import { bind, trace } from '../core/trace.ts'
import { broadcastInDim, zerosLike } from '../primitives/broadcast.ts'
import { select } from '../primitives/comparison.ts'
import { reduceOr } from '../primitives/reductions.ts'
import { atFront, batchOfJaxpr } from '../transforms/batch.ts'
import { evaluateJaxpr } from '../transforms/function.ts'
import { jvpOfJaxpr } from '../transforms/jvp.ts'
import { splitJaxpr } from '../transforms/linearize.ts'
import { any, count, drop, fixpoint, groups, marksOf, pick, spread, sum } from '../core/masks.ts'
import { pruneWhile } from './prune.ts'
import type { WhileParams } from './while-params.ts'

const carryOf = ({ body }: WhileParams): number => body.outputs.length

/** The carry after the body was applied as long as the condition held. */
export const whilePrimitive: Primitive<WhileParams> = definePrimitive<WhileParams>({
  name: 'while',
  abstractEval: (_, { body }) => body.outputs.map((atom) => avalOf(atom.aval)),
  evaluate(inputs, _, params) {
    let [carry, forCondition, forBody] = operandsOf<TypedArray>(inputs, params)
    const condition = hostProgram(params.condition)
    const body = hostProgram(params.body)
    while (condition.run([...carry, ...forCondition])[0]![0] !== 0) carry = body.run([...carry, ...forBody])
    return carry
  },
  jvp(primals, tangents, params) {
    const nonzero = tangents.map((t, i) => t !== null && isDifferentiable(primals[i]!.dtype))
    const [init, forCondition, forBody] = operandsOf(primals, params)
    const [slopes, , bodySlopes] = operandsOf(tangents, params)
    const [moving, , bodyMoving] = operandsOf(nonzero, params)
    const given = fixpoint(moving, (mask) => jvpOfJaxpr(params.body, [...mask, ...bodyMoving]).tangents)
    const { jaxpr: dual } = jvpOfJaxpr(params.body, [...given, ...bodyMoving], given)
    const n = init.length
    const [carry, beside, dcarry, dbeside] = groups(dual.inputs, n, forBody.length, count(given))
    const [conditionCarry, conditionBeside] = groups(params.condition.inputs, n)
    const values = whileLoop(
      [...init, ...pick(slopes, given).map((t, i) => t ?? zerosLike(pick(init, given)[i]!))],
      forCondition,
      [...forBody, ...(pick(bodySlopes, bodyMoving) as NDArray[])],
      withInputs(params.condition, [...conditionCarry!, ...fresh(dcarry!), ...conditionBeside!]),
      withInputs(dual, [...carry!, ...dcarry!, ...beside!, ...dbeside!]),
    )
    return { outputs: values.slice(0, n), tangents: spread(values.slice(n), given) }
  },
  transpose() {
    throw new TracerError(
      'reverse-mode differentiation does not work for lax.whileLoop, or lax.foriLoop with bounds that are known only when it runs: the values of all iterations would have to be kept, and their number is not known. Use lax.scan or lax.foriLoop with constant bounds, or forward mode (jvp, jacfwd)',
    )
  },
  batch: batchWhile,
  split: splitWhile,
  prune: pruneWhile,
  lower: lowerWhile,
  inParts: (params, inParts, widths) => ({
    condition: inParts(params.condition),
    body: inParts(params.body),
    conditionOperands: sum(operandsOf(widths, params)[1]),
  }),
  jaxprs: ({ condition, body }) => [condition, body],
})

/** Applies the body as long as the condition holds. */
export const whileLoop = (
  carry: readonly NDArray[],
  forCondition: readonly NDArray[],
  forBody: readonly NDArray[],
  condition: Jaxpr,
  body: Jaxpr,
): readonly NDArray[] =>
  bind(whilePrimitive, [...carry, ...forCondition, ...forBody], {
    condition,
    body,
    conditionOperands: forCondition.length,
  })

const operandsOf = <T>(operands: readonly T[], params: WhileParams): [carry: T[], forCondition: T[], forBody: T[]] =>
  groups(operands, carryOf(params), params.conditionOperands) as [T[], T[], T[]]

function batchWhile(
  inputs: readonly NDArray[],
  dims: readonly (number | null)[],
  params: WhileParams,
  size: number,
): BatchResult {
  const [init, forCondition, forBody] = operandsOf(inputs, params)
  const [initDims, conditionDims, bodyDims] = operandsOf(dims, params)
  const atZero = (mask: readonly boolean[]): (number | null)[] => mask.map((is) => (is ? 0 : null))
  const conditionOver = (mask: readonly boolean[]): { jaxpr: Jaxpr; dims: readonly (number | null)[] } =>
    batchOfJaxpr(params.condition, [...atZero(mask), ...conditionDims], size, [])
  const differs = (mask: readonly boolean[]): boolean => conditionOver(mask).dims[0] !== null
  // Where entries stop at different times, all that is carried differs between them.
  const batched = fixpoint(
    initDims.map((dim) => dim != null),
    (mask) =>
      differs(mask)
        ? mask.map(() => true)
        : batchOfJaxpr(params.body, [...atZero(mask), ...bodyDims], size, []).dims.map((dim) => dim !== null),
  )
  const { jaxpr: condition } = conditionOver(batched)
  const { jaxpr: body } = batchOfJaxpr(params.body, [...atZero(batched), ...bodyDims], size, batched)
  const start = init.map((value, i) => (batched[i] ? atFront({ value, dim: initDims[i] ?? null }, size) : value))
  const outDims = atZero(batched)
  if (!differs(batched)) return { outputs: whileLoop(start, forCondition, forBody, condition, body), dims: outDims }
  // Which entries go on is carried too: those that are done keep what they have, until all are.
  const going = evaluateJaxpr(condition, [...start, ...forCondition])[0]!
  const carry = [going, ...start]
  const n = carry.length
  const someGo = trace('vmap', carry, (...[goes]) => [reduceOr(goes!, [0])])
  const step = trace('vmap', [...carry, ...forBody, ...forCondition], (...values) => {
    const [[goes, ...before], beside, conditionBeside] = groups(values, n, forBody.length) as [
      [NDArray, ...NDArray[]],
      NDArray[],
      NDArray[],
    ]
    const after = evaluateJaxpr(body, [...before, ...beside]).map((x, i) =>
      select(broadcastInDim(goes, x.shape, [0]), x, before[i]!),
    )
    return [...evaluateJaxpr(condition, [...after, ...conditionBeside]), ...after]
  })
  const outputs = whileLoop(carry, [], [...forBody, ...forCondition], someGo.jaxpr, step.jaxpr)
  return { outputs: outputs.slice(1), dims: outDims }
}

/** The known part is the loop of what does not depend; the other part is the whole loop again, for its iterations. */
function splitWhile(equation: Equation, dependent: ReadonlySet<Var>): SplitResult {
  const params = equation.params as WhileParams
  const [init, forCondition, forBody] = operandsOf(equation.inputs, params)
  const bodyMarks = marksOf(forBody, dependent)
  const mask = fixpoint(marksOf(init, dependent), (carry) => splitJaxpr(params.body, [...carry, ...bodyMarks]).mask)
  const conditionMarks = [...mask, ...marksOf(forCondition, dependent)]
  if (any(splitJaxpr(params.condition, conditionMarks).mask)) {
    return { known: [], linear: equation, dependent: equation.outputs.map(() => true) }
  }
  const { known } = splitJaxpr(params.body, [...mask, ...bodyMarks], mask)
  const outputs = drop(equation.outputs, mask)
  const loop: WhileParams = {
    condition: prune(withInputs(params.condition, drop(params.condition.inputs, conditionMarks))),
    body: prune(withOutputs(known, known.outputs.slice(0, outputs.length))),
    conditionOperands: drop(forCondition, marksOf(forCondition, dependent)).length,
  }
  const early: Equation = {
    ...equation,
    inputs: [...drop(init, mask), ...drop(forCondition, marksOf(forCondition, dependent)), ...drop(forBody, bodyMarks)],
    outputs,
    params: loop,
  }
  const linear = { ...equation, outputs: equation.outputs.map((v, i) => (mask[i] ? v : new Var(v.aval))) }
  return { known: [early], linear, dependent: mask }
}

function lowerWhile(graph: GraphBuilder, inputs: readonly GraphValue[], params: WhileParams): readonly GraphValue[] {
  const [init, forCondition, forBody] = operandsOf(inputs, params)
  if (init.length === 0) return []
  const goes = graph.inline(params.condition, [...init, ...forCondition])[0]!
  const avals = params.body.outputs.map((atom) => atom.aval)
  const body = graph.body('Loop', [{ shape: [], dtype: 'bool' }, ...avals], ([, ...carry]) => {
    const after = graph.inline(params.body, [...carry, ...forBody])
    return [...graph.inline(params.condition, [...after, ...forCondition]), ...after]
  })
  return graph.nodes('Loop', ['', graph.materialize(goes), ...init.map((v) => graph.materialize(v))], avals, { body })
}
