import type { Jaxpr } from '../core/jaxpr.ts'
import { lowerJaxpr } from './lower.ts'
import { encodeModel } from './model.ts'

/** A Jaxpr as a self-contained model. */
export function toOnnx(
  jaxpr: Jaxpr,
  inputNames: readonly string[],
  outputNames: readonly string[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const { graph } = lowerJaxpr(jaxpr, { target: 'cpu', selfContained: true, inputNames, outputNames })
  return encodeModel(graph, { metadata })
}
