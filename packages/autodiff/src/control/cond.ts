import { isDifferentiable } from '../array/dtype.ts'
import { DTypeError } from '../array/errors.ts'
import { aliasOf, type NDArray } from '../array/ndarray.ts'
import { hostProgram } from '../core/host/program.ts'
import { type Aval, avalOf, Constant, type Jaxpr, showAval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { definePrimitive, type Primitive } from '../core/primitive.ts'
import { bind, definedBy, isTracing, scalarValue } from '../core/trace.ts'
import { broadcastInDim, full } from '../primitives/broadcast.ts'
import { ge, select } from '../primitives/comparison.ts'
import { convertPrimitive } from '../primitives/convert.ts'
import { isLinear, known } from '../primitives/linear.ts'
import { atFront, batchOfJaxpr, evaluateBatched } from '../transforms/batch.ts'
import { evaluateJaxpr } from '../transforms/function.ts'
import { jvpOfJaxpr } from '../transforms/jvp.ts'
import { transposeOfJaxpr } from '../transforms/transpose.ts'
import { pruneCond } from './prune.ts'
import { type CondParams, splitCond } from './cond-split.ts'
import { drop, either, type Mask, none, pick, spread } from '../core/masks.ts'

/** What is true for some branch, for each of `n` values. */
const inSome = (branches: readonly Jaxpr[], n: number, maskOf: (branch: Jaxpr) => Mask): boolean[] =>
  branches.map(maskOf).reduce<boolean[]>(either, none(n))

/** The branch that a scalar index names, the index clamped to the branches, applied to the other operands. */
export const condPrimitive: Primitive<CondParams> = definePrimitive<CondParams>({
  name: 'cond',
  abstractEval([index], { branches }) {
    if (index!.dtype !== 'int32' || index!.shape.length > 0) {
      throw new DTypeError(`cond: the index is ${showAval(index!)}; it must be a scalar of int32`)
    }
    return branches[0]!.outputs.map((atom) => avalOf(atom.aval))
  },
  evaluate([index, ...operands], _, { branches }) {
    return hostProgram(branches[within(index![0]!, branches)]!).run(operands)
  },
  simplify([index, ...operands], { branches }) {
    const chosen = scalarValue(index!)
    if (chosen === undefined) return undefined
    const branch = branches[within(chosen, branches)]!
    const outputs = evaluateJaxpr(branch, operands)
    // Outside a trace a result is an array of its own, also where it is an array of the program.
    return isTracing() ? outputs : outputs.map((x, i) => (branch.outputs[i] instanceof Constant ? aliasOf(x) : x))
  },
  jvp([index, ...primals], [, ...tangents], { branches }) {
    const nonzero = tangents.map((t, i) => t !== null && isDifferentiable(primals[i]!.dtype))
    const n = branches[0]!.outputs.length
    const given = inSome(branches, n, (branch) => jvpOfJaxpr(branch, nonzero).tangents)
    const duals = branches.map((branch) => jvpOfJaxpr(branch, nonzero, given).jaxpr)
    const values = cond(index!, [...primals, ...(pick(tangents, nonzero) as NDArray[])], duals)
    return { outputs: values.slice(0, n), tangents: spread(values.slice(n), given) }
  },
  transpose(cotangents, [index, ...operands], { branches }) {
    const linear = operands.map(isLinear)
    const nonzero = cotangents.map((ct) => ct !== null)
    const given = inSome(branches, operands.length, (branch) =>
      spread(transposeOfJaxpr(branch, linear, nonzero).mask, linear).map((is) => is === true),
    )
    const transposed = branches.map((branch) => transposeOfJaxpr(branch, linear, nonzero, given).jaxpr)
    const values = cond(
      known('cond', index!),
      [...(drop(operands, linear) as NDArray[]), ...(pick(cotangents, nonzero) as NDArray[])],
      transposed,
    )
    return [null, ...spread(values, given)]
  },
  batch([index, ...operands], [which, ...dims], { branches }, size) {
    if (which == null) {
      const batched = inSome(branches, branches[0]!.outputs.length, (branch) =>
        batchOfJaxpr(branch, dims, size, []).dims.map((dim) => dim !== null),
      )
      const bodies = branches.map((branch) => batchOfJaxpr(branch, dims, size, batched).jaxpr)
      return { outputs: cond(index!, operands, bodies), dims: batched.map((is) => (is ? 0 : null)) }
    }
    // Each entry of the batch may take another branch: all are computed.
    const results = branches.map((branch) =>
      evaluateBatched(branch, operands, dims, size).map((output) => atFront(output, size)),
    )
    const outputs = results.reduce((before, next, i) =>
      before.map((x, k) => {
        const from = atLeast(index!, i)
        return select(broadcastInDim(from, x.shape, [0]), next[k]!, x)
      }),
    )
    return { outputs, dims: outputs.map(() => 0) }
  },
  split: splitCond,
  prune: pruneCond,
  lower(graph, [index, ...operands], { branches }, outputs) {
    if (outputs.length === 0) return []
    return choose(graph, index!, operands, branches, 0, outputs)
  },
  inParts: ({ branches }, inParts) => ({ branches: branches.map(inParts) }),
  jaxprs: ({ branches }) => branches,
})

/** Applies the branch that the index names. */
export const cond = (index: NDArray, operands: readonly NDArray[], branches: readonly Jaxpr[]): readonly NDArray[] =>
  bind(condPrimitive, [index, ...operands], { branches })

const within = (index: number, branches: readonly Jaxpr[]): number => Math.max(0, Math.min(branches.length - 1, index))

/** Where the index is `i` or more; the condition itself where it was made of one. */
function atLeast(index: NDArray, i: number): NDArray {
  const [made] = definedBy(index, convertPrimitive)?.inputs ?? []
  return i === 1 && made?.dtype === 'bool' ? made : ge(index, full(index.shape, i, index.dtype))
}

/** A tree of If: each halves the branches. */
function choose(
  graph: GraphBuilder,
  index: GraphValue,
  operands: readonly GraphValue[],
  branches: readonly Jaxpr[],
  first: number,
  outputs: readonly Aval[],
): readonly GraphValue[] {
  if (branches.length === 1) return graph.inline(branches[0]!, operands)
  const middle = Math.ceil(branches.length / 2)
  const isLater = graph.elementwise('GreaterOrEqual', [index, graph.scalar(first + middle, 'int32')], {
    shape: [],
    dtype: 'bool',
  })
  const half = (from: number, to: number): ReturnType<GraphBuilder['body']> =>
    graph.body('If', [], () => choose(graph, index, operands, branches.slice(from, to), first + from, outputs))
  return graph.nodes('If', [isLater], outputs, {
    then_branch: half(middle, branches.length),
    else_branch: half(0, middle),
  })
}
