import { allocate } from '../array/dtype.ts'
import type { Aval } from '../core/jaxpr.ts'
import type { GraphBuilder, GraphValue } from '../core/lowering.ts'
import { scanOperands, type ScanParams } from './scan-params.ts'

/** A Scan, or a Loop where nothing is scanned. The runtime's Scan cannot be of length 0, which needs no node. */
export function lowerScan(
  graph: GraphBuilder,
  inputs: readonly GraphValue[],
  params: ScanParams,
  outputs: readonly Aval[],
): readonly GraphValue[] {
  const { jaxpr, length, reverse } = params
  const n = params.carry
  const [init, xs, rest] = scanOperands(inputs, params)
  if (outputs.length === 0) return []
  if (length === 0) return [...init, ...outputs.slice(n).map((aval) => graph.constant(allocate(aval.dtype, 0), aval))]
  const avals = jaxpr.inputs.slice(0, n + params.xs).map((v) => v.aval)
  const operands = [...init, ...xs].map((v) => graph.materialize(v))
  if (xs.length > 0) {
    const body = graph.body('Scan', avals, (values) => graph.inline(jaxpr, [...values, ...rest]))
    const directions = (count: number): number[] => new Array<number>(count).fill(reverse ? 1 : 0)
    return graph.nodes('Scan', operands, outputs, {
      body,
      num_scan_inputs: xs.length,
      scan_input_directions: directions(xs.length),
      ...(outputs.length > n && { scan_output_directions: directions(outputs.length - n) }),
    })
  }
  const body = graph.body('Loop', [{ shape: [], dtype: 'bool' }, ...avals], ([goes, ...carry]) => [
    goes!,
    ...graph.inline(jaxpr, [...carry, ...rest]),
  ])
  const results = graph.nodes('Loop', [graph.indices([length]), graph.scalar(1, 'bool'), ...operands], outputs, {
    body,
  })
  return results.map((value, i) => (reverse && i >= n ? reversed(graph, value) : value))
}

/** The entries of the first axis from the last to the first. */
function reversed(graph: GraphBuilder, value: GraphValue): GraphValue {
  const [last, end, axis] = [-1, -2147483648, 0].map((i) => graph.indices([i])) as [string, string, string]
  return graph.node('Slice', [value, last, end, axis, last], value.aval)
}
