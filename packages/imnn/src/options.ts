import type { Device, DeviceKind, Key, NDArray, Operand, Random, Shape, Tree } from '@cotangent/autodiff'
import type { Layer } from '@cotangent/nn'
import type { MemoryPolicy } from './feed/plan.ts'
import type { BatchSource } from './feed/source.ts'
import type { Simulator } from './information/simulate.ts'

/** Batches of simulations [nPerDevice, …inputShape] with their derivatives [nPerDevice, …inputShape, nParams]. */
export type DerivativeSource = BatchSource<readonly [simulations: NDArray, derivatives: NDArray]>

/** Batches of simulations [nPerDevice, …inputShape]. */
export type SimulationSource = BatchSource<NDArray>

/**
 * An optimizer: `[init, update, getParams]` as in @cotangent/nn or JAX, or three functions of your own:
 * `init(params) → state`, `update(step, gradients, state) → state` and `getParams(state) → params`. The step is a
 * scalar array; states are trees of arrays.
 */
export type OptimizerTriple = readonly [
  init: (params: never) => unknown,
  update: (step: never, gradients: never, state: never) => unknown,
  getParams: (state: never) => unknown,
]

/** What all IMNNs take. */
export interface CommonOptions<P extends Tree> {
  /** The number of simulations that the covariance of the summaries is estimated from. */
  readonly nS: number
  /** The number of simulations with derivatives, at most `nS`. */
  readonly nD: number
  /** The number of parameters of the simulator. */
  readonly nParams: number
  /** The number of summaries, at least `nParams`. */
  readonly nSummaries: number
  /** The shape of one simulation. */
  readonly inputShape: Shape
  /** The parameters [nParams] at which the simulations are made. */
  readonly thetaFid: Operand
  /** The network, `[init, apply]`: simulations [N, …inputShape] to summaries [N, nSummaries]. */
  readonly model: Layer<P>
  /** How the weights are trained, as `adam({ stepSize: 1e-3 })`. */
  readonly optimizer: OptimizerTriple
  /** A key to draw the first weights with (used as it is), or a state of the optimizer to go on from. */
  readonly keyOrState: Key | object
  /** Where the model's random numbers come from: `legacyRandom` for those of JAX before 0.5. @defaultValue random */
  readonly random?: Random
}

/** What IMNNs take that compute in parts, on one or several devices. */
export interface AggregatedOptions {
  /**
   * Where the devices' results meet and the optimizer runs; with one device, that device does it. A kind stands for its
   * first device, as `'cpu'` for `devices('cpu')[0]`.
   */
  readonly host: Device | DeviceKind
  /** Where networks run: devices, or kinds. A device that is listed k times runs k programs side by side. */
  readonly devices: readonly (Device | DeviceKind)[]
  /** The number of simulations in a batch of a dataset. */
  readonly nPerDevice: number
  /** How much memory may be used. @defaultValue that of `MemoryPolicy` */
  readonly memory?: MemoryPolicy
}

/**
 * Datasets, one a device: endless, each epoch the same batches in the same order. With K devices an epoch has
 * nD / (K nPerDevice) batches of each main dataset and (nS − nD) / (K nPerDevice) of each remaining one.
 */
export interface DatasetOptions {
  /** Of the simulations with derivatives. */
  readonly main: readonly (DerivativeSource | SimulationSource)[]
  /** Of those without, needed when nS > nD; never read otherwise. @defaultValue none */
  readonly remaining?: readonly SimulationSource[]
  /** As `main`, of a set of other simulations that only judges. @defaultValue none: there is no validation */
  readonly validationMain?: readonly (DerivativeSource | SimulationSource)[]
  /** As `remaining`, of that set. @defaultValue none */
  readonly validationRemaining?: readonly SimulationSource[]
  /**
   * The derivative of the mean of the simulations, [...inputShape, nParams]: it stands for that of each simulation of
   * `main` and `validationMain`, which then give simulations alone.
   * @defaultValue none: each simulation comes with its own
   */
  readonly meanDerivative?: Operand
}

