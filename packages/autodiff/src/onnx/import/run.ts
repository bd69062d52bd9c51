import { CotangentError, ModelError } from '../../array/errors.ts'
import type { NDArray } from '../../array/ndarray.ts'
import { within } from '../../core/context.ts'
import { isConcrete } from '../../core/trace.ts'
import {
  type AttributeValue,
  functionKey,
  type ModelFunction,
  type ModelGraph,
  type ModelNode,
  showNode,
} from './model-graph.ts'
import { Node, type Results } from './node.ts'
import { isControl } from './operators/control.ts'
import { operatorOf } from './table.ts'

/** Operations on constants of at most this many elements together are done while tracing: what shapes are made of. */
const FOLD_LIMIT = 1024

/** More functions within functions are an endless recursion. */
const DEEPEST = 100

/** Runs the graphs of a model, in the trace that is open. */
export class Runner {
  readonly #functions: ReadonlyMap<string, ModelFunction>
  #depth = 0

  constructor(functions: ReadonlyMap<string, ModelFunction>) {
    this.#functions = functions
  }

  /** The outputs of a graph for its inputs; it reads values of the graphs around it by name. */
  graph(graph: ModelGraph, inputs: readonly NDArray[], outer: Scope, attributes: Attributes = none): NDArray[] {
    const scope = new Scope(outer)
    for (const [name, value] of graph.initializers) if (!outer.replaces(name)) scope.set(name, value)
    graph.inputs.forEach((name, i) => {
      const value = inputs[i]
      if (value !== undefined) scope.set(name, value)
    })
    for (const node of graph.nodes) this.#node(node, scope, attributes)
    return graph.outputs.map((name) => scope.get(name))
  }

  #node(source: ModelNode, scope: Scope, around: Attributes): void {
    const inputs = source.inputs.map((name) => (name === '' ? undefined : scope.get(name)))
    const attributes = resolved(source, around)
    const f = this.#functions.get(functionKey(source.domain, source.operator))
    let results: Results
    try {
      results =
        f === undefined ? this.#operator(source, inputs, attributes, scope, around) : this.#call(f, inputs, attributes)
    } catch (error) {
      throw said(error, source)
    }
    const list = Array.isArray(results) ? results : [results as NDArray]
    source.outputs.forEach((name, i) => {
      if (name === '') return
      const value = list[i]
      if (value === undefined) throw new ModelError(`importOnnx: ${showNode(source)}: output ${i} is not supported`)
      scope.set(name, value)
    })
  }

  #operator(
    source: ModelNode,
    inputs: readonly (NDArray | undefined)[],
    attributes: Attributes,
    scope: Scope,
    around: Attributes,
  ): Results {
    const operator = operatorOf(source.domain, source.operator)
    if (operator === undefined) throw new ModelError(`importOnnx: ${showNode(source)} is not supported`)
    const node = new Node(source, inputs, attributes, (body, values) => this.graph(body, values, scope, around))
    const run = (): Results => {
      const results = operator(node)
      for (const x of Array.isArray(results) ? results : [results]) if (x !== undefined) node.shape(x.shape)
      return results
    }
    return folds(source, inputs) ? within(undefined, run) : run()
  }

  #call(f: ModelFunction, inputs: readonly (NDArray | undefined)[], given: Attributes): NDArray[] {
    if (++this.#depth > DEEPEST) throw new ModelError('importOnnx: a function of the model calls itself')
    const scope = new Scope()
    f.inputs.forEach((name, i) => {
      const value = inputs[i]
      if (value !== undefined) scope.set(name, value)
    })
    const attributes = new Map([...f.defaults, ...given])
    for (const node of f.nodes) this.#node(node, scope, attributes)
    this.#depth--
    return f.outputs.map((name) => scope.get(name))
  }
}

type Attributes = ReadonlyMap<string, AttributeValue>
const none: Attributes = new Map()

/** Attributes that name one of the function around have its value, or are left out with it. */
function resolved(source: ModelNode, around: Attributes): Attributes {
  if (![...source.attributes.values()].some((a) => a.kind === 'reference')) return source.attributes
  return new Map(
    [...source.attributes].flatMap(([name, a]) => {
      if (a.kind !== 'reference') return [[name, a] as const]
      const value = around.get(a.value)
      return value === undefined ? [] : [[name, value] as const]
    }),
  )
}

/** Whether all that a node reads is known and small. The shape of an array is known even where its numbers are not. */
function folds({ operator }: ModelNode, inputs: readonly (NDArray | undefined)[]): boolean {
  if (isControl(operator)) return false
  if (operator === 'Shape' || operator === 'Size') return true
  let size = 0
  for (const x of inputs) {
    if (x === undefined) continue
    if (!isConcrete(x) || x.storage.host === undefined) return false
    size += x.size
  }
  return size <= FOLD_LIMIT
}

/** What goes wrong in an operator says where; what is no error of ours is one of the model. */
function said(error: unknown, source: ModelNode): unknown {
  if (error instanceof ModelError && error.message.startsWith('importOnnx: ')) return error
  if (error instanceof CotangentError && !(error instanceof ModelError)) {
    if (!error.message.startsWith('importOnnx: ')) error.message = `importOnnx: ${showNode(source)}: ${error.message}`
    return error
  }
  if (!(error instanceof RangeError || error instanceof TypeError)) return error
  return new ModelError(`importOnnx: ${showNode(source)}: ${error.message}`, { cause: error })
}

/** Values by name; those of the graphs around are seen too. */
export class Scope {
  readonly #values = new Map<string, NDArray>()
  readonly #outer: Scope | undefined
  readonly #replaced: ReadonlySet<string>

  constructor(outer?: Scope, replaced: ReadonlySet<string> = new Set()) {
    this.#outer = outer
    this.#replaced = replaced
  }

  /** Whether a value of this name stands in the place of an initializer. */
  replaces(name: string): boolean {
    return this.#replaced.has(name)
  }

  set(name: string, value: NDArray): void {
    this.#values.set(name, value)
  }

  get(name: string): NDArray {
    const value = this.#values.get(name) ?? this.#outer?.find(name)
    if (value === undefined) throw new ModelError(`importOnnx: nothing makes the value ${JSON.stringify(name)}`)
    return value
  }

  find(name: string): NDArray | undefined {
    return this.#values.get(name) ?? this.#outer?.find(name)
  }
}
