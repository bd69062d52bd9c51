/** Programs as ONNX models, and the devices of ONNX Runtime. */
import './devices.ts'

export { createDevice, type DeviceOptions } from './devices.ts'
export { exportOnnx } from './export.ts'
export { type CacheOptions, configureCache } from './model-cache.ts'
export type { ExportOptions } from './to-onnx.ts'
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
