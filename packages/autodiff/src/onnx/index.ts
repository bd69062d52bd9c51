/** Programs as ONNX models, and the devices of ONNX Runtime. */
import './devices.ts'

export { createDevice, type DeviceOptions } from './devices.ts'
export { exportOnnx, type ExportOptions } from './export.ts'
export { type CacheOptions, configureCache } from './model-cache.ts'
