import type { Key, NDArray, Operand, Random, Tree } from '@cotangent/autodiff'
import { checkOptions } from '@cotangent/autodiff/array'
import { produce } from 'immer'
import { checkFlag, orThrow } from './checks/checks.ts'
import { checkKey } from './checks/keys.ts'
import type { Kind } from './checks/kind.ts'
import type { Network } from './checks/network.ts'
import { checkPath } from './checks/paths.ts'
import { checkSetOptions, checkWeights } from './checks/set-options.ts'
import type { Sizes } from './checks/sizes.ts'
import { type Compressor, onBatch } from './information/compressor.ts'
import { CheckpointError, IMNNError, ValidationError } from './errors.ts'
import { type Correction, type FisherErrors, fisherErrors, inflationOf } from './information/uncertainty.ts'
import { decode } from './saving/decode.ts'
import { exportEstimator } from './saving/onnx.ts'
import { readIfThere } from './saving/files.ts'
import type { Identity } from './saving/format.ts'
import { keeperOf, save, type SaveOptions } from './saving/keeper.ts'
import { listenForInterrupt } from './training/interrupt.ts'
import { audienceOf } from './training/audience.ts'
import { failureWith } from './training/failure.ts'
import { measure, runFit } from './training/fit.ts'
import { type FitOptions, validateFitOptions } from './training/fit-options.ts'
import type { History, HistoryJson } from './training/history.ts'
import { type Plot, plotHistory, type PlotOptions } from './plot/index.ts'
import { firstSnapshot, type Snapshot, type Unfinished } from './training/snapshot.ts'
import type { FisherEstimator } from './information/statistics.ts'
import type { Leaves } from './information/summaries.ts'
import type { SetName, Trainer } from './training/trainer.ts'

/** What an IMNN and those that it gives have in common. */
export interface Setup<P extends Tree> {
  readonly kind: Kind
  readonly sizes: Sizes
  readonly thetaFid: NDArray
  readonly network: Network<P>
  readonly random: Random
  readonly trainer: Trainer
  readonly compressor: Compressor
}

/** Which simulations, at which weights. */
export interface SetOptions<P> {
  /** @defaultValue those in use */
  readonly w?: P
  /** Whether it is the validation set. @defaultValue if there is one; `false` for `getSetSummaries` */
  readonly validate?: boolean
  /**
   * The key, where simulations are made; elsewhere it is looked at, and not used, so that one program does for all
   * kinds. @defaultValue the one that the last fit was given
   */
  readonly rng?: Key
}

/**
 * An information maximising neural network: simulations to the few summaries that keep what they tell about the
 * parameters. A value: methods that train give a new one.
 *
 * The Fisher statistics (`F`, `C`, `mu` …) and the estimates are those of the validation set, where there is one, at
 * the weights `w`; `withStatistics` chooses other weights or the training set. Where simulations are made while it
 * trains they are those of simulations from the key that the last fit was given.
 */
export class IMNNValue<P extends Tree = Tree> {
  readonly #setup: Setup<P>
  readonly #snapshot: Snapshot

  /** @internal Use `IMNN`, `GradientIMNN` and their like. */
  constructor(setup: Setup<P>, snapshot: Snapshot) {
    this.#setup = setup
    this.#snapshot = snapshot
  }

  // ── what it is ───────────────────────────────────────────────────────────

  /** Which of the eight it is, as `GradientIMNN`. */
  get kind(): Kind {
    return this.#setup.kind
  }
  get nS(): number {
    return this.#setup.sizes.nS
  }
  get nD(): number {
    return this.#setup.sizes.nD
  }
  get nParams(): number {
    return this.#setup.sizes.nParams
  }
  get nSummaries(): number {
    return this.#setup.sizes.nSummaries
  }
  get inputShape(): readonly number[] {
    return this.#setup.sizes.inputShape
  }
  get thetaFid(): NDArray {
    return this.#setup.thetaFid
  }

  // ── weights and state ────────────────────────────────────────────────────

  /** The weights in use: the best or the last of the last fit. */
  get w(): P {
    return this.#params(this.#snapshot.w)
  }
  get initialW(): P {
    return this.#params(this.#snapshot.initialW)
  }
  /** The weights after the last update. */
  get finalW(): P {
    return this.#params(this.#snapshot.finalW)
  }
  /** The weights that had the largest |F|. */
  get bestW(): P {
    return this.#params(this.#snapshot.bestW)
  }
  /** The optimizer's state, to go on from with another IMNN (`keyOrState`). */
  get state(): object {
    return this.#setup.network.states.build(this.#snapshot.state) as object
  }

