/** Information maximising neural networks: the few summaries that keep all the information in simulations. */
export { DatasetGradientIMNN, validateDatasetGradientIMNN } from './dataset-gradient.ts'
export { IMNNError, type Problem, TrainingError, ValidationError } from './errors.ts'
export { type FitOptions, type FitPlan, type IterationStatistics, validateFitOptions } from './fit-options.ts'
export type { History, HistoryJson } from './history.ts'
export type { IMNN } from './imnn.ts'
export type {
  AggregatedOptions,
  CommonOptions,
  DatasetGradientOptions,
  DatasetOptions,
  DerivativeSource,
  OptimizerTriple,
  SimulationSource,
} from './options.ts'
export type { MemoryPolicy } from './plan.ts'
export {
  type Plot,
  PlotError,
  plotHistory,
  type PlotOptions,
  type PlottableHistory,
  type PngOptions,
} from './plot/index.ts'
export { alpha, validateRegularisation } from './regularisation.ts'
export type { BatchSource } from './source.ts'
export {
  type Diagnostics,
  diagnostics,
  estimates,
  type FisherEstimator,
  type FisherStatistics,
  fisherStatistics,
  lossOf,
  type Regularisation,
} from './statistics.ts'
