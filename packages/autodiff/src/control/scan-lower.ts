import { range, sizeOf } from '../array/shape.ts'
import type { Aval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { scanOperands, type ScanParams, stackedAval } from './scan-params.ts'

/** Up to how many steps a loop is unrolled for a provider without loops. */
const UNROLLED = 64

/** What a number of steps gives: the carry, and the outputs of all of them, stacked. */
interface Steps {
  readonly carry: readonly GraphValue[]
  readonly ys: readonly GraphValue[]
}

/**
 * A Scan, or a Loop where nothing is scanned, each of whose iterations makes `unroll` steps; the steps that are left
 * come after it. There is a step at least: the runtime's Scan cannot be of length 0.
 */
export function lowerScan(
  graph: GraphBuilder,
  inputs: readonly GraphValue[],
  params: ScanParams,
  outputs: readonly Aval[],
): readonly GraphValue[] {
  const { length, reverse, unroll } = params
  if (outputs.length === 0) return []
  const [init, xs, rest] = scanOperands(inputs, params)
  // WebGPU has no loops: short ones are all their steps, longer ones run on the host.
  const blocks = graph.target === 'webgpu' && length <= UNROLLED ? 1 : Math.floor(length / unroll)
  const looped = blocks > 1 ? blocks * unroll : 0
  const left = length - looped
  const first: Steps = looped === 0 ? { carry: init, ys: [] } : loop()
  if (left === 0) return [...first.carry, ...first.ys]
  const last = inlineSteps(graph, params, first.carry, part(reverse ? 0 : looped, left), rest, left)
  if (looped === 0) return [...last.carry, ...last.ys]
  const ys = last.ys.map((y, i) => {
    const pieces = reverse ? [y, first.ys[i]!] : [first.ys[i]!, y]
    return graph.node('Concat', pieces, outputs[params.carry + i]!, { axis: 0 })
  })
  return [...last.carry, ...ys]

  /** Some of the scanned entries. */
  function part(start: number, count: number): GraphValue[] {
    if (count === length) return xs.map((x) => graph.materialize(x))
    const ends = [graph.indices([start]), graph.indices([start + count]), graph.indices([0])]
    return xs.map((x) => {
      const value = graph.materialize(x)
      const { shape, dtype } = value.aval
      return graph.node('Slice', [value, ...ends], { shape: [count, ...shape.slice(1)], dtype })
    })
  }

  function loop(): Steps {
    const inBlocks = (shape: readonly number[]): number[] => [blocks, unroll, ...shape.slice(1)]
    const scanned = part(reverse ? left : 0, looped)
    const entries = unroll === 1 ? scanned : scanned.map((x) => graph.reshape(x, inBlocks(x.shape)))
    const blockAvals = params.jaxpr.inputs
      .slice(params.carry, params.carry + xs.length)
      .map((v) => (unroll === 1 ? v.aval : stackedAval(v.aval, unroll)))
    const stepYs = params.jaxpr.outputs.slice(params.carry).map(({ aval }) => stackedAval(aval, unroll))
    const carryAvals = outputs.slice(0, params.carry)
    const blockYs = stepYs.map((aval, i) => (unroll === 1 ? outputs[params.carry + i]! : stackedAval(aval, blocks)))
    const step = (values: readonly GraphValue[]): readonly GraphValue[] => {
      if (unroll === 1) return graph.inline(params.jaxpr, [...values, ...rest])
      const { carry, ys } = inlineSteps(
        graph,
        params,
        values.slice(0, params.carry),
        values.slice(params.carry),
        rest,
        unroll,
      )
      return [...carry, ...ys]
    }
    const operands = [...init.map((v) => graph.materialize(v)), ...entries]
    const avals = [...carryAvals, ...blockAvals]
    const results =
      xs.length > 0
        ? scanNode(graph, operands, avals, [...carryAvals, ...blockYs], step, params)
        : loopNode(graph, operands, avals, [...carryAvals, ...blockYs], step, params, blocks)
    const ys = results.slice(params.carry)
    return {
      carry: results.slice(0, params.carry),
      ys: unroll === 1 ? ys : ys.map((y) => graph.reshape(y, [looped, ...y.shape.slice(2)])),
    }
  }
}

/** What an array that unrolled steps stacked consists of, by its name in the graph. */
const stacks = new WeakMap<GraphBuilder, Map<string, readonly GraphValue[]>>()

/** One entry of the first axis; of an array that unrolled steps made, what the step gave. */
function entryOf(graph: GraphBuilder, x: GraphValue, at: number, aval: Aval): GraphValue {
  const row = graph.constantOf(x)?.slice(at * sizeOf(aval.shape), (at + 1) * sizeOf(aval.shape))
  if (row !== undefined) return graph.constant(row, aval)
  return stacks.get(graph)?.get(x.name)?.[at] ?? graph.node('Gather', [x, graph.scalar(at, 'int32')], aval, { axis: 0 })
}

/** Steps one after the other, each on its entries of `xs`. */
function inlineSteps(
  graph: GraphBuilder,
  { jaxpr, carry: n, reverse }: ScanParams,
  start: readonly GraphValue[],
  xs: readonly GraphValue[],
  rest: readonly GraphValue[],
  count: number,
): Steps {
  let carry = start
  const made = new Array<readonly GraphValue[]>(count)
  for (const at of reverse ? range(count).reverse() : range(count)) {
    const entries = xs.map((x, i) => entryOf(graph, x, at, jaxpr.inputs[n + i]!.aval))
    const results = graph.inline(jaxpr, [...carry, ...entries, ...rest])
    carry = results.slice(0, n)
    made[at] = results.slice(n)
  }
  const known = stacks.get(graph) ?? new Map<string, readonly GraphValue[]>()
  stacks.set(graph, known)
  const ys = jaxpr.outputs.slice(n).map(({ aval }, i) => {
    const entries = made.map((ysOfStep) => ysOfStep[i]!)
    const rows = entries.map((y) => graph.reshape(y, [1, ...aval.shape]))
    const stacked = graph.node('Concat', rows, stackedAval(aval, count), { axis: 0 })
    known.set(stacked.name, entries)
    return stacked
  })
  return { carry, ys }
}

const int32: Aval = { shape: [], dtype: 'int32' }

type Step = (values: readonly GraphValue[]) => readonly GraphValue[]

function scanNode(
  graph: GraphBuilder,
  operands: readonly GraphValue[],
  avals: readonly Aval[],
  outputs: readonly Aval[],
  step: Step,
  { carry, xs, reverse }: ScanParams,
): GraphValue[] {
  const directions = (count: number): number[] => new Array<number>(count).fill(reverse ? 1 : 0)
  return graph.nodes('Scan', operands, outputs, {
    body: graph.body('Scan', avals, step),
    num_scan_inputs: xs,
    scan_input_directions: directions(xs),
    ...(outputs.length > carry && { scan_output_directions: directions(outputs.length - carry) }),
  })
}

function loopNode(
  graph: GraphBuilder,
  operands: readonly GraphValue[],
  avals: readonly Aval[],
  outputs: readonly Aval[],
  step: Step,
  { carry, reverse }: ScanParams,
  iterations: number,
): GraphValue[] {
  const body = graph.body('Loop', [{ shape: [], dtype: 'bool' }, ...avals], ([goes, ...values]) => [
    goes!,
    ...step(values),
  ])
  // As a number of the program, which refuses the length of an axis that is left open.
  const count = graph.node('Cast', [graph.scalar(iterations, 'int32')], int32, { to: { type: 'int64' } })
  const results = graph.nodes('Loop', [count, graph.scalar(1, 'bool'), ...operands], outputs, { body })
  return results.map((value, i) => (reverse && i >= carry ? reversed(graph, value) : value))
}

/** The entries of the first axis from the last to the first. */
function reversed(graph: GraphBuilder, value: GraphValue): GraphValue {
  const [last, end, axis] = [-1, -2147483648, 0].map((i) => graph.indices([i])) as [string, string, string]
  return graph.node('Slice', [value, last, end, axis, last], value.aval)
}