/** Where IMNNs compute that have everything in memory. */
export interface InMemoryOptions {
  /** The device that fits run on, and that the simulations are put on. @defaultValue the default device */
  readonly device?: Device | DeviceKind
}

/** What makes simulations while the network is trained. */
export interface SimulatorOption {
  /**
   * One simulation, of shape `inputShape`, from a key and parameters [nParams]: differentiable in these. It is traced,
   * batched and compiled with the network; use the `random` functions with the key, and no other source of chance.
   */
  readonly simulator: Simulator
}

/** Simulations and derivatives in memory. */
export interface ArrayOptions {
  /** Simulations at `thetaFid`, [nS, …inputShape]. */
  readonly fiducial: Operand
  /**
   * For gradients, the derivatives of the first nD simulations in the parameters, [nD, …inputShape, nParams]; for
   * numerical gradients, simulations with their seeds but with one parameter half of `deltaTheta` below and above
   * `thetaFid`, [nD, 2, nParams, …inputShape].
   *
   * Instead the derivative of the mean of the simulations, [...inputShape, nParams], or the means below and above,
   * [2, nParams, …inputShape]: it then stands for the derivative of each of the first nD simulations, and is pushed
   * through the network at each. That is exact where the parameters move the mean alone, as with additive noise.
   */
  readonly derivative: Operand
  /** As `fiducial`, of a set of other simulations that only judges. @defaultValue none: there is no validation */
  readonly validationFiducial?: Operand
  /** As `derivative`, of that set. @defaultValue none */
  readonly validationDerivative?: Operand
}

/** How far apart the simulations beside `thetaFid` are. */
export interface DistanceOption {
  /** δθ, [nParams]: the whole distance from the simulations below `thetaFid` to those above. */
  readonly deltaTheta: Operand
}

/** How arrays are given to devices in batches. */
export interface BatchingOptions {
  /**
   * How many groups of batches (see `MemoryPolicy`) each device has cut from the arrays beforehand, while it computes
   * with those before. The numbers are the same for any choice. @defaultValue none: a group is cut when it is needed
   */
  readonly prefetch?: number
  /** Whether batches are kept once they have been cut from the arrays. @defaultValue false */
  readonly cache?: boolean
}

/**
 * Datasets of simulations at `thetaFid` and beside it, one a device: endless, each epoch the same batches in the same
 * order. With K devices an epoch has nS / (K nPerDevice) batches of each fiducial dataset and 2 nParams nD / (K
 * nPerDevice) of each derivative one.
 */
export interface NumericalDatasetOptions {
  /** Of the simulations at `thetaFid`. */
  readonly fiducial: readonly SimulationSource[]
  /** Of those beside it, one row a simulation: the parameter fastest, then below and above, then the seed. */
  readonly derivative: readonly SimulationSource[]
  /** As `fiducial`, of a set of other simulations that only judges. @defaultValue none: there is no validation */
  readonly validationFiducial?: readonly SimulationSource[]
  /** As `derivative`, of that set. @defaultValue none */
  readonly validationDerivative?: readonly SimulationSource[]
}

export type SimulatorOptions<P extends Tree> = CommonOptions<P> & InMemoryOptions & SimulatorOption
export type GradientOptions<P extends Tree> = CommonOptions<P> & InMemoryOptions & ArrayOptions
export type NumericalGradientOptions<P extends Tree> = GradientOptions<P> & DistanceOption
export type AggregatedSimulatorOptions<P extends Tree> = CommonOptions<P> & AggregatedOptions & SimulatorOption
export type AggregatedGradientOptions<P extends Tree> = CommonOptions<P> &
  AggregatedOptions &
  ArrayOptions &
  BatchingOptions
export type AggregatedNumericalGradientOptions<P extends Tree> = AggregatedGradientOptions<P> & DistanceOption
export type DatasetGradientOptions<P extends Tree> = CommonOptions<P> & AggregatedOptions & DatasetOptions
export type DatasetNumericalGradientOptions<P extends Tree> = CommonOptions<P> &
  AggregatedOptions &
  NumericalDatasetOptions &
  DistanceOption
