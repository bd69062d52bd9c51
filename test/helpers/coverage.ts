import { makeJaxpr } from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'
import { lowerJaxpr } from '../../packages/autodiff/src/onnx/lowering/lower.ts'
import { encodeModel } from '../../packages/autodiff/src/onnx/lowering/model.ts'
import { type Side, sideOf } from './device-cases.ts'
import type { PrimitiveCase } from './primitive-cases.ts'

/** What scripts/coverage.mjs loads. */
export { cells, checkCase, has, sides } from './device-cases.ts'
export { primitiveCases } from './primitive-cases.ts'
export { refusal, testDevices } from './test-devices.ts'

const wide: readonly DType[] = ['float64', 'int64', 'uint64']

/** Whether a case is about a dtype of 64 bits, which a device may refuse. */
export const isWide = ({ primitive, dtype }: PrimitiveCase): boolean =>
  wide.includes(dtype) || primitive === 'convert_element_type'

/** The model that a device gets for a case; undefined where there is nothing to compute. */
export function modelOf(side: Side, c: PrimitiveCase, target: string): Uint8Array | undefined {
  const { f, operands } = sideOf(side, c)
  const { graph } = lowerJaxpr(makeJaxpr(f)(...operands), { target, selfContained: false })
  return graph.outputs.length === 0 ? undefined : encodeModel(graph)
}