  // ── history ──────────────────────────────────────────────────────────────

  get history(): History {
    return this.#snapshot.history
  }
  /** The largest |F| that any iteration had, of the validation set where there is one; 0 before the first. */
  get maxDetF(): number {
    return this.#snapshot.maxDetF
  }
  /** How many iterations there have been, in all fits. */
  get iterations(): number {
    return this.#snapshot.history.detF.length
  }
  /** History, largest |F| and number of iterations: what `JSON.stringify` writes. */
  toJSON(): HistoryJson {
    return { history: this.history, maxDetF: this.maxDetF, iterations: this.iterations }
  }

  // ── Fisher statistics of `w` ─────────────────────────────────────────────

  /** The Fisher information [P, P] of the summaries about the parameters. */
  get F(): NDArray {
    return this.#statistics.F
  }
  get invF(): NDArray {
    return this.#statistics.invF
  }
  /** The covariance of the summaries [S, S]. */
  get C(): NDArray {
    return this.#statistics.C
  }
  get invC(): NDArray {
    return this.#statistics.invC
  }
  /** The mean of the summaries [S]. */
  get mu(): NDArray {
    return this.#statistics.mu
  }
  /** The mean of the derivatives of the summaries in the parameters [S, P]. */
  get dmu(): NDArray {
    return this.#statistics.dmu
  }

