import type { Device, Key, NDArray, Operand, Random, Shape, Tree } from '@cotangent/autodiff'
import type { Layer } from '@cotangent/nn'
import type { MemoryPolicy } from './feed/plan.ts'
import type { BatchSource } from './feed/source.ts'

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
  /** Where the devices' results meet and the optimizer runs; with one device, that device does it. */
  readonly host: Device
  /** Where networks run. A device that is listed k times runs k programs side by side. */
  readonly devices: readonly Device[]
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
  readonly main: readonly DerivativeSource[]
  /** Of those without, needed when nS > nD; never read otherwise. @defaultValue none */
  readonly remaining?: readonly SimulationSource[]
  /** As `main`, of a set of other simulations that only judges. @defaultValue none: there is no validation */
  readonly validationMain?: readonly DerivativeSource[]
  /** As `remaining`, of that set. @defaultValue none */
  readonly validationRemaining?: readonly SimulationSource[]
}

export type DatasetGradientOptions<P extends Tree> = CommonOptions<P> & AggregatedOptions & DatasetOptions
