import type { Device } from '@cotangent/autodiff'
import { createDevice } from '@cotangent/autodiff/onnx'
import type { Options } from './options.ts'

/** The device that is measured, fresh. */
export const benchDevice = ({ device, threads }: Pick<Options, 'device' | 'threads'>): Device =>
  createDevice(device, device === 'cpu' ? { threads } : {})
