import type { NDArray } from '../../array/ndarray.ts'
import { type Atom, Constant, type Jaxpr } from '../../core/jaxpr.ts'
import type { GraphValue } from '../../core/lowering.ts'
import { Builder, type BuilderOptions } from './builder.ts'
import { inParts } from './complex-parts.ts'
import { gatesOnAllThreads } from './gates.ts'
import { copyOf, type Graph, readsOf, type ValueInfo } from './graph.ts'
import { onTheWire } from './held.ts'
import { addIntoGemm, convertFirst, dropUnused, takeEntries } from './rewrite.ts'
import { readyEarly } from './schedule.ts'

/** Where an output of a program comes from. */
export type OutputSource =
  | { readonly kind: 'graph'; readonly index: number }
  | { readonly kind: 'input'; readonly index: number }
  | { readonly kind: 'constant'; readonly value: NDArray }

/** A Jaxpr as an ONNX graph, with what a call needs to know. */
export interface LoweredProgram {
  readonly graph: Graph
  /** The position among the Jaxpr's inputs of each graph input that is one. */
  readonly used: readonly { readonly name: string; readonly index: number }[]
  /** Captured arrays that are inputs of the graph. */
  readonly lifted: ReadonlyMap<string, NDArray>
  readonly outputs: readonly OutputSource[]
}

export interface LowerOptions extends Omit<BuilderOptions, 'reserved'> {
  readonly inputNames?: readonly string[]
  readonly outputNames?: readonly string[]
}

/**
 * Lowers a Jaxpr. Outputs that are inputs or constants pass by the graph, unless it is self-contained, when every
 * input and output has its place in it.
 */
export function lowerJaxpr(jaxpr: Jaxpr, options: LowerOptions): LoweredProgram {
  const { inputNames = [], outputNames = [] } = options
  const builder = new Builder({ ...options, reserved: new Set([...inputNames, ...outputNames]) })
  const nameOf = (i: number): string => inputNames[i] ?? `in${i}`
  // Neither complex numbers nor bfloat16 go in and out of the runtime.
  const program = inParts(jaxpr)
  const { target } = options
  const inputs = program.inputs.map(({ aval: { shape, dtype } }, i) => {
    const type = onTheWire(target, dtype)
    // What a provider holds in a wider dtype comes as it is, and needs no rounding.
    const label = builder.held(dtype) === dtype ? type : dtype
    return builder.input({ name: nameOf(i), shape, dtype: label }, label)
  })
  const values = builder
    .inline(
      program,
      inputs.map((x, i) => builder.cast(x, program.inputs[i]!.aval.dtype)),
    )
    .map((x) => (builder.held(x.dtype) === x.dtype ? builder.cast(x, onTheWire(target, x.dtype)) : x))
  const { infos, outputs } = placeOutputs(jaxpr, builder, values, inputs, options)
  const nodes = builder.nodesList
  const read = new Set([...nodes.flatMap(readsOf), ...infos.map((v) => v.name)])
  const used = inputs.flatMap((v, index) =>
    options.selfContained || read.has(v.name) ? [{ name: v.name, index }] : [],
  )
  const info = (name: string, value: { shape: readonly number[]; dtype: ValueInfo['dtype'] }): ValueInfo => ({
    name,
    shape: value.shape,
    dtype: builder.held(value.dtype),
  })
  const graph: Graph = {
    inputs: [
      ...used.map(({ name, index }) => info(name, inputs[index]!)),
      ...[...builder.lifted].map(([name, value]) => info(name, value)),
    ],
    outputs: infos,
    nodes,
    initializers: builder.initializers,
    shapes: builder.shapes,
  }
  return { graph: rewritten(graph, target, options.selfContained), used, lifted: builder.lifted, outputs }
}

/** Where each output comes from, and the outputs of the graph: each value once. */
function placeOutputs(
  jaxpr: Jaxpr,
  builder: Builder,
  values: readonly GraphValue[],
  inputs: readonly GraphValue[],
  { selfContained, outputNames = [] }: LowerOptions,
): { infos: ValueInfo[]; outputs: OutputSource[] } {
  const infos: ValueInfo[] = []
  const indexOf = new Map<string, number>()
  const positions = new Map<Atom, number>(jaxpr.inputs.map((v, i) => [v, i]))
  const taken = new Set([...inputs, ...builder.initializers].map((v) => v.name))
  const outputs = jaxpr.outputs.map((atom, i): OutputSource => {
    if (!selfContained) {
      const index = positions.get(atom)
      if (index !== undefined) return { kind: 'input', index }
      if (atom instanceof Constant) return { kind: 'constant', value: atom.value }
    }
    const value = builder.materialize(values[i]!)
    const wanted = outputNames[i]
    const keepsName = wanted === undefined && !taken.has(value.name)
    const name = keepsName ? value.name : rename(builder, value, wanted ?? `out${i}`)
    let index = indexOf.get(name)
    if (index === undefined) {
      index = infos.length
      indexOf.set(name, index)
      infos.push({ name, shape: value.aval.shape, dtype: builder.held(value.dtype) })
    }
    return { kind: 'graph', index }
  })
  return { infos, outputs }
}

/** The same graph as the target runs it best. What leaves this process may run anywhere. */
function rewritten(graph: Graph, target: string, selfContained: boolean): Graph {
  const needed = dropUnused(graph)
  const taken = target === 'cpu' ? takeEntries(needed) : needed
  const lean = dropUnused(addIntoGemm(taken, selfContained ? 'any' : target))
  if (selfContained) return dropUnused(convertFirst(lean))
  return readyEarly(target === 'cpu' ? gatesOnAllThreads(lean) : lean, target)
}

/** Gives a value a name of its own. */
function rename(builder: Builder, { name, dtype }: GraphValue, to: string): string {
  builder.nodesList.push(copyOf(name, to, builder.target, dtype))
  builder.shapes.set(to, builder.shapes.get(name) ?? [])
  return to
}
