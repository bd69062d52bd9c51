import type { Attribute, GraphBody, GraphNode, ValueInfo } from '../../core/lowering.ts'
import { shapesEqual } from '../../array/shape.ts'
import type { Graph, Initializer } from '../lowering/graph.ts'
import { openSizeUsed, type OpenSizes } from '../lowering/open-sizes.ts'

/** A graph with the sizes that are open in it. */
export interface OpenGraph {
  readonly graph: Graph
  readonly open: OpenSizes
}

const AS_NUMBER = 'as a number (a mean over it, for instance)'
const IN_A_SIZE = 'in a size or an index (a part of it, or more entries joined to it)'
const IN_THE_STEPS = 'to decide what is computed (a loop over its entries, for instance)'

/**
 * Throws an OpenSizeError unless two graphs of one function, traced with different sizes for its open axes, are the
 * same but for these: then nothing in them was computed from a size, and the graph is right for all.
 */
export function checkSame(a: OpenGraph, b: OpenGraph): void {
  const sameShape = (x: ValueInfo, y: ValueInfo): boolean =>
    x.dtype === y.dtype &&
    x.shape.length === y.shape.length &&
    x.shape.every((n, i) => a.open.show(n) === b.open.show(y.shape[i]!))
  const checkValues = (x: readonly ValueInfo[], y: readonly ValueInfo[]): void => {
    if (x.length !== y.length) throw openSizeUsed(IN_THE_STEPS)
    if (!x.every((v, i) => sameShape(v, y[i]!))) throw openSizeUsed(IN_A_SIZE)
  }
  const checkBody = (x: GraphBody, y: GraphBody): void => {
    checkValues(x.inputs, y.inputs)
    checkValues(x.outputs, y.outputs)
    checkNodes(x.nodes, y.nodes)
  }
  const checkAttribute = (x: Attribute | undefined, y: Attribute | undefined): void => {
    if (typeof x === 'object' && typeof y === 'object' && 'body' in x && 'body' in y) checkBody(x.body, y.body)
    else if (JSON.stringify(x) !== JSON.stringify(y)) throw openSizeUsed(IN_A_SIZE)
  }
  const checkNodes = (x: readonly GraphNode[], y: readonly GraphNode[]): void => {
    if (x.length !== y.length) throw openSizeUsed(IN_THE_STEPS)
    x.forEach((node, i) => {
      const other = y[i]!
      if (node.op !== other.op || node.inputs.join() !== other.inputs.join()) throw openSizeUsed(IN_THE_STEPS)
      const names = new Set([...Object.keys(node.attributes), ...Object.keys(other.attributes)])
      for (const name of names) checkAttribute(node.attributes[name], other.attributes[name])
    })
  }
  // Numbers first: they say best what the function does.
  if (a.graph.initializers.length === b.graph.initializers.length)
    a.graph.initializers.forEach((x, i) => checkConstant(x, b.graph.initializers[i]!))
  checkNodes(a.graph.nodes, b.graph.nodes)
  checkValues(a.graph.initializers, b.graph.initializers)
  checkValues(a.graph.inputs, b.graph.inputs)
  checkValues(a.graph.outputs, b.graph.outputs)
}

function checkConstant(x: Initializer, y: Initializer): void {
  if (x.dtype !== y.dtype || !shapesEqual(x.shape, y.shape)) throw openSizeUsed(IN_A_SIZE)
  if (x.data === y.data) return
  for (let i = 0; i < x.data.length; i++) {
    if (!Object.is(x.data[i], y.data[i])) throw openSizeUsed(x.shape.length === 0 ? AS_NUMBER : IN_A_SIZE)
  }
}
