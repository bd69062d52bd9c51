/** Models in the .onnx format as differentiable functions. */
export {
  importOnnx,
  type ImportedLayer,
  type ImportedModel,
  type ImportOptions,
  type ModelParams,
} from './import-onnx.ts'
export type { ModelValue } from './model-graph.ts'
export { type UnsupportedOperator, UnsupportedOperatorError } from './supported.ts'
export { supportedOperators } from './table.ts'
export type { ExternalData } from './tensor.ts'
