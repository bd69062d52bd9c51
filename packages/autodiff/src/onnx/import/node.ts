import { decodeElement, type DType } from '../../array/dtype.ts'
import { ModelError } from '../../array/errors.ts'
import type { NDArray } from '../../array/ndarray.ts'
import type { Shape } from '../../array/shape.ts'
import { isConcrete } from '../../core/trace.ts'
import { type AttributeValue, type ModelGraph, type ModelNode, showNode } from './model-graph.ts'

/** What an operator gives. */
export type Results = NDArray | readonly (NDArray | undefined)[]

/** An operator as a function of a node with its operands. */
export type Operator = (node: Node) => Results

/** Arrays with more elements are no step of any network; a file that asks for them is broken or means harm. */
const LARGEST = 2 ** 28

/** A node while it runs: its operands and attributes, read by name and checked. */
export class Node {
  readonly source: ModelNode
  readonly inputs: readonly (NDArray | undefined)[]
  /** Runs a graph of an attribute on values for its inputs. */
  readonly run: (graph: ModelGraph, inputs: readonly NDArray[]) => NDArray[]
  readonly #attributes: ReadonlyMap<string, AttributeValue>

  constructor(
    source: ModelNode,
    inputs: readonly (NDArray | undefined)[],
    attributes: ReadonlyMap<string, AttributeValue>,
    run: Node['run'],
  ) {
    this.source = source
    this.inputs = inputs
    this.#attributes = attributes
    this.run = run
  }

  /** Of the operator set that the node is written in. */
  get version(): number {
    return this.source.version
  }

  /** How many outputs somebody may read. */
  get wanted(): number {
    return this.source.outputs.length
  }

  /** An error that says where it happened. */
  error(problem: string): ModelError {
    return new ModelError(`importOnnx: ${showNode(this.source)}: ${problem}`)
  }

  // ── operands ─────────────────────────────────────────────────────────────

  /** Operand `i`, which the operator cannot do without. */
  input(i: number): NDArray {
    const x = this.inputs[i]
    if (x === undefined) throw this.error(`operand ${i} is missing`)
    return x
  }

  /** All operands, none of which may be missing. */
  all(): NDArray[] {
    if (this.inputs.length === 0) throw this.error('it has no operands')
    return this.inputs.map((_, i) => this.input(i))
  }

  /** The numbers of operand `i`, which shapes depend on: they must be known while the program is traced. */
  numbers(i: number): number[] {
    return numbersOf(this.input(i), () =>
      this.error(
        `operand ${i} (${JSON.stringify(this.source.inputs[i])}) decides about shapes, and depends on numbers that are not known before the model runs; shapes are static here`,
      ),
    )
  }

  /** The numbers of operand `i`, if it is there. */
  optionalNumbers(i: number): number[] | undefined {
    return this.inputs[i] === undefined ? undefined : this.numbers(i)
  }

  /** Whole numbers that an attribute has in older operator sets and operand `i` in newer ones. */
  numbersOrAttribute(i: number, name: string): number[] | undefined {
    return this.inputs[i] === undefined ? this.ints(name) : this.numbers(i)
  }

  /** A shape that the operator is to make, of a size that can be meant. */
  shape(shape: Shape): Shape {
    if (shape.some((n) => !Number.isInteger(n) || n < 0) || shape.reduce((p, n) => p * n, 1) > LARGEST)
      throw this.error(`its result would have the shape [${shape.join(', ')}]`)
    return shape
  }

  // ── attributes ───────────────────────────────────────────────────────────

  int(name: string): number | undefined
  int(name: string, otherwise: number): number
  int(name: string, otherwise?: number): number | undefined {
    const value = this.#value(name, 'int')
    return value === undefined ? otherwise : Number(value)
  }

  float(name: string, otherwise: number): number {
    return this.#value(name, 'float') ?? otherwise
  }

  string(name: string, otherwise: string): string {
    return this.#value(name, 'string') ?? otherwise
  }

  ints(name: string): number[] | undefined {
    return this.#value(name, 'ints')?.map(Number)
  }

  /** A whole number, or several, in all its 64 bits. */
  exact(name: string, kind: 'int'): bigint | undefined
  exact(name: string, kind: 'ints'): readonly bigint[] | undefined
  exact(name: string, kind: 'int' | 'ints'): bigint | readonly bigint[] | undefined {
    return this.#value(name, kind)
  }

  floats(name: string): readonly number[] | undefined {
    return this.#value(name, 'floats')
  }

  strings(name: string): readonly string[] | undefined {
    return this.#value(name, 'strings')
  }

  tensor(name: string): NDArray | undefined {
    return this.#value(name, 'tensor')
  }

  graph(name: string): ModelGraph {
    const graph = this.#value(name, 'graph')
    if (graph === undefined) throw this.error(`it has no graph ${name}`)
    return graph
  }

  /** Throws unless an attribute that is not supported has the value under which it does nothing. */
  expect(name: string, harmless: number | string): void {
    const value = typeof harmless === 'number' ? this.int(name, harmless) : this.string(name, harmless)
    if (value !== harmless)
      throw this.error(`${name} is ${JSON.stringify(value)}; only ${JSON.stringify(harmless)} is supported`)
  }

  #value<K extends AttributeValue['kind']>(
    name: string,
    kind: K,
  ): Extract<AttributeValue, { readonly kind: K }>['value'] | undefined {
    const attribute = this.#attributes.get(name)
    if (attribute === undefined) return undefined
    if (attribute.kind !== kind) throw this.error(`the attribute ${name} is of the kind ${attribute.kind}, not ${kind}`)
    return attribute.value as never
  }
}

/** The numbers of an array that is known while tracing. */
export function numbersOf(x: NDArray, otherwise: () => ModelError): number[] {
  const host = isConcrete(x) ? x.storage.host : undefined
  if (host === undefined) throw otherwise()
  return Array.from(host, (v) => decodeElement(v, x.dtype as DType))
}

/** An axis counted from the front, within `rank`. */
export function axisOf(node: Node, axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank)
    throw node.error(`axis ${axis} of an operand with ${rank} axes`)
  return axis < 0 ? axis + rank : axis
}
