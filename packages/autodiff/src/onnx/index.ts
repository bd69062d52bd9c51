/** Programs as ONNX models, and the devices of ONNX Runtime. */
import './device/devices.ts'

export { createDevice, type DeviceOptions } from './device/devices.ts'
export { exportOnnx } from './export/export.ts'
export { type CacheOptions, configureCache } from './runtime/model-cache.ts'
export type { ExportOptions } from './export/to-onnx.ts'
export {
  type ExternalData,
  type ImportedLayer,
  type ImportedModel,
  importOnnx,
  type ImportOptions,
  type ModelParams,
  type ModelValue,
  supportedOperators,
  type UnsupportedOperator,
  UnsupportedOperatorError,
} from './import/index.ts'
