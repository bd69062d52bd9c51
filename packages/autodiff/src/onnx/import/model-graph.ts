import type { NDArray } from '../../array/ndarray.ts'
import type { DType } from '../../array/dtype.ts'

/** An attribute of a node, by its kind, whole numbers in all their 64 bits; `reference` is an attribute of the function around. */
export type AttributeValue =
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly bigint[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: NDArray }
  | { readonly kind: 'graph'; readonly value: ModelGraph }
  | { readonly kind: 'reference'; readonly value: string }
  | { readonly kind: 'other'; readonly value: string }

export interface ModelNode {
  readonly operator: string
  /** The set of operators that it is of: '' for ONNX's own. */
  readonly domain: string
  readonly version: number
  readonly name: string
  /** '' for what is left out. */
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, AttributeValue>
}

/** An input or an output of a model: sizes that are open are names, or null without one. */
export interface ModelValue {
  readonly name: string
  readonly dtype: DType
  /** undefined where the file does not even say how many axes there are. */
  readonly shape: readonly (number | string | null)[] | undefined
}

/** A graph of a model, or one inside a node: a branch, or the body of a loop. */
export interface ModelGraph {
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly nodes: readonly ModelNode[]
  readonly initializers: ReadonlyMap<string, NDArray>
}

/** A function that the file defines, in place of an operator. */
export interface ModelFunction extends Omit<ModelGraph, 'initializers'> {
  /** The attributes that it takes, with the value of those that may be left out. */
  readonly defaults: ReadonlyMap<string, AttributeValue>
}

/** What a file says, checked. */
export interface ModelContents {
  readonly graph: ModelGraph
  readonly inputs: readonly ModelValue[]
  readonly outputs: readonly ModelValue[]
  /** By domain and name. */
  readonly functions: ReadonlyMap<string, ModelFunction>
  readonly metadata: Readonly<Record<string, string>>
  readonly producer: string
  /** The version of each set of operators, ONNX's own by ''. */
  readonly operatorSets: ReadonlyMap<string, number>
}

export const functionKey = (domain: string, operator: string): string => `${domain}:${operator}`

/** A node as a message names it. */
export const showNode = ({ operator, domain, name }: Pick<ModelNode, 'operator' | 'domain' | 'name'>): string =>
  `${domain === '' ? '' : `${domain}.`}${operator}${name === '' ? '' : ` ${JSON.stringify(name)}`}`

/** The graphs inside a node. */
export const bodiesOf = (node: ModelNode): readonly ModelGraph[] =>
  [...node.attributes.values()].flatMap((a) => (a.kind === 'graph' ? [a.value] : []))
