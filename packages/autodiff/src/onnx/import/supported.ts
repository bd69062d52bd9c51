import { ModelError } from '../../array/errors.ts'
import { allNodes } from './decode.ts'
import { functionKey, type ModelContents, type ModelNode, showNode } from './model-graph.ts'
import { OPERATOR_SETS, operatorOf } from './table.ts'

/** An operator of a model that there is no function for. */
export interface UnsupportedOperator {
  readonly operator: string
  /** The set of operators that it is of; ONNX's own is `''`. */
  readonly domain: string
  /** The version of the set. */
  readonly version: number
  /** The names of the nodes that are of it. */
  readonly nodes: readonly string[]
}

/** A model holds operators that cannot be imported; `operators` are all of them. */
export class UnsupportedOperatorError extends ModelError {
  override readonly name: string = 'UnsupportedOperatorError'
  readonly operators: readonly UnsupportedOperator[]

  constructor(operators: readonly UnsupportedOperator[]) {
    const lines = operators.map(
      ({ operator, domain, version, nodes }) =>
        `${showNode({ operator, domain, name: '' })} of ${domain === '' ? 'operator set' : `${domain}, version`} ${version} (${nodes.map((n) => JSON.stringify(n)).join(', ')})`,
    )
    super(
      `importOnnx: the model holds operators that are not supported: ${lines.join('; ')}. docs/onnx.md lists those that are`,
    )
    this.operators = operators
  }
}

/** Throws unless every node of a model can be run. */
export function checkSupported({ graph, functions, operatorSets }: ModelContents): void {
  const nodes = [...allNodes(graph.nodes), ...[...functions.values()].flatMap((f) => allNodes(f.nodes))]
  const unsupported = new Map<string, { readonly node: ModelNode; readonly names: string[] }>()
  for (const node of nodes) {
    const { domain, operator, version, name, outputs } = node
    if (functions.has(functionKey(domain, operator)) || operatorOf(domain, operator) !== undefined) continue
    const key = `${domain}:${operator}:${version}`
    const known = unsupported.get(key) ?? { node, names: [] }
    known.names.push(name === '' ? (outputs[0] ?? '') : name)
    unsupported.set(key, known)
  }
  if (unsupported.size > 0) {
    throw new UnsupportedOperatorError(
      [...unsupported.values()].map(({ node: { operator, domain, version }, names }) => ({
        operator,
        domain,
        version,
        nodes: names,
      })),
    )
  }
  const [first, last] = OPERATOR_SETS
  const version = operatorSets.get('')
  const usesStandard = nodes.some((n) => n.domain === '')
  if (usesStandard && (version === undefined || version < first || version > last)) {
    throw new ModelError(
      `importOnnx: the model is written in operator set ${version ?? 'none'}; ${first} to ${last} are supported`,
    )
  }
}