  /**
   * The same IMNN with the Fisher statistics of other weights, or of another set.
   *
   * @param options `w`: the weights to use from now on (default: the present ones). `validate`: whether to take the
   * validation set; by default when there is one. `rng`: where simulations are made, the key to make them with (default:
   * the one that the last fit was given).
   * @throws ValidationError when there is no such set, `w` is not like the weights, or a key is missing.
   * @example
   * const last = await fitted.withStatistics({ w: fitted.finalW })
   * last.F.shape // [2, 2]
   */
  async withStatistics(options: SetOptions<P> = {}): Promise<IMNNValue<P>> {
    checkSetOptions('withStatistics', options)
    const w = this.#weightsFrom(options.w)
    const [set, statisticsRng] = [this.#setFor(options.validate), this.#keyFrom(options.rng)]
    const statistics = await this.#reading((session) => measure(session, w, set, statisticsRng))
    return this.#next(produce(this.#snapshot, (draft) => void Object.assign(draft, { w, statistics, statisticsRng })))
  }

  // ── training ─────────────────────────────────────────────────────────────

  /**
   * Reads the first batches of all datasets and checks them, as `fit` does before it begins.
   *
   * @throws ValidationError listing all problems.
   * @example await imnn.check()
   */
  async check(): Promise<void> {
    await this.#reading((session) => session.check())
  }

  /**
   * Trains until |F| has not grown for `patience` iterations (after the first `minIterations`), and gives the IMNN
   * reached; this one stays as it is. A fit goes on from the last weights, the optimizer's state and its step count,
   * the largest |F| and the history of the fits before, and, where simulations are made, the key it came to unless `rng`
   * is a new one.
   *
   * @throws ValidationError for options or datasets that cannot be used, TrainingError when |F| is lost or the data or
   * the device fail; once iterations have been made, `error.reached` is the IMNN they came to.
   * @example const fitted = await imnn.fit({ lambda: 10, epsilon: 0.1, patience: 10, maxIterations: 20 })
   */
  async fit(options: FitOptions): Promise<IMNNValue<P>> {
    const { trainer, sizes } = this.#setup
    const needs = { simulates: trainer.simulates, hasKey: this.#snapshot.rng !== undefined }
    const plan = orThrow('fit', validateFitOptions(options, needs))
    const audience = await audienceOf(options, plan, this.history, sizes)
    const [signal, stopListening] = listenForInterrupt(options)
    let reached: IMNNValue<P> | undefined
    try {
      const keeper = plan.checkpoint && (await keeperOf(plan.checkpoint, this.#identity, this.#snapshot))
      const outcome = await runFit(trainer, this.#snapshot, plan, { onIteration: audience.tell, signal, keeper })
      reached = this.#next(outcome.snapshot)
      const late = await audience.settle()
      const failure = outcome.failure ?? late
      if (failure !== undefined) throw failureWith(failure, reached, reached.iterations - this.iterations)
      return reached
    } finally {
      stopListening()
      audience.stop((reached ?? this).maxDetF)
    }
  }

  /**
   * The fit that was ended before its rule did (by a signal, Ctrl-C, an error, or with the process), if so: how many
   * iterations it had made, and its patience. The same fit again goes on from there.
   *
   * @example fitted.unfinished // undefined
   */
  get unfinished(): Pick<Unfinished, 'iterations' | 'patience'> | undefined {
    const { unfinished } = this.#snapshot
    return unfinished && { iterations: unfinished.iterations, patience: unfinished.patience }
  }

  /**
   * Writes everything that distinguishes this IMNN to a file, to the last bit: weights (first, last, best, in use), the
   * optimizer's state and steps, statistics, history, keys, and how far an unfinished fit is. The file is in the
   * safetensors format, which Python reads, and is replaced as a whole. `load` reads it.
   *
   * @throws CheckpointError when the file is there already and is no earlier state of this IMNN (unless `overwrite`), or
   * cannot be written; ValidationError for what is no path.
   * @example
   * await fitted.save('fitted.safetensors')
   * const again = await load('fitted.safetensors', imnn)
   * again.maxDetF === fitted.maxDetF // true
   */
  async save(path: string, options: SaveOptions = {}): Promise<void> {
    const { overwrite = false } = checkOptions('save', options, ['overwrite'])
    const problems = [...checkPath(path), ...checkFlag('overwrite', overwrite)]
    if (problems.length > 0) throw new ValidationError('save', problems)
    await save(path, this.#identity, this.#snapshot, overwrite)
  }

  /** @internal The IMNN that a file has; see `load`. */
  async loaded(path: string): Promise<IMNNValue<P>> {
    const bytes = await readIfThere(path)
    if (bytes === undefined) throw new CheckpointError(`there is no file ${path}`)
    return this.#next(await decode(bytes, path, this.#identity, this.#snapshot))
  }

  // ── compression ──────────────────────────────────────────────────────────

  /**
   * The network's summaries of data: [nSummaries] of one simulation, [N, nSummaries] of a batch. Which it is follows
   * from `inputShape`; there may be any number of leading axes.
   *
   * @throws ValidationError for data of another shape.
   * @example fitted.getSummaries(simulations.at(0)).shape // [2]
   */
  getSummaries(data: Operand): NDArray {
    const { w } = this.#snapshot
    return onBatch('getSummaries', data, this.inputShape, w, (d) => this.#setup.compressor.summaries(w, d))
  }

  /**
   * The quasi-maximum-likelihood estimates of the parameters: [nParams] from one simulation, [N, nParams] from a batch.
   * Which it is follows from `inputShape`; there may be any number of leading axes.
   *
   * @throws IMNNError before the first fit, when there are no Fisher statistics; ValidationError for another shape.
   * @example fitted.getEstimate(simulations).shape // [100, 2]
   */
  getEstimate(data: Operand): NDArray {
    const statistics = this.#statistics
    const { thetaFid, compressor } = this.#setup
    const { w } = this.#snapshot
    return onBatch('getEstimate', data, this.inputShape, w, (d) => compressor.estimates(w, thetaFid, statistics, d))
  }

  /**
   * The summaries of all simulations of a set, with the weights `w` [nS, nSummaries], and the summaries' derivatives
   * in the parameters of those simulations that have them [nD, nSummaries, nParams].
   *
   * @throws ValidationError when there is no such set, `w` is not like the weights, or a key is missing.
   * @example
   * const { summaries, derivatives } = await fitted.getSetSummaries()
   * derivatives.shape // [100, 2, 2]
   */
  async getSetSummaries(options: SetOptions<P> = {}): Promise<{ summaries: NDArray; derivatives: NDArray }> {
    checkSetOptions('getSetSummaries', options)
    const w = this.#weightsFrom(options.w)
    const [set, key] = [this.#setFor(options.validate ?? false), this.#keyFrom(options.rng)]
    const { x, dx } = await this.#reading((session) => session.summaries(w, set, key))
    return { summaries: x, derivatives: dx.transpose([1, 2, 0]) }
  }

  /**
   * How far the Fisher information can be trusted, being computed from a finite number of simulations; see
   * `fisherErrors`.
   *
   * @throws ValidationError when there is no such set, or `w` is not like the weights.
   * @example
   * const { errorDetF } = await fitted.getFisherErrors()
   * errorDetF > 0 // true
   */
  async getFisherErrors(options: SetOptions<P> = {}): Promise<FisherErrors> {
    checkSetOptions('getFisherErrors', options)
    const validate = options.validate ?? this.#setup.trainer.validates
    const { summaries, derivatives } = await this.getSetSummaries({ ...options, validate })
    await Promise.all([summaries.ready(), derivatives.ready()])
    return fisherErrors(summaries, derivatives)
  }

  /**
   * The estimates of `getEstimate` with their covariance [nParams, nParams], the same for all data: F⁻¹, widened for the
   * finite number of simulations that C was computed from. `correction` says how: 'hartlap' (the default), 'percival' (to
   * how far estimates scatter in truth: for as many summaries as parameters that is F⁻¹ itself, for many more it is further
   * than Hartlap's) or 'none'; see `hartlap` and `percival`.
   *
   * @throws IMNNError before the first fit, and where the simulations are too few for the correction.
   * @example
   * const { estimate, covariance } = fitted.getEstimateWithCovariance(simulations)
   * covariance.shape // [2, 2]
   */
  getEstimateWithCovariance(
    data: Operand,
    options: { readonly correction?: Correction } = {},
  ): { estimate: NDArray; covariance: NDArray } {
    const { correction = 'hartlap' } = checkOptions('getEstimateWithCovariance', options, ['correction'])
    const { invF } = this.#statistics
    const inflation = inflationOf('getEstimateWithCovariance', correction, this.#setup.sizes)
    return { estimate: this.getEstimate(data), covariance: invF.mul(inflation) }
  }

  /**
   * The fitted estimator as the bytes of an .onnx model with everything in it: input `data` [batch, …inputShape],
   * outputs `summaries` [batch, nSummaries] and `estimates` [batch, nParams]. θ_fid, F, C, μ and dμ stand in its
   * metadata, too, as JSON lists: `theta_fid`, `F`, `C`, `mu`, `dmu`.
   *
   * @example await writeFile('compressor.onnx', fitted.exportOnnx())
   */
  exportOnnx(): Uint8Array {
    return exportEstimator(
      this.#setup.network.apply,
      this.#snapshot.w,
      this.thetaFid,
      this.#statistics,
      this.inputShape,
    )
  }

  /**
   * A picture of the history; see `plotHistory`.
   *
   * @example await fitted.plot({ expectedDetF: 50 }).save('history.svg')
   */
  plot(options?: PlotOptions): Plot {
    return plotHistory(this.history, options)
  }

  // ── inside ───────────────────────────────────────────────────────────────

  get #identity(): Identity {
    const { kind, sizes, thetaFid, network, random } = this.#setup
    return { kind, sizes, thetaFid, network, random: random.layout }
  }

  get #statistics(): FisherEstimator {
    const { statistics } = this.#snapshot
    if (statistics !== undefined) return statistics
    throw new IMNNError(
      'there are no Fisher statistics yet: call fit, or withStatistics() for those of present weights',
    )
  }

  #setFor(validate: boolean | undefined): SetName {
    const { validates } = this.#setup.trainer
    if (validate === true && !validates)
      throw new ValidationError('IMNN', [{ where: 'validate', message: 'is true, but there is no validation set' }])
    return (validate ?? validates) ? 'validation' : 'training'
  }

  /** The key that a set is simulated with, if it is. */
  #keyFrom(rng: Key | undefined): NDArray | undefined {
    if (!this.#setup.trainer.simulates) return undefined
    const message = 'is missing: no fit has been given a key yet; give one, as random.PRNGKey(0)'
    const key = rng ?? this.#snapshot.statisticsRng
    const problems = key === undefined ? [{ where: 'rng', message }] : checkKey('rng', key)
    if (problems.length > 0) throw new ValidationError('IMNN', problems)
    return key
  }

  #weightsFrom(w: P | undefined): Leaves {
    return w === undefined ? this.#snapshot.w : checkWeights(this.#setup.network.params, this.#snapshot.w, w)
  }

  async #reading<T>(f: (session: ReturnType<Trainer['open']>) => Promise<T>): Promise<T> {
    const session = this.#setup.trainer.open()
    try {
      return await f(session)
    } finally {
      await session.close()
    }
  }

  #params(leaves: Leaves): P {
    return this.#setup.network.params.build(leaves)
  }

  #next(snapshot: Snapshot): IMNNValue<P> {
    return new IMNNValue(this.#setup, snapshot)
  }
}

/** The IMNN at its first weights. */
export const newIMNN = <P extends Tree>(setup: Setup<P>): IMNNValue<P> =>
  new IMNNValue(setup, firstSnapshot(setup.network.state, setup.network.w))
