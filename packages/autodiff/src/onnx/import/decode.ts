import { ModelError } from '../../array/errors.ts'
import type { NDArray } from '../../array/ndarray.ts'
import {
  type AttributeValue,
  bodiesOf,
  functionKey,
  type ModelContents,
  type ModelFunction,
  type ModelGraph,
  type ModelNode,
  type ModelValue,
  showNode,
} from './model-graph.ts'
import {
  type AttributeProto,
  attributeTypes,
  type FunctionProto,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  readModel,
  type TypeProto,
  type ValueInfoProto,
} from './protocol.ts'
import { decodeTensor, dtypeOf, type ExternalData, typeName } from './tensor.ts'

/** Graphs in graphs; more of them are no program anyone wrote. */
const DEEPEST = 64

/**
 * What a file says, with its tensors as arrays.
 *
 * @throws ModelError for bytes that are no model, and for a model that contradicts itself.
 */
export function decodeModel(bytes: Uint8Array, externalData?: ExternalData): ModelContents {
  if (!(bytes instanceof Uint8Array))
    throw new ModelError('importOnnx takes the bytes of an .onnx file, as a Uint8Array (readFile gives them)')
  let model: ModelProto
  try {
    model = readModel(bytes)
  } catch (cause) {
    throw new ModelError(`importOnnx: these ${bytes.length} bytes are no .onnx file: ${(cause as Error).message}`, {
      cause,
    })
  }
  if (model.graph === undefined) throw new ModelError('importOnnx: the file has no graph, so it is no .onnx model')
  if (model.opsetImport.length === 0 && model.functions.length === 0)
    throw new ModelError('importOnnx: the file does not say which operator sets it is written in')
  const reader = new Reader(model.opsetImport, externalData)
  const functions = new Map(model.functions.map((f) => [functionKey(domainOf(f.domain), f.name), reader.function(f)]))
  const graph = reader.graph(model.graph, new Set(), 0)
  const initial = graph.initializers
  return {
    graph,
    inputs: model.graph.input.filter((v) => !initial.has(v.name)).map((v) => valueOf(v, 'input')),
    outputs: model.graph.output.map((v) => valueOf(v, 'output')),
    functions,
    metadata: Object.fromEntries(model.metadataProps.map(({ key, value }) => [key, value])),
    producer: [model.producerName, model.producerVersion].filter((s) => s !== '').join(' '),
    operatorSets: reader.versions,
  }
}

/** `ai.onnx` is another name of the standard operators. */
const domainOf = (domain: string): string => (domain === 'ai.onnx' ? '' : domain)

class Reader {
  readonly versions: ReadonlyMap<string, number>
  readonly #externalData: ExternalData | undefined

  constructor(sets: ModelProto['opsetImport'], externalData: ExternalData | undefined) {
    this.versions = new Map(sets.map(({ domain, version }) => [domainOf(domain), Number(version)]))
    this.#externalData = externalData
  }

