/** Layers as pairs of pure functions, optimizers as triples, in the manner of JAX's stax. */
export * as initializers from './initializers/index.ts'
export * as schedules from './schedules/index.ts'
export * as transforms from './transforms/index.ts'
export type { FanMode, FanOptions, Initializer, VarianceScalingOptions } from './initializers/index.ts'
export { type AttentionOptions, dotProductAttention } from './functions/attention.ts'
export {
  logmeanexp,
  logsumexp,
  logSoftmax,
  type MeanOptions,
  type NormalizeOptions,
  oneHot,
  type OneHotOptions,
  softmax,
  standardize,
  type StandardizeOptions,
} from './functions/normalizing.ts'
export {
  hardSigmoid,
  hardSilu,
  hardSwish,
  hardTanh,
  leakyRelu,
  relu,
  relu6,
  sparsePlus,
  sparseSigmoid,
} from './functions/rectifiers.ts'
export {
  type AxisOptions,
  celu,
  elu,
  gelu,
  type GeluOptions,
  glu,
  identity,
  log1mexp,
  logSigmoid,
  mish,
  selu,
  sigmoid,
  silu,
  softplus,
  softSign,
  squareplus,
  swish,
  tanh,
} from './functions/smooth.ts'
export {
  Elu,
  elementwise,
  Exp,
  Gelu,
  Identity,
  LeakyRelu,
  LogSoftmax,
  Relu,
  Selu,
  Sigmoid,
  Softmax,
  Softplus,
  Tanh,
} from './layers/activations.ts'
export { BatchNorm, type BatchNormOptions, type BatchNormParams } from './layers/batch-norm.ts'
export {
  Conv,
  Conv1D,
  Conv1DTranspose,
  Conv3D,
  Conv3DTranspose,
  type ConvOptions,
  type ConvParams,
  ConvTranspose,
  GeneralConv,
  GeneralConvTranspose,
  type LayoutStrings,
} from './layers/convolution.ts'
export { Dense, type DenseOptions, type DenseParams } from './layers/dense.ts'
export { named } from './layers/describe.ts'
export { Dropout } from './layers/dropout.ts'
export { FanInConcat, FanInSum, FanOut } from './layers/fans.ts'
export { Flatten } from './layers/flatten.ts'
export type {
  AnyLayer,
  Apply,
  ApplyOptions,
  Init,
  InitOptions,
  InputOf,
  Layer,
  OutputOf,
  ParamsOf,
  ShapesOf,
} from './layers/layer.ts'
export { parallel } from './layers/parallel.ts'
export { AvgPool, MaxPool, type PoolOptions, SumPool } from './layers/pooling.ts'
export { serial, type SerialParams } from './layers/serial.ts'
export { shapeDependent } from './layers/shape-dependent.ts'
export { type ModelSummary, type ShapeOrShapes, summary, type SummaryRow } from './layers/summary.ts'
export { adam, adamax, type AdamOptions } from './optimizers/adam.ts'
export {
  adagrad,
  type AdagradOptions,
  rmsprop,
  rmspropMomentum,
  type RmspropOptions,
} from './optimizers/adaptive.ts'
export { clipGrads, l2Norm } from './optimizers/clip.ts'
export { momentum, type MomentumOptions, nesterov, sgd, type SgdOptions } from './optimizers/momentum.ts'
export { sm3, type Sm3, type Sm3State } from './optimizers/sm3.ts'
export type { AnyOptimizer, Optimizer, OptimizerState, Step } from './optimizers/optimizer.ts'
export { loadParams, saveParams, type SaveParamsOptions, saveParamsWhenReady } from './saving/params.ts'
export { readSafetensors, type Safetensors } from './saving/read.ts'
export { writeSafetensors } from './saving/write.ts'
export type { DecayOptions, PolynomialDecayOptions } from './schedules/decay.ts'
export type { CosineOnecycleOptions, LinearOnecycleOptions } from './schedules/cycles.ts'
export type { Schedule, StepSize } from './schedules/schedule.ts'
export type { CosineDecayOptions, TransitionOptions } from './schedules/transitions.ts'
export type { WarmupCosineOptions, WarmupExponentialOptions, WarmupOptions } from './schedules/warmup.ts'
export type {
  AdamwTransformOptions,
  AmsgradOptions,
  LarsOptions,
  LearningRate,
  RmspropTransformOptions,
  SgdTransformOptions,
  WeightDecay,
} from './transforms/aliases.ts'
export { clipByBlockRms, clipByGlobalNorm, globalNorm } from './transforms/clipping.ts'
export { type Mask, masked, partition } from './transforms/masking.ts'
export {
  scaleByAdam,
  scaleByAdamax,
  type ScaleByAdamOptions,
  scaleByAmsgrad,
  scaleByBelief,
  scaleByLion,
  type ScaleByLionOptions,
} from './transforms/moments.ts'
export { addNoise, type AddNoiseOptions } from './transforms/noise.ts'
export {
  adamw,
  type AdamwOptions,
  optimizer,
  type TransformedOptimizer,
  type TransformedState,
} from './transforms/optimizer.ts'
export {
  type LearningRateOptions,
  scale,
  scaleByLearningRate,
  scaleBySchedule,
  scaleBySign,
  scaleByTrustRatio,
  type TrustRatioOptions,
} from './transforms/scaling.ts'
export {
  scaleByRms,
  type ScaleByRmsOptions,
  scaleByRss,
  type ScaleByRssOptions,
  scaleByStddev,
} from './transforms/squares.ts'
export { chain, type GradientTransformation } from './transforms/transformation.ts'
export { ema, type EmaOptions, trace, type TraceOptions } from './transforms/trace.ts'
export { addDecayedWeights, applyUpdates, type DecayedWeightsOptions } from './transforms/weights.ts'
