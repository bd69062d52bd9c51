/** Information maximising neural networks: the few summaries that keep all the information in simulations. */
export { AggregatedGradientIMNN, validateAggregatedGradientIMNN } from './aggregated-gradient.ts'
export {
  AggregatedNumericalGradientIMNN,
  validateAggregatedNumericalGradientIMNN,
} from './aggregated-numerical-gradient.ts'
export { AggregatedSimulatorIMNN, validateAggregatedSimulatorIMNN } from './aggregated-simulator.ts'
export { DatasetGradientIMNN, validateDatasetGradientIMNN } from './dataset-gradient.ts'
export { DatasetNumericalGradientIMNN, validateDatasetNumericalGradientIMNN } from './dataset-numerical-gradient.ts'
export { GradientIMNN, validateGradientIMNN } from './gradient.ts'
export { NumericalGradientIMNN, validateNumericalGradientIMNN } from './numerical-gradient.ts'
export { SimulatorIMNN, validateSimulatorIMNN } from './simulator.ts'
export { CheckpointError, IMNNError, type Problem, TrainingError, ValidationError } from './errors.ts'
export {
  type Cancellation,
  type CheckpointOptions,
  type FitNeeds,
  type FitOptions,
  type FitPlan,
  type IterationStatistics,
  validateFitOptions,
} from './training/fit-options.ts'
export { type FitWarning, logDetFScatter, overfitting, type OverfittingOptions } from './training/overfitting.ts'
export type { CheckpointPlan } from './training/fit-checks.ts'
export type { StoppingRule } from './training/stopping.ts'
export { load } from './saving/load.ts'
export type { SaveOptions } from './saving/keeper.ts'
export type { History, HistoryJson } from './training/history.ts'
export type { Checked } from './checks/checks.ts'
export type { Kind } from './checks/kind.ts'
export { IMNN, type IMNNOptions, validateIMNN } from './choose.ts'
export type { SetOptions } from './imnn.ts'
export type { Simulator } from './information/simulate.ts'
export type {
  AggregatedGradientOptions,
  AggregatedNumericalGradientOptions,
  AggregatedOptions,
  AggregatedSimulatorOptions,
  ArrayOptions,
  BatchingOptions,
  CommonOptions,
  DatasetGradientOptions,
  DatasetNumericalGradientOptions,
  DatasetOptions,
  DerivativeSource,
  DistanceOption,
  GradientOptions,
  InMemoryOptions,
  NumericalDatasetOptions,
  NumericalGradientOptions,
  OptimizerTriple,
  SimulationSource,
  SimulatorOption,
  SimulatorOptions,
} from './options.ts'
export type { MemoryPolicy } from './feed/plan.ts'
export {
  type Plot,
  PlotError,
  plotHistory,
  type PlotOptions,
  type PngOptions,
} from './plot/index.ts'
export { type Moped, moped, type MopedOptions } from './moped.ts'
export { type Refit, refitAtEstimate, type RefitOptions, type RefitRound } from './refit.ts'
export {
  type Correction,
  type CorrectionSizes,
  type FisherErrors,
  fisherErrors,
  hartlap,
  percival,
} from './information/uncertainty.ts'
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