  /** Every value has one place where it is made, which comes before those that read it. */
  graph(graph: GraphProto, outer: ReadonlySet<string>, depth: number): ModelGraph {
    if (depth > DEEPEST) throw new ModelError(`importOnnx: graphs lie within graphs ${depth} deep`)
    if (graph.sparseInitializer.length > 0)
      throw new ModelError('importOnnx: the model has sparse initializers, which are not supported')
    const initializers = new Map(
      graph.initializer.map((t): [string, NDArray] => [
        t.name,
        decodeTensor(t, `importOnnx: the initializer ${JSON.stringify(t.name)}`, this.#externalData),
      ]),
    )
    const own = [...graph.input.map((v) => v.name).filter((name) => !initializers.has(name)), ...initializers.keys()]
    const nodes = this.#nodes(graph.node, new Set([...outer, ...own]), depth)
    const known = new Set([...outer, ...own, ...nodes.flatMap((n) => n.outputs)])
    const missing = graph.output.find((v) => !known.has(v.name))
    if (missing !== undefined)
      throw new ModelError(`importOnnx: nothing makes the output ${JSON.stringify(missing.name)}`)
    const inputs = graph.input.map((v) => v.name).filter((name) => !initializers.has(name))
    return { inputs, outputs: graph.output.map((v) => v.name), nodes, initializers }
  }

  function(f: FunctionProto): ModelFunction {
    const inner = new Reader(f.opsetImport, this.#externalData)
    const defaults = new Map(f.attributeProto.map((a) => [a.name, inner.#attribute(a, new Set(), 0)]))
    return { inputs: f.input, outputs: f.output, nodes: inner.#nodes(f.node, new Set(f.input), 0), defaults }
  }

  #nodes(nodes: readonly NodeProto[], known: ReadonlySet<string>, depth: number): ModelNode[] {
    const made = new Set(known)
    return nodes.map((node) => {
      const decoded = this.#node(node, made, depth)
      const unknown = decoded.inputs.find((name) => name !== '' && !made.has(name))
      if (unknown !== undefined) {
        throw new ModelError(
          `importOnnx: ${showNode(decoded)} reads ${JSON.stringify(unknown)}, which nothing before it makes`,
        )
      }
      for (const name of decoded.outputs) {
        if (name === '') continue
        if (made.has(name))
          throw new ModelError(`importOnnx: ${showNode(decoded)} makes ${JSON.stringify(name)}, which is there already`)
        made.add(name)
      }
      return decoded
    })
  }

  #node(node: NodeProto, known: ReadonlySet<string>, depth: number): ModelNode {
    const domain = domainOf(node.domain)
    return {
      operator: node.opType,
      domain,
      version: this.versions.get(domain) ?? 0,
      name: node.name,
      inputs: node.input,
      outputs: node.output,
      attributes: new Map(node.attribute.map((a) => [a.name, this.#attribute(a, known, depth)])),
    }
  }

  #attribute(a: AttributeProto, known: ReadonlySet<string>, depth: number): AttributeValue {
    if (a.refAttrName !== '') return { kind: 'reference', value: a.refAttrName }
    const text = (bytes: Uint8Array): string => Array.from(bytes, (b) => String.fromCharCode(b)).join('')
    const type = attributeTypes[a.type] ?? 'unknown'
    switch (type) {
      case 'int':
        return { kind: 'int', value: a.i }
      case 'float':
        return { kind: 'float', value: a.f }
      case 'string':
        return { kind: 'string', value: text(a.s) }
      case 'ints':
        return { kind: 'ints', value: a.ints }
      case 'floats':
        return { kind: 'floats', value: a.floats }
      case 'strings':
        return { kind: 'strings', value: a.strings.map(text) }
      case 'tensor':
        if (a.t === undefined) break
        return { kind: 'tensor', value: decodeTensor(a.t, `importOnnx: the attribute ${a.name}`, this.#externalData) }
      case 'graph':
        if (a.g === undefined) break
        return { kind: 'graph', value: this.graph(a.g, known, depth + 1) }
    }
    return { kind: 'other', value: type }
  }
}

function valueOf({ name, type }: ValueInfoProto, role: string): ModelValue {
  const where = `importOnnx: the ${role} ${JSON.stringify(name)}`
  if (type?.tensorType === undefined) throw new ModelError(`${where} is ${typeOf(type)}; only tensors are supported`)
  const { elemType, shape } = type.tensorType
  const dtype = dtypeOf.get(elemType)
  if (dtype === undefined) throw new ModelError(`${where} is of ${typeName(elemType)}, which there is no dtype for`)
  const sizes = shape?.dim.map(({ dimParam, dimValue }) => {
    if (dimValue === undefined) return dimParam === undefined || dimParam === '' ? null : dimParam
    const size = Number(dimValue)
    if (size < 0) throw new ModelError(`${where} has a size of ${size}`)
    return size
  })
  return { name, dtype, shape: sizes }
}

function typeOf(type: TypeProto | undefined): string {
  const [kind] = Object.entries(type ?? {}).find(([, value]) => value !== undefined) ?? []
  return kind === undefined ? 'without a type' : `a ${kind}`
}

/** All nodes of a graph, those of graphs inside it too. */
export const allNodes = (nodes: readonly ModelNode[]): ModelNode[] =>
  nodes.flatMap((node) => [node, ...bodiesOf(node).flatMap((body) => allNodes(body.nodes))])
