import { type DeviceKind, type NDArray } from '@cotangent/autodiff'
import type { DType } from '@cotangent/autodiff/array'
import { lacks } from '../../packages/autodiff/src/onnx/lowering/held.ts'
import { noWebGpu } from './webgpu.ts'

/** The devices that programs are compiled for in tests, and why one is skipped. */
export interface TestDevice {
  readonly kind: DeviceKind
  readonly missing: string | undefined
}

export const testDevices: readonly TestDevice[] = [
  { kind: 'cpu', missing: undefined },
  { kind: 'wasm', missing: undefined },
  { kind: 'webgpu', missing: noWebGpu },
]

/** The title of a suite on a device, with the reason if it is skipped. */
export const titleOn = ({ kind, missing }: TestDevice): string =>
  missing === undefined ? `on ${kind}` : `on ${kind} (skipped: ${missing})`

/** What a device says of a dtype that it does not have. */
export const refusal = /is not possible on this device, which computes in 32 bits; convert with x\.astype/

/** Whether an operand is of a dtype that a device does not have. */
export const isBeyond = (kind: DeviceKind, dtypes: readonly (DType | NDArray)[]): boolean =>
  dtypes.some((x) => lacks(kind, typeof x === 'string' ? x : x.dtype))
