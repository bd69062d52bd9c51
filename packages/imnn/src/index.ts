/** Information maximising neural networks: the few summaries that keep all the information in simulations. */
export { DatasetGradientIMNN, validateDatasetGradientIMNN } from './dataset-gradient.ts'
export { IMNNError, type Problem, TrainingError, ValidationError } from './errors.ts'
export {
  type Cancellation,
  type FitOptions,
  type FitPlan,
  type IterationStatistics,
  validateFitOptions,
} from './training/fit-options.ts'
export type { History, HistoryJson } from './training/history.ts'
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
export type { MemoryPolicy } from './feed/plan.ts'
export {
  type Plot,
  PlotError,
  plotHistory,
  type PlotOptions,
  type PngOptions,
} from './plot/index.ts'
export { alpha, validateRegularisation } from './information/regularisation.ts'
export type { BatchSource } from './feed/source.ts'
export {
  type Diagnostics,
  diagnostics,
  estimates,
  type FisherEstimator,
  type FisherStatistics,
  fisherStatistics,
  lossOf,
  type Regularisation,
} from './information/statistics.ts'
