/** Layers as pairs of pure functions, optimizers as triples, in the manner of JAX's stax. */
export * as initializers from './initializers.ts'
export * as schedules from './schedules.ts'
export type { FanMode, FanOptions, Initializer, VarianceScalingOptions } from './initializers.ts'
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
export { type ModelSummary, summary, type SummaryRow } from './layers/summary.ts'
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
export type { AnyOptimizer, Optimizer, OptimizerState, Step } from './optimizers/optimizer.ts'
export type { DecayOptions, PolynomialDecayOptions, Schedule, StepSize } from './schedules.ts'
